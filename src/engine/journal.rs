//! What an apply writes into the state: every intent before the first call, every result as it comes.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::plan::{Action, Change, Changes};
use crate::model::address::Address;
use crate::state::{Intent, IntentAction, Record, State};

/// What a finished step means for the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// The resource is ours and as recorded.
    Owned(Address, Record),
    /// The resource is gone.
    Gone(Address),
}

/// Records every intent of a plan, and what needs no call: renamed addresses, forgotten resources, what is as it
/// should be but is remembered differently. After this, a crash at any instant loses nothing.
pub fn begin(state: &mut State, changes: &Changes, now: OffsetDateTime) {
    follow(state, changes);
    for change in &changes.0 {
        if let Some(old) = &change.previous_address
            && let Some(record) = state.resources.remove(old)
        {
            follow_intent(state, old, &change.address, &record);
            state.resources.insert(change.address.clone(), record);
        }
        match change.action {
            Action::Forget if change.before.is_some() => settle(state, Settled::Gone(change.address.clone())),
            Action::None | Action::Conflict => remember(state, change),
            Action::Create => intend(state, change, &change.address, &change.key, IntentAction::Create, now),
            Action::Delete | Action::Forget => {
                intend(state, change, &change.address, &change.key, IntentAction::Delete, now);
            }
            Action::Replace => replace(state, change, now),
            Action::Update | Action::Rename => update(state, change, now),
            Action::Adopt => {}
        }
    }
}

/// What an interrupted apply was about to do to a resource is known under its new address: under the old one it would be
/// something that nobody wants, and be deleted.
fn follow_intent(state: &mut State, old: &Address, new: &Address, record: &Record) {
    let its_own = |intent: &Intent| intent.kind == record.kind && intent.key == record.key;
    if state.intents.get(old).is_some_and(its_own)
        && let Some(intent) = state.intents.remove(old)
    {
        state.intents.entry(new.clone()).or_insert(intent);
    }
}

/// Writes the result of a step.
pub fn settle(state: &mut State, settled: Settled) {
    match settled {
        Settled::Owned(address, record) => {
            state.intents.remove(&address);
            state.resources.insert(address, record);
        }
        Settled::Gone(address) => {
            state.intents.remove(&address);
            state.resources.remove(&address);
        }
    }
}

/// The record of a change that is done.
pub fn record(change: &Change, outputs: serde_json::Value) -> Record {
    Record {
        kind: change.kind.clone(),
        key: change.key.clone(),
        attributes: change.after.clone().unwrap_or_default(),
        outputs,
        depends_on: change.depends_on.iter().cloned().collect(),
        protect: change.protect,
    }
}

/// A no-op still refreshes what is remembered: a dependency left stale would order a later destruction wrongly.
fn remember(state: &mut State, change: &Change) {
    if change.action == Action::None && change.before.is_some() {
        let record = record(change, change.outputs.clone());
        state.resources.insert(change.address.clone(), record);
        state.intents.remove(&change.address);
    }
}

/// What needs a resource that is about to be retired needs it under its new address: until it has moved away, the old
/// one must not be deleted, by this apply or by the one that goes on from it.
fn follow(state: &mut State, changes: &Changes) {
    let leaves = |change: &Change| {
        let old_key = change.previous_key.as_ref().filter(|_| change.action == Action::Replace)?;
        Some((change.address.clone(), change.address.retired(old_key)))
    };
    let moved: BTreeMap<Address, Address> = changes.0.iter().filter_map(leaves).collect();
    let owned = state.resources.values_mut().flat_map(|record| &mut record.depends_on);
    let intended = state.intents.values_mut().flat_map(|intent| &mut intent.depends_on);
    for need in owned.chain(intended) {
        if let Some(retired) = moved.get(need) {
            need.clone_from(retired);
        }
    }
}

/// A replacement under another key keeps what it replaces under an address of its own, until that is deleted.
fn replace(state: &mut State, change: &Change, now: OffsetDateTime) {
    let Some(old_key) = &change.previous_key else {
        return intend(state, change, &change.address, &change.key, IntentAction::Replace, now);
    };
    let retired = change.address.retired(old_key);
    if let Some(record) = state.resources.remove(&change.address) {
        state.resources.insert(retired.clone(), record);
    }
    intend(state, change, &retired, old_key, IntentAction::Delete, now);
    intend(state, change, &change.address, &change.key, IntentAction::Create, now);
}

/// Nothing on a resource tells later that it was not bound anew, and an update of several calls may end between them.
fn update(state: &mut State, change: &Change, now: OffsetDateTime) {
    let action = if change.rebinds { IntentAction::Rebind } else { IntentAction::Update };
    if change.rebinds || !change.fields.is_empty() {
        intend(state, change, &change.address, &change.key, action, now);
    }
}

fn intend(state: &mut State, change: &Change, address: &Address, key: &str, action: IntentAction, now: OffsetDateTime) {
    let same = state.intents.get(address).filter(|intent| intent.kind == change.kind && intent.key == key);
    let since = same.map_or(now, |intent| intent.since);
    let depends_on = change.depends_on.iter().cloned().collect();
    let after = match action {
        IntentAction::Update | IntentAction::Rebind => change.after.clone(),
        IntentAction::Create | IntentAction::Replace | IntentAction::Delete => None,
    };
    let intent = Intent { action, kind: change.kind.clone(), key: key.to_owned(), since, depends_on, after };
    state.intents.insert(address.clone(), intent);
}
