//! What pipectl remembers between runs: which resources it owns, under which keys, and what it was about to do.
//!
//! State is a memory of ownership and intent, never of truth: truth is read from AWS.

pub mod blobs;
pub mod consumers;
pub mod file;
mod format;
pub mod lease;
pub mod local;
pub mod memory;
pub mod moving;
mod placed;
pub mod rescue;
pub mod store;
mod v1;
pub mod writer;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::model::address::Address;
use crate::model::attributes::{Attributes, share};
use crate::model::scope::Scope;

/// The state of one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Minted with the first state of an environment, and the same for ever: two states that differ in it have
    /// nothing to do with each other.
    pub lineage: Uuid,
    /// Grows by one with every write.
    pub serial: u64,
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// Partition, account and region of every resource in it.
    pub scope: Scope,
    /// `[env] protect` as of the last apply; enforced from here too, so that removing the line does not unprotect.
    pub protect: bool,
    /// What we own.
    pub resources: BTreeMap<Address, Record>,
    /// What was begun and not yet seen to end.
    pub intents: BTreeMap<Address, Intent>,
    /// Values for `pipectl output`.
    pub outputs: BTreeMap<String, Value>,
    /// The plans that were applied, newest last; a plan is applied once.
    pub applied: Vec<Applied>,
    /// The environments of pipectl's where this one is registered as a user of their blocks, by `project/env`.
    pub registered: BTreeMap<String, Registered>,
}

/// Where an environment is registered as a user of another's blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// Where the other's state is.
    pub state: String,
    /// The other's blocks that it uses.
    pub blocks: BTreeSet<String>,
}

impl State {
    /// The state of an environment that owns nothing yet.
    pub fn empty(project: &str, env: &str, scope: Scope) -> Self {
        Self {
            lineage: Uuid::new_v4(),
            serial: 0,
            project: project.to_owned(),
            env: env.to_owned(),
            scope,
            protect: false,
            resources: BTreeMap::new(),
            intents: BTreeMap::new(),
            outputs: BTreeMap::new(),
            applied: Vec::new(),
            registered: BTreeMap::new(),
        }
    }

    /// Whether somebody has begun to delete or replace a resource, and was not seen to end.
    pub fn is_leaving(&self, address: &Address) -> bool {
        self.intents.get(address).is_some_and(|intent| match intent.action {
            IntentAction::Delete | IntentAction::Replace => true,
            IntentAction::Create | IntentAction::Update | IntentAction::Rebind => false,
        })
    }

    /// Lets attributes that it remembers be those of somebody else, where the two are equal.
    pub fn share<'a>(&mut self, others: impl Fn(&Address, &Record) -> Option<&'a Attributes>) {
        for (address, record) in &mut self.resources {
            if let Some(other) = others(address, record) {
                share(&mut record.attributes, other);
            }
        }
    }
}

/// A resource that we own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its kind: `kinesis_stream`.
    pub kind: String,
    /// What it is found by in AWS.
    pub key: String,
    /// The attributes that we last wrote.
    pub attributes: Attributes,
    /// What AWS made up; no secret.
    pub outputs: Value,
    /// What it needed when it was last written; decides the order of deletions.
    pub depends_on: Vec<Address>,
    /// Whether it may be neither deleted nor replaced.
    pub protect: bool,
}

/// What an apply is about to do to a resource, recorded before its first call: no crash loses a resource, and no half-done
/// update is taken for somebody else's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What was to be done.
    pub action: IntentAction,
    /// The kind of the resource.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// When it was first recorded; a repeated attempt keeps the first time.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// What it needs: decides the order in which what an interrupted apply has left is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// The attributes that an update was to leave behind; `None` for every other action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Attributes>,
}

/// What an intent is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntentAction {
    /// Make a resource that does not exist.
    Create,
    /// Delete a resource and make it anew.
    Replace,
    /// Delete a resource.
    Delete,
    /// Change a resource in place.
    Update,
    /// Change a resource in place, and bind it anew to a role or user that was made again.
    Rebind,
}

/// A plan that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// SHA-256 of the plan file, in hex.
    pub plan: String,
    /// When the apply began.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who applied it: `user@host`, or the CI job's URL.
    pub by: String,
}
