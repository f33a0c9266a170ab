//! What somebody else has changed since the last apply: which of it is meant, and the plan that undoes it.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow};

use super::plan::{Basis, Wish};
use super::{Fault, Result, Site};
use crate::cost::Expected;
use crate::engine::address::Address;
use crate::engine::graph::Graph;
use crate::engine::plan::{Adopt, Change};
use crate::engine::planfile::{Plan, Purpose};
use crate::engine::revert::{last_applied, undoes_drift};
use crate::spec::policy::Policy;

/// The resources whose drift is meant: these, and all of these blocks; without any, all.
#[derive(Clone, Debug, Default)]
pub struct Chosen(BTreeSet<Address>);

impl Chosen {
    /// These, or all where there are none.
    pub fn new(addresses: &[Address]) -> Self {
        Self(addresses.iter().cloned().collect())
    }

    /// Whether a resource is among them.
    pub fn has(&self, address: &Address) -> bool {
        self.0.is_empty() || self.0.iter().any(|one| one.covers(address))
    }

    /// Refuses an address that stands for none of what there is.
    pub fn check<'a>(&self, known: &(impl Iterator<Item = &'a Address> + Clone)) -> Result<()> {
        let unknown = |one: &&Address| !known.clone().any(|address| one.covers(address));
        match self.0.iter().find(unknown) {
            Some(address) => {
                let error = anyhow!("pipectl owns nothing at `{address}`");
                Err(Fault::helped(error, "`pipectl state list` prints the addresses of all that it owns"))
            }
            None => Ok(()),
        }
    }
}

/// What a revert needs of the spec: its rules, and what its traffic costs. What the spec wants is not asked.
pub struct Revert<'a> {
    /// Whose drift is undone.
    pub chosen: &'a Chosen,
    /// `[policy]`.
    pub policy: &'a Policy,
    /// The traffic that is expected.
    pub traffic: &'a Expected,
}

/// Plans what makes the chosen resources as the last apply left them, and leaves all else alone: other drift, and what
/// the spec has come to say since.
pub async fn revert(site: &Site, revert: &Revert<'_>) -> Result<Plan> {
    let basis = Basis::read(site, &Graph::default()).await?;
    if !basis.has_state() {
        return Err(no_state(&site.store.location()));
    }
    revert.chosen.check(&basis.state.resources.keys())?;
    let graph = last_applied(&basis.state, &site.registry).context("the state cannot be gone back to")?;
    let mut changes = basis.changes(site, &graph, &Adopt::Nothing)?;
    let all = changes.0.len();
    let meant = |change: &Change| !change.acts() || (undoes_drift(change) && revert.chosen.has(&change.address));
    changes.0.retain(meant);
    let whole = changes.0.len() == all;
    let wish = Wish {
        graph: &graph,
        purpose: Purpose::Revert,
        spec: None,
        protect: basis.state.protect,
        policy: revert.policy,
        traffic: revert.traffic,
        adopt: &Adopt::Nothing,
    };
    let plan = basis.written(site, &wish, changes);
    // What an environment costs is known of all its resources or not at all.
    Ok(Plan { cost: plan.cost.filter(|_| whole), ..plan })
}

/// Nothing was applied, so nothing can have been changed since.
pub fn no_state(location: &str) -> Fault {
    let error = anyhow!("there is no state at {}, so nothing says what was left how", location.escape_debug());
    let help = "if it was lost, `pipectl state rebuild` finds what is there; else nothing was applied yet";
    Fault::helped(error, help)
}
