//! Makes a spec of what exists: reads what was found, suggests, and asks the planner until it would change nothing.

mod code;

use std::collections::BTreeSet;

use anyhow::{Context, anyhow};

use super::plan::unreadable;
use super::site::with_files;
use super::unmodelled::{look_at_all, owned};
use super::{Fault, Result};
use crate::blueprint;
use crate::catalog::Type;
use crate::engine::plan::{Adopt, Changes, Input, key_of, plan};
use crate::engine::refresh::{LiveResources, Target, Unreadable, refresh};
use crate::import::{Besides, Found, Import, Imported, LeftOut, SpecHead, keys};
use crate::model::address::Address;
use crate::model::error::Class;
use crate::model::graph::Graph;
use crate::model::kind::{Live, Registry};
use crate::model::unmodelled::Look;
use crate::spec::{Loaded, Options, load_text};
use crate::state::State;

/// Imports what was found. Every resource is read once; what the spec comes to beside it, too.
pub async fn import(
    registry: &Registry,
    place: &SpecHead,
    mut found: Vec<Found>,
    mut left_out: Vec<LeftOut>,
) -> Result<Imported> {
    let mut world = read_found(registry, &mut found, &mut left_out).await?;
    left_out.extend(keys::left_out(&found, &world));
    let code = code::of(&found, &world);
    let mut import = Import::new(place.clone(), found, left_out, &world, &code);
    let mut by_name = BTreeSet::new();
    // Every round leaves fewer blocks, or fewer ways to say them.
    loop {
        let Some(loaded) = suggested(&mut import, place)? else { continue };
        let graph = blueprint::build(&loaded.spec, &place.scope);
        let graph = with_files(registry, graph, &BTreeSet::new()).map_err(unfit)?;
        let rest = read_rest(registry, &graph, &world, &mut by_name).await?;
        world.extend(rest);
        let changes = planned(registry, place, &graph, &world)?;
        if !import.revise(&changes) {
            let unmodelled = besides(registry, &graph, &world, &changes, place).await;
            return Ok(Imported { unmodelled, ..import.finish(&changes) });
        }
    }
}

/// What is taken has besides what a spec can say: looked for once nothing else is to be found.
async fn besides(
    registry: &Registry,
    graph: &Graph,
    world: &LiveResources,
    changes: &Changes,
    place: &SpecHead,
) -> Vec<Besides> {
    let state = State::empty(&place.project, &place.env, place.scope.clone());
    let owned = owned(registry, graph, &state);
    let looks = look_at_all(registry, world, changes, &owned, |_| true).await;
    let looks = looks.into_iter().filter(|(_, look)| *look != Look::default());
    looks.map(|(address, Look { found, blind })| Besides { address, found, not_looked_at: blind }).collect()
}

/// Resources that do not fit their types, of a spec that is right: a mistake of pipectl's own.
fn unfit(all: Vec<(Address, String)>) -> Fault {
    let all: Vec<String> = all.into_iter().map(|(address, fault)| format!("`{address}`: {fault}")).collect();
    Fault::Other(anyhow!("the spec cannot be built: {}", all.join("; ")))
}

/// The suggested spec; none where it was wrong, and another is suggested now.
fn suggested(import: &mut Import, place: &SpecHead) -> Result<Option<Loaded>> {
    let text = import.text();
    let options = Options { account: Some(place.scope.account.clone()), ..Options::default() };
    let report = match load_text(&format!("envs/{}.toml", place.env), &text, &options) {
        Ok(loaded) => return Ok(Some(loaded)),
        Err(report) => report,
    };
    match import.blame(&text, &report.entries()).first() {
        None => Ok(None),
        Some(entry) => {
            let error = anyhow!("the spec would be wrong: {}", entry.message);
            Err(Fault::helped(
                error,
                "choose other names with `--project` and `--env`: lower-case letters, digits, `-`",
            ))
        }
    }
}

/// Reads what was found. What the caller may not read is left out, and the rest read again without it.
async fn read_found(registry: &Registry, found: &mut Vec<Found>, left_out: &mut Vec<LeftOut>) -> Result<LiveResources> {
    loop {
        let failed = match read(registry, found).await {
            Ok(world) => return Ok(world),
            Err(failed) if failed.iter().any(|one| one.source.class != Class::Denied) => {
                return Err(unreadable(failed));
            }
            Err(failed) => failed,
        };
        found.retain(|one| {
            let address = Address::block(&one.kind, &one.key);
            let denied = failed.iter().find(|failed| failed.address == address);
            left_out.extend(denied.map(|denied| LeftOut {
                source: one.source.clone(),
                reason: format!("it cannot be read, for the call is denied: {}", denied.source),
                is_own: false,
            }));
            denied.is_none()
        });
    }
}

