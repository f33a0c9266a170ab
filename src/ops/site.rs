//! Where a command works: the kinds, the state's store, and whose credentials it has.

use std::sync::Arc;

use crate::engine::address::Address;
use crate::engine::graph::Graph;
use crate::engine::kind::Registry;
use crate::engine::scope::Scope;
use crate::engine::secrets::Secrets;
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
    /// Where the kinds look for the secrets that an apply is given.
    pub secrets: Arc<Secrets>,
}

/// The graph with every resource's attributes in its kind's canonical form, so that equal means equal.
///
/// # Errors
/// Every resource whose attributes do not fit its kind, or whose files are not what they should be, and what is wrong.
pub fn canonical(registry: &Registry, mut graph: Graph) -> Result<Graph, Vec<(Address, String)>> {
    let mut faults = Vec::new();
    for resource in graph.resources.values_mut() {
        let canonical = match registry.get(&resource.kind) {
            Some(kind) => kind.canonical(&resource.attributes).map_err(|error| error.to_string()),
            None => Err(format!("there is no resource type `{}`", resource.kind)),
        };
        match canonical {
            Ok(attributes) => resource.attributes = attributes.into(),
            Err(fault) => faults.push((resource.address.clone(), fault)),
        }
    }
    if faults.is_empty() { Ok(graph) } else { Err(faults) }
}
