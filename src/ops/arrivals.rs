//! Blocks that come from another environment of the project: taken over once that one has forgotten them, never while it still
//! counts them as its own.

use std::collections::BTreeMap;

use anyhow::Context;
use futures_util::future::join_all;

use super::{Fault, Result, Site};
use crate::engine::plan::{Refusal, key_of};
use crate::model::address::Address;
use crate::model::graph::{Arrival, Graph};
use crate::state::State;
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

/// Refuses to take over what the other environment's state still has. What is in the own state already has arrived.
pub(super) fn refusals(site: &Site, graph: &Graph, own: &State, origins: &Origins) -> Result<Vec<Refusal>> {
    let mut refused = Vec::new();
    for (to, arrival) in &graph.arrivals {
        let coming: Vec<_> = graph
            .resources
            .values()
            .filter(|resource| to.covers(&resource.address) && !own.resources.contains_key(&resource.address))
            .collect();
        let Some(origin) = origins.get(to).filter(|_| !coming.is_empty()) else { continue };
        let state = match origin {
            Ok(Some(loaded)) => &loaded.state,
            Ok(None) => continue,
            Err(error) => {
                let help = error.help();
                let error =
                    anyhow::anyhow!("whether {} has let go of `{}` cannot be told: {error}", arrival.env, arrival.from);
                return Err(Fault::helped(error, help));
            }
        };
        let mut held = false;
        for resource in coming {
            let key =
                key_of(&site.registry, &resource.kind, &resource.attributes).context("the blueprint's attributes")?;
            held |= state.resources.values().any(|record| record.kind == resource.kind && record.key == key);
            held |= state.intents.values().any(|intent| intent.kind == resource.kind && intent.key == key);
        }
        if held {
            let Arrival { env, from, .. } = arrival;
            let message = format!(
                "is in the state of {env} still, as `{from}`: take it out of that spec, and `pipectl forget --env {env} {from}` hands \
                 it over and leaves it as it is"
            );
            refused.push(Refusal { address: to.clone(), message });
        }
    }
    Ok(refused)
}
