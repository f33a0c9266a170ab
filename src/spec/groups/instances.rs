//! Groups, and the blocks of their instances.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::fill::{Found, Work};
use super::schema::{self, block_name, is_taken};
use super::{GROUP, INSTANCE, INSTANCES, PARAM, VALUES, help, part};
use crate::spec::blocks::Blocks;
use crate::spec::conform::conform;
use crate::spec::diagnostic::Reported;
use crate::spec::interpolate::filled;
use crate::spec::interpolate::only;
use crate::spec::member::{Member, OFF};
use crate::spec::nearest::nearest;
use crate::spec::place::{Instance, Made, SourceSpan};
use crate::spec::tree::{Data, Entry, Node, Table};

/// What is written of groups and of their instances.
pub(super) struct Groups {
    definitions: Table,
    instances: Table,
    /// Where something is wrong with them.
    wrong: BTreeSet<SourceSpan>,
}

/// What instances have made: the blocks, and the blocks that they would have made but for `off`, with where that is said.
#[derive(Default)]
pub(super) struct MadeBlocks {
    pub(super) members: BTreeMap<String, Member>,
    pub(super) off: BTreeMap<String, String>,
}

impl Groups {
    /// Checks that groups and instances say what they may; `known` is what `${env}` and its like stand for.
    pub(super) fn read(
        groups: Option<Entry>,
        instances: Option<Entry>,
        known: &BTreeMap<String, String>,
        work: &mut Work<'_>,
    ) -> Self {
        let none = Table::new();
        let written = groups.as_ref().and_then(|entry| entry.node.as_table()).unwrap_or(&none);
        let mut instances = instances;
        if let Some(Entry { node: Node { data: Data::Table(table), .. }, .. }) = &mut instances {
            unknown_groups(written, table, work);
        }
        let mut part = part([(GROUP, groups.as_ref()), (INSTANCES, instances.as_ref())]);
        nothing_within(&mut part, work);
        // What a parameter may be is asked of what it comes to.
        part.for_each_string(&mut |text, _| *text = filled(text, known));
        let schema = json!({
            "type": "object",
            "properties": { GROUP: schema::groups(written), INSTANCES: schema::instances(written) },
        });
        conform(&schema, &part, &BTreeSet::new(), &BTreeMap::new(), work.diagnostics);
        for group in written.values() {
            parameters(group, work);
        }
        let wrong = work.diagnostics.places_of_errors();
        let tables = |entry: Option<Entry>| entry.map(|entry| entry.node.data);
        let [definitions, instances] = [groups, instances].map(|entry| match tables(entry) {
            Some(Data::Table(table)) => table,
            _ => Table::new(),
        });
        Self { definitions, instances, wrong }
    }

    /// Makes the blocks of every instance.
    pub(super) fn make(&self, tree: &mut Node, work: &mut Work<'_>) -> Result<MadeBlocks, Reported> {
        let mut made = MadeBlocks::default();
        for (group, named) in &self.instances {
            let Some(definition) = self.definitions.get(group) else { continue };
            for (name, entry) in named.node.as_table().into_iter().flatten() {
                let instance = Instance { group: group.clone(), name: name.clone() };
                let mut one = One::new(self, &definition.node, instance, entry, work)?;
                one.make(tree, &mut made, work)?;
            }
        }
        Ok(made)
    }

    fn is_wrong(&self, entry: &Entry) -> bool {
        self.wrong.contains(&entry.key) || entry.node.holds(&self.wrong)
    }
}

/// Reports instances of groups that are not there, and takes them out.
fn unknown_groups(groups: &Table, instances: &mut Table, work: &mut Work<'_>) {
    instances.retain(|name, entry| {
        if groups.contains_key(name) {
            return true;
        }
        let help = match nearest(name, groups.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("say what it is made of: `[{GROUP}.{name}.stream.events]`"),
        };
        work.diagnostics.error(entry.key, format!("there is no group `{}`", name.escape_debug())).help(help);
        false
    });
}

/// Reports groups, instances and values within a group, and takes them out.
fn nothing_within(part: &mut Node, work: &mut Work<'_>) {
    let Data::Table(tables) = &mut part.data else { return };
    let Some(Entry { node: Node { data: Data::Table(groups), .. }, .. }) = tables.get_mut(GROUP) else { return };
    for (name, group) in groups {
        for key in [GROUP, INSTANCES, VALUES] {
            if let Some(entry) = group.node.take(key) {
                let message = format!("the group `{name}` cannot have `{key}`: a group holds blocks alone");
                work.diagnostics
                    .error(entry.key, message)
                    .help("write it beside the group, and the blocks in the group itself");
            }
        }
    }
}

