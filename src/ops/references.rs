//! References between environments: who uses a block of another registers there first, and no block is deleted or replaced
//! that somebody has registered to use.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use uuid::Uuid;

use super::site::Site;
use super::{Fault, Result};
use crate::engine::fresh::seen_key;
use crate::engine::plan::{Action, Changes, Refusal};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::address::Address;
use crate::model::error::Class;
use crate::model::graph::{External, Note, Reference};
use crate::model::text::Clean;
use crate::state::consumers::{self, Consumer, Consumers, ConsumersError, Used};
use crate::state::file::FileError;
use crate::state::store::{StateError, StateStore};
use crate::state::{Registered, State};

/// How many environments are looked at for a cycle.
const FAR: usize = 100;
/// How often a state is followed to where it was moved.
const MOVES: usize = 5;

/// Where the environment is to be registered once a plan is applied, by `project/env` of the other.
pub(super) type Wanted = BTreeMap<String, Registered>;

/// Where a plan registers; absent for one that says nothing of what the environment refers to.
pub(super) fn wanted(plan: &Plan) -> Option<Wanted> {
    match plan.purpose {
        Purpose::Apply | Purpose::Adopt | Purpose::Destroy => Some(of_externals(&plan.externals)),
        // It takes the environment back, not its spec.
        Purpose::Revert => None,
    }
}

/// Whether a plan that is done in full leaves nothing else of the environment in use.
pub(super) fn is_whole(plan: &Plan) -> bool {
    match plan.purpose {
        Purpose::Apply | Purpose::Destroy => plan.left_out.is_empty(),
        Purpose::Adopt | Purpose::Revert => false,
    }
}

/// Where an environment that uses these registers.
pub(super) fn of_externals(externals: &BTreeMap<Address, External>) -> Wanted {
    let mut wanted = Wanted::new();
    for (_, Reference { project, env, block, state, weak: _, registered: _ }) in strong(externals) {
        let other = wanted.entry(format!("{project}/{env}"));
        let other =
            other.or_insert_with(|| Registered { state: state.clone().unwrap_or_default(), blocks: BTreeSet::new() });
        other.blocks.insert(block.clone());
    }
    wanted
}

fn strong(externals: &BTreeMap<Address, External>) -> impl Iterator<Item = (&External, &Reference)> {
    let all = externals.values().filter_map(|external| Some((external, external.reference.as_ref()?)));
    all.filter(|(_, reference)| !reference.weak && reference.state.is_some())
}

/// An environment that registers, and by whom.
pub(super) struct Registrant<'a> {
    /// Where it works.
    pub(super) site: &'a Site,
    /// The lineage of its state.
    pub(super) lineage: Uuid,
    /// `user@host`, or the CI job's URL.
    pub(super) by: &'a str,
}

