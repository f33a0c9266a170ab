//! The secrets that a plan needs to be given.

use std::collections::BTreeMap;

use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::model::address::Address;

/// The environment variables in which the values of a plan's secrets are looked for: of those that it makes, and of those
/// that are there without a value. With the secrets that each is for.
pub fn needed(plan: &Plan) -> BTreeMap<&str, Vec<&Address>> {
    let mut needed: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for change in plan.changes.0.iter().filter(|change| change.kind == "secretsmanager_secret" && gets_value(change)) {
        let variable = change.after.as_ref().and_then(|after| after["value_from"]["variable"].as_str());
        if let Some(variable) = variable {
            needed.entry(variable).or_default().push(&change.address);
        }
    }
    needed
}

fn gets_value(change: &Change) -> bool {
    match change.action {
        Action::Create | Action::Replace => true,
        Action::Adopt | Action::Update | Action::Rename => change.fields.iter().any(|field| field.path == "has_value"),
        Action::Delete | Action::Forget | Action::Conflict | Action::None => false,
    }
}
