//! The fields in which a resource differs, a line for each difference.

use anstyle::Style;
use serde_json::Value;

use super::style::{BAD, CHANGE, Clean, paint};
use super::value::{SHORT, inline, shown};
use crate::model::diff::FieldChange;
use crate::model::left_alone::LeftAlone;

/// Paths are padded up to this, so that what they lead to stands in a column.
const PATH: usize = 32;

/// A line for each difference: `retention_hours  24 → 48`. Policies are only named, unless `full`: their statements are
/// shown apart.
pub fn lines(changes: &[FieldChange], full: bool) -> Vec<String> {
    aligned(changes.iter().flat_map(|change| rows(change, full)).collect())
}

/// The same, each with what it brings about and who brought it about.
pub fn marked_lines(changes: &[FieldChange], full: bool) -> Vec<String> {
    let marked = |change: &FieldChange| {
        let mut rows = rows(change, full);
        for (_, text) in &mut rows {
            for (mark, style) in marks(change) {
                *text += &paint(style, format!("  {mark}"));
            }
        }
        rows
    };
    aligned(changes.iter().flat_map(marked).collect())
}

/// Paths and what they lead to, in two columns.
pub(super) fn aligned(rows: Vec<(String, String)>) -> Vec<String> {
    let width = rows.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0).min(PATH);
    rows.into_iter().map(|(path, text)| format!("{path:<width$}  {text}")).collect()
}

/// What a difference brings about, and who brought it about.
pub(super) fn marks(change: &FieldChange) -> impl Iterator<Item = (&'static str, Style)> {
    let all = [(change.replaces, "forces the replacement", BAD), (change.drifted, "changed outside pipectl", CHANGE)];
    all.into_iter().filter(|(holds, ..)| *holds).map(|(_, mark, style)| (mark, style))
}

/// Every attribute that is set, and its whole value.
pub(super) fn attributes(attributes: Option<&Value>) -> Vec<(String, String)> {
    let set = attributes.and_then(Value::as_object).into_iter().flatten().filter(|(_, value)| !value.is_null());
    set.map(|(key, value)| (Clean(key).to_string(), inline(value, true))).collect()
}

/// What is left alone: what it is, and what the spec says where that is something else.
pub(super) fn left_alone(all: &[LeftAlone], full: bool) -> Vec<(String, String)> {
    let row = |one: &LeftAlone| {
        let live = inline(&one.live, full);
        let text =
            if one.live == one.spec { live } else { format!("{live} (the spec says {})", inline(&one.spec, full)) };
        (Clean(&one.name()).to_string(), text)
    };
    all.iter().map(row).collect()
}

/// Of what is made, the attributes that decide who may do what and are no policy; without those that let nobody do anything.
pub(super) fn access(attributes: Option<&Value>) -> Vec<(String, String)> {
    let of = |name: &str| attributes.and_then(|attributes| attributes.get(name)).unwrap_or(&Value::Null);
    let mut rows = Vec::new();
    let mut row = |path: &str, text: String| rows.push((Clean(path).to_string(), text));
    for policy in of("managed_policies").as_array().into_iter().flatten() {
        row("managed_policies", format!("+ {}", inline(policy, true)));
    }
    if !of("permissions_boundary").is_null() {
        row("permissions_boundary", inline(of("permissions_boundary"), true));
    }
    for (switch, on) in of("public_access_block").as_object().into_iter().flatten() {
        if on != true {
            row(&format!("public_access_block.{switch}"), inline(on, true));
        }
    }
    let owner = of("object_ownership");
    if !owner.is_null() && owner != "BucketOwnerEnforced" {
        row("object_ownership", inline(owner, true));
    }
    rows
}

/// The paths of a difference, and what is different there.
pub(super) fn rows(change: &FieldChange, full: bool) -> Vec<(String, String)> {
    let mut differences = Differences { full, rows: Vec::new() };
    if is_policy(change) && !full {
        differences.add(&change.path, "see IAM statements".to_owned());
    } else {
        differences.walk(&change.path, &change.before, &change.after);
    }
    differences.rows
}

fn is_policy(change: &FieldChange) -> bool {
    let document = |value: &Value| value.get("Statement").is_some_and(Value::is_array);
    change.path.rsplit('.').next() == Some("Statement") || document(&change.before) || document(&change.after)
}

struct Differences {
    full: bool,
    rows: Vec<(String, String)>,
}

impl Differences {
    fn add(&mut self, path: &str, text: String) {
        self.rows.push((Clean(path).to_string(), text));
    }

