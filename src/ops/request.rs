//! What a plan is asked for, so that the same can be worked out again when its file is applied.

use super::adoption::adoptions;
use super::drift::{Revert, undoing};
use super::plan::{PlanInputs, PlanRequest, make};
use super::{Result, Site};
use crate::engine::planfile::Plan;
use crate::model::graph::Graph;
use crate::state::State;

/// What is to be planned.
pub enum Request<'a> {
    /// What a spec wants; without a resource, the destruction of all.
    Whole(PlanRequest<'a>),
    /// Of what a spec wants, what takes over what exists.
    Adoption(PlanRequest<'a>),
    /// What undoes drift.
    Revert(Revert<'a>),
}

impl Request<'_> {
    /// Plans it.
    ///
    /// # Errors
    /// When AWS or the state cannot be read, or there is no state to go back to.
    pub async fn plan(&self, site: &Site) -> Result<Plan> {
        match self {
            Self::Whole(plan_request) => make(site, plan_request).await,
            Self::Adoption(plan_request) => Ok(adoptions(make(site, plan_request).await?, plan_request.adopt)),
            Self::Revert(_) => {
                let basis = self.basis(site, None).await?;
                self.on(site, &basis).await
            }
        }
    }

    /// Reads what it is planned on; `early` is the state as it was a moment ago, if that is known.
    pub(super) async fn basis(&self, site: &Site, early: Option<&State>) -> Result<PlanInputs> {
        let nothing = Graph::default();
        let graph = match self {
            Self::Whole(plan_request) | Self::Adoption(plan_request) => plan_request.graph,
            Self::Revert(_) => &nothing,
        };
        PlanInputs::read_with(site, graph, early).await
    }

    /// Plans it on what was read.
    pub(super) async fn on(&self, site: &Site, basis: &PlanInputs) -> Result<Plan> {
        match self {
            Self::Whole(plan_request) => basis.plan(site, plan_request).await,
            Self::Adoption(plan_request) => Ok(adoptions(basis.plan(site, plan_request).await?, plan_request.adopt)),
            Self::Revert(revert) => undoing(site, basis, revert).await,
        }
    }
}
