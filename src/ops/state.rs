//! Changes to the state that are no apply: forgetting, bringing back, rebuilding. Each holds the lease.

use std::path::Path;

use anyhow::{Context, anyhow};

use super::fault::state_fault;
use super::lock::{Locking, with_lease, with_lease_on};
use super::plan::{in_scope, remembered};
use super::references::{self, unusable};
use super::{Fault, Result, Site};
use crate::engine::journal;
use crate::engine::plan::{Action, Adopt, Input, plan};
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::state::State;
use crate::state::blobs::ETag;
use crate::state::file::FileError;
use crate::state::moving::{MovedState, move_state};
use crate::state::rescue;
use crate::state::store::{StateError, StateStore, Versioned};

/// Removes addresses, or all parts of a block, from the state; what they name goes on existing.
pub async fn forget(site: &Site, addresses: &[Address], locking: Locking<'_>) -> Result<Vec<Address>> {
    with_lease(site, locking, async |_| {
        let loaded = site.store.load().await.map_err(state_fault)?;
        let mut versioned = loaded.ok_or_else(|| anyhow!("there is no state at {}", site.store.location()))?;
        in_scope(site, &versioned.state)?;
        let mut forgotten = Vec::new();
        for wanted in addresses {
            let all = versioned.state.resources.keys();
            let known: Vec<Address> = all.filter(|known| wanted.covers(known)).cloned().collect();
            if known.is_empty() {
                return Err(Fault::Other(anyhow!(
                    "the state has no `{wanted}`: `pipectl state list` lists what it has"
                )));
            }
            forgotten.extend(known);
        }
        let consumers = references::consumers(site).await;
        let used = references::in_use(&references::named(&versioned.state, &forgotten), &consumers)?;
        if !used.is_empty() {
            return Err(Fault::Refused(used));
        }
        for address in &forgotten {
            versioned.state.resources.remove(address);
            versioned.state.intents.remove(address);
        }
        site.store.save(&mut versioned).await.map_err(state_fault)?;
        Ok(forgotten)
    })
    .await
}

/// Writes a state that a failed apply kept in a file to the store.
pub async fn push(site: &Site, file: &Path, locking: Locking<'_>) -> Result<Versioned> {
    with_lease(site, locking, async |_| {
        rescue::push(&site.store, file).await.map_err(|error| {
            let help = error.help();
            Fault::helped(error, help)
        })
    })
    .await
}

/// Moves the state to another place, whose lock is held as well; a move that was broken off goes on.
pub async fn relocate(site: &Site, target: &StateStore, [here, there]: [Locking<'_>; 2]) -> Result<MovedState> {
    with_lease(site, here, async |_| {
        with_lease_on(target, &site.acts_as, there, async |_| {
            // What is of another account is nobody's to move from here.
            match site.store.load().await {
                Ok(loaded) => loaded.as_ref().map_or(Ok(()), |loaded| in_scope(site, &loaded.state))?,
                Err(StateError::File { source: FileError::Moved { .. }, .. }) => {}
                Err(error) => return Err(state_fault(error)),
            }
            stays_in_reach(site, target).await?;
            let moved = move_state(&site.store, target).await.map_err(|error| {
                let help = error.help();
                Fault::helped(error, help)
            })?;
            in_scope(site, &moved.state)?;
            Ok(moved)
        })
        .await
    })
    .await
}

/// Refuses to take a state that others refer to into a folder of this machine, where none of them could read it.
async fn stays_in_reach(site: &Site, target: &StateStore) -> Result<()> {
    if target.location().starts_with("s3://") {
        return Ok(());
    }
    let consumers = references::consumers(site).await.map_err(unusable)?;
    if consumers.is_empty() {
        return Ok(());
    }
    let users: Vec<&str> = consumers.keys().map(String::as_str).collect();
    let error =
        anyhow::anyhow!("{} refer to this environment, and could not read a folder of this machine", users.join(", "));
    Err(Fault::helped(error, "move it to a bucket, or let them refer to something else first"))
}

/// Writes an earlier version of the state again, as the newest. What AWS has gained or lost since shows in the next plan.
pub async fn restore(site: &Site, version: &str, locking: Locking<'_>) -> Result<Versioned> {
    with_lease(site, locking, async |_| {
        let location = site.store.location();
        let (old, there) = tokio::join!(site.store.at(version), overwritable(site));
        let old = old.map_err(state_fault)?.ok_or_else(|| anyhow!("{location} has no version `{version}`"))?;
        let (serial, etag) = there?;
        // The serial goes on: no plan that was made in between fits any more.
        let mut versioned = Versioned { state: State { serial: serial.max(old.serial), ..old }, etag };
        site.store.save(&mut versioned).await.map_err(state_fault)?;
        Ok(versioned)
    })
    .await
}

/// The serial and the ETag of what a written state replaces; a damaged one has no serial that could be read.
async fn overwritable(site: &Site) -> Result<(u64, Option<ETag>)> {
    match site.store.load().await {
        Ok(Some(Versioned { state, etag })) => Ok((state.serial, etag)),
        Ok(None) => Ok((0, None)),
        Err(error) if error.is_damage() => Ok((0, site.store.etag().await.map_err(state_fault)?)),
        Err(error) => Err(state_fault(error)),
    }
}

/// What a rebuilding has found.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// How many resources are in the state again.
    pub found: usize,
    /// What exists and was left out, and why.
    pub left: Vec<(Address, String)>,
    /// The serial of the new state.
    pub serial: u64,
}

/// Writes a state anew from what the spec names and AWS shows to be ours. A state that can be read is left alone.
pub async fn rebuild(site: &Site, graph: &Graph, locking: Locking<'_>) -> Result<Rebuilt> {
    with_lease(site, locking, async |_| {
        let (serial, etag) = overwritable(site).await?;
        if serial > 0 {
            return Err(Fault::Other(anyhow!("{} exists: there is nothing to rebuild", site.store.location())));
        }
        let world = super::plan::read_wanted(site, graph).await?;
        let mut state = remembered(site, None)?;
        state.registered = references::of_externals(&graph.externals);
        let input = Input {
            graph,
            state: &state,
            world: &world,
            registry: &site.registry,
            adopt: &Adopt::Nothing,
            replace: &std::collections::BTreeSet::new(),
        };
        let changes = plan(&input).context("the blueprint's attributes")?;
        let mut left = Vec::new();
        for change in &changes.0 {
            match (change.action, &change.before) {
                (Action::Adopt, Some(live)) => {
                    // What is there is what was last applied, as far as anybody can tell.
                    let mut record = journal::record(change, change.outputs.clone());
                    record.attributes = live.clone();
                    state.resources.insert(change.address.clone(), record);
                }
                (Action::Conflict, _) => left.push((change.address.clone(), change.reason.clone().unwrap_or_default())),
                _ => {}
            }
        }
        let mut versioned = Versioned { state, etag };
        site.store.save(&mut versioned).await.map_err(state_fault)?;
        Ok(Rebuilt { found: versioned.state.resources.len(), left, serial: versioned.state.serial })
    })
    .await
}
