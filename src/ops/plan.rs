//! Makes a plan: two round trips at most, however many resources, once it is known who is asking and where the state is;
//! one or two more where something is in the way.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Map;
use time::Duration;

use super::arrivals::{self, Origins};
use super::externals::still_ours;
use super::fault::state_fault;
use super::references::{consumers, in_use, lost, renamed};
use super::unmodelled::{self, look_at_all, owned};
use super::{Fault, Result, Site};
use crate::cost::{self, Expected};
use crate::engine::access::broadenings;
use crate::engine::apply::now;
use crate::engine::plan::likely::likely_renames;
use crate::engine::plan::selection::{NotSelectable, Selection, WHOLE};
use crate::engine::plan::{Adopt, Change, Changes, Input, key_of, plan};
use crate::engine::planfile::{Plan, Purpose, SpecRef, StateRef};
use crate::engine::refresh::{LiveResources, Target, Unreadable, refresh};
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::model::unmodelled::Look;
use crate::policy;
use crate::spec::policy::Policy;
use crate::state::State;
use crate::state::blobs::ETag;
use crate::state::consumers::{Consumers, ConsumersError};
use crate::state::store::Versioned;

/// How long a plan can be applied: as long as GitLab keeps it as an artifact.
const GOOD_FOR: Duration = Duration::days(30);

/// What a plan is to be made for.
pub struct PlanRequest<'a> {
    /// What is wanted, its attributes in canonical form; empty for a destruction.
    pub graph: &'a Graph,
    /// What it is for.
    pub purpose: Purpose,
    /// The spec that it comes from.
    pub spec: Option<SpecRef>,
    /// `[env] protect`.
    pub protect: bool,
    /// `[policy]`.
    pub policy: &'a Policy,
    /// The traffic that is expected.
    pub traffic: &'a Expected,
    /// What may be taken over.
    pub adopt: &'a Adopt,
    /// What of the plan is asked for.
    pub selection: &'a Selection,
}

impl<'a> PlanRequest<'a> {
    /// That nothing is left, `nothing` being a graph without resources.
    pub fn destruction(nothing: &'a Graph, policy: &'a Policy, traffic: &'a Expected) -> Self {
        let (purpose, adopt) = (Purpose::Destroy, &Adopt::Nothing);
        Self { graph: nothing, purpose, spec: None, protect: false, policy, traffic, adopt, selection: &WHOLE }
    }
}

/// Plans what makes AWS as wished.
pub async fn make(site: &Site, plan_request: &PlanRequest<'_>) -> Result<Plan> {
    let mut basis = PlanInputs::read(site, plan_request.graph).await?;
    let plan = basis.plan(site, plan_request).await?;
    if plan.summary().conflict == 0 {
        return Ok(plan);
    }
    // What an apply makes is in the state before it is in AWS. So what is in the way is somebody else's only if the state
    // that was loaded *after* it was seen does not know of it either.
    let later = site.store.load().await.map_err(state_fault)?;
    if later.as_ref().and_then(etag) == basis.from.etag {
        return Ok(plan);
    }
    basis.remember(site, later).await?;
    basis.plan(site, plan_request).await
}

/// What plans are made against: the state, and what was read of AWS. Of one basis several plans can be made.
pub(super) struct PlanInputs {
    /// Where the state was found, if it was.
    from: StateRef,
    /// What its store calls the bytes that it was read from.
    etag: Option<ETag>,
    /// The state; an empty one where there is none.
    pub(super) state: State,
    /// Who uses what of the environment; an error where that cannot be read, which only a plan that deletes something minds.
    consumers: std::result::Result<Consumers, ConsumersError>,
    /// The states of the environments that blocks of the graph come from.
    origins: Origins,
    world: LiveResources,
}

impl PlanInputs {
    /// Loads the state, and reads what a graph wants and what the state remembers besides.
    pub(super) async fn read(site: &Site, graph: &Graph) -> Result<Self> {
        Self::read_with(site, graph, None).await
    }

    /// The same, and beside it what an earlier look at the state knew: then only what has come into the state since is
    /// read after it.
    pub(super) async fn read_with(site: &Site, graph: &Graph, early: Option<&State>) -> Result<Self> {
        let (loaded, consumers, origins, world) = tokio::join!(
            site.store.load(),
            consumers(site),
            arrivals::origins(site, graph),
            read_known(site, graph, early)
        );
        let loaded = loaded.map_err(state_fault)?;
        // What credentials of another account cannot read says less than that they are of another account.
        loaded.as_ref().map_or(Ok(()), |loaded| in_scope(site, &loaded.state))?;
        let (origins, world) = (origins?, world?);
        let (from, state) = (reference(site, None), remembered(site, None)?);
        let mut basis = Self { from, etag: None, state, consumers, origins, world };
        basis.remember(site, loaded).await?;
        Ok(basis)
    }

