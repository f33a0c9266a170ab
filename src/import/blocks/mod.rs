//! The inverse of the blueprint: one file per block kind, with what a live resource suggests that its block says.

mod alarm;
mod api;
mod bucket;
mod dashboard;
mod firehose;
mod function;
mod queue;
mod readers;
mod schedule;
mod secret;
mod snowpipe;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod topic;
pub(super) mod uses;

use std::collections::BTreeMap;

use serde_json::Value;

use super::block::Block;
use super::live::{Live, left_out};
use super::name::Names;
use super::{Code, Id, SpecHead};
use crate::spec::blocks::Kind;

/// The kinds of block, those that others name before these.
const ORDER: [Kind; 25] = [
    Kind::Stream,
    Kind::Bucket,
    Kind::Topic,
    Kind::Table,
    Kind::Catalog,
    Kind::Dataset,
    Kind::Workflow,
    Kind::Job,
    Kind::Crawler,
    Kind::Athena,
    Kind::Registry,
    Kind::Queue,
    Kind::Secret,
    Kind::Function,
    Kind::Schedule,
    Kind::Firehose,
    Kind::Api,
    Kind::Snowpipe,
    Kind::Alarm,
    Kind::Dashboard,
    Kind::Publish,
    Kind::Key,
    Kind::Role,
    Kind::Subnet,
    Kind::SecurityGroup,
];

fn suggest_kind(kind: Kind, sketch: &mut Sketch<'_>) {
    match kind {
        Kind::Stream => stream::suggest(sketch),
        Kind::Bucket => bucket::suggest(sketch),
        Kind::Topic => topic::suggest(sketch),
        Kind::Table => table::suggest(sketch),
        Kind::Queue => queue::suggest(sketch),
        Kind::Secret => secret::suggest(sketch),
        Kind::Function => function::suggest(sketch),
        Kind::Schedule => schedule::suggest(sketch),
        Kind::Api => api::suggest(sketch),
        Kind::Firehose => firehose::suggest(sketch),
        Kind::Snowpipe => snowpipe::suggest(sketch),
        Kind::Alarm => alarm::suggest(sketch),
        Kind::Dashboard => dashboard::suggest(sketch),
        // A table of Glue's can say more than a dataset, neither the script of a job nor the definition of a schema is a file of a
        // project, a workflow has such jobs, and a crawler fills a catalog.
        // What a parameter speaks of cannot be seen in it.
        // These by themselves are named where they are used.
        Kind::Catalog
        | Kind::Dataset
        | Kind::Job
        | Kind::Crawler
        | Kind::Workflow
        | Kind::Athena
        | Kind::Registry
        | Kind::Publish
        | Kind::Key
        | Kind::Role
        | Kind::Subnet
        | Kind::SecurityGroup => {}
    }
}

/// The blocks that live resources suggest. Of those that suggest none, `outside` gets the reason.
pub(super) fn suggest(place: &SpecHead, live: &Live, code: &Code, outside: &mut BTreeMap<Id, String>) -> Vec<Block> {
    let (names, blocks, addresses) = (Names::new(place), Vec::new(), BTreeMap::new());
    let mut sketch = Sketch { place, live, code, names, blocks, addresses, outside };
    for kind in ORDER {
        suggest_kind(kind, &mut sketch);
    }
    for (kind, reason) in left_out() {
        for (key, _) in sketch.all(kind) {
            sketch.leave(kind, key, reason);
        }
    }
    sketch.blocks
}

/// What is known while blocks are suggested.
struct Sketch<'a> {
    place: &'a SpecHead,
    live: &'a Live,
    code: &'a Code,
    names: Names<'a>,
    blocks: Vec<Block>,
    /// The addresses of the blocks, by what they stand for.
    addresses: BTreeMap<Id, String>,
    outside: &'a mut BTreeMap<Id, String>,
}

impl<'a> Sketch<'a> {
    /// A block for the resource of a kind and key, called by its name in AWS, which is said where it does not follow.
    fn begin(&mut self, kind: &'static str, main: (&str, &str), live: &Value, aws_name: &str) -> Block {
        let name = self.names.give(kind, live, aws_name);
        let mut block = Block::new(kind, name, main);
        let derived = format!("{}-{}-{}", self.place.project, self.place.env, block.name);
        block.set_unless("name", aws_name, derived);
        block
    }

    /// The address of the block that stands for a resource.
    fn address(&self, kind: &str, key: &str) -> Option<String> {
        self.addresses.get(&(kind.to_owned(), key.to_owned())).cloned()
    }

    /// Lets others name a block that is yet to be added.
    fn announce(&mut self, block: &Block) {
        self.addresses.insert(block.main.clone(), block.address());
    }

    /// Adds a block.
    fn add(&mut self, block: Block) {
        self.announce(&block);
        self.blocks.push(block);
    }

    /// The resources of a kind, by key.
    fn all(&self, kind: &'a str) -> Vec<(&'a str, &'a Value)> {
        self.live.all(kind).collect()
    }

    /// Those of some resources that were found, each a kind and a key.
    fn there<'b>(&self, ids: impl IntoIterator<Item = (&'b str, String)>) -> Vec<Id> {
        let ids = ids.into_iter().filter(|(kind, key)| self.live.get(kind, key).is_some());
        ids.map(|(kind, key)| (kind.to_owned(), key)).collect()
    }

    /// Says why a resource suggests no block.
    fn leave(&mut self, kind: &str, key: &str, reason: impl Into<String>) {
        self.outside.insert((kind.to_owned(), key.to_owned()), reason.into());
    }
}
