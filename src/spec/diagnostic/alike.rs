//! One mistake in a group is one mistake, however many instances it has.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};
use crate::spec::place::{Instance, Sources};

/// Notes of each diagnostic the instance that it is about, and folds those that say the same of other instances into the first.
/// Returns how bad those are that were folded.
pub(super) fn fold(diagnostics: &mut Vec<Diagnostic>, sources: &Sources) -> Vec<Severity> {
    let mut folded = Vec::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    let mut said = BTreeMap::new();
    for mut diagnostic in diagnostics.drain(..) {
        let own = diagnostic.place.and_then(|place| sources.file(place.file).instance());
        if diagnostic.instances.is_empty() {
            diagnostic.instances.extend(own.cloned());
        }
        let Some(instance) = diagnostic.instances.first() else {
            kept.push(diagnostic);
            continue;
        };
        let help = diagnostic.help.as_deref().map(|help| without(help, &instance.name));
        let what = (without(&diagnostic.message, &instance.name), help, diagnostic.severity == Severity::Error);
        let place = diagnostic.place.map(|place| sources.written(place));
        let first = *said.entry((place, instance.group.clone(), what)).or_insert(kept.len());
        match kept.get_mut(first) {
            Some(same) => {
                folded.push(diagnostic.severity);
                same.instances.append(&mut diagnostic.instances);
            }
            None => kept.push(diagnostic),
        }
    }
    *diagnostics = kept;
    folded
}

/// A text without a name, wherever that stands as a word.
fn without(text: &str, name: &str) -> String {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name).filter(|_| !name.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let word = !before.ends_with(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if word { "\0" } else { name });
        rest = after;
    }
    out + rest
}

/// The instances for which something is so, in words.
pub(super) fn told(instances: &[Instance]) -> Option<String> {
    /// How many are named.
    const NAMED: usize = 3;
    let (first, others) = instances.split_first()?;
    let own = format!("it is so for the instance `{}` of the group `{}`", first.name, first.group);
    let named: Vec<String> = others.iter().take(NAMED).map(|one| format!("`{}`", one.name)).collect();
    Some(match others.len() {
        0 => own,
        count if count <= NAMED => format!("{own}, and the same for {}", named.join(", ")),
        count => format!("{own}, and the same for {} and {} more", named.join(", "), count - NAMED),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_left_out_as_a_word_alone() {
        assert_eq!(without("`stream.a-events` at a", "a"), "`stream.\0-events` at \0");
        assert_eq!(without("`stream.b-events` at b", "b"), "`stream.\0-events` at \0");
        assert_eq!(without("clicks_2 and clicks", "clicks"), "clicks_2 and \0");
    }

    #[test]
    fn instances_are_named_as_far_as_they_are_few() {
        let named = |names: &[&str]| {
            let one = |name: &&str| Instance { group: "feed".to_owned(), name: (*name).to_owned() };
            told(&names.iter().map(one).collect::<Vec<_>>()).unwrap_or_default()
        };
        assert_eq!(named(&[]), "");
        assert_eq!(named(&["a"]), "it is so for the instance `a` of the group `feed`");
        assert_eq!(named(&["a", "b"]), "it is so for the instance `a` of the group `feed`, and the same for `b`");
        assert!(named(&["a", "b", "c", "d", "e"]).ends_with("and the same for `b`, `c`, `d` and 1 more"));
    }
}
