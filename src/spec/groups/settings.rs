//! What `--set` may say: it overrides values, and makes nothing.

use super::{GROUP, INSTANCES, VALUES};
use crate::spec::blocks::Blocks;
use crate::spec::diagnostic::Diagnostics;
use crate::spec::nearest::nearest;
use crate::spec::tree::{Entry, Node};

/// Whether a setting is one of a block: it is laid over what the instances of groups have made as well.
pub(in crate::spec) fn of_blocks(setting: &Node) -> bool {
    setting.as_table().into_iter().flatten().any(|(name, _)| Blocks::KINDS.contains(&name.as_str()))
}

/// Refuses a `--set` of an instance or a value that no file has: a name that is misspelt would make another pipeline, or do nothing.
pub(in crate::spec) fn makes_nothing(setting: &Node, tree: &Node, diagnostics: &mut Diagnostics) {
    if let Some(entry) = entries(setting, GROUP).next().map(|(_, entry)| entry) {
        diagnostics
            .error(entry.key, "a group is changed in its file, not by `--set`")
            .help("set a parameter of one instance, `instances.feed.clicks.shards=4`, or a value that the group uses, `values.shards=4`");
    }
    names_one(setting, tree, VALUES, "", diagnostics);
    for (group, entry) in entries(setting, INSTANCES) {
        let there = tree.get(INSTANCES).and_then(|groups| groups.get(group));
        names_one(&entry.node, there.unwrap_or(&entry.node), "", &format!("{INSTANCES}.{group}."), diagnostics);
        if there.is_none() {
            missing(
                entry,
                &format!("{INSTANCES}."),
                group,
                entries(tree, INSTANCES).map(|(name, _)| name),
                diagnostics,
            );
        }
    }
}

/// Refuses a `--set` of a block that no file has: a name that is misspelt would make another resource.
pub(super) fn makes_no_block(setting: &Node, tree: &Node, diagnostics: &mut Diagnostics) {
    for kind in Blocks::KINDS {
        names_one(setting, tree, kind, &format!("{kind}."), diagnostics);
    }
}

/// Refuses what `setting` has in a table, or in itself, and `tree` has not there.
fn names_one(setting: &Node, tree: &Node, table: &str, shown: &str, diagnostics: &mut Diagnostics) {
    let shown = if shown.is_empty() { format!("{table}.") } else { shown.to_owned() };
    let known: Vec<&str> = entries(tree, table).map(|(name, _)| name).collect();
    for (name, entry) in entries(setting, table).filter(|(name, _)| !known.contains(name)) {
        missing(entry, &shown, name, known.iter().copied(), diagnostics);
    }
}

fn missing<'a>(
    entry: &Entry,
    shown: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    diagnostics: &mut Diagnostics,
) {
    let help = nearest(name, known).map_or_else(
        || format!("write `{}` into the file of the environment", written(shown, name)),
        |near| format!("did you mean `{shown}{near}`?"),
    );
    let message = format!("`--set` overrides values, and the spec has no `{shown}{name}`");
    diagnostics.error(entry.key, message).help(help);
}

/// As a file has it: a value under its table, anything else as a table of its own.
fn written(shown: &str, name: &str) -> String {
    if shown == "values." { format!("{shown}{name}") } else { format!("[{shown}{name}]") }
}

/// What a table of a tree has; of the tree itself where the table has no name.
fn entries<'n>(tree: &'n Node, table: &str) -> impl Iterator<Item = (&'n str, &'n Entry)> {
    let table = if table.is_empty() { Some(tree) } else { tree.get(table) };
    table.and_then(Node::as_table).into_iter().flatten().map(|(name, entry)| (name.as_str(), entry))
}
