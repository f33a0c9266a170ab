//! Blocks that come from another environment of the project: taken over once that one has forgotten them, never while it still
//! counts them as its own.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{Fault, Result, Site};
use crate::engine::plan::{Action, Change, Changes, Refusal};
use crate::model::address::Address;
use crate::model::graph::{Arrival, Graph};
use crate::state::store::{STATE, StateError, StateStore, Versioned};

/// The state of each environment that something comes from, by the address here.
pub(super) type Origins = BTreeMap<Address, std::result::Result<Option<Versioned>, StateError>>;

/// Reads the states of the environments that a graph's blocks come from: one round trip, none where none does.
pub(super) async fn origins(site: &Site, graph: &Graph) -> Result<Origins> {
    let loaded = graph.arrivals.iter().map(async |(to, arrival)| {
        let store = store(site, arrival).ok_or_else(|| unplaced(to, arrival))?;
        Ok((to.clone(), store.load().await))
    });
    join_all(loaded).await.into_iter().collect()
}

/// The state of the other environment: where the entry says, or beside this one's.
fn store(site: &Site, arrival: &Arrival) -> Option<StateStore> {
    let own = site.store.location();
    let beside = || own.strip_suffix(&format!("/{}/{STATE}", site.env));
    let place = arrival.state.as_deref().or_else(beside)?.trim_end_matches('/');
    let location = format!("{place}/{}/{STATE}", arrival.env);
    site.states.at(&location, &site.project, &arrival.env)
}

fn unplaced(to: &Address, arrival: &Arrival) -> Fault {
    let error = anyhow::anyhow!("nothing says where the state of {} is, which `{to}` comes from", arrival.env);
    Fault::helped(error, "write `state = \"s3://bucket/folder\"` into the entry of `moved`")
}

/// Refuses to take over what the other environment's state still has, and what nothing says that it had: without its state nobody can
/// tell, and what does not exist cannot come from there. What is left out of a plan is not asked for.
pub(super) fn refusals(graph: &Graph, changes: &Changes, origins: &Origins) -> Result<Vec<Refusal>> {
    let mut refused = Vec::new();
    for (to, arrival) in &graph.arrivals {
        let block = changes.0.iter().filter(|change| to.covers(&change.address));
        let (coming, there): (Vec<&Change>, Vec<&Change>) = block.partition(|change| comes(change));
        // Once some of it is there, what is only to be made is a new part of it.
        let made_here = !there.is_empty() && coming.iter().all(|change| change.action == Action::Create);
        let Some(origin) = origins.get(to).filter(|_| !coming.is_empty() && !made_here) else { continue };
        let missing = || if there.is_empty() { missing(to, arrival, &coming) } else { None };
        if let Some(why) = held(arrival, &coming, origin)?.or_else(missing) {
            refused.push(Refusal { address: to.clone(), message: why });
        }
    }
    Ok(refused)
}

/// Whether a change is about what the own state does not have.
fn comes(change: &Change) -> bool {
    match change.action {
        Action::Adopt | Action::Conflict | Action::Create => true,
        // Of what is taken over, and cannot become as the spec wants it in place.
        Action::Replace => change.reason.as_deref().is_some_and(|why| why.starts_with("`moved`")),
        Action::Delete | Action::Update | Action::Rename | Action::Forget | Action::None => false,
    }
}

/// Why the other environment has not let go of what comes, or nobody can tell.
fn held(
    Arrival { env, from, .. }: &Arrival,
    coming: &[&Change],
    origin: &std::result::Result<Option<Versioned>, StateError>,
) -> Result<Option<String>> {
    let where_ =
        "`state = \"s3://bucket/folder\"` in the entry of `moved` says where the states of that environment are";
    let state = match origin {
        Ok(Some(loaded)) => &loaded.state,
        Ok(None) => return Ok(Some(format!("cannot come from {env}, which has no state here: {where_}"))),
        Err(error) => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
            let error = anyhow::anyhow!("whether {env} has let go of `{from}` cannot be told: {error}{why}");
            return Err(Fault::helped(error, where_));
        }
    };
    let is_it = |kind: &str, key: &str| coming.iter().any(|change| change.kind == kind && change.key == key);
    let has = state.resources.iter().any(|(address, it)| from.covers(address) || is_it(&it.kind, &it.key))
        || state.intents.iter().any(|(address, it)| from.covers(address) || is_it(&it.kind, &it.key));
    Ok(has.then(|| {
        format!(
            "is in the state of {env} still, as `{from}`: take it out of that spec, and `pipectl forget --env {env} {from}` hands it \
             over and leaves it as it is"
        )
    }))
}

/// Why what is to come is not there: the block itself, or all of its parts.
fn missing(to: &Address, Arrival { env, from, .. }: &Arrival, coming: &[&Change]) -> Option<String> {
    let new: Vec<&&Change> = coming.iter().filter(|change| change.action == Action::Create).collect();
    let itself = new.iter().find(|change| change.address == *to);
    let gone = itself.or_else(|| new.first().filter(|_| new.len() == coming.len()))?;
    Some(format!(
        "`moved` says that it was `{from}` of {env}, and there is no {} `{}`: write the name that it has in AWS, or take the \
         entry out",
        gone.aws_type, gone.key
    ))
}
