//! Makes a plan: two round trips at most, however many resources, once it is known who is asking and where the state is;
//! one or two more where something is in the way.

use std::collections::BTreeSet;

use anyhow::Context;
use serde_json::Map;
use time::Duration;

use super::{Fault, Result, Site};
use crate::cost::{self, Expected};
use crate::engine::access::broadenings;
use crate::engine::apply::now;
use crate::engine::graph::Graph;
use crate::engine::plan::{Adopt, Changes, Input, key_of, plan};
use crate::engine::planfile::{Plan, Purpose, SpecRef, StateRef};
use crate::engine::refresh::{Target, Unreadable, World, refresh};
use crate::policy;
use crate::spec::policy::Policy;
use crate::state::State;
use crate::state::store::Versioned;

/// How long a plan can be applied: as long as GitLab keeps it as an artifact.
const GOOD_FOR: Duration = Duration::days(30);

/// What a plan is to be made for.
pub struct Wish<'a> {
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
}

/// Plans what makes AWS as wished.
pub async fn make(site: &Site, wish: &Wish<'_>) -> Result<Plan> {
    let mut basis = Basis::read(site, wish.graph).await?;
    let plan = basis.plan(site, wish)?;
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
    basis.plan(site, wish)
}

/// What plans are made against: the state, and what was read of AWS. Of one basis several plans can be made.
pub(super) struct Basis {
    /// Where the state was found, if it was.
    from: StateRef,
    /// The state; an empty one where there is none.
    pub(super) state: State,
    world: World,
}

impl Basis {
    /// Loads the state, and reads what a graph wants and what the state remembers besides.
    pub(super) async fn read(site: &Site, graph: &Graph) -> Result<Self> {
        let (loaded, world) = tokio::join!(site.store.load(), read_wanted(site, graph));
        let (loaded, world) = (loaded.map_err(state_fault)?, world?);
        let mut basis = Self { from: reference(site, None), state: remembered(site, None)?, world };
        basis.remember(site, loaded).await?;
        Ok(basis)
    }

    /// Takes another state instead, and reads what only that remembers.
    async fn remember(&mut self, site: &Site, loaded: Option<Versioned>) -> Result<()> {
        self.from = reference(site, loaded.as_ref());
        self.state = remembered(site, loaded)?;
        self.state.share(|_, record| Some(&self.world.get(&record.kind, &record.key)?.attributes));
        self.world.extend(read_rest(site, &self.state, &self.world).await?);
        Ok(())
    }

    /// Whether anything was ever applied.
    pub(super) fn has_state(&self) -> bool {
        self.from.lineage.is_some()
    }

    /// What makes AWS as a graph wants it.
    pub(super) fn changes(&self, site: &Site, graph: &Graph, adopt: &Adopt) -> Result<Changes> {
        let input = Input { graph, state: &self.state, world: &self.world, registry: &site.registry, adopt };
        Ok(plan(&input).context("the state holds attributes that do not fit their resource type")?)
    }

    fn plan(&self, site: &Site, wish: &Wish<'_>) -> Result<Plan> {
        Ok(self.written(site, wish, self.changes(site, wish.graph, wish.adopt)?))
    }

    /// A plan of these changes, with all that it was made against.
    pub(super) fn written(&self, site: &Site, wish: &Wish<'_>, changes: Changes) -> Plan {
        let created = now();
        let outputs: Map<_, _> = wish.graph.outputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut refusals = changes.refusals(&self.state);
        refusals.extend(policy::refusals(wish.policy, &changes));
        Plan {
            made_by: concat!("pipectl ", env!("CARGO_PKG_VERSION")).to_owned(),
            project: site.project.clone(),
            env: site.env.clone(),
            purpose: wish.purpose,
            scope: site.scope.clone(),
            caller: site.caller.clone(),
            created,
            expires: created + GOOD_FOR,
            state: self.from.clone(),
            spec: wish.spec.clone(),
            protect: wish.protect,
            refusals,
            broadens: broadenings(&changes, &self.state),
            cost: cost::change(&changes, wish.traffic, &site.scope.region),
            changes,
            flows: wish.graph.flows.clone(),
            notes: wish.graph.notes.clone(),
            outputs,
        }
    }
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
    if state.scope != site.scope {
        return Err(Fault::Other(anyhow::anyhow!(
            "the state {} is of account {}, and these credentials are for {}: use that account's, or another place for the state",
            site.store.location(),
            state.scope,
            site.scope,
        )));
    }
    Ok(state)
}

/// An error of the state's store, with what to do about it.
pub fn state_fault(error: crate::state::store::StateError) -> Fault {
    let help = error.help();
    Fault::helped(error, help)
}

pub(super) async fn read_wanted(site: &Site, graph: &Graph) -> Result<World> {
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
    refresh(&site.registry, targets).await.map_err(unreadable)
}

/// Reads what the state knows and the spec does not name: what is to be deleted, and what an interrupted apply left.
async fn read_rest(site: &Site, state: &State, world: &World) -> Result<World> {
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
    let mut seen = BTreeSet::new();
    let left = records.chain(intents).filter(|target| {
        !world.knows(target.kind, &target.key) && seen.insert((target.kind.to_owned(), target.key.clone()))
    });
    refresh(&site.registry, left.collect()).await.map_err(unreadable)
}

/// Credentials that are missing or expired make every read fail alike: then one error says it all.
pub(super) fn unreadable(all: Vec<Unreadable>) -> Fault {
    use crate::engine::error::Class;
    match all.iter().find(|one| matches!(one.source.class, Class::Credentials | Class::Unreachable)) {
        Some(one) => Fault::Call(one.source.clone()),
        None => Fault::Unreadable(all),
    }
}
