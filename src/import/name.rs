//! Names of blocks, from the names of what they stand for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::SpecHead;

/// Most characters of a block's name.
const LONGEST: usize = 40;

/// Gives names, each once for a kind of block.
pub(super) struct Names<'a> {
    place: &'a SpecHead,
    taken: BTreeSet<(&'static str, String)>,
}

impl<'a> Names<'a> {
    /// None given yet.
    pub(super) fn new(place: &'a SpecHead) -> Self {
        Self { place, taken: BTreeSet::new() }
    }

    /// The name of a block of a kind: the one that pipectl's own tag remembers, else one that is made of the name in AWS.
    pub(super) fn give(&mut self, kind: &'static str, live: &Value, aws_name: &str) -> String {
        let tag = live["tags"]["pipectl:address"].as_str().unwrap_or_default();
        let block = tag.split('/').next().and_then(|block| block.split_once('.'));
        let remembered = block.filter(|(of, _)| *of == kind).map(|(_, name)| name);
        let name = remembered.map_or_else(|| plain(aws_name, self.place), str::to_owned);
        let name = if name.is_empty() { kind.to_owned() } else { name };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        // The numbers do not end before a free name is found.
        let free = candidates.find(|name| self.taken.insert((kind, name.clone())));
        free.unwrap_or(name)
    }
}

/// What a name in AWS says beyond project and environment, in letters that a block's name may have.
fn plain(aws_name: &str, place: &SpecHead) -> String {
    let own = aws_name.strip_prefix(&format!("{}-{}-", place.project, place.env)).unwrap_or(aws_name).to_lowercase();
    let words = own.split(|letter: char| !letter.is_ascii_lowercase() && !letter.is_ascii_digit() && letter != '_');
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty() && *word != place.env).collect();
    let begins = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_lowercase());
    // What stands in front is what many have in common.
    while words.len() > 1 && (words.join("-").len() > LONGEST || !words.first().is_some_and(begins)) {
        words.remove(0);
    }
    let name: String = words.join("-").chars().take(LONGEST).collect();
    name.trim_start_matches(|letter: char| !letter.is_ascii_lowercase()).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::scope::Scope;

    fn given(aws_names: &[(&str, Value)]) -> Vec<String> {
        let scope = Scope::new("123456789012", "eu-west-1");
        let place = SpecHead { project: "acme".into(), env: "dev".into(), scope };
        let mut names = Names::new(&place);
        aws_names.iter().map(|(name, live)| names.give("alarm", live, name)).collect()
    }

    #[test]
    fn a_name_is_what_the_name_in_aws_says_beyond_project_and_environment() {
        let names = ["acme-dev-clicks", "clickstream-dev-p000", "Clicks Are LATE!", "9-lives", "42"];
        let names = names.map(|name| (name, Value::Null));
        assert_eq!(given(&names), ["clicks", "clickstream-p000", "clicks-are-late", "lives", "alarm"]);
    }

    #[test]
    fn a_long_name_loses_its_beginning_and_a_taken_one_gets_a_number() {
        let long = "clickstream-firehose-of-marketing-p000-delivery-success";
        let names = [(long, Value::Null), ("a", Value::Null), ("A", Value::Null)];
        assert_eq!(given(&names), ["of-marketing-p000-delivery-success", "a", "a-2"]);
        assert!(given(&[(&"x".repeat(80), Value::Null)])[0].len() <= LONGEST);
    }

    #[test]
    fn pipectl_s_own_tag_remembers_the_name() {
        let live = json!({ "tags": { "pipectl:address": "alarm.late/part" } });
        assert_eq!(given(&[("whatever", live)]), ["late"]);
    }
}