    /// Takes another state instead, and reads what only that remembers.
    async fn remember(&mut self, site: &Site, loaded: Option<Versioned>) -> Result<()> {
        self.from = reference(site, loaded.as_ref());
        self.etag = loaded.as_ref().and_then(|loaded| loaded.etag.clone());
        self.state = remembered(site, loaded)?;
        self.state.share(|_, record| Some(&self.world.get(&record.kind, &record.key)?.attributes));
        self.world.extend(read_rest(site, &self.state, &self.world).await?);
        Ok(())
    }

    /// The state that was found, if one was, and what its store calls the bytes that it was read from.
    pub(super) fn found(&self) -> Option<(&State, Option<&ETag>)> {
        self.has_state().then_some((&self.state, self.etag.as_ref()))
    }

    /// The state, and what its store calls the bytes that it was read from.
    pub(super) fn into_state(self) -> (State, Option<ETag>) {
        (self.state, self.etag)
    }

    /// Whether anything was ever applied.
    pub(super) fn has_state(&self) -> bool {
        self.from.lineage.is_some()
    }

    /// What makes AWS as a graph wants it.
    pub(super) fn changes(&self, site: &Site, graph: &Graph, adopt: &Adopt) -> Result<Changes> {
        self.changes_replacing(site, graph, (adopt, &BTreeSet::new()))
    }

    /// The same, with these made anew.
    fn changes_replacing(
        &self,
        site: &Site,
        graph: &Graph,
        (adopt, replace): (&Adopt, &BTreeSet<Address>),
    ) -> Result<Changes> {
        let input = Input { graph, state: &self.state, world: &self.world, registry: &site.registry, adopt, replace };
        Ok(plan(&input).context("the state holds attributes that do not fit their resource type")?)
    }

    /// What makes AWS as wished.
    pub(super) async fn plan(&self, site: &Site, plan_request: &PlanRequest<'_>) -> Result<Plan> {
        let PlanRequest { graph, adopt, selection, .. } = plan_request;
        let mut changes = self.changes_replacing(site, graph, (adopt, &selection.replace))?;
        let left_out = selection.apply(&mut changes).map_err(unselectable)?;
        self.warn(site, graph, &mut changes).await;
        let used = in_use(&lost(&changes), &self.consumers);
        let renamed = renamed(&changes, &self.consumers);
        let held = arrivals::refusals(graph, &changes, &self.origins)?;
        let mut plan = self.written(site, plan_request, changes);
        plan.refusals.extend(used?);
        plan.refusals.extend(held);
        plan.notes.extend(renamed);
        Ok(if left_out.is_empty() { plan } else { in_part(plan, left_out) })
    }

    /// Adds to the changes what of live resources they would lose, or take over as it is.
    pub(super) async fn warn(&self, site: &Site, graph: &Graph, changes: &mut Changes) {
        let owned = owned(&site.registry, graph, &self.state);
        unmodelled::warn(&site.registry, &self.world, changes, &owned).await;
    }

    /// What live resources have beyond their attributes, by address: of those that the changes are about.
    pub(super) async fn unmodelled(
        &self,
        site: &Site,
        graph: &Graph,
        changes: &Changes,
        which: impl Fn(&Change) -> bool,
    ) -> BTreeMap<Address, Look> {
        let owned = owned(&site.registry, graph, &self.state);
        look_at_all(&site.registry, &self.world, changes, &owned, which).await
    }

    /// A plan of these changes, with all that it was made against.
    pub(super) fn written(&self, site: &Site, plan_request: &PlanRequest<'_>, changes: Changes) -> Plan {
        let created = now();
        let outputs: Map<_, _> =
            plan_request.graph.outputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut refusals = changes.refusals(&self.state);
        let likely_renames = match plan_request.purpose {
            Purpose::Apply => likely_renames(&changes, &site.registry),
            Purpose::Adopt | Purpose::Destroy | Purpose::Revert => Vec::new(),
        };
        refusals.extend(policy::refusals(plan_request.policy, &changes));
        refusals.extend(still_ours(&changes, &plan_request.graph.externals, &site.scope));
        Plan {
            made_by: concat!("pipectl ", env!("CARGO_PKG_VERSION")).to_owned(),
            project: site.project.clone(),
            env: site.env.clone(),
            purpose: plan_request.purpose,
            scope: site.scope.clone(),
            caller: site.caller.clone(),
            acts_as: site.acts_as.clone(),
            created,
            expires: created + GOOD_FOR,
            state: self.from.clone(),
            spec: plan_request.spec.clone(),
            protect: plan_request.protect,
            refusals,
            broadens: broadenings(&changes, &self.state, &site.registry),
            cost: cost::change(&changes, plan_request.traffic, &site.scope.region),
            changes,
            flows: plan_request.graph.flows.clone(),
            externals: plan_request.graph.externals.clone(),
            likely_renames,
            selection: plan_request.selection.clone(),
            left_out: Vec::new(),
            notes: plan_request.graph.notes.clone(),
            outputs,
        }
    }
}

