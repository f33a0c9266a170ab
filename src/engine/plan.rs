//! What has to change: pure, total, and the same for the same input.

pub(crate) mod claim;
mod decide;
pub(crate) mod likely;
mod moved;
pub(crate) mod rebind;
pub mod selection;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refresh::LiveResources;
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::diff::{FieldChange, fingerprint};
use crate::model::graph::Graph;
use crate::model::kind::Registry;
use crate::model::left_alone::LeftAlone;
use crate::state::State;

/// What is said of a resource that somebody else has deleted.
const DELETED: &str = "was deleted outside pipectl";

/// How the reason tells of a role that somebody else has deleted and made again.
const REMADE: &str = "is made again outside pipectl";

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Deleted: it is no longer in the spec.
    Delete,
    /// Deleted and made anew, because a field cannot be changed in place.
    Replace,
    /// Something of that key exists that is not ours; the plan cannot be applied before that is settled.
    Conflict,
    /// Made.
    Create,
    /// Taken over: it exists, and is ours or may be made ours.
    Adopt,
    /// Changed in place.
    Update,
    /// The same resource under another address.
    Rename,
    /// No longer remembered: it is gone already, or somebody else's. What the gone may have left behind is deleted.
    Forget,
    /// As it should be.
    None,
}

/// One resource of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Where it stands in the spec, or stood.
    pub address: Address,
    /// Its kind: `kinesis_stream`.
    pub kind: String,
    /// CloudFormation's name of the kind.
    pub aws_type: String,
    /// What it is found by; of a replacement, the new one.
    pub key: String,
    /// What is done to it.
    pub action: Action,
    /// Why, where that is not plain from the fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its address so far, where that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<Address>,
    /// The key of what is replaced, where that is another one: then the new is made before the old is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_key: Option<String>,
    /// Whether AWS has bound it to the id of a role or user that is made again, so that it is written again although it seems to
    /// be as it should be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebinds: bool,
    /// The fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// What somebody else has changed: from what we last wrote to what is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<FieldChange>,
    /// What the spec leaves alone: it is as it is live, in `after` as well, and counts as no drift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<LeftAlone>,
    /// The live attributes that the plan was made against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Attributes>,
    /// The full desired attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Attributes>,
    /// What AWS made up, as last seen.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub outputs: Value,
    /// What must be right before it.
    pub depends_on: BTreeSet<Address>,
    /// What it needed until now: that is deleted only after it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub depended_on: BTreeSet<Address>,
    /// Whether it may be neither deleted nor replaced from now on.
    #[serde(default)]
    pub protect: bool,
    /// Of `before`: of the live resource under `previous_key` where that is set, else under `key`.
    pub fingerprint: String,
    /// What a user should know before it happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Change {
    /// A resource to which nothing is done, and which does not exist: what is said of a change begins here.
    pub(crate) fn blank(address: Address, kind: &str, aws_type: &str, key: String) -> Self {
        Self {
            address,
            kind: kind.to_owned(),
            aws_type: aws_type.to_owned(),
            key,
            action: Action::None,
            reason: None,
            previous_address: None,
            previous_key: None,
            rebinds: false,
            fields: Vec::new(),
            drift: Vec::new(),
            left_alone: Vec::new(),
            before: None,
            after: None,
            outputs: Value::Null,
            depends_on: BTreeSet::new(),
            depended_on: BTreeSet::new(),
            protect: false,
            fingerprint: fingerprint(None),
            warnings: Vec::new(),
        }
    }

    /// Whether somebody else has deleted what we own.
    pub fn is_missing(&self) -> bool {
        let forgotten = matches!(self.action, Action::Create | Action::Forget);
        let deleted = self.reason.as_ref().is_some_and(|reason| reason.ends_with(DELETED));
        forgotten && deleted && self.before.is_none()
    }

    /// Whether it is bound to a role or user that somebody else has made again.
    pub fn is_unbound(&self) -> bool {
        self.rebinds && self.reason.as_ref().is_some_and(|reason| reason.contains(REMADE))
    }

    /// Whether anything is to be done to AWS or to the state's list of resources.
    pub fn acts(&self) -> bool {
        self.action != Action::None
    }
}

/// Why a plan may not be applied, however right it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What is protected.
    pub address: Address,
    /// What protects it, and what to do.
    pub message: String,
}

/// How many resources each action is done to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Deleted and made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Taken over.
    pub adopt: usize,
    /// Moved to another address.
    pub rename: usize,
    /// No longer remembered.
    pub forget: usize,
    /// In the way.
    pub conflict: usize,
    /// As they should be.
    pub unchanged: usize,
    /// Of all these, changed by somebody else.
    pub drifted: usize,
}

/// The changes of a plan, in order of address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// How many resources each action is done to.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.0 {
            *match change.action {
                Action::Create => &mut summary.create,
                Action::Update => &mut summary.update,
                Action::Replace => &mut summary.replace,
                Action::Delete => &mut summary.delete,
                Action::Adopt => &mut summary.adopt,
                Action::Rename => &mut summary.rename,
                Action::Forget => &mut summary.forget,
                Action::Conflict => &mut summary.conflict,
                Action::None => &mut summary.unchanged,
            } += 1;
            summary.drifted += usize::from(!change.drift.is_empty());
        }
        summary
    }

    /// The one place where "is there anything to do?" is decided.
    pub fn any(&self) -> bool {
        self.0.iter().any(Change::acts)
    }

    /// Deletions and replacements that `protect` forbids, `env` protecting all.
    pub fn refusals(&self, state: &State) -> Vec<Refusal> {
        let ends = self.0.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
        ends.filter_map(|change| refusal(change, state)).collect()
    }
}

