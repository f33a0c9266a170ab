//! The decision for one resource: desired, remembered and live, three ways.

use std::collections::BTreeSet;

use serde_json::Value;

use super::claim::{Claim, claim, is_ours, may_adopt, owner};
use super::{Action, Change, Input, key_of};
use crate::engine::address::Address;
use crate::engine::diff::{FieldChange, at, diff, fingerprint};
use crate::engine::graph::Resource;
use crate::engine::kind::{Kind, Live};
use crate::state::{Intent, Record};

/// The change of a resource that the spec wants; `from` is its address so far, if its block was renamed.
pub(super) fn wanted(
    input: &Input<'_>,
    resource: &Resource,
    from: Option<&Address>,
) -> Result<Change, serde_json::Error> {
    let key = key_of(input.registry, &resource.kind, &resource.attributes)?;
    let remembered = from.unwrap_or(&resource.address);
    let record = input.state.resources.get(remembered).filter(|record| record.kind == resource.kind);
    let live = input.world.get(&resource.kind, &key);
    let Some(kind) = input.registry.get(&resource.kind) else { unreachable!("its key was just asked for") };
    let mut change = Change {
        before: live.map(|live| live.attributes.clone()),
        after: Some(resource.attributes.clone()),
        outputs: live.map(|live| live.outputs.clone()).unwrap_or_default(),
        depends_on: resource.depends_on.clone(),
        protect: resource.protect,
        previous_address: from.cloned(),
        ..blank(&resource.address, kind, key)
    };
    match record {
        Some(record) if record.key != change.key => moved(input, kind, record, &mut change),
        Some(record) => known(kind, record, live, &mut change),
        None => unknown(input, kind, resource, live, &mut change),
    }
    change.fingerprint = fingerprint(change.before.as_deref());
    change.warnings = match change.action {
        Action::None | Action::Conflict => Vec::new(),
        Action::Create => kind.warnings(None, change.after.as_deref()),
        _ => kind.warnings(change.before.as_deref(), change.after.as_deref()),
    };
    Ok(change)
}

/// A resource that we own, under the same key.
fn known(kind: &dyn Kind, record: &Record, live: Option<&Live>, change: &mut Change) {
    change.depended_on = record.depends_on.iter().cloned().collect();
    let Some(live) = live else {
        change.action = Action::Create;
        change.reason = Some("it was deleted outside pipectl".to_owned());
        return;
    };
    change.drift = drift(kind, record, live);
    change.fields = fields(kind, Some(record), live, change);
    if record.protect != change.protect {
        change.fields.push(protection(record.protect, change.protect));
    }
    change.action = if change.fields.iter().any(|field| field.replaces) {
        Action::Replace
    } else if change.previous_address.is_some() {
        Action::Rename
    } else if change.fields.is_empty() {
        Action::None
    } else {
        Action::Update
    };
}

/// A resource that we own under another key: the new one is made, then the old one deleted.
fn moved(input: &Input<'_>, kind: &dyn Kind, record: &Record, change: &mut Change) {
    change.depended_on = record.depends_on.iter().cloned().collect();
    if change.before.is_some() {
        change.action = Action::Conflict;
        change.reason = Some(format!("`{}`, which is to replace `{}`, exists already", change.key, record.key));
        return;
    }
    let Some(old) = input.world.get(&record.kind, &record.key) else {
        change.action = Action::Create;
        change.reason = Some(format!("`{}` was deleted outside pipectl", record.key));
        return;
    };
    change.action = Action::Replace;
    change.previous_key = Some(record.key.clone());
    change.drift = drift(kind, record, old);
    change.fields = fields(kind, Some(record), old, change);
    change.before = Some(old.attributes.clone());
}

/// A resource that we do not remember.
fn unknown(input: &Input<'_>, kind: &dyn Kind, resource: &Resource, live: Option<&Live>, change: &mut Change) {
    let Some(live) = live else {
        change.action = Action::Create;
        return;
    };
    let interrupted = input.state.intents.get(&resource.address);
    change.depended_on = interrupted.map(|intent| intent.depends_on.iter().cloned().collect()).unwrap_or_default();
    change.fields = fields(kind, None, live, change);
    let stuck: Vec<&str> =
        change.fields.iter().filter(|field| field.replaces).map(|field| field.path.as_str()).collect();
    let stuck =
        (!stuck.is_empty()).then(|| format!("differs in {}, which cannot be changed in place", stuck.join(", ")));
    let attributes = &live.attributes;
    let (action, reason) = if is_ours(input, kind, &resource.address, attributes) {
        let why = match interrupted {
            Some(_) => "made by an interrupted apply",
            None => "it carries this environment's ownership tags",
        };
        match stuck {
            None => (Action::Adopt, why.to_owned()),
            Some(stuck) => (Action::Replace, format!("{why}, and {stuck}")),
        }
    } else if let Some(stuck) = stuck {
        let help = "nothing is replaced that is not ours: give the block what it has, or another `name`";
        (Action::Conflict, format!("`{}` exists and {stuck}; {help}", change.key))
    } else if may_adopt(input, kind, resource, attributes) {
        (Action::Adopt, "adoption was asked for".to_owned())
    } else {
        (Action::Conflict, in_the_way(&change.key, &resource.address, owner(input, kind, attributes)))
    };
    (change.action, change.reason) = (action, Some(reason));
}

