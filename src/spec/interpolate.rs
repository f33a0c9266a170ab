//! `${env}`, `${project}`, `${region}`, `${account}`, `${partition}` and the names of blocks in AWS, `${table.sessions.name}`, in the strings
//! of a spec.
//!
//! `$${` is a literal `${`. Nothing else that begins with a dollar or looks like it is touched: Firehose's
//! `!{timestamp:yyyy}` stays what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::diagnostic::Diagnostics;
use super::member::remedy;
use super::nearest::{listed, nearest};
use super::place::{SourceSpan, Sources};
use super::tree::Node;

/// Most bytes that all values of a spec may have together once they are filled in; far above any real one's.
pub(super) const MAX_FILLED: usize = 16 << 20;
/// Most bytes of one value: as many as a whole file may have.
pub(super) const MAX_VALUE: usize = 1 << 20;
/// Most bytes of what stands for a `${…}`: no name in AWS is longer.
pub(super) const MAX_NAME: usize = 1024;

/// What came of the strings of a spec.
pub(super) struct Interpolated {
    /// The names that were asked for.
    pub(super) used: BTreeSet<String>,
    /// The strings in which something could not be filled in: what they say means nothing.
    pub(super) unfilled: BTreeSet<SourceSpan>,
}

/// What may be asked for.
pub(super) struct Names<'a> {
    /// What there is.
    pub(super) known: &'a BTreeMap<String, String>,
    /// The blocks that are switched off, and where that is said.
    pub(super) off: &'a BTreeMap<String, String>,
}

