//! `${env}`, `${project}`, `${region}`, `${account}` and the names of blocks in AWS, `${table.sessions.name}`, in the strings
//! of a spec.
//!
//! `$${` is a literal `${`. Nothing else that begins with a dollar or looks like it is touched: Firehose's
//! `!{timestamp:yyyy}` stays what it is.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::Diagnostics;
use super::nearest::{listed, nearest};
use super::place::{Place, Sources};
use super::tree::Node;

/// Fills in `names` wherever a string asks for one, and returns those that were asked for.
pub(super) fn interpolate(
    tree: &mut Node,
    names: &BTreeMap<String, String>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    tree.for_each_string(&mut |text, place| {
        let filled = fill(text, |name| {
            if let Some((name, value)) = names.get_key_value(name) {
                used.insert(name.clone());
                return Some(value.as_str());
            }
            report(name, narrowed(name, place, sources), names, diagnostics);
            None
        });
        match filled {
            Some(filled) => *text = filled,
            None => {
                let _ = diagnostics.error(place, "`${` without its `}`").help("write `$${` for a literal `${`");
            }
        }
    });
    used
}

/// The text with what is asked for filled in, as far as it is known, for a value that is needed before all others are.
pub(super) fn filled(text: &str, names: &BTreeMap<String, String>) -> String {
    fill(text, |name| names.get(name).map(String::as_str)).unwrap_or_else(|| text.to_owned())
}

/// The text with every `${name}` replaced by its value, and left as it is where there is none; `None` if one is not closed.
fn fill<'v>(text: &str, mut value: impl FnMut(&str) -> Option<&'v str>) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        filled.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        if let Some(after) = rest.strip_prefix("$${") {
            filled.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (name, after) = after.split_once('}')?;
            match value(name) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["${", name, "}"]),
            }
            rest = after;
        } else {
            filled.push('$');
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    Some(filled)
}

/// The place of `${name}` itself within the string, where it is written there as it reads.
fn narrowed(name: &str, place: Place, sources: &Sources) -> Place {
    let written = format!("${{{name}}}");
    let narrowed = place.span.and_then(|(start, end)| {
        let at = start + sources.file(place.file).text.get(start..end)?.find(&written)?;
        Some(Place::new(place.file, at..at + written.len()))
    });
    narrowed.unwrap_or(place)
}

fn report(name: &str, place: Place, names: &BTreeMap<String, String>, diagnostics: &mut Diagnostics) {
    // Of a pipeline's many blocks only the one that was probably meant is worth a word.
    let block = |known: &&str| known.contains('.') == name.contains('.');
    let known = || names.keys().map(String::as_str).filter(block);
    let help = match nearest(name, known()) {
        Some(near) => format!("did you mean `${{{near}}}`?"),
        None if name.contains('.') => "`${kind.name.name}` is the name in AWS of a block of this spec".to_owned(),
        None => format!("known are {}; write `$${{{name}}}` for the literal text", listed(known(), "and")),
    };
    diagnostics.error(place, format!("unknown variable `{name}`")).help(help);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled_in(text: &str) -> Option<String> {
        fill(text, |name| (name == "env").then_some("dev"))
    }

    #[test]
    fn variables_are_filled_in_and_the_escape_is_taken_off() {
        assert_eq!(filled_in("a-${env}-b-${env}").as_deref(), Some("a-dev-b-dev"));
        assert_eq!(filled_in("$${env}").as_deref(), Some("${env}"));
        assert_eq!(filled_in("${other}").as_deref(), Some("${other}"));
        assert_eq!(filled_in("a ${env").as_deref(), None);
    }

    #[test]
    fn other_peoples_placeholders_stay() {
        for text in ["events/!{timestamp:yyyy/MM/dd/HH}/", "$.store", "a$b$$", "{env}", "$ {env}", "cost: 5$"] {
            assert_eq!(filled_in(text).as_deref(), Some(text));
        }
    }

    proptest! {
        #[test]
        fn text_without_dollars_stays(text in "[^$]*") {
            prop_assert_eq!(filled_in(&text), Some(text));
        }

        #[test]
        fn nothing_panics(text in "[${}env!]*") {
            let _ = filled_in(&text);
        }
    }
}
