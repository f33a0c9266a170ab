//! A block that an instance of a group has made, or that is switched off: what others have to know of either.

use std::collections::BTreeMap;

use super::edit::{Edit, keys};
use super::place::Instance;

/// The key that switches a block or an instance off.
pub(super) const OFF: &str = "off";

/// A block that an instance of a group has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The instance.
    pub instance: Instance,
    /// The keys under which this instance says what differs in the block: `instances.feed.clicks.stream.events`.
    pub path: Vec<String>,
    /// The fields that are nothing but a parameter, and which: `shards`.
    pub parameters: BTreeMap<Vec<String>, String>,
}

impl Member {
    /// The header of the table in which this instance says what differs in the block: `instances.feed.clicks.stream.events`.
    pub(super) fn header(&self) -> String {
        keys(&self.path)
    }

    /// What may be edited for an edit of the block: the parameter that the field is, and what differs in this instance's block. The
    /// group itself stays as it is, for it is that of other instances as well.
    fn edits(&self, edit: &Edit) -> Vec<Edit> {
        let field = &edit.path[edit.block().len()..];
        let instance = &self.path[..3];
        let to = |table: &[String], below: &[String]| Edit {
            path: [table, below].concat(),
            header: table.len(),
            value: edit.value.clone(),
        };
        let parameter = self.parameters.get(field).map(|name| to(instance, std::slice::from_ref(name)));
        parameter.into_iter().chain([to(&self.path, field)]).collect()
    }
}

/// The table of a file in which a block is said, by its address: its own, or that of the instance that has made it.
pub(super) fn table(members: &BTreeMap<String, Member>, address: &str) -> String {
    members.get(address).map_or_else(|| address.to_owned(), Member::header)
}

/// The edits of a file that an edit of a block is: its own, or those of the instance that has made it.
pub(super) fn edits(members: &BTreeMap<String, Member>, edit: Edit) -> Vec<Edit> {
    match members.get(&edit.block().join(".")) {
        Some(member) => member.edits(&edit),
        None => vec![edit],
    }
}

/// The path in the tree of what keys lead to in a file: in an instance, they lead into one of its blocks.
pub(super) fn in_tree(members: &BTreeMap<String, Member>, path: &[String]) -> Vec<String> {
    let within = members.iter().find_map(|(address, member)| {
        let below = path.strip_prefix(member.path.as_slice())?;
        Some(address.split('.').map(str::to_owned).chain(below.iter().cloned()).collect())
    });
    within.unwrap_or_else(|| path.to_vec())
}

/// What to do about a block that is switched off and named all the same; `at` is where it is switched off.
pub(super) fn remedy(at: &str) -> String {
    format!("{at} says so: switch it on, or take out what names it")
}