/// What to say of a resource that exists and may not be taken over as things are.
fn in_the_way(key: &str, address: &Address, owner: Option<String>) -> String {
    let other = "another `name` leaves it alone";
    match owner {
        None => format!("`{key}` exists and is not ours; `--adopt {address}` takes it over, {other}"),
        Some(owner) => {
            format!("`{key}` belongs to {owner}, as its tags say; only `--adopt {address}` takes it over, {other}")
        }
    }
}

/// The change of a resource that we own and the spec no longer wants.
pub(super) fn unwanted(input: &Input<'_>, address: &Address, record: &Record) -> Change {
    let live = input.world.get(&record.kind, &record.key);
    let depends_on: BTreeSet<Address> = record.depends_on.iter().cloned().collect();
    let Some(kind) = input.registry.get(&record.kind) else {
        // Reading it has failed before a plan is made.
        unreachable!("every record's kind was read")
    };
    Change {
        action: if live.is_some() { Action::Delete } else { Action::Forget },
        reason: live.is_none().then(|| "it was deleted outside pipectl".to_owned()),
        before: live.map(|live| live.attributes.clone()),
        outputs: record.outputs.clone(),
        depended_on: depends_on.clone(),
        depends_on,
        drift: live.map(|live| drift(kind, record, live)).unwrap_or_default(),
        warnings: live.map(|live| kind.warnings(Some(&live.attributes), None)).unwrap_or_default(),
        ..blank(address, kind, record.key.clone())
    }
    .fingerprinted()
}

/// The change of something that an interrupted apply may have made and that the spec no longer wants.
pub(super) fn abandoned(input: &Input<'_>, address: &Address, intent: &Intent) -> Option<Change> {
    let kind = input.registry.get(&intent.kind)?;
    let live = input.world.get(&intent.kind, &intent.key);
    let foreign = live.is_some_and(|live| {
        claim(kind.ownership(), &live.attributes, &input.state.project, &input.state.env) == Claim::Foreign
    });
    let depends_on: BTreeSet<Address> = intent.depends_on.iter().cloned().collect();
    let change = Change {
        depended_on: depends_on.clone(),
        depends_on,
        // What does not show may still have left something behind: a key whose secret was never stored.
        action: if foreign { Action::Forget } else { Action::Delete },
        reason: Some("an interrupted apply was about to make it".to_owned()),
        before: live.map(|live| live.attributes.clone()),
        warnings: live.map(|live| kind.warnings(Some(&live.attributes), None)).unwrap_or_default(),
        ..blank(address, kind, intent.key.clone())
    };
    Some(change.fingerprinted())
}

fn blank(address: &Address, kind: &dyn Kind, key: String) -> Change {
    Change::blank(address.clone(), kind.name(), kind.aws_type(), key)
}

impl Change {
    fn fingerprinted(mut self) -> Self {
        self.fingerprint = fingerprint(self.before.as_deref());
        self
    }
}

/// What somebody else has changed since we last wrote.
fn drift(kind: &dyn Kind, record: &Record, live: &Live) -> Vec<FieldChange> {
    // Null in what we wrote means "left to AWS" only where the schema says so.
    let mut changes = diff(&live.attributes, &record.attributes, kind.schema());
    for change in &mut changes {
        std::mem::swap(&mut change.before, &mut change.after);
        change.drifted = true;
        change.replaces = false;
    }
    changes
}

/// The fields to change, each marked if somebody else changed it since we last wrote it.
fn fields(kind: &dyn Kind, record: Option<&Record>, live: &Live, change: &Change) -> Vec<FieldChange> {
    let want = change.after.as_deref().unwrap_or(&Value::Null);
    let mut fields = diff(&live.attributes, want, kind.schema());
    if let Some(record) = record {
        for field in &mut fields {
            field.drifted = at(&record.attributes, &field.path) != &field.before;
        }
    }
    fields
}

fn protection(before: bool, after: bool) -> FieldChange {
    FieldChange {
        path: "protect".to_owned(),
        before: before.into(),
        after: after.into(),
        replaces: false,
        drifted: false,
    }
}