/// Checks what the schema cannot say of the parameters of a group.
fn parameters(group: &Entry, work: &mut Work<'_>) {
    for (name, entry) in group.node.get(PARAM).and_then(Node::as_table).into_iter().flatten() {
        if is_taken(name) {
            let message = format!("no parameter can be called `{name}`: in an instance that is something else");
            work.diagnostics.error(entry.key, message).help("call it otherwise");
        }
        let limit = |key: &str| entry.node.get(key).filter(|node| node.to_json().is_number());
        let number = |key: &str| limit(key).and_then(|node| node.to_json().as_f64());
        let is_number = entry.node.get("type").and_then(Node::as_str).is_none_or(|kind| kind.starts_with(['i', 'n']));
        for key in ["min", "max"] {
            if let Some(node) = limit(key).filter(|_| !is_number) {
                let message = format!("`{key}` says of a number how large it may be");
                work.diagnostics
                    .error(node.place, message)
                    .help("take it out; `one_of` lists the values that it may have");
            }
        }
        if let (Some(min), Some(max), Some(node)) = (number("min"), number("max"), limit("max"))
            && min > max
        {
            work.diagnostics
                .error(node.place, "`max` is below `min`")
                .help("write the least as `min`, the most as `max`");
        }
    }
}

/// The values of a block that are nothing but a parameter.
fn asked_for(node: &Node, path: &mut Vec<String>, parameters: &mut BTreeMap<Vec<String>, String>) {
    for (name, entry) in node.as_table().into_iter().flatten() {
        path.push(name.clone());
        asked_for(&entry.node, path, parameters);
        if let Some(parameter) = entry.node.as_str().and_then(only).and_then(|name| name.strip_prefix("param.")) {
            parameters.insert(path.clone(), parameter.to_owned());
        }
        path.pop();
    }
}

/// One instance, while its blocks are made.
struct One<'g> {
    group: &'g Node,
    instance: Instance,
    entry: &'g Entry,
    /// The values of its parameters; nothing where something is wrong with one.
    arguments: BTreeMap<&'g str, Option<Node>>,
    /// The views of the sources in which its values stand.
    views: BTreeMap<usize, usize>,
}

impl<'g> One<'g> {
    fn new(
        groups: &Groups,
        group: &'g Node,
        instance: Instance,
        entry: &'g Entry,
        work: &mut Work<'_>,
    ) -> Result<Self, Reported> {
        let mut one = Self { group, instance, entry, arguments: BTreeMap::new(), views: BTreeMap::new() };
        for (name, parameter) in group.get(PARAM).and_then(Node::as_table).into_iter().flatten() {
            let given = entry.node.as_table().and_then(|table| table.get(name));
            let value = given.or_else(|| parameter.node.as_table()?.get("default"));
            let value = match value.filter(|value| !groups.is_wrong(value) && !groups.wrong.contains(&parameter.key)) {
                Some(value) => {
                    work.take(value.node.weight(), entry.key)?;
                    let mut node = value.node.clone();
                    one.place(&mut node, work);
                    let own = Node { data: Data::String(one.instance.name.clone()), place: node.place };
                    work.fill(&mut node, &|asked| if asked == INSTANCE { Found::Value(&own) } else { Found::Later })?;
                    Some(node)
                }
                None => None,
            };
            one.arguments.insert(name, value);
        }
        Ok(one)
    }

    /// Makes every block of the group for this instance.
    fn make(&mut self, tree: &mut Node, made: &mut MadeBlocks, work: &mut Work<'_>) -> Result<(), Reported> {
        let off = self.entry.node.as_table().and_then(|table| table.get(OFF));
        let off = off.filter(|off| matches!(off.node.data, Data::Boolean(true))).map(|off| work.sources.shown(off.key));
        for kind in Blocks::KINDS {
            for (member, entry) in self.group.get(kind).and_then(Node::as_table).into_iter().flatten() {
                let name = block_name(member, &self.instance.name);
                let address = format!("{kind}.{name}");
                if let Some(place) = &off {
                    made.off.insert(address, place.clone());
                    continue;
                }
                if entry.node.as_table().is_none() {
                    continue;
                }
                let block = self.block(kind, member, entry, work)?;
                let path = [INSTANCES, &self.instance.group, &self.instance.name, kind, member].map(str::to_owned);
                let mut parameters = BTreeMap::new();
                asked_for(&entry.node, &mut Vec::new(), &mut parameters);
                let own = Member { instance: self.instance.clone(), path: path.to_vec(), parameters };
                if self.stands(tree, (kind, &name), block, &own, made.members.get(&address), work) {
                    made.members.insert(address, own);
                }
            }
        }
        Ok(())
    }