impl Registrant<'_> {
    fn name(&self) -> String {
        format!("{}/{}", self.site.project, self.site.env)
    }

    /// What it is to be in the list of another environment.
    fn entry(&self, plan: &Plan, other: &str) -> Consumer {
        let theirs = strong(&plan.externals)
            .filter(|(_, reference)| format!("{}/{}", reference.project, reference.env) == *other);
        let used = |(external, reference): (&External, &Reference)| {
            (reference.block.clone(), Used { kind: external.kind.clone(), key: external.name.clone() })
        };
        Consumer {
            lineage: self.lineage,
            state: self.site.store.location(),
            by: self.by.to_owned(),
            since: crate::engine::apply::now(),
            uses: theirs.map(used).collect(),
        }
    }

    /// Registers it as a user of all that the plan refers to, beside what it has used so far: that is in use until the plan is
    /// done. Returns what could not be registered where a role may not write there: a weak reference then.
    ///
    /// # Errors
    /// When another environment is about to delete what this one refers to, refers to this one in turn, knows another environment
    /// of this name, or cannot be read.
    pub(super) async fn register(&self, plan: &Plan, wanted: &Wanted) -> Result<Vec<String>> {
        let mut weak = Vec::new();
        for (other, registered) in wanted {
            weak.extend(self.enter(other, registered, self.entry(plan, other)).await?);
        }
        acyclic(self.site, wanted).await?;
        Ok(weak)
    }

    /// Registers with one other environment, and makes sure that what is used there stays.
    async fn enter(&self, other: &str, registered: &Registered, own: Consumer) -> Result<Option<String>> {
        let (store, name) = (open(self.site, other, &registered.state)?, self.name());
        // Returns the state of another environment of this name, whose entry stays as it is.
        let entered = consumers::change(&**store.blobs(), |all| {
            let before = all.get(&name);
            if let Some(namesake) = before.filter(|before| before.lineage != self.lineage) {
                return Some(namesake.state.clone());
            }
            let mut uses = before.map(|before| before.uses.clone()).unwrap_or_default();
            uses.extend(own.uses.clone());
            if before.is_none_or(|before| before.uses != uses || before.state != own.state) {
                all.insert(name.clone(), Consumer { uses, ..own.clone() });
            }
            None
        });
        match entered.await {
            Ok(None) => {}
            Ok(Some(namesake)) => {
                let error = anyhow::anyhow!(
                    "{other} knows another environment that is called {name}, whose state is {}",
                    Clean(&namesake)
                );
                let help = format!(
                    "give this project or environment another name; if the other is gone, `pipectl state consumers --remove {name}` there"
                );
                return Err(Fault::helped(error, help));
            }
            Err(ConsumersError::Failed(place, error)) if error.class == Class::Denied => {
                return Ok(Some(format!(
                    "may not register with {other} ({place}): the reference is weak, and its owner may delete what is used; \
                     `weak = true` says so in the spec; {error}"
                )));
            }
            Err(error) => return Err(unusable(error)),
        }
        let state = store.load().await.map_err(super::fault::state_fault)?.map(|loaded| loaded.state);
        if let Some(block) = registered.blocks.iter().find(|block| !stays(block, state.as_ref())) {
            let error = anyhow::anyhow!("`{block}` of {other} is being deleted, or is gone");
            let help = format!(
                "wait for the apply of {other} to end, and plan again; nothing was changed but the registration there"
            );
            return Err(Fault::helped(error, help));
        }
        Ok(None)
    }

    /// Leaves in the lists of others what is used once a plan is done, and nothing of those that are referred to no more. Returns
    /// what is left registered, as their stores did not take it, with why.
    pub(super) async fn settle(
        &self,
        plan: &Plan,
        before: &Wanted,
        wanted: &Wanted,
    ) -> Vec<(String, Registered, Fault)> {
        let less = |(other, registered): &(&String, &Registered)| {
            wanted.get(*other).is_none_or(|wanted| !registered.blocks.is_subset(&wanted.blocks))
        };
        let left = join_all(before.iter().filter(less).map(async |(other, registered)| {
            let uses = wanted.contains_key(other).then(|| self.entry(plan, other).uses);
            let done = self.narrow(other, registered, uses.as_ref()).await;
            done.err().map(|why| (other.clone(), registered.clone(), why))
        }));
        left.await.into_iter().flatten().collect()
    }

    async fn narrow(&self, other: &str, registered: &Registered, uses: Option<&BTreeMap<String, Used>>) -> Result<()> {
        let (store, name) = (followed(self.site, other, &registered.state).await?, self.name());
        let change = consumers::change(&**store.blobs(), |all| {
            // A namesake's entry is not ours to change.
            let Some(own) = all.get_mut(&name).filter(|own| own.lineage == self.lineage) else { return };
            match uses {
                Some(uses) => own.uses.clone_from(uses),
                None => _ = all.remove(&name),
            }
        });
        change.await.map_err(unusable)
    }
}

/// The state of another environment, where it is by now: it may have been moved since.
async fn followed(site: &Site, other: &str, location: &str) -> Result<StateStore> {
    let mut store = open(site, other, location)?;
    for _ in 0..MOVES {
        match store.load().await {
            Err(StateError::File { source: FileError::Moved { to }, .. }) => store = open(site, other, &to)?,
            _ => break,
        }
    }
    Ok(store)
}

/// Whether a block is there, and nobody has begun to delete it.
fn stays(block: &str, state: Option<&State>) -> bool {
    let Some((state, address)) = state.zip(block.parse().ok()) else { return false };
    state.resources.contains_key(&address) && !state.is_leaving(&address)
}

/// Refuses references that lead back to where they begin: none of these environments could be destroyed.
async fn acyclic(site: &Site, wanted: &Wanted) -> Result<()> {
    let own = format!("{}/{}", site.project, site.env);
    let mut seen = BTreeSet::new();
    let mut next: Vec<(Vec<String>, String)> =
        wanted.iter().map(|(other, registered)| (vec![other.clone()], registered.state.clone())).collect();
    while let Some((way, location)) = next.pop() {
        let Some(last) = way.last().filter(|last| seen.len() < FAR && seen.insert((*last).clone())) else { continue };
        // What cannot be read further off was read by whoever registered there.
        let Ok(store) = open(site, last, &location) else { continue };
        let Ok(Some(loaded)) = store.load().await else { continue };
        for (other, registered) in loaded.state.registered {
            let way = [way.clone(), vec![other.clone()]].concat();
            if other == own {
                let error = anyhow::anyhow!("a cycle of references: {own} → {}", way.join(" → "));
                return Err(Fault::helped(error, "write `weak = true` beside one of the outputs on this way"));
            }
            next.push((way, registered.state));
        }
    }
    Ok(())
}

