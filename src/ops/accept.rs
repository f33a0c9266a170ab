//! Makes what somebody else has changed the spec's own word: finds the fields that say it, by trial.
//!
//! No table says which field of a block becomes which attribute of a resource: the blueprint does. So every field of the
//! block is tried with every value that might do, the spec is read and built again, and what comes of it is compared
//! with what is wanted. An edit is kept only if it brings about drift and nothing besides.

mod search;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use serde_json::Value;

use self::search::{Search, Stand};
use super::drift::{Chosen, no_state};
use super::plan::PlanInputs;
use super::{Fault, Result, Site};
use crate::engine::accept::{Path, accepted, differences};
use crate::engine::plan::{Action, Adopt, Change, Changes};
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::files::project::Project;
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::model::left_alone::kept;
use crate::spec::Loaded;
use crate::spec::edit::Edit;

/// What accepting drift comes to. Nothing is written yet.
#[derive(Debug)]
pub struct Acceptance {
    /// The environment's own file.
    pub file: PathBuf,
    /// What stands in it.
    pub before: String,
    /// What is to stand in it.
    pub after: String,
    /// The edits that lead from one to the other.
    pub edits: Vec<Edit>,
    /// The values that the spec then says.
    pub accepted: Vec<Drift>,
    /// Drift that cannot be accepted so.
    pub left: Vec<Left>,
}

/// A value that somebody else has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Of which resource.
    pub address: Address,
    /// Where in its attributes; empty where the resource as a whole is meant.
    pub path: Path,
}

/// Drift that stays, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Which.
    pub drift: Drift,
    /// Why.
    pub why: Why,
}

/// Why drift cannot be accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The resource is gone.
    Gone,
    /// The spec no longer wants the resource, or wants another in its place.
    Unwanted,
    /// No one field of the block says it.
    Derived,
    /// This would say it, in place of a value that is worked out with `${…}`.
    FilledIn(Edit),
    /// This would say it, and change these resources as well.
    Besides(Edit, Vec<Address>),
    /// This would say it, and break a rule of the spec's own: which.
    Rule(Edit, String),
}

