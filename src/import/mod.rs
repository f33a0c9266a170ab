//! What exists, written as a spec: whoever comes from another tool, or from none, begins with what runs.
//!
//! Pure. `blocks` holds the inverse of the blueprint, one file per block kind: what a live resource suggests that its
//! block says. Nobody has to believe it: the suggested spec is read, built and planned as any other, and what that plan
//! would change beyond pipectl's own tags makes a block give way ([`Import::revise`]), or leaves it out with the reason.

mod block;
mod blocks;
pub mod cloudformation;
mod faults;
pub mod keys;
mod live;
mod name;
pub mod terraform;
mod text;
pub mod wiring;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::plan::{Change, Changes};
use crate::engine::refresh::LiveResources;
use crate::model::address::Address;
use crate::model::scope::Scope;
use crate::model::unmodelled::{Blind, Unmodelled};
use crate::spec::diagnostic::{Entry, Severity};
use block::Block;
use live::Live;

/// Something that exists, as its owner names it, and which resource of pipectl's it is, or is a part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its owner's name for it: `module.p.aws_s3_bucket.this`, `stack resource LandingBucket`, `the delivery stream clicks`.
    pub source: String,
    /// The kind in the registry: `s3_bucket`.
    pub kind: String,
    /// What it is found by; of an access key, where its parameter is not known, the name of the user alone.
    pub key: String,
}

/// Something that is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    /// Its owner's name for it.
    pub source: String,
    /// Why: one sentence without its full stop.
    pub reason: String,
    /// Whether it carries the tags of this very environment, whose state may remember it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_own: bool,
}

/// What becomes of something that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mapped {
    /// Its owner's name for it.
    pub source: String,
    /// Where it stands in the spec.
    pub address: Address,
}

/// What the spec is to say of itself.
#[derive(Clone, Debug)]
pub struct SpecHead {
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// Where everything is.
    pub scope: Scope,
}

/// A finished import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The spec, in TOML.
    pub text: String,
    /// What each thing that was found becomes, in order of source.
    pub mapping: Vec<Mapped>,
    /// What is not taken, in order of source.
    pub left_out: Vec<LeftOut>,
    /// How many blocks the spec has.
    pub blocks: usize,
    /// What is taken has besides, and no spec can say; in order of address.
    pub unmodelled: Vec<Besides>,
}

/// What a resource that is taken over has besides what its block says. It stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Besides {
    /// Where it stands in the spec.
    pub address: Address,
    /// The settings.
    pub found: Vec<Unmodelled>,
    /// Those that could not be looked at.
    pub not_looked_at: Vec<Blind>,
}

/// The code that the project has for functions: AWS tells of code nothing but its digest.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Folders from the project's own, by the digest of what pipectl makes of them.
    pub folders: BTreeMap<String, String>,
    /// Whether every folder was looked at.
    pub everywhere: bool,
}

/// Kind and key of a resource.
type Id = (String, String);

/// An import under way: a spec that is suggested until its plan holds adoptions alone.
pub struct Import {
    place: SpecHead,
    found: Vec<Found>,
    left_out: Vec<LeftOut>,
    blocks: Vec<Block>,
    /// What was found and belongs to no block any more, with the reason.
    outside: BTreeMap<Id, String>,
    /// What carries the tags of this very environment: a state of it may remember that.
    own: BTreeSet<Id>,
}

impl Import {
    /// The first suggestion for what was found and has been read into `world`; `code` is what the project has of it.
    pub fn new(place: SpecHead, found: Vec<Found>, left_out: Vec<LeftOut>, world: &LiveResources, code: &Code) -> Self {
        let mut outside = BTreeMap::new();
        let live = Live::of(&place, &found, world, &mut outside);
        let blocks = blocks::suggest(&place, &live, code, &mut outside);
        let own = live.own(&place);
        Self { place, found, left_out, blocks, outside, own }
    }

    /// The suggested spec.
    pub fn text(&self) -> String {
        text::spec(&self.place, &self.blocks)
    }

