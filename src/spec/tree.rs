//! A TOML document in which every key and every value knows where it stands.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value};

use super::place::SourceSpan;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) data: Data,
    pub(super) place: SourceSpan,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    String(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Datetime(String),
    Array(Vec<Node>),
    Table(Table),
}

/// The values of a table, by key.
pub(super) type Table = BTreeMap<String, Entry>;

/// A value in a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Where its key stands.
    pub(super) key: SourceSpan,
    pub(super) node: Node,
}

impl Node {
    /// An empty table.
    pub(super) fn table(place: SourceSpan) -> Self {
        Self { data: Data::Table(Table::new()), place }
    }

    /// The value under a key, if this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.as_table()?.get(key).map(|entry| &entry.node)
    }

    /// The table, if it is one.
    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.data {
            Data::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in TOML's words.
    pub(super) fn type_name(&self) -> &'static str {
        match self.data {
            Data::String(_) => "a string",
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a float",
            Data::Boolean(_) => "a boolean",
            Data::Datetime(_) => "a date or time",
            Data::Array(_) => "an array",
            Data::Table(_) => "a table",
        }
    }

    /// Lays `over` upon this: tables are merged key by key; of anything else, `over` is what remains, and so it is of a block
    /// that is external there: the one below is another one.
    pub(super) fn merge(self, over: Node) -> Node {
        self.merge_at(over, 0)
    }

    /// The same of one block.
    pub(super) fn merge_block(self, over: Node) -> Node {
        self.merge_at(over, BLOCK)
    }

    /// The same, so many tables below that of the whole file.
    fn merge_at(mut self, over: Node, depth: usize) -> Node {
        if depth == BLOCK && over.get(EXTERNAL).is_some() {
            return over;
        }
        match (&mut self.data, over) {
            (Data::Table(table), Node { data: Data::Table(entries), place }) => {
                for (name, entry) in entries {
                    // Only what is below the name of a kind is a block: an instance of a group may be called `external`.
                    let below = if depth == 0 && NO_KINDS.contains(&name.as_str()) { BLOCK } else { depth };
                    lay(table, name, entry, below + 1);
                }
                self.place = place;
                self
            }
            (_, over) => over,
        }
    }

    /// The value without places. A date or time becomes its text, and a float that JSON lacks null.
    pub(super) fn to_json(&self) -> Value {
        match &self.data {
            Data::String(text) | Data::Datetime(text) => Value::String(text.clone()),
            Data::Integer(number) => Value::Number((*number).into()),
            Data::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Data::Boolean(boolean) => Value::Bool(*boolean),
            Data::Array(items) => items.iter().map(Node::to_json).collect(),
            Data::Table(table) => table.iter().map(|(name, entry)| (name.clone(), entry.node.to_json())).collect(),
        }
    }

    /// Whether one of the places is in it: its own, or that of anything below it.
    pub(super) fn holds(&self, places: &BTreeSet<SourceSpan>) -> bool {
        places.contains(&self.place)
            || match &self.data {
                Data::Array(items) => items.iter().any(|item| item.holds(places)),
                Data::Table(table) => {
                    table.values().any(|entry| places.contains(&entry.key) || entry.node.holds(places))
                }
                Data::String(_) | Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => false,
            }
    }

    /// It without everything that stands at one of the places.
    pub(super) fn without(&self, places: &BTreeSet<SourceSpan>) -> Node {
        let data = match &self.data {
            Data::Array(items) => {
                let kept = items.iter().filter(|item| !places.contains(&item.place));
                Data::Array(kept.map(|item| item.without(places)).collect())
            }
            Data::Table(table) => {
                let kept = table.iter().filter(|(_, entry)| {
                    let value = entry.node.as_table().is_none() && places.contains(&entry.node.place);
                    !value && !places.contains(&entry.key)
                });
                let kept = kept
                    .map(|(name, entry)| (name.clone(), Entry { key: entry.key, node: entry.node.without(places) }));
                Data::Table(kept.collect())
            }
            leaf => leaf.clone(),
        };
        Node { data, place: self.place }
    }

    /// It with other names for the keys at those places, as far as nothing has such a name already.
    pub(super) fn renamed(&self, names: &BTreeMap<SourceSpan, String>) -> Node {
        let Data::Table(table) = &self.data else { return self.clone() };
        let renamed = table.iter().map(|(name, entry)| {
            let other = names.get(&entry.key).filter(|other| !table.contains_key(*other));
            let entry = Entry { key: entry.key, node: entry.node.renamed(names) };
            (other.unwrap_or(name).clone(), entry)
        });
        Node { data: Data::Table(renamed.collect()), place: self.place }
    }

    /// The place of what a dotted path leads to: the value, or the key of the innermost table on the way to it.
    /// Items of an array are named by their number, from 0.
    pub(super) fn locate(&self, path: &str) -> SourceSpan {
        let (mut node, mut place) = (self, SourceSpan::whole(self.place.file));
        for part in path.split('.') {
            let (key, next) = match &node.data {
                Data::Table(table) => match table.get(part) {
                    Some(entry) => (entry.key, &entry.node),
                    None => return place,
                },
                Data::Array(items) => match part.parse().ok().and_then(|number: usize| items.get(number)) {
                    Some(item) => (item.place, item),
                    None => return place,
                },
                _ => return place,
            };
            place = if next.as_table().is_some() { key } else { next.place };
            node = next;
        }
        place
    }

    /// What it takes to hold it once more, roughly, in bytes.
    pub(super) fn weight(&self) -> usize {
        const ITSELF: usize = 64;
        let within: usize = match &self.data {
            Data::String(text) | Data::Datetime(text) => text.len(),
            Data::Array(items) => items.iter().map(Node::weight).sum(),
            Data::Table(table) => table.iter().map(|(name, entry)| name.len() + entry.node.weight()).sum(),
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) => 0,
        };
        ITSELF + within
    }

    /// Takes the value of a key out.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        match &mut self.data {
            Data::Table(table) => table.remove(key),
            _ => None,
        }
    }

    /// Calls `change` for every place in it.
    pub(super) fn for_each_place(&mut self, change: &mut dyn FnMut(&mut SourceSpan)) {
        change(&mut self.place);
        match &mut self.data {
            Data::Array(items) => items.iter_mut().for_each(|item| item.for_each_place(change)),
            Data::Table(table) => table.values_mut().for_each(|entry| {
                change(&mut entry.key);
                entry.node.for_each_place(change);
            }),
            Data::String(_) | Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => {}
        }
    }

    /// Calls `look` for every string in it.
    pub(super) fn each_string(&self, look: &mut dyn FnMut(&str, SourceSpan)) {
        match &self.data {
            Data::String(text) => look(text, self.place),
            Data::Array(items) => items.iter().for_each(|item| item.each_string(look)),
            Data::Table(table) => table.values().for_each(|entry| entry.node.each_string(look)),
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => {}
        }
    }

    /// Calls `change` for every string in it.
    pub(super) fn for_each_string(&mut self, change: &mut dyn FnMut(&mut String, SourceSpan)) {
        match &mut self.data {
            Data::String(text) => change(text, self.place),
            Data::Array(items) => items.iter_mut().for_each(|item| item.for_each_string(change)),
            Data::Table(table) => table.values_mut().for_each(|entry| entry.node.for_each_string(change)),
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => {}
        }
    }
}

