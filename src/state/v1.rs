//! Version 1 of the state file: frozen once released. What a later release adds or changes of meaning is a version 2.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::format::{FORMAT, FileError, Stored, in_order, this_pipectl};
use super::{Applied, Intent, IntentAction, Record, Registered, State};
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::scope::Scope;

/// The whole file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct V1 {
    format: String,
    version: u64,
    written_by: String,
    write: Uuid,
    lineage: Uuid,
    serial: u64,
    project: String,
    env: String,
    partition: String,
    account: String,
    region: String,
    protect: bool,
    resources: Vec<ResourceV1>,
    intents: Vec<IntentV1>,
    outputs: BTreeMap<String, Value>,
    applied: Vec<AppliedV1>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    registered: BTreeMap<String, Registered>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceV1 {
    address: Address,
    kind: String,
    key: String,
    protect: bool,
    depends_on: Vec<Address>,
    attributes: Attributes,
    outputs: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentV1 {
    address: Address,
    action: IntentAction,
    kind: String,
    key: String,
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Attributes>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppliedV1 {
    plan: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    by: String,
}

impl V1 {
    /// The file of a state.
    pub(super) fn new(Stored { state, write }: &Stored) -> Self {
        let placed: Vec<&Address> = in_order(&state.resources).collect();
        // A circle is a fault that `verify` reports; even then nothing is left out of the file.
        let rest = state.resources.keys().filter(|address| !placed.contains(address));
        let addresses = placed.iter().copied().chain(rest);
        Self {
            format: FORMAT.to_owned(),
            version: 1,
            written_by: this_pipectl(),
            write: *write,
            lineage: state.lineage,
            serial: state.serial,
            project: state.project.clone(),
            env: state.env.clone(),
            partition: state.scope.partition.clone(),
            account: state.scope.account.clone(),
            region: state.scope.region.clone(),
            protect: state.protect,
            resources: addresses.map(|address| ResourceV1::new(address, &state.resources)).collect(),
            intents: state.intents.iter().map(IntentV1::new).collect(),
            outputs: state.outputs.clone(),
            applied: state.applied.iter().map(AppliedV1::new).collect(),
            registered: state.registered.clone(),
        }
    }

    /// The state of a file.
    pub(super) fn into_stored(self) -> Result<Stored, FileError> {
        let (count, intents) = (self.resources.len(), self.intents.len());
        let state = State {
            lineage: self.lineage,
            serial: self.serial,
            project: self.project,
            env: self.env,
            scope: Scope { partition: self.partition, account: self.account, region: self.region },
            protect: self.protect,
            resources: self.resources.into_iter().map(ResourceV1::into_record).collect(),
            intents: self.intents.into_iter().map(IntentV1::into_intent).collect(),
            outputs: self.outputs,
            applied: self.applied.into_iter().map(AppliedV1::into_applied).collect(),
            registered: self.registered,
        };
        if (state.resources.len(), state.intents.len()) != (count, intents) {
            return Err(FileError::Unsound("an address is listed twice".to_owned()));
        }
        Ok(Stored { state, write: self.write })
    }
}

impl ResourceV1 {
    fn new(address: &Address, resources: &BTreeMap<Address, Record>) -> Self {
        let record = &resources[address];
        Self {
            address: address.clone(),
            kind: record.kind.clone(),
            key: record.key.clone(),
            protect: record.protect,
            // What was forgotten or is gone needs no order any more.
            depends_on: record.depends_on.iter().filter(|need| resources.contains_key(need)).cloned().collect(),
            attributes: record.attributes.clone(),
            outputs: record.outputs.clone(),
        }
    }

    fn into_record(self) -> (Address, Record) {
        let Self { address, kind, key, protect, depends_on, attributes, outputs } = self;
        (address, Record { kind, key, attributes, outputs, depends_on, protect })
    }
}

impl IntentV1 {
    fn new((address, intent): (&Address, &Intent)) -> Self {
        let Intent { action, kind, key, since, depends_on, after } = intent.clone();
        Self { address: address.clone(), action, kind, key, since, depends_on, after }
    }

    fn into_intent(self) -> (Address, Intent) {
        let Self { address, action, kind, key, since, depends_on, after } = self;
        (address, Intent { action, kind, key, since, depends_on, after })
    }
}

impl AppliedV1 {
    fn new(applied: &Applied) -> Self {
        let Applied { plan, at, by } = applied.clone();
        Self { plan, at, by }
    }

    fn into_applied(self) -> Applied {
        let Self { plan, at, by } = self;
        Applied { plan, at, by }
    }
}