/// A plan that does not do all: it says nothing of the environment as a whole, and has the outputs of what it is about.
fn in_part(mut plan: Plan, left_out: Vec<Address>) -> Plan {
    let blocks: BTreeSet<&str> = left_out.iter().map(Address::block_name).collect();
    plan.outputs.retain(|name, _| name.rsplit_once('.').is_none_or(|(block, _)| !blocks.contains(block)));
    Plan { cost: None, left_out, ..plan }
}

/// What is asked for and is not there, with what to do about it.
fn unselectable(error: NotSelectable) -> Fault {
    let help = match &error {
        NotSelectable::Unknown(_) => {
            "`pipectl plan` and `pipectl state list` print addresses; `--replace` takes that of one resource, such as \
             `firehose.clicks/role`"
        }
        NotSelectable::NotThere(..) => "leave `--replace` out: the plan without it says what becomes of the resource",
    };
    Fault::helped(error, help)
}

/// Which state this is, or that there is none.
fn reference(site: &Site, loaded: Option<&Versioned>) -> StateRef {
    StateRef {
        location: site.store.location(),
        lineage: loaded.map(|loaded| loaded.state.lineage),
        serial: loaded.map_or(0, |loaded| loaded.state.serial),
        etag: loaded.and_then(etag),
    }
}

fn etag(loaded: &Versioned) -> Option<String> {
    loaded.etag.as_ref().map(ToString::to_string)
}

/// The state, or an empty one; never another account's or region's.
pub(super) fn remembered(site: &Site, loaded: Option<Versioned>) -> Result<State> {
    let Some(Versioned { state, .. }) = loaded else {
        return Ok(State::empty(&site.project, &site.env, site.scope.clone()));
    };
    in_scope(site, &state)?;
    Ok(state)
}

/// Refuses a state that is of another account or region than the one that is asked.
///
/// # Errors
/// With both, and what to do.
pub fn in_scope(site: &Site, state: &State) -> Result<()> {
    if state.scope == site.scope {
        return Ok(());
    }
    let (place, theirs, ours) = (site.store.location(), &state.scope, &site.scope);
    let error = anyhow::anyhow!("the state {place} is of account {theirs}, and these credentials are for {ours}");
    Err(Fault::helped(error, "use that account's credentials and `[env] region`, or another place for the state"))
}

pub(super) async fn read_wanted(site: &Site, graph: &Graph) -> Result<LiveResources> {
    read_known(site, graph, None).await
}

/// Reads what a graph wants, and what a state knows besides.
async fn read_known(site: &Site, graph: &Graph, state: Option<&State>) -> Result<LiveResources> {
    let mut targets = Vec::new();
    for resource in graph.resources.values() {
        let key = key_of(&site.registry, &resource.kind, &resource.attributes).context("the blueprint's attributes")?;
        targets.push(Target {
            address: &resource.address,
            kind: &resource.kind,
            key,
            hint: Some(&resource.attributes),
        });
    }
    let mut seen: BTreeSet<_> = targets.iter().map(|target| (target.kind.to_owned(), target.key.clone())).collect();
    let known = state.into_iter().flat_map(remembered_targets);
    targets.extend(known.filter(|target| seen.insert((target.kind.to_owned(), target.key.clone()))));
    refresh(&site.registry, targets).await.map_err(unreadable)
}

/// Reads what the state knows and the spec does not name: what is to be deleted, and what an interrupted apply left. What the
/// state remembers and was missing is read again: the state may be newer than that look, if another apply is at work, and
/// whoever finds "deleted" what was just made would plan to bring it back.
async fn read_rest(site: &Site, state: &State, world: &LiveResources) -> Result<LiveResources> {
    let mut seen = BTreeSet::new();
    let remembered = |target: &Target<'_>| target.hint.is_some() && world.get(target.kind, &target.key).is_none();
    let left = remembered_targets(state).filter(|target| {
        (remembered(target) || !world.knows(target.kind, &target.key))
            && seen.insert((target.kind.to_owned(), target.key.clone()))
    });
    refresh(&site.registry, left.collect()).await.map_err(unreadable)
}

/// All that a state names; some of it twice.
fn remembered_targets(state: &State) -> impl Iterator<Item = Target<'_>> {
    let records = state.resources.iter().map(|(address, record)| Target {
        address,
        kind: &record.kind,
        key: record.key.clone(),
        hint: Some(&record.attributes),
    });
    let intents = state.intents.iter().map(|(address, intent)| Target {
        address,
        kind: &intent.kind,
        key: intent.key.clone(),
        hint: None,
    });
    records.chain(intents)
}

/// Credentials that are missing or expired make every read fail alike: then one error says it all.
pub(super) fn unreadable(all: Vec<Unreadable>) -> Fault {
    use crate::model::error::Class;
    match all.iter().find(|one| matches!(one.source.class, Class::Credentials | Class::Unreachable | Class::Untrusted))
    {
        Some(one) => Fault::Call(one.source.clone()),
        None => Fault::Unreadable(all),
    }
}