    fn walk(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Array(old), Value::Array(new)) => self.lists(path, old, new),
            (Value::Object(old), Value::Object(new)) => {
                let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
                keys.sort();
                keys.dedup();
                for key in keys {
                    self.walk(&format!("{path}.{key}"), &before[key.as_str()], &after[key.as_str()]);
                }
            }
            _ => self.add(path, arrow(before, after, self.full)),
        }
    }

    /// Objects one by one where there are as many as before; else what goes and what comes.
    fn lists(&mut self, path: &str, old: &[Value], new: &[Value]) {
        if old.len() == new.len() && old.iter().chain(new).all(Value::is_object) {
            for (index, (before, after)) in old.iter().zip(new).enumerate() {
                self.walk(&format!("{path}[{index}]"), before, after);
            }
            return;
        }
        let (gone, come) = (without(old, new), without(new, old));
        let (before, after) = (Value::from(old), Value::from(new));
        let short = shown(&before).chars().count() + shown(&after).chars().count() <= SHORT;
        if short || (gone.is_empty() && come.is_empty()) {
            return self.add(path, arrow(&before, &after, self.full));
        }
        for value in gone {
            self.add(path, format!("- {}", inline(value, self.full)));
        }
        for value in come {
            self.add(path, format!("+ {}", inline(value, self.full)));
        }
    }
}

/// The values of one list that another lacks.
fn without<'a>(list: &'a [Value], other: &[Value]) -> Vec<&'a Value> {
    list.iter().filter(|value| !other.contains(value)).collect()
}

/// `before → after`; of long texts that begin alike, only what comes from the first difference on.
fn arrow(before: &Value, after: &Value, full: bool) -> String {
    let (old, new) = match (before, after) {
        (Value::String(old), Value::String(new)) if !full && old.len().max(new.len()) > SHORT => differing(old, new),
        _ => (inline(before, full), inline(after, full)),
    };
    format!("{old} → {new}")
}

fn differing(old: &str, new: &str) -> (String, String) {
    /// How much of what is alike is shown before the difference.
    const LEAD: usize = 20;
    let alike = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let skipped = alike.saturating_sub(LEAD);
    let cut = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        format!("{}{}", if skipped > 0 { "…" } else { "" }, inline(&Value::from(rest), false))
    };
    (cut(old), cut(new))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::style::plain;

    fn of(path: &str, before: Value, after: Value) -> String {
        let change = FieldChange { path: path.into(), before, after, replaces: false, drifted: false };
        plain(&lines(&[change], false).join("\n"))
    }

    #[test]
    fn objects_of_equally_long_lists_are_compared_one_by_one() {
        let rule = |days: u32, id: &str| json!({"id": id, "days": days, "prefix": null});
        let (before, after) = (json!([rule(7, "a"), rule(14, "b")]), json!([rule(7, "a"), rule(20, "b")]));
        assert_eq!(of("lifecycle", before, after), "lifecycle[1].days  14 → 20");
    }

    #[test]
    fn of_other_lists_what_goes_and_what_comes_is_shown() {
        let mail = |name: &str| json!({"address": format!("{name}@a-rather-long-domain.example.com"), "unset": null});
        let (before, after) = (json!([mail("ann"), mail("bob")]), json!([mail("ann"), mail("cy"), mail("di")]));
        insta::assert_snapshot!(of("members", before, after), @r#"
        members  - {"address":"bob@a-rather-long-domain.example.com"}
        members  + {"address":"cy@a-rather-long-domain.example.com"}
        members  + {"address":"di@a-rather-long-domain.example.com"}
        "#);
        assert_eq!(of("metrics", json!(["a"]), json!(["a", "b"])), r#"metrics  ["a"] → ["a","b"]"#);
    }

    #[test]
    fn long_texts_are_shown_from_their_difference_on() {
        let text = |end: &str| json!(format!("{}{end}", "x".repeat(200)));
        let expected = r#"sql  …"xxxxxxxxxxxxxxxxxxxxone" → …"xxxxxxxxxxxxxxxxxxxxtwo""#;
        assert_eq!(of("sql", text("one"), text("two")), expected);
    }

    #[test]
    fn policies_are_left_to_the_statements() {
        assert_eq!(
            of("policies.read.Statement", json!([1]), json!([2])),
            "policies.read.Statement  see IAM statements"
        );
        assert_eq!(of("policy", json!(null), json!({"Statement": []})), "policy  see IAM statements");
    }

    #[test]
    fn nothing_in_a_field_steers_a_terminal() {
        let text = of("tags.\u{1b}[31m", json!("\u{202e}a"), json!(null));
        assert_eq!(text, r#"tags.\u{1b}[31m  "\u{202e}a" → (none)"#);
    }
}
