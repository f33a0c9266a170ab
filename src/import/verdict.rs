//! What the plan of a suggested spec would change besides pipectl's own tags.

use serde_json::Value;

use crate::engine::plan::{Action, Change, Changes};

/// A change that is no mere adoption.
pub(super) struct Fault<'a> {
    /// The part of its block; empty for the block's own resource.
    pub(super) part: &'a str,
    pub(super) change: &'a Change,
}

impl Fault<'_> {
    /// The attributes that would be changed; none where the resource would be made.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.change.fields.iter().map(|field| field.path.as_str()).filter(|path| !is_mark(path))
    }
}

/// The faults of a block.
pub(super) fn faults<'a>(block: &str, changes: &'a Changes) -> Vec<Fault<'a>> {
    let mine = changes.0.iter().filter(|change| change.address.block_name() == block);
    let faults = mine.filter(|change| !is_adoption(change));
    faults.map(|change| Fault { part: change.address.part_name().unwrap_or_default(), change }).collect()
}

/// Whether nothing is changed but the tags that say whose it is.
fn is_adoption(change: &Change) -> bool {
    change.action == Action::Adopt && change.fields.iter().all(|field| is_mark(&field.path))
}

fn is_mark(path: &str) -> bool {
    path.starts_with("tags.pipectl:")
}

/// What would be changed, as a sentence without its full stop.
pub(super) fn sentence(faults: &[Fault<'_>]) -> String {
    let parts: Vec<String> = faults.iter().map(changed).collect();
    format!("pipectl would {}", parts.join(", and "))
}

fn changed(fault: &Fault<'_>) -> String {
    let of = if fault.part.is_empty() { String::new() } else { format!(" of its {}", fault.part) };
    if fault.change.before.is_none() {
        return if fault.part.is_empty() { "make it".to_owned() } else { format!("make its {}", fault.part) };
    }
    let fields = fault.change.fields.iter().filter(|field| !is_mark(&field.path));
    let fields: Vec<String> =
        fields.map(|field| format!("`{}`{}", field.path, from_to(&field.before, &field.after))).collect();
    format!("change {}{of}", fields.join(", "))
}

/// Both values, where they are short enough to be read in a sentence.
fn from_to(before: &Value, after: &Value) -> String {
    let word = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        value => value.to_string(),
    };
    let (before, after) = (word(before), word(after));
    if before.len() + after.len() > 80 { String::new() } else { format!(" from {before} to {after}") }
}