/// The key that makes a block external.
pub(super) const EXTERNAL: &str = "external";
/// How many tables a block is below that of the file: `stream.clicks`.
const BLOCK: usize = 2;
/// Tables of a file whose tables within tables are no blocks.
const NO_KINDS: [&str; 3] = ["values", "group", "instances"];

fn lay(table: &mut Table, name: String, over: Entry, depth: usize) {
    match table.entry(name) {
        Slot::Vacant(slot) => {
            slot.insert(over);
        }
        Slot::Occupied(mut slot) => {
            let under = std::mem::replace(&mut slot.get_mut().node, Node::table(over.key));
            *slot.get_mut() = Entry { key: over.key, node: under.merge_at(over.node, depth) };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(node: Node) -> Entry {
        Entry { key: SourceSpan::whole(0), node }
    }

    /// Trees in which few names are met often, so that merging has something to do. As in a spec that fits the
    /// schema, the name of a key decides whether a table stands under it.
    fn trees() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            (0..9_i64).prop_map(Data::Integer),
            prop::collection::vec(0..9_i64, 0..3).prop_map(|items| {
                let item = |number| Node { data: Data::Integer(number), place: SourceSpan::whole(0) };
                Data::Array(items.into_iter().map(item).collect())
            }),
        ];
        let leaves = prop::collection::btree_map("[abc]", (leaf, 0..4_usize), 0..4).prop_map(|leaves| {
            let leaf = |(name, (data, file))| (name, entry(Node { data, place: SourceSpan::whole(file) }));
            leaves.into_iter().map(leaf).collect::<Table>()
        });
        let tables = leaves.clone().prop_recursive(3, 32, 4, move |inner| {
            (leaves.clone(), prop::collection::btree_map("[xyz]", inner, 0..3)).prop_map(|(mut table, inner)| {
                let node = |table| Node { data: Data::Table(table), place: SourceSpan::whole(0) };
                table.extend(inner.into_iter().map(|(name, table)| (name, entry(node(table)))));
                table
            })
        });
        tables.prop_map(|table| Node { data: Data::Table(table), place: SourceSpan::whole(0) })
    }

    proptest! {
        #[test]
        fn merging_is_associative(a in trees(), b in trees(), c in trees()) {
            prop_assert_eq!(a.clone().merge(b.clone()).merge(c.clone()), a.merge(b.merge(c)));
        }

        #[test]
        fn merging_with_itself_changes_nothing(a in trees()) {
            prop_assert_eq!(a.clone().merge(a.clone()), a);
        }

        #[test]
        fn everything_that_is_laid_over_remains(a in trees(), b in trees()) {
            let merged = a.merge(b.clone());
            prop_assert!(contains(&merged, &b), "{:?} in {:?}", b, merged);
        }
    }

    fn contains(whole: &Node, part: &Node) -> bool {
        match (&whole.data, &part.data) {
            (Data::Table(whole), Data::Table(part)) => {
                part.iter().all(|(name, entry)| whole.get(name).is_some_and(|other| contains(&other.node, &entry.node)))
            }
            _ => whole == part,
        }
    }
}
