//! What somebody else has changed since the last apply: which of it is meant, and the plan that undoes it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, anyhow};

use super::build::is_newer;
use super::plan::{PlanInputs, PlanRequest};
use super::{Fault, Result, Site};
use crate::cost::Expected;
use crate::engine::plan::selection::WHOLE;
use crate::engine::plan::{Adopt, Change};
use crate::engine::planfile::{Plan, Purpose};
use crate::engine::revert::{last_applied, undoes_drift};
use crate::model::address::Address;
use crate::model::left_alone::Path;
use crate::model::unmodelled::Look;
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

/// What was seen of the chosen resources.
pub struct Seen {
    /// The plan, which says what has drifted.
    pub plan: Plan,
    /// What live resources have besides.
    pub looks: BTreeMap<Address, Look>,
    /// The functions whose code was not compared with what the spec would make of it now: its files or its command are others
    /// than what was applied, and nothing is built to look for drift.
    pub not_built: Vec<Address>,
}

/// Plans what the spec wants, and looks at what live resources have besides, of the chosen ones.
///
/// # Errors
/// Where the plan cannot be made, or nothing was ever applied.
pub async fn look(site: &Site, plan_request: &PlanRequest<'_>, chosen: &Chosen) -> Result<Seen> {
    let basis = PlanInputs::read(site, plan_request.graph).await?;
    if !basis.has_state() {
        return Err(no_state(&site.store.location()));
    }
    let changes = basis.changes(site, plan_request.graph, plan_request.adopt)?;
    chosen.check(&changes.0.iter().map(|change| &change.address))?;
    // What is in the way is nobody's whom the state knows.
    let ours = |change: &Change| {
        let address = change.previous_address.as_ref().unwrap_or(&change.address);
        basis.state.resources.contains_key(address) && chosen.has(&change.address)
    };
    let looks = basis.unmodelled(site, plan_request.graph, &changes, ours).await;
    let newer =
        plan_request.graph.resources.values().filter(|resource| chosen.has(&resource.address)).filter(|resource| {
            let record = basis.state.resources.get(&resource.address);
            record.is_some_and(|record| is_newer(&resource.attributes, &record.attributes))
        });
    let not_built = newer.map(|resource| resource.address.clone()).collect();
    Ok(Seen { plan: basis.written(site, plan_request, changes), looks, not_built })
}

/// What a revert needs of the spec: its rules, what its traffic costs, and what it leaves alone. What it wants is not asked.
pub struct Revert<'a> {
    /// Whose drift is undone.
    pub chosen: &'a Chosen,
    /// `[policy]`.
    pub policy: &'a Policy,
    /// The traffic that is expected.
    pub traffic: &'a Expected,
    /// What the spec leaves alone: no drift, and not undone.
    pub left_alone: &'a BTreeMap<Address, Vec<Path>>,
}

/// Plans what makes the chosen resources as the last apply left them, and leaves all else alone: other drift, and what
/// the spec has come to say since.
pub(super) async fn undoing(site: &Site, basis: &PlanInputs, revert: &Revert<'_>) -> Result<Plan> {
    if !basis.has_state() {
        return Err(no_state(&site.store.location()));
    }
    revert.chosen.check(&basis.state.resources.keys())?;
    let mut graph = last_applied(&basis.state, &site.registry).context("the state cannot be gone back to")?;
    graph.left_alone.clone_from(revert.left_alone);
    let mut changes = basis.changes(site, &graph, &Adopt::Nothing)?;
    basis.warn(site, &graph, &mut changes).await;
    let all = changes.0.len();
    let chosen = |address: &Address| revert.chosen.has(address);
    // What is made again leaves dead what AWS has bound to the one before.
    let follows = |change: &Change| change.rebinds && change.depends_on.iter().any(&chosen);
    let meant =
        |change: &Change| !change.acts() || (undoes_drift(change) && chosen(&change.address)) || follows(change);
    changes.0.retain(meant);
    let whole = changes.0.len() == all;
    let plan_request = PlanRequest {
        graph: &graph,
        purpose: Purpose::Revert,
        spec: None,
        protect: basis.state.protect,
        policy: revert.policy,
        traffic: revert.traffic,
        adopt: &Adopt::Nothing,
        selection: &WHOLE,
    };
    let plan = basis.written(site, &plan_request, changes);
    // What an environment costs is known of all its resources or not at all.
    Ok(Plan { cost: plan.cost.filter(|_| whole), ..plan })
}

/// Nothing was applied, so nothing can have been changed since.
pub fn no_state(location: &str) -> Fault {
    let error = anyhow!("there is no state at {}, so nothing says what was left how", location.escape_debug());
    let help = "if it was lost, `pipectl state rebuild` finds what is there; else nothing was applied yet";
    Fault::helped(error, help)
}
