//! One definition, many pipelines: `[values]`, `[group.<name>]`, `[instances.<group>]`, and what is switched off.
//!
//! All of it is settled on the tree, before a spec is checked: whoever comes later sees blocks, as if each were written by hand. A
//! value of an instance has a place of its own in a view of its file, so that a mistake in one is none in another.

mod fill;
mod instances;
mod off;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use fill::Work;
pub(super) use settings::{makes_nothing, of_blocks};

use self::fill::Found;
use self::instances::Groups;
use super::conform::conform;
use super::diagnostic::Reported;
use super::member::Member;
use super::nearest::{listed, nearest};
use super::place::{Made, SourceSpan};
use super::schema::groups as schema;
use super::schema::groups::{INSTANCE, PARAM};
use super::tree::{Data, Entry, Node, Table};

/// The table of the spec's own values.
const VALUES: &str = "values";
/// The table of the groups.
const GROUP: &str = "group";
/// The table of the instances of each group.
const INSTANCES: &str = "instances";
/// A spec in which every block stands by itself.
pub(super) struct Expanded {
    pub(super) tree: Node,
    /// The blocks that instances of groups have made, by address.
    pub(super) members: BTreeMap<String, Member>,
    /// The blocks that are switched off, by address, and where that is said: `envs/dev.toml:4`.
    pub(super) off: BTreeMap<String, String>,
    /// The texts in which something could not be put.
    pub(super) unfilled: BTreeSet<SourceSpan>,
}

/// Puts values in, makes the blocks of every instance, lays `settings` of blocks over all, and takes away what is switched off.
/// `names` are what `${env}` and the like stand for in a tree.
pub(super) fn expand(
    mut tree: Node,
    settings: Vec<Node>,
    names: &dyn Fn(&Node) -> BTreeMap<String, String>,
    mut work: Work<'_>,
) -> Result<Expanded, Reported> {
    let values = Values::of(&mut tree, &mut work);
    work.fill(&mut tree, &|name| values.find(name))?;
    let [groups, instances] = [GROUP, INSTANCES].map(|name| tree.take(name));
    let known = names(&tree);
    let mut made = Groups::read(groups, instances, &known, &mut work).make(&mut tree, &mut work)?;
    for mut setting in settings {
        work.fill(&mut setting, &|name| values.find(name))?;
        settings::makes_no_block(&setting, &tree, work.diagnostics);
        tree = tree.merge(setting);
    }
    off::take_out(&mut tree, &mut made.off, &mut work);
    Ok(Expanded { tree, members: made.members, off: made.off, unfilled: work.unfilled })
}

/// `[values]`: each, or nothing where something is wrong with it.
struct Values(BTreeMap<String, Option<Node>>);

impl Values {
    fn of(tree: &mut Node, work: &mut Work<'_>) -> Self {
        let Some(entry) = tree.take(VALUES) else { return Self(BTreeMap::new()) };
        let part = part([(VALUES, Some(&entry))]);
        let schema = serde_json::json!({ "type": "object", "properties": { VALUES: schema::named_values() } });
        conform(&schema, &part, &BTreeSet::new(), &BTreeMap::new(), work.diagnostics);
        let Data::Table(table) = entry.node.data else { return Self(BTreeMap::new()) };
        let mut views = BTreeMap::new();
        let value = |(name, Entry { key, mut node }): (String, Entry)| {
            node.each_string(&mut |text, place| nested(text, place, work));
            let wrong = work.diagnostics.places_of_errors();
            let sound = !wrong.contains(&key) && !node.holds(&wrong);
            node.for_each_place(&mut |place| {
                place.file = *views.entry(place.file).or_insert_with(|| work.sources.view(Made::Value(place.file)));
            });
            (name, sound.then_some(node))
        };
        Self(table.into_iter().map(value).collect())
    }

    fn find(&self, name: &str) -> Found<'_> {
        let Some(own) = name.strip_prefix("values.") else { return Found::Later };
        match self.0.get(own) {
            Some(Some(value)) => Found::Value(value),
            Some(None) => Found::Wrong,
            None => Found::Unknown(help(VALUES, own, self.0.keys().map(String::as_str))),
        }
    }
}

/// What to do about a name that nothing has.
fn help<'a>(table: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `${{{table}.{near}}}`?"),
        None if known.clone().next().is_none() => format!("nothing is written in `{table}`"),
        None => format!("`{table}` has {}", listed(known, "and")),
    }
}

/// Refuses a value that is made of another: which comes first would be one more thing to know.
fn nested(text: &str, place: SourceSpan, work: &mut Work<'_>) {
    if text.contains("${values.") {
        work.diagnostics
            .error(place, "a value of `[values]` is made of no other one")
            .help("write what it is; of `${env}` and its like it may be made");
    }
}

/// A tree of nothing but these tables.
fn part<const N: usize>(tables: [(&str, Option<&Entry>); N]) -> Node {
    let written = |(name, entry): (&str, Option<&Entry>)| Some((name.to_owned(), entry?.clone()));
    let table: Table = tables.into_iter().filter_map(written).collect();
    let place = table.values().next().map_or(SourceSpan::whole(0), |entry| SourceSpan::whole(entry.key.file));
    Node { data: Data::Table(table), place }
}
