//! References between environments: who uses a block of another registers there first, and no block is deleted or replaced
//! that somebody has registered to use.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::site::Site;
use super::{Fault, Result};
use crate::engine::fresh::seen_key;
use crate::engine::plan::{Action, Changes, Refusal};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::address::Address;
use crate::model::error::Class;
use crate::model::graph::{External, Reference};
use crate::state::consumers::{self, Consumer, Consumers, ConsumersError, Used};
use crate::state::{IntentAction, Registered, State};

/// How many environments are looked at for a cycle.
const FAR: usize = 100;

/// Where the environment is to be registered once a plan is applied, by `project/env` of the other.
pub(super) type Wanted = BTreeMap<String, Registered>;

/// Where a plan registers; absent for one that says nothing of what the environment refers to.
pub(super) fn wanted(plan: &Plan) -> Option<Wanted> {
    match plan.purpose {
        Purpose::Apply | Purpose::Adopt | Purpose::Destroy => {}
        // It takes the environment back, not its spec.
        Purpose::Revert => return None,
    }
    let mut wanted = Wanted::new();
    for (_, Reference { project, env, block, state, weak: _ }) in strong(plan) {
        let other = wanted.entry(format!("{project}/{env}"));
        let other =
            other.or_insert_with(|| Registered { state: state.clone().unwrap_or_default(), blocks: BTreeSet::new() });
        other.blocks.insert(block.clone());
    }
    Some(wanted)
}

fn strong(plan: &Plan) -> impl Iterator<Item = (&External, &Reference)> {
    let all = plan.externals.values().filter_map(|external| Some((external, external.reference.as_ref()?)));
    all.filter(|(_, reference)| !reference.weak && reference.state.is_some())
}

/// Registers the environment as a user of all that the plan refers to; returns what could not be registered where a role may
/// not write there: a weak reference then.
///
/// # Errors
/// When another environment is about to delete what this one refers to, refers to this one in turn, or cannot be read.
pub(super) async fn register(site: &Site, plan: &Plan, wanted: &Wanted, by: &str) -> Result<Vec<String>> {
    let mut weak = Vec::new();
    for (other, registered) in wanted {
        let theirs = strong(plan).filter(|(_, reference)| format!("{}/{}", reference.project, reference.env) == *other);
        let entry = |(external, reference): (&External, &Reference)| {
            (reference.block.clone(), Used { kind: external.kind.clone(), key: external.name.clone() })
        };
        let own = Consumer {
            state: site.store.location(),
            by: by.to_owned(),
            since: crate::engine::apply::now(),
            uses: theirs.map(entry).collect(),
        };
        match enter(site, other, registered, &own).await? {
            None => {}
            Some(why) => weak.push(why),
        }
    }
    acyclic(site, wanted).await?;
    Ok(weak)
}

/// Registers with one other environment, and makes sure that what is used there stays.
async fn enter(site: &Site, other: &str, registered: &Registered, own: &Consumer) -> Result<Option<String>> {
    let store = open(site, other, &registered.state)?;
    let name = format!("{}/{}", site.project, site.env);
    let same = |consumer: &Consumer| (&consumer.state, &consumer.uses) == (&own.state, &own.uses);
    let entered = consumers::change(&**store.blobs(), |all| {
        if !all.get(&name).is_some_and(same) {
            all.insert(name.clone(), own.clone());
        }
    });
    match entered.await {
        Ok(()) => {}
        Err(ConsumersError::Failed(place, error)) if error.class == Class::Denied => {
            return Ok(Some(format!(
                "may not register with {other} ({place}): the reference is weak, and its owner may delete what is used; {error}"
            )));
        }
        Err(error) => return Err(unusable(error)),
    }
    let state = store.load().await.map_err(super::fault::state_fault)?.map(|loaded| loaded.state);
    let doomed = registered.blocks.iter().find(|block| !stays(block, state.as_ref()));
    if let Some(block) = doomed {
        let error = anyhow::anyhow!("`{block}` of {other} is being deleted, or is gone");
        let help = format!(
            "wait for the apply of {other} to end, and plan again; nothing was changed but the registration there"
        );
        return Err(Fault::helped(error, help));
    }
    Ok(None)
}

/// Whether a block is there, and nobody has begun to delete it.
fn stays(block: &str, state: Option<&State>) -> bool {
    let Some((state, address)) = state.zip(block.parse().ok()) else { return false };
    let leaving = state.intents.get(&address).is_some_and(|intent| match intent.action {
        IntentAction::Delete | IntentAction::Replace => true,
        IntentAction::Create | IntentAction::Update | IntentAction::Rebind => false,
    });
    state.resources.contains_key(&address) && !leaving
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

/// Takes the environment out of the lists of those that it refers to no more; returns what is left registered, as their
/// stores did not take it.
pub(super) async fn unregister(site: &Site, before: &Wanted, wanted: &Wanted) -> Wanted {
    let name = format!("{}/{}", site.project, site.env);
    let gone = before.iter().filter(|(other, _)| !wanted.contains_key(*other));
    let left = join_all(gone.map(async |(other, registered)| {
        let store = open(site, other, &registered.state).ok()?;
        let taken = consumers::change(&**store.blobs(), |all| _ = all.remove(&name)).await;
        taken.is_err().then(|| (other.clone(), registered.clone()))
    }));
    left.await.into_iter().flatten().collect()
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

fn users(consumers: &Consumers, kind: &str, key: &str) -> Vec<String> {
    let uses =
        |consumer: &Consumer| consumer.uses.values().any(|used| (used.kind.as_str(), used.key.as_str()) == (kind, key));
    consumers.iter().filter(|(_, consumer)| uses(consumer)).map(|(name, _)| name.clone()).collect()
}

/// The state of another environment.
fn open(site: &Site, other: &str, location: &str) -> Result<crate::state::store::StateStore> {
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