/// Reads what was found, as far as its key says where it is.
async fn read(registry: &Registry, found: &[Found]) -> std::result::Result<LiveResources, Vec<Unreadable>> {
    let whole = |one: &&Found| one.kind != "iam_access_key" || one.key.contains('|');
    let ids: BTreeSet<(&str, &str)> = found.iter().filter(whole).map(|one| (&*one.kind, &*one.key)).collect();
    let named: Vec<Address> = ids.iter().map(|(kind, key)| Address::block(kind, key)).collect();
    let target = |((kind, key), address)| Target { address, kind, key: String::from(key), hint: None };
    let targets = ids.into_iter().zip(&named).map(target);
    refresh(registry, targets.collect()).await
}

/// Reads what a spec wants and was not found: parts that their owner has no name for. What names others by ids that AWS makes
/// up is read once more, for only who knows the names can be told them.
async fn read_rest(
    registry: &Registry,
    graph: &Graph,
    world: &LiveResources,
    by_name: &mut BTreeSet<(String, String)>,
) -> Result<LiveResources> {
    let mut targets = Vec::new();
    for resource in graph.resources.values() {
        let key = key_of(registry, &resource.kind, &resource.attributes).context("the blueprint's attributes")?;
        let anew = Type::named(&resource.kind).is_some_and(names_by_id)
            && by_name.insert((resource.kind.clone(), key.clone()));
        if anew || !world.knows(&resource.kind, &key) {
            let hint = Some(&resource.attributes);
            targets.push(Target { address: &resource.address, kind: &resource.kind, key, hint });
        }
    }
    refresh(registry, targets).await.map_err(unreadable)
}

/// Whether a resource names another in AWS by an id that AWS makes up, where the spec says a name.
fn names_by_id(one: Type) -> bool {
    match one {
        Type::Permission | Type::UsagePlan => true,
        Type::ApiKey
        | Type::RestApi
        | Type::Stage
        | Type::Alarm
        | Type::Dashboard
        | Type::Table
        | Type::Rule
        | Type::DeliveryStream
        | Type::AccessKey
        | Type::Role
        | Type::User
        | Type::Stream
        | Type::Mapping
        | Type::InvokeConfig
        | Type::Function
        | Type::LogGroup
        | Type::GlueCrawler
        | Type::GlueJob
        | Type::Trigger
        | Type::SchemaRegistry
        | Type::RegistrySchema
        | Type::Workflow
        | Type::LogStream
        | Type::Database
        | Type::CatalogTable
        | Type::Object
        | Type::Bucket
        | Type::Notification
        | Type::Secret
        | Type::Subscription
        | Type::NamedQuery
        | Type::PreparedStatement
        | Type::Workgroup
        | Type::Parameter
        | Type::Topic
        | Type::Queue => false,
    }
}

/// What a first plan of the spec says, with everything adopted.
fn planned(registry: &Registry, place: &SpecHead, graph: &Graph, world: &LiveResources) -> Result<Changes> {
    let state = State::empty(&place.project, &place.env, place.scope.clone());
    let world = aligned(registry, graph, world)?;
    let input = Input { graph, state: &state, world: &world, registry, adopt: &Adopt::All, replace: &BTreeSet::new() };
    Ok(plan(&input).context("what is live does not fit its resource type")?)
}

/// What is wanted of the world, spelt as it is wanted.
fn aligned(registry: &Registry, graph: &Graph, world: &LiveResources) -> Result<LiveResources> {
    let mut aligned = LiveResources::default();
    for resource in graph.resources.values() {
        let key = key_of(registry, &resource.kind, &resource.attributes).context("the blueprint's attributes")?;
        let live = world.get(&resource.kind, &key).zip(registry.get(&resource.kind)).map(|(live, kind)| {
            let attributes = kind.align(&live.attributes, &resource.attributes).into();
            Live { attributes, ..live.clone() }
        });
        aligned.put(&resource.kind, &key, live);
    }
    Ok(aligned)
}
