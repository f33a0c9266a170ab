//! `off = true`: a block that an environment does without.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::fill::Work;
use crate::spec::blocks::Blocks;
use crate::spec::keywords::required;
use crate::spec::member::OFF;
use crate::spec::nearest::nearest;
use crate::spec::schema::json_schema;
use crate::spec::tree::{Data, Entry, Node, Table};

/// Takes the blocks out that are switched off, and `off` out of all others; notes where that is said.
pub(super) fn take_out(tree: &mut Node, off: &mut BTreeMap<String, String>, work: &mut Work<'_>) {
    let Data::Table(tables) = &mut tree.data else { return };
    let before = off.len();
    let schema = LazyCell::new(json_schema);
    for kind in Blocks::KINDS {
        let Some(Entry { node: Node { data: Data::Table(blocks), .. }, .. }) = tables.get_mut(*kind) else { continue };
        let names: Vec<String> = blocks.keys().cloned().collect();
        for name in names {
            let Some(said) = blocks.get_mut(&name).and_then(|block| block.node.take(OFF)) else { continue };
            match said.node.data {
                Data::Boolean(true) => {
                    let block = blocks.remove(&name);
                    if block.is_some_and(|block| block.node.as_table().is_some_and(Table::is_empty)) {
                        nothing_but_off(kind, &name, &said, (blocks, &schema), work);
                    }
                    off.insert(format!("{kind}.{name}"), work.sources.shown(said.key));
                }
                Data::Boolean(false) => {}
                Data::String(_) if work.unfilled.contains(&said.node.place) => {}
                Data::String(_)
                | Data::Integer(_)
                | Data::Float(_)
                | Data::Datetime(_)
                | Data::Array(_)
                | Data::Table(_) => {
                    let message = format!("`{kind}.{name}.{OFF}` must be true or false, not {}", said.node.type_name());
                    work.diagnostics.error(said.node.place, message).help("`off = true` leaves the block out");
                }
            }
        }
    }
    if off.len() > before {
        let is_empty = |entry: &Entry| entry.node.as_table().is_some_and(Table::is_empty);
        tables.retain(|name, entry| !Blocks::KINDS.contains(&name.as_str()) || !is_empty(entry));
    }
}

/// Speaks of a block of which nothing is said but that it is switched off: its name may be misspelt, and another one stays.
fn nothing_but_off(kind: &str, name: &str, said: &Entry, (others, schema): (&Table, &Value), work: &mut Work<'_>) {
    let lacks = required(&schema["properties"][kind]["additionalProperties"], false).next().is_some();
    let near = nearest(name, others.keys().map(String::as_str));
    let message = format!("no file says what `{kind}.{name}` is: there is nothing to switch off");
    let diagnostic = match (lacks, near) {
        (true, _) => work.diagnostics.error(said.key, message),
        (false, Some(_)) => work.diagnostics.warning(said.key, message),
        (false, None) => return,
    };
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{kind}.{near}`?")),
        None => diagnostic.help("take it out"),
    };
}
