//! What is left of a spec when everything is taken away in which something is wrong, and whatever refers to that.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Spec;
use super::blocks::Blocks;
use super::place::SourceSpan;
use super::tree::Node;

/// The sound blocks of a spec with errors at those places; nothing where its head is wrong, which every block builds on.
pub(super) fn sound(mut spec: Spec, tree: &Node, errors: &BTreeSet<SourceSpan>) -> Option<Spec> {
    let blocks = tree.as_table()?;
    let mut wrong = BTreeSet::new();
    for (kind, entry) in blocks {
        let is_wrong = errors.contains(&entry.key) || entry.node.holds(errors);
        if !Blocks::KINDS.contains(&kind.as_str()) {
            if is_wrong && !["policy", "branches", "prices", "moved"].contains(&kind.as_str()) {
                return None;
            }
            continue;
        }
        for (name, block) in entry.node.as_table().into_iter().flatten() {
            if errors.contains(&block.key) || block.node.holds(errors) || !spec.blocks.has(kind, name) {
                wrong.insert(format!("{kind}.{name}"));
            }
        }
    }
    let named: Vec<(String, BTreeSet<String>)> = named(blocks_of(tree));
    while let Some((address, _)) =
        named.iter().find(|(address, names)| !wrong.contains(address) && !names.is_disjoint(&wrong))
    {
        wrong.insert(address.clone());
    }
    for address in &wrong {
        if let Some((kind, name)) = address.split_once('.') {
            spec.blocks.remove(kind, name);
        }
    }
    Some(spec)
}

/// Every block, by its address.
fn blocks_of(tree: &Node) -> impl Iterator<Item = (String, Value)> {
    let kinds = Blocks::KINDS.iter().filter_map(|kind| Some((kind, tree.get(kind)?.as_table()?)));
    kinds.flat_map(|(kind, blocks)| {
        blocks.iter().map(move |(name, entry)| (format!("{kind}.{name}"), entry.node.to_json()))
    })
}

/// Every block with the texts in it that could name another: `table.sessions`, and the beginning of `table.sessions:write`.
fn named(blocks: impl Iterator<Item = (String, Value)>) -> Vec<(String, BTreeSet<String>)> {
    fn collect(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => _ = names.insert(text.split(':').next().unwrap_or(text).to_owned()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
            Value::Object(entries) => entries.values().for_each(|value| collect(value, names)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let named = blocks.map(|(address, block)| {
        let mut names = BTreeSet::new();
        collect(&block, &mut names);
        (address, names)
    });
    named.collect()
}
