//! Where a command works: the kinds, the state's store, and whose credentials it has.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::model::acting::Acting;
use crate::model::address::Address;
use crate::model::graph::{Graph, Resource};
use crate::model::kind::{Kind, Registry};
use crate::model::scope::Scope;
use crate::model::secrets::Secrets;
use crate::state::store::StateStore;

/// Where a command works, put together by `cli::session`.
pub struct Site {
    /// The kinds.
    pub registry: Registry,
    /// The environment's state.
    pub store: StateStore,
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// Partition, account and region of the credentials.
    pub scope: Scope,
    /// ARN of the caller.
    pub caller: String,
    /// Whose credentials the spec says.
    pub acts_as: Acting,
    /// Where the states of other environments are.
    pub states: Arc<dyn States>,
    /// Where the kinds look for the secrets that an apply is given.
    pub secrets: Arc<Secrets>,
}

/// Opens the states of other environments.
pub trait States: Send + Sync {
    /// The state of an environment at a location that a state or a plan names; absent where that is none.
    fn at(&self, location: &str, project: &str, env: &str) -> Option<StateStore>;
}

/// The graph with every resource's attributes in its kind's canonical form, so that equal means equal; no file is looked at.
///
/// # Errors
/// Every resource whose attributes do not fit its kind, and what is wrong.
pub fn canonical(registry: &Registry, graph: Graph) -> Result<Graph, Vec<(Address, String)>> {
    each(registry, graph, |kind, resource| kind.canonical(&resource.attributes))
}

/// The same, with what follows from files on this machine: of all resources but those that `unread` names.
///
/// # Errors
/// Every resource whose attributes do not fit its kind, or whose files are not what they should be, and what is wrong.
pub fn with_files(
    registry: &Registry,
    graph: Graph,
    unread: &BTreeSet<Address>,
) -> Result<Graph, Vec<(Address, String)>> {
    each(registry, graph, |kind, resource| {
        if unread.contains(&resource.address) {
            kind.canonical(&resource.attributes)
        } else {
            kind.with_files(&resource.attributes)
        }
    })
}

fn each(
    registry: &Registry,
    mut graph: Graph,
    form: impl Fn(&dyn Kind, &Resource) -> serde_json::Result<Value>,
) -> Result<Graph, Vec<(Address, String)>> {
    let mut faults = Vec::new();
    for resource in graph.resources.values_mut() {
        let canonical = match registry.get(&resource.kind) {
            Some(kind) => form(kind, resource).map_err(|error| error.to_string()),
            None => Err(format!("there is no resource type `{}`", resource.kind)),
        };
        match canonical {
            Ok(attributes) => resource.attributes = attributes.into(),
            Err(fault) => faults.push((resource.address.clone(), fault)),
        }
    }
    if faults.is_empty() { Ok(graph) } else { Err(faults) }
}
