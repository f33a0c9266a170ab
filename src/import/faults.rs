//! What the plan of a suggested spec would change besides pipectl's own tags.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::engine::plan::{Action, Change, Changes};
use crate::model::diff::FieldChange;

/// Something that a plan would do besides adopting: to one attribute, or to a resource as a whole.
#[derive(Clone, Copy)]
pub(super) struct Fault<'a> {
    /// The part of its block; empty for the block's own resource.
    pub(super) part: &'a str,
    pub(super) change: &'a Change,
    /// The attribute; absent where the resource would be made.
    field: Option<&'a FieldChange>,
}

impl Fault<'_> {
    /// The attribute that would be changed, or that it is in: `policies` of `policies.read`.
    pub(super) fn attribute(&self) -> &str {
        self.field.and_then(|field| field.path.split('.').next()).unwrap_or_default()
    }
}

/// The changes of each block, by its address.
pub(super) fn by_block(changes: &Changes) -> BTreeMap<&str, Vec<&Change>> {
    let mut blocks: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &changes.0 {
        blocks.entry(change.address.block_name()).or_default().push(change);
    }
    blocks
}

/// The faults among the changes of a block.
pub(super) fn faults<'a>(changes: &[&'a Change]) -> Vec<Fault<'a>> {
    let of = |change: &'a Change| {
        let part = change.address.part_name().unwrap_or_default();
        let made = (change.action == Action::Create).then_some(Fault { part, change, field: None });
        let fields = change.fields.iter().filter(|field| !field.path.starts_with("tags.pipectl:"));
        made.into_iter().chain(fields.map(move |field| Fault { part, change, field: Some(field) }))
    };
    changes.iter().flat_map(|change| of(change)).collect()
}

/// What would be done, as a sentence without its full stop.
pub(super) fn sentence(faults: &[Fault<'_>]) -> String {
    let parts: Vec<String> = faults.chunk_by(|a, b| a.part == b.part).map(done).collect();
    format!("pipectl would {}", parts.join(", and "))
}

/// What would be done to one part.
fn done(faults: &[Fault<'_>]) -> String {
    let part = faults.first().map_or("", |fault| fault.part);
    let fields = faults.iter().filter_map(|fault| fault.field);
    let fields: Vec<String> =
        fields.map(|field| format!("`{}`{}", field.path, from_to(&field.before, &field.after))).collect();
    match (fields.is_empty(), part) {
        (true, "") => "make it".to_owned(),
        (true, part) => format!("make its {part}"),
        (false, "") => format!("change {}", fields.join(", ")),
        (false, part) => format!("change {} of its {part}", fields.join(", ")),
    }
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
