//! Where a command works: the kinds, the state's store, and whose credentials it has.

use crate::engine::graph::Graph;
use crate::engine::kind::Registry;
use crate::engine::scope::Scope;
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
}

/// The graph with every resource's attributes in its kind's canonical form, so that equal means equal.
///
/// # Errors
/// When attributes do not fit their kind: the blueprint's fault, named with the address.
pub fn canonical(registry: &Registry, mut graph: Graph) -> anyhow::Result<Graph> {
    for resource in graph.resources.values_mut() {
        let kind = registry.get(&resource.kind);
        let kind = kind.ok_or_else(|| anyhow::anyhow!("{}: no resource type `{}`", resource.address, resource.kind))?;
        resource.attributes =
            kind.canonical(&resource.attributes).map_err(|error| anyhow::anyhow!("{}: {error}", resource.address))?;
    }
    Ok(graph)
}