/// Fills in `names` wherever a string asks for one, but in what is `unfilled` already.
///
/// How long a value becomes is reckoned before it is made: a file of half a megabyte can ask for gigabytes.
pub(super) fn interpolate(
    tree: &mut Node,
    names: &Names<'_>,
    mut unfilled: BTreeSet<SourceSpan>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Interpolated {
    let mut used = BTreeSet::new();
    let Names { known: names, off } = *names;
    let mut all = 0;
    let mut full = false;
    tree.for_each_string(&mut |text, place| {
        if full || unfilled.contains(&place) {
            unfilled.insert(place);
            return;
        }
        let length = length(text, |name| names.get(name).map(String::len));
        if length > MAX_VALUE {
            unfilled.insert(place);
            too_long(length, place, diagnostics);
            return;
        }
        all += length;
        if all > MAX_FILLED {
            full = true;
            unfilled.insert(place);
            let message = format!("with this value the spec comes to more than {} MiB", MAX_FILLED >> 20);
            let help = format!("the value alone would have {length} bytes, the values up to it {all}");
            diagnostics.error(place, message).help(help);
            return;
        }
        let filled = fill(text, |name| {
            if let Some((name, value)) = names.get_key_value(name) {
                used.insert(name.clone());
                return Some(value.as_str());
            }
            unfilled.insert(place);
            report(name, narrowed(name, place, sources), &Names { known: names, off }, diagnostics);
            None
        });
        if let Some(filled) = filled {
            *text = filled;
        } else {
            unfilled.insert(place);
            let _ = diagnostics.error(place, "`${` without its `}`").help("write `$${` for a literal `${`");
        }
    });
    Interpolated { used, unfilled }
}

/// The text with what is asked for filled in, as far as it is known, for a value that is needed before all others are;
/// as it is where that would be too long for a name.
pub(super) fn filled(text: &str, names: &BTreeMap<String, String>) -> String {
    if length(text, |name| names.get(name).map(String::len)) > MAX_NAME {
        return text.to_owned();
    }
    fill(text, |name| names.get(name).map(String::as_str)).unwrap_or_else(|| text.to_owned())
}

fn too_long(length: usize, place: SourceSpan, diagnostics: &mut Diagnostics) {
    let message = format!("this value would have {length} bytes once it is filled in");
    diagnostics.error(place, message).help(format!("a value may have at most {MAX_VALUE}"));
}

/// How many bytes a text has once it is filled in.
fn length(text: &str, value: impl Fn(&str) -> Option<usize>) -> usize {
    let mut length = text.len();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        rest = after;
        if before.ends_with('$') {
            continue;
        }
        let Some((name, after)) = after.split_once('}') else { break };
        rest = after;
        if let Some(value) = value(name) {
            length = (length + value).saturating_sub(name.len() + "${}".len());
        }
    }
    length
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
pub(super) fn narrowed(name: &str, place: SourceSpan, sources: &Sources) -> SourceSpan {
    let written = format!("${{{name}}}");
    let narrowed = place.span.and_then(|(start, end)| {
        let at = start + sources.file(place.file).text.get(start..end)?.find(&written)?;
        Some(SourceSpan::new(place.file, at..at + written.len()))
    });
    narrowed.unwrap_or(place)
}

fn report(name: &str, place: SourceSpan, names: &Names<'_>, diagnostics: &mut Diagnostics) {
    if diagnostics.is_full() {
        diagnostics.error(place, "unknown variable");
        return;
    }
    let block = name.rsplit_once('.').map_or("", |(block, _)| block);
    if let Some(at) = names.off.get(block) {
        let message = format!("`{block}` is switched off: `{name}` is nothing");
        diagnostics.error(place, message).help(remedy(at));
        return;
    }
    // Of a pipeline's many blocks only the one that was probably meant is worth a word.
    let block = |known: &&str| known.contains('.') == name.contains('.');
    let known = || names.known.keys().map(String::as_str).filter(block);
    let help = match nearest(name, known()) {
        Some(near) => format!("did you mean `${{{near}}}`?"),
        None if name == "instance" || name.starts_with("param.") => {
            "`${instance}` and `${param.…}` are known in the blocks of a group".to_owned()
        }
        None if name.contains('.') => "`${kind.name.name}` is the name in AWS of a block of this spec".to_owned(),
        None => format!("known are {}; write `$${{{name}}}` for the literal text", listed(known(), "and")),
    };
    diagnostics.error(place, format!("unknown variable `{name}`")).help(help);
}

/// The name that a text is nothing but.
pub(super) fn only(text: &str) -> Option<&str> {
    asked(text).next().filter(|(range, _)| *range == (0..text.len())).map(|(_, name)| name)
}

/// Every `${name}` in a text, with where it stands; not what is escaped, nor what is not closed.
pub(super) fn asked(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += text.get(at..)?.find('$')?;
            let rest = &text[at..];
            if rest.starts_with("$${") {
                at += "$${".len();
            } else if let Some(after) = rest.strip_prefix("${") {
                let name = &after[..after.find('}')?];
                let from = at;
                at += "${}".len() + name.len();
                return Some((from..at, name));
            } else {
                at += 1;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled_in(text: &str) -> Option<String> {
        fill(text, |name| (name == "env").then_some("dev"))
    }

    #[test]
    fn what_is_asked_for_is_found_and_what_is_escaped_is_not() {
        let names = |text| asked(text).map(|(range, name)| (range.start, name)).collect::<Vec<_>>();
        assert_eq!(names("a-${b}-$${c}${d}$"), [(2, "b"), (12, "d")]);
        assert_eq!(names("$$${a} $ {b} ${c"), []);
        assert_eq!(only("${param.shards}"), Some("param.shards"));
        assert_eq!(only("${a}${b}"), None);
        assert_eq!(only("$${a}"), None);
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
        fn the_length_is_known_before_the_text_is_made(text in "[${}env!]*", env in "[a-z]{0,9}") {
            let known = |name: &str| (name == "env").then_some(env.as_str());
            if let Some(filled) = fill(&text, known) {
                let length = length(&text, |name| known(name).map(str::len));
                // What `$${` loses is not reckoned: the text may be shorter, and never longer.
                let escapes = text.matches("$${").count();
                prop_assert!((filled.len()..=filled.len() + escapes).contains(&length));
            }
        }

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
