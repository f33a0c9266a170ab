//! Whether the world is still as a plan saw it.

use super::plan::{Change, Changes};
use super::refresh::{LiveResources, Target, Unreadable, refresh};
use crate::model::address::Address;
use crate::model::diff::{FieldChange, diff, fingerprint};
use crate::model::kind::Registry;

/// A resource that is no longer as the plan saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stale {
    /// Which.
    pub address: Address,
    /// How: from what the plan saw to what is.
    pub what: Difference,
}

/// How a resource differs from what a plan saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Somebody has made it meanwhile.
    Appeared(String),
    /// Somebody has deleted it meanwhile.
    Gone(String),
    /// Somebody has changed these fields meanwhile.
    Changed(Vec<FieldChange>),
    /// The files that it is made of are others than the plan saw: what is wrong, or which fields follow from them.
    Files(String),
}

/// Reads every resource that the changes are about to touch, at once, and the files that they are made of; returns those
/// that have changed since, and what was read.
///
/// # Errors
/// When resources cannot be read.
pub async fn stale(registry: &Registry, changes: &Changes) -> Result<(Vec<Stale>, LiveResources), Vec<Unreadable>> {
    let touched: Vec<&Change> = changes.0.iter().filter(|change| change.acts()).collect();
    let mut targets = Vec::new();
    for change in &touched {
        let hint = change.before.as_ref().or(change.after.as_ref());
        let target =
            |key: &String, hint| Target { address: &change.address, kind: &change.kind, key: key.clone(), hint };
        targets.push(target(seen_key(change), hint));
        if change.previous_key.is_some() {
            targets.push(target(&change.key, change.after.as_ref()));
        }
    }
    let world = refresh(registry, targets).await?;
    let stale = touched.into_iter().filter_map(|change| difference(registry, &world, change)).collect();
    Ok((stale, world))
}

/// The key under which the plan saw what it saw.
pub(crate) fn seen_key(change: &Change) -> &String {
    change.previous_key.as_ref().unwrap_or(&change.key)
}

fn difference(registry: &Registry, world: &LiveResources, change: &Change) -> Option<Stale> {
    let stale = |what| Some(Stale { address: change.address.clone(), what });
    if let Some(what) = other_files(registry, change) {
        return stale(Difference::Files(what));
    }
    if change.previous_key.is_some() && world.get(&change.kind, &change.key).is_some() {
        return stale(Difference::Appeared(change.key.clone()));
    }
    let key = seen_key(change);
    let live = world.get(&change.kind, key).map(|live| &*live.attributes);
    if fingerprint(live) == change.fingerprint {
        return None;
    }
    match (&change.before, live) {
        (_, None) => stale(Difference::Gone(key.clone())),
        (None, Some(_)) => stale(Difference::Appeared(key.clone())),
        (Some(before), Some(now)) => {
            let schema = registry.get(&change.kind)?.schema();
            stale(Difference::Changed(diff(before, now, schema)))
        }
    }
}

/// What follows from the files of this machine, where that is not what the plan says.
fn other_files(registry: &Registry, change: &Change) -> Option<String> {
    let (kind, after) = (registry.get(&change.kind)?, change.after.as_ref()?);
    match kind.with_files(after) {
        Ok(now) => {
            let paths: Vec<String> = diff(after, &now, kind.schema()).into_iter().map(|field| field.path).collect();
            (!paths.is_empty()).then(|| paths.join(", "))
        }
        Err(error) => Some(error.to_string()),
    }
}