/// Works out the edits of the environment's own file by which the spec says what the chosen drifted resources are like.
pub async fn accept(site: &Site, loaded: &Loaded, graph: &Graph, chosen: &Chosen) -> Result<Acceptance> {
    let basis = PlanInputs::read(site, graph).await?;
    if !basis.has_state() {
        return Err(no_state(&site.store.location()));
    }
    chosen.check(&basis.state.resources.keys())?;
    let before = basis.changes(site, graph, &Adopt::Nothing)?;
    let (goal, mut left) = goal(site, &basis, &before, graph, chosen);
    let file = loaded.file().to_owned();
    let text = text_of(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let search = Search::new(site, loaded, graph, goal);
    let start = search.start(text.clone());
    let end = search.run(start.clone());
    left.extend(search.left(&end));
    let drift = |(address, path): &(Address, Path)| Drift { address: address.clone(), path: path.clone() };
    let accepted: Vec<Drift> = start.apart.difference(&end.apart).map(drift).collect();
    prove(&before, &basis.changes(site, &end.graph, &Adopt::Nothing)?, &accepted)?;
    let Stand { text: after, edits, .. } = end;
    Ok(Acceptance { file, before: text, after, edits, accepted, left })
}

fn text_of(file: &std::path::Path) -> anyhow::Result<String> {
    Ok(bounded::text(Project::here()?.given(file)?.open()?, MAX_DOCUMENT)?)
}

/// What each resource would be like if the chosen drift were meant, and the drift that cannot be.
fn goal(
    site: &Site,
    basis: &PlanInputs,
    changes: &Changes,
    graph: &Graph,
    chosen: &Chosen,
) -> (BTreeMap<Address, Value>, Vec<Left>) {
    let mut goal: BTreeMap<Address, Value> = BTreeMap::new();
    let mut left = Vec::new();
    let drifted = |change: &&Change| change.is_missing() || !change.drift.is_empty();
    for change in changes.0.iter().filter(drifted).filter(|change| chosen.has(&change.address)) {
        let stays = |why| Left { drift: Drift { address: change.address.clone(), path: Path::new() }, why };
        let record = basis.state.resources.get(change.previous_address.as_ref().unwrap_or(&change.address));
        match (record, &change.before, graph.resources.get(&change.address)) {
            _ if change.is_missing() => left.push(stays(Why::Gone)),
            (Some(record), Some(live), Some(wanted)) if change.previous_key.is_none() => {
                let schema = site.registry.get(&change.kind).map_or(&Value::Null, |kind| kind.schema());
                let applied = kept(&record.attributes, live, graph.left_alone(&change.address));
                let meant = accepted(&applied, live, &wanted.attributes, schema);
                goal.insert(change.address.clone(), meant);
            }
            _ => left.push(stays(Why::Unwanted)),
        }
    }
    (goal, left)
}

/// Plans again, and lets nothing pass but a plan in which what was accepted is as it is to be, and all else as before.
fn prove(before: &Changes, after: &Changes, accepted: &[Drift]) -> Result<()> {
    let proven = |(old, new): (&Change, &Change)| {
        let mut meant = accepted.iter().filter(|drift| drift.address == new.address).peekable();
        let as_before = old.action == new.action && old.fields == new.fields;
        let (was, is) = (apart(old), apart(new));
        let in_place = matches!(new.action, Action::None | Action::Update | Action::Rename);
        old.address == new.address
            && old.key == new.key
            && (if meant.peek().is_none() { as_before } else { in_place && is.is_subset(&was) })
            && meant.all(|drift| !is.contains(&drift.path))
    };
    if before.0.len() == after.0.len() && before.0.iter().zip(&after.0).all(proven) {
        return Ok(());
    }
    let error = anyhow!("the edited spec would plan something besides: nothing was written");
    Err(Fault::helped(error, "change the spec by hand, or undo the drift with `pipectl drift --revert`"))
}

/// Where a resource is not as a plan makes it.
fn apart(change: &Change) -> BTreeSet<Path> {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    differences(before.unwrap_or(&Value::Null), after.unwrap_or(&Value::Null))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::diff::diff;

    /// A plan for one resource that is so, and is to be so.
    fn plan(live: Value, wanted: Value) -> Changes {
        let address = Address::block("stream", "clicks");
        let mut change = Change::blank(address, "kinesis_stream", "AWS::Kinesis::Stream", "clicks".to_owned());
        change.fields = diff(&live, &wanted, &Value::Null);
        change.action = if change.fields.is_empty() { Action::None } else { Action::Update };
        (change.before, change.after) = (Some(live.into()), Some(wanted.into()));
        Changes(vec![change])
    }

    #[test]
    fn nothing_passes_that_plans_more_than_before_or_still_what_was_accepted() {
        let live = || json!({"hours": 72, "shards": 1});
        let drift = [Drift { address: Address::block("stream", "clicks"), path: vec!["hours".to_owned()] }];
        let before = plan(live(), json!({"hours": 24, "shards": 2}));
        let proven = |wanted, accepted: &[Drift]| prove(&before, &plan(live(), wanted), accepted).is_ok();
        assert!(proven(json!({"hours": 72, "shards": 2}), &drift), "what the spec changes stays pending");
        assert!(!proven(json!({"hours": 24, "shards": 2}), &drift), "it is still planned");
        assert!(!proven(json!({"hours": 72, "shards": 2, "mode": "x"}), &drift), "something else is planned");
        assert!(!proven(json!({"hours": 72, "shards": 2}), &[]), "nobody accepted it");
        assert!(proven(json!({"hours": 24, "shards": 2}), &[]));
        assert!(prove(&before, &Changes::default(), &[]).is_err());
    }
}