    /// Leaves out the blocks in which reading the text has found an error. What is wrong elsewhere is returned.
    pub fn blame(&mut self, text: &str, entries: &[Entry]) -> Vec<Entry> {
        let mut rest = Vec::new();
        let suggested: BTreeSet<String> = self.blocks.iter().map(Block::address).collect();
        for entry in entries.iter().filter(|entry| entry.severity == Severity::Error) {
            let block = entry.line.and_then(|line| text::heading_above(text, line));
            match block.filter(|block| suggested.contains(block)) {
                Some(block) => self.drop_block(&block, &format!("a spec cannot say it: {}", entry.message)),
                None => rest.push(entry.clone()),
            }
        }
        rest
    }

    /// Makes every block give way of which the plan would change more than pipectl's own tags; whether there was one. The
    /// plan is that of the suggested spec, against no state, with everything adopted.
    pub fn revise(&mut self, changes: &Changes) -> bool {
        let (mut revised, mut helpless) = (false, Vec::new());
        let changes = faults::by_block(changes);
        let of = |block: &str| changes.get(block).map_or(&[][..], Vec::as_slice);
        for block in &mut self.blocks {
            let faults = faults::faults(of(&block.address()));
            if faults.is_empty() {
                continue;
            }
            revised = true;
            match block.give_way(&faults) {
                Ok(stays) => self.outside.extend(stays),
                Err(faults) => helpless.push((block.address(), faults::sentence(&faults))),
            }
        }
        for (address, reason) in helpless {
            for part in of(&address) {
                self.outside.insert((part.kind.clone(), part.key.clone()), reason.clone());
            }
            self.drop_block(&address, &reason);
        }
        revised
    }

    /// The result, once nothing is left to revise.
    pub fn finish(self, changes: &Changes) -> Imported {
        let text = self.text();
        let mut left_out = self.left_out;
        let mut mapping = Vec::new();
        let id = |change: &Change| (change.kind.clone(), change.key.clone());
        let taken: BTreeMap<Id, &Address> = changes.0.iter().map(|change| (id(change), &change.address)).collect();
        for Found { source, kind, key } in self.found {
            if let Some(address) = of_key(&taken, &kind, &key) {
                mapping.push(Mapped { source, address: (*address).clone() });
                continue;
            }
            let reason =
                of_key(&self.outside, &kind, &key).map_or("nothing that is taken over uses it", String::as_str);
            let mut reason = reason.to_owned();
            let is_own = self.own.contains(&(kind, key));
            if is_own {
                reason += "; by its tags it is this environment's already, and a plan deletes what its state remembers and its \
                           spec does not say";
            }
            left_out.push(LeftOut { source, reason, is_own });
        }
        mapping.sort();
        left_out.sort();
        Imported { text, mapping, left_out, blocks: self.blocks.len(), unmodelled: Vec::new() }
    }

    /// Leaves a block out, and those that stand on it.
    fn drop_block(&mut self, address: &str, reason: &str) {
        let Some(at) = self.blocks.iter().position(|block| block.address() == address) else { return };
        let block = self.blocks.remove(at);
        self.outside.entry(block.main).or_insert_with(|| reason.to_owned());
        for part in block.parts {
            let belongs = || format!("it belongs to `{address}`, which is not taken over");
            self.outside.entry(part).or_insert_with(belongs);
        }
        let above: Vec<String> =
            self.blocks.iter().filter(|block| block.needs.contains(address)).map(Block::address).collect();
        for other in above {
            self.drop_block(&other, &format!("it needs `{address}`, which is not taken over"));
        }
    }
}

/// What is known by a key; of an access key that may be the user alone.
fn of_key<'a, T>(known: &'a BTreeMap<Id, T>, kind: &str, key: &str) -> Option<&'a T> {
    let begin = (kind.to_owned(), format!("{key}|"));
    let longer =
        || known.range(begin.clone()..).next().filter(|((of, whole), _)| of == kind && whole.starts_with(&begin.1));
    known.get(&(kind.to_owned(), key.to_owned())).or_else(|| longer().map(|(_, one)| one))
}