/// A resource that changes would delete or replace.
pub(super) struct Lost {
    address: Address,
    kind: String,
    key: String,
}

/// The resources that these changes would delete or replace.
pub(super) fn lost(changes: &Changes) -> Vec<Lost> {
    let lost = changes.0.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
    let lost = lost.map(|change| Lost {
        address: change.address.clone(),
        kind: change.kind.clone(),
        key: seen_key(change).clone(),
    });
    lost.collect()
}

/// The resources of a state under these addresses.
pub(super) fn named(state: &State, addresses: &[Address]) -> Vec<Lost> {
    let found = addresses.iter().filter_map(|address| Some((address, state.resources.get(address)?)));
    let lost = found.map(|(address, record)| Lost {
        address: address.clone(),
        kind: record.kind.clone(),
        key: record.key.clone(),
    });
    lost.collect()
}

/// Who uses what of this environment.
///
/// # Errors
/// When it cannot be read.
pub(super) async fn consumers(site: &Site) -> std::result::Result<Consumers, ConsumersError> {
    consumers::load(&**site.store.blobs()).await
}

/// What of these other environments use, and so is not deleted or replaced.
///
/// # Errors
/// When something would be lost, and it is not known who uses what.
pub(super) fn in_use(
    lost: &[Lost],
    consumers: &std::result::Result<Consumers, ConsumersError>,
) -> Result<Vec<Refusal>> {
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let consumers = consumers.as_ref().map_err(|error| unusable(error.clone()))?;
    let refused = lost.iter().filter_map(|Lost { address, kind, key }| {
        let users = users(consumers, kind, key);
        if users.is_empty() {
            return None;
        }
        let message = format!(
            "is used by {}, whose spec refers to it; `pipectl state consumers` lists who uses what, and takes one out by force",
            users.join(", ")
        );
        Some(Refusal { address: address.clone(), message })
    });
    Ok(refused.collect())
}

/// What others call that is called otherwise by now: each a note for the plan.
pub(super) fn renamed(changes: &Changes, consumers: &std::result::Result<Consumers, ConsumersError>) -> Vec<Note> {
    let Ok(consumers) = consumers else { return Vec::new() };
    let renames = changes.0.iter().filter(|change| change.action == Action::Rename);
    let notes = renames.flat_map(|change| {
        let users = users(consumers, &change.kind, seen_key(change)).into_iter();
        users.map(|user| {
            let before = change.previous_address.as_ref().unwrap_or(&change.address);
            Note {
                address: change.address.clone(),
                message: format!("{user} refers to it as `{before}`, which no longer exists after this"),
                help: format!("its spec has to name `{}` before its next plan", change.address),
            }
        })
    });
    notes.collect()
}

fn users(consumers: &Consumers, kind: &str, key: &str) -> Vec<String> {
    let uses =
        |consumer: &Consumer| consumer.uses.values().any(|used| (used.kind.as_str(), used.key.as_str()) == (kind, key));
    consumers.iter().filter(|(_, consumer)| uses(consumer)).map(|(name, _)| name.clone()).collect()
}

/// The state of another environment.
fn open(site: &Site, other: &str, location: &str) -> Result<StateStore> {
    let (project, env) = other.split_once('/').unwrap_or((other, ""));
    site.states.at(location, project, env).ok_or_else(|| {
        let error = anyhow::anyhow!("`{}` is no place of a state of {other}", location.escape_debug());
        Fault::helped(error, "plan again: the spec says where it is")
    })
}

/// What to do where it is not known who uses what.
pub fn unusable(error: ConsumersError) -> Fault {
    let help = match &error {
        ConsumersError::Failed(..) => {
            "nothing was changed: run the same command again once the store answers, with credentials that may read it"
        }
        ConsumersError::Damaged(..) => {
            "nobody knows who uses what: nothing is deleted until the file is mended, or removed by whoever owns it"
        }
        ConsumersError::Busy(_) => "nothing was changed: run the same command again",
    };
    Fault::helped(error, help)
}