    /// A block of this instance: as the group has it, and what the instance says of it laid over that.
    fn block(&mut self, kind: &str, member: &str, entry: &Entry, work: &mut Work<'_>) -> Result<Entry, Reported> {
        let over = self.entry.node.get(kind).and_then(|members| members.get(member));
        work.take(entry.node.weight() + over.map_or(0, Node::weight), self.entry.key)?;
        let mut node = entry.node.clone();
        if let Some(over) = over.filter(|over| over.as_table().is_some()) {
            node = node.merge_block(over.clone());
        }
        self.place(&mut node, work);
        node.for_each_string(&mut |text, _| self.own_reference(text));
        let own = Node { data: Data::String(self.instance.name.clone()), place: node.place };
        work.fill(&mut node, &|name| self.find(name, &own))?;
        let mut key = entry.key;
        key.file = self.view(key.file, work);
        Ok(Entry { key, node })
    }

    /// Puts a block into the tree, unless there is one of its name: that is reported.
    fn stands(
        &self,
        tree: &mut Node,
        (kind, name): (&str, &str),
        block: Entry,
        member: &Member,
        other: Option<&Member>,
        work: &mut Work<'_>,
    ) -> bool {
        let Data::Table(tables) = &mut tree.data else { return false };
        let empty = || Entry { key: block.key, node: Node::table(block.key) };
        let Data::Table(blocks) = &mut tables.entry(kind.to_owned()).or_insert_with(empty).node.data else {
            return false;
        };
        let Some(there) = blocks.get(name) else {
            blocks.insert(name.to_owned(), block);
            return true;
        };
        let Instance { group, name: own } = &self.instance;
        let (place, message) = if let Some(Member { instance, .. }) = other {
            let other = format!("the instance `{}` of the group `{}`", instance.name, instance.group);
            (self.entry.key, format!("`{kind}.{name}` would be made twice: by `{own}` of `{group}`, and by {other}"))
        } else {
            let message = format!("`{kind}.{name}` is a block of the instance `{own}` of the group `{group}` already");
            (there.key, message)
        };
        let change = format!(
            "write `[{}]` to change that block for this instance ({}); or give one of the two another name",
            member.header(),
            work.sources.shown(self.entry.key)
        );
        work.diagnostics.error(place, message).help(change);
        false
    }

    /// What stands for a name in a block of this instance.
    fn find<'a>(&'a self, name: &str, own: &'a Node) -> Found<'a> {
        if name == INSTANCE {
            return Found::Value(own);
        }
        if let Some(parameter) = name.strip_prefix("param.") {
            return match self.arguments.get(parameter) {
                Some(Some(value)) => Found::Value(value),
                Some(None) => Found::Wrong,
                None => Found::Unknown(help(PARAM, parameter, self.arguments.keys().copied())),
            };
        }
        let member = name.rsplit_once('.').and_then(|(address, field)| {
            let (kind, block) = self.member(address)?;
            Some(Found::Text(format!("${{{kind}.{block}.{field}}}")))
        });
        member.unwrap_or(Found::Later)
    }

    /// Lets a text that names a block of the group name that of this instance: `stream.events`, or `table.sessions:write`.
    fn own_reference(&self, text: &mut String) {
        let address = text.split(':').next().unwrap_or(text);
        if let Some((kind, block)) = self.member(address) {
            *text = format!("{kind}.{block}{}", &text[address.len()..]);
        }
    }

    /// The kind and the name of the block that a block of the group is in this instance.
    fn member<'a>(&self, address: &'a str) -> Option<(&'a str, String)> {
        let (kind, member) = address.split_once('.')?;
        let members = self.group.get(kind).filter(|_| Blocks::KINDS.contains(&kind))?;
        members.get(member).map(|_| (kind, block_name(member, &self.instance.name)))
    }

    /// Gives every value of a tree a place of this instance's own.
    fn place(&mut self, node: &mut Node, work: &mut Work<'_>) {
        node.for_each_place(&mut |place| place.file = self.view(place.file, work));
    }

    fn view(&mut self, file: usize, work: &mut Work<'_>) -> usize {
        let instance = &self.instance;
        *self.views.entry(file).or_insert_with(|| {
            let origin = work.sources.written(SourceSpan::whole(file)).file;
            work.sources.view(Made::Instance(origin, instance.clone()))
        })
    }
}