fn refusal(change: &Change, state: &State) -> Option<Refusal> {
    let address = change.previous_address.as_ref().unwrap_or(&change.address);
    let by = if state.protect {
        "`[env] protect = true`"
    } else if state.resources.get(address).is_some_and(|record| record.protect) {
        "`protect = true` on its block"
    } else if change.protect && !state.resources.contains_key(address) && !state.intents.contains_key(address) {
        // Found by its tags alone, as after the loss of a state: then the spec's word is all there is.
        "`protect = true` in the spec"
    } else {
        return None;
    };
    let verb = if change.action == Action::Delete { "deleted" } else { "replaced" };
    let message = format!("would be {verb}, but is protected by {by}: set it to false and apply that first");
    Some(Refusal { address: change.address.clone(), message })
}

/// Everything that a plan depends on.
pub struct Input<'a> {
    /// What is wanted, its attributes in canonical form; empty for a destruction.
    pub graph: &'a Graph,
    /// What is remembered.
    pub state: &'a State,
    /// What is.
    pub world: &'a LiveResources,
    /// The kinds.
    pub registry: &'a Registry,
    /// What may be taken over.
    pub adopt: &'a Adopt,
    /// What is made anew although it could be kept.
    pub replace: &'a BTreeSet<Address>,
}

/// What may be taken over besides blocks that say `adopt = true`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Adopt {
    /// Nothing.
    #[default]
    Nothing,
    /// Everything that exists under a wanted key.
    All,
    /// These addresses, or all of a block's.
    Only(BTreeSet<Address>),
}

impl Adopt {
    /// Whether a resource may be taken over that says nothing of its owner.
    pub fn allows(&self, address: &Address) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Only(these) => these.iter().any(|one| one.covers(address)),
        }
    }

    /// Whether just this address is named: what says that it is somebody else's asks for no less.
    fn names(&self, address: &Address) -> bool {
        matches!(self, Self::Only(these) if these.contains(address))
    }
}

/// Works out what has to change.
///
/// # Errors
/// When attributes do not fit their kind: a fault of the blueprint or of a damaged state.
pub fn plan(input: &Input<'_>) -> Result<Changes, serde_json::Error> {
    let moved = renames(input)?;
    let mut changes = Vec::new();
    for resource in input.graph.resources.values() {
        changes.push(decide::wanted(input, resource, moved.get(&resource.address))?);
    }
    let claimed: BTreeSet<&Address> = moved.values().collect();
    for (address, record) in &input.state.resources {
        match input.graph.resources.get(address) {
            None if !claimed.contains(address) => changes.push(decide::unwanted(input, address, record)),
            Some(resource) if resource.kind != record.kind => {
                let mut change = decide::unwanted(input, &address.retired(&record.key), record);
                change.previous_address = Some(address.clone());
                changes.push(change);
            }
            _ => {}
        }
    }
    let wanted: BTreeSet<(String, String)> = changes
        .iter()
        .filter(|change| change.after.is_some())
        .map(|change| (change.kind.clone(), change.key.clone()))
        .collect();
    for (address, intent) in &input.state.intents {
        let known = input.graph.resources.contains_key(address) || input.state.resources.contains_key(address);
        // What was begun under the old address of a block goes on under the new one.
        let goes_on = wanted.contains(&(intent.kind.clone(), intent.key.clone()));
        if !known
            && !goes_on
            && let Some(change) = decide::abandoned(input, address, intent)
        {
            changes.push(change);
        }
    }
    changes.sort_by(|a, b| a.address.cmp(&b.address));
    rebind::mark(input, &mut changes);
    Ok(Changes(changes))
}

/// New address → old address, of resources whose block was renamed: as the spec says, or because their key is the same.
fn renames(input: &Input<'_>) -> Result<BTreeMap<Address, Address>, serde_json::Error> {
    let left = |address: &Address| !input.graph.resources.contains_key(address);
    let mut old: BTreeMap<(String, String), &Address> = BTreeMap::new();
    for (address, record) in input.state.resources.iter().filter(|(address, _)| left(address)) {
        old.insert((record.kind.clone(), record.key.clone()), address);
    }
    let mut moved = BTreeMap::new();
    for resource in input.graph.resources.values() {
        // What the spec says has moved is that, whatever its key: what speaks against it is told as that.
        if let Some(from) = moved::remembered(input, resource) {
            old.remove(&(resource.kind.clone(), input.state.resources[from].key.clone()));
            moved.insert(resource.address.clone(), from.clone());
            continue;
        }
        if input.state.resources.contains_key(&resource.address) {
            continue;
        }
        let key = key_of(input.registry, &resource.kind, &resource.attributes)?;
        if let Some(address) = old.remove(&(resource.kind.clone(), key)) {
            moved.insert(resource.address.clone(), address.clone());
        }
    }
    Ok(moved)
}

/// The key of a resource.
///
/// # Errors
/// When the kind is unknown or the attributes do not fit it.
pub fn key_of(registry: &Registry, kind: &str, attributes: &Value) -> Result<String, serde_json::Error> {
    match registry.get(kind) {
        Some(kind) => kind.key(attributes),
        None => Err(serde::de::Error::custom(format!("unknown resource type `{kind}`"))),
    }
}
