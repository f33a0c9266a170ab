//! Blocks that were probably renamed, and what to write into the spec so that they stay what they are.

use super::style::Clean;
use crate::engine::plan::likely::LikelyRename;

/// The heading.
pub(super) const TITLE: &str = "Renamed, perhaps";

/// What is about to be lost.
pub(super) fn sentence(one: &LikelyRename) -> String {
    let (from, to) = (Clean(&one.from.to_string()).to_string(), Clean(&one.to.to_string()).to_string());
    format!("{from} is deleted, with what it holds, and {to} is made just like it.")
}

/// What comes before the lines.
pub(super) const HOW: &str = "If that is one block under another name, write `moved` above the first table of the spec, and `name` into the block's:";

/// The lines for the spec: `moved` stands before any table, each name in the table of its block.
pub(super) fn lines(all: &[LikelyRename]) -> Vec<String> {
    let text = |text: &str| serde_json::Value::from(Clean(text).to_string()).to_string();
    let entry = |one: &LikelyRename| {
        format!("{{ from = {}, to = {} }}", text(&one.from.to_string()), text(&one.to.to_string()))
    };
    let entries: Vec<String> = all.iter().map(entry).collect();
    let mut lines = match &entries[..] {
        [only] => vec![format!("moved = [{only}]")],
        many => {
            let items = many.iter().map(|entry| format!("  {entry},"));
            ["moved = [".to_owned()].into_iter().chain(items).chain(["]".to_owned()]).collect()
        }
    };
    for one in all {
        lines.push(format!("[{}]", Clean(&one.to.to_string())));
        lines.push(format!("name = {}", text(&one.name)));
    }
    lines
}
