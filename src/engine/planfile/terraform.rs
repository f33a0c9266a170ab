//! `resource_changes`: what a plan does, in the shape, the types and the attributes of Terraform's plans, so that a rule that
//! is written for these reads ours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Plan;
use crate::engine::plan::{Action, Change};
use crate::export::terraform::{Described, UNKNOWN, described};
use crate::export::{Estate, Managed};
use crate::model::attributes::Attributes;

/// What a plan finds and what it makes, as Terraform would have them.
#[derive(Debug)]
pub(super) struct Sides {
    before: Estate,
    after: Estate,
}

/// The attributes as a plan makes them. What it leaves to AWS, and so does not change, stays what it is.
fn after(change: &Change) -> Option<Attributes> {
    let after = change.after.as_ref()?;
    let Some(before) = &change.before else { return Some(after.clone()) };
    let changed = |key: &str| change.fields.iter().any(|field| field.path.split('.').next() == Some(key));
    let left = |key: &str, value: &Value| value.is_null() && !before[key].is_null() && !changed(key);
    let keys = || after.as_object().into_iter().flatten();
    if !keys().any(|(key, value)| left(key, value)) {
        return Some(after.clone());
    }
    let kept = keys().map(|(key, value)| (key.clone(), if left(key, value) { &before[key] } else { value }.clone()));
    Some(Value::Object(kept.collect()).into())
}

/// What tells the resources of Terraform at one address apart: type, suffix, and which of several.
type PartId = (&'static str, Option<String>, usize);

impl Sides {
    /// Those of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        // AWS makes these up, and a plan holds none of them.
        let made_up = ["id", "arn", "api_id", "deployment_id", "uuid", "access_key_id", "source_arn", "url"];
        let outputs: Map<String, Value> = made_up.iter().map(|name| ((*name).to_owned(), UNKNOWN.into())).collect();
        let outputs = Arc::new(Value::Object(outputs));
        let side = |of: fn(&Change) -> Option<Attributes>| {
            let managed = |change: &Change| {
                let attributes = of(change)?;
                let (kind, outputs, left_alone) = (change.kind.clone(), Arc::clone(&outputs), Vec::new());
                let managed = Managed { kind, attributes, outputs, left_alone };
                Some((change.address.clone(), managed))
            };
            let resources = plan.changes.0.iter().filter_map(managed).collect();
            let (project, env, scope) = (plan.project.clone(), plan.env.clone(), plan.scope.clone());
            Estate { project, env, scope, resources, externals: plan.externals.clone() }
        };
        Self { before: side(|change| change.before.clone()), after: side(after) }
    }

    /// The entries of a change: one for each resource that Terraform makes of it.
    pub(super) fn entries(&self, change: &Change) -> Vec<Value> {
        let before = parts(described(&self.before, &change.address));
        let after = parts(described(&self.after, &change.address));
        let all: BTreeSet<&PartId> = before.keys().chain(after.keys()).collect();
        all.into_iter().map(|part| entry(change, part.0, before.get(part), after.get(part))).collect()
    }
}

/// Parts by what tells them apart.
fn parts(all: Vec<Described>) -> BTreeMap<PartId, Described> {
    let mut parts = BTreeMap::new();
    for one in all {
        let of_type = |(kind, suffix, _): &&PartId| (*kind, suffix) == (one.kind, &one.suffix);
        let index = parts.keys().filter(of_type).count();
        parts.insert((one.kind, one.suffix.clone(), index), one);
    }
    parts
}

fn entry(change: &Change, kind: &str, before: Option<&Described>, after: Option<&Described>) -> Value {
    let unknown = after.map_or(&[][..], |after| &after.unknown);
    let unknown: Map<String, Value> = unknown.iter().map(|name| ((*name).to_owned(), true.into())).collect();
    json!({
        "address": change.address,
        "mode": "managed",
        "type": kind,
        "name": change.address.block_name(),
        "provider_name": "pipectl",
        "change": {
            "actions": actions(change, before, after),
            "before": before.map(|one| &one.attributes),
            "after": after.map(|one| &one.attributes),
            "after_unknown": unknown,
        },
    })
}

/// What happens to one resource of Terraform: a bucket that gets a policy is no change of the bucket.
fn actions(change: &Change, before: Option<&Described>, after: Option<&Described>) -> &'static [&'static str] {
    match (change.action, before, after) {
        (Action::Forget | Action::Conflict, ..) | (_, None, None) => &["no-op"],
        (Action::Replace, Some(_), Some(_)) => super::terraform_actions(change),
        (_, None, Some(_)) => &["create"],
        (_, Some(_), None) => &["delete"],
        (_, Some(before), Some(after)) if before.attributes == after.attributes => &["no-op"],
        (_, Some(_), Some(_)) => &["update"],
    }
}
