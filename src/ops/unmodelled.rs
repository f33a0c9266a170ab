//! What live resources have in AWS beyond what a spec can say: looked for by `drift`, and where a plan would lose it.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use super::Site;
use crate::engine::plan::{Action, Change, Changes, Refusal, key_of};
use crate::engine::refresh::LiveResources;
use crate::engine::review::NOT_LOOKED_AT;
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::graph::Graph;
use crate::model::kind::Registry;
use crate::model::unmodelled::{Look, Owned, Unmodelled};
use crate::state::State;

/// How many resources are looked at at the same time: each makes a handful of calls.
const AT_ONCE: usize = 32;

/// A live resource to look at.
type Target<'a> = (&'a Address, &'a str, &'a Attributes);

/// What an environment owns by its state, and what its spec wants.
pub(super) fn owned(registry: &Registry, graph: &Graph, state: &State) -> Owned {
    let remembered = state.resources.values().map(|record| (record.kind.clone(), record.key.clone()));
    let wanted = graph.resources.values().filter_map(|resource| {
        Some((resource.kind.clone(), key_of(registry, &resource.kind, &resource.attributes).ok()?))
    });
    Owned::new(remembered.chain(wanted))
}

/// What `read` has seen of these, and what a closer look finds, by address.
pub(super) async fn look(
    registry: &Registry,
    world: &LiveResources,
    targets: Vec<(Target<'_>, &str)>,
    owned: &Owned,
) -> BTreeMap<Address, Look> {
    let looks = targets.into_iter().map(|((address, kind, live), key)| async move {
        let seen = world.get(kind, key).map(|live| live.unmodelled.clone()).unwrap_or_default();
        let mut look = Look { found: seen, ..Look::default() };
        if let Some(kind) = registry.get(kind) {
            look = look.join(kind.look_closer(live, owned).await);
        }
        look.found.sort();
        look.blind.sort();
        (address.clone(), look)
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).collect().await
}

/// Everything that exists and that the changes are about, looked at.
pub(super) async fn look_at_all(
    registry: &Registry,
    world: &LiveResources,
    changes: &Changes,
    owned: &Owned,
    which: impl Fn(&Change) -> bool,
) -> BTreeMap<Address, Look> {
    let live = changes.0.iter().filter(|change| which(change));
    let targets = live.filter_map(|change| {
        let key = change.previous_key.as_deref().unwrap_or(&change.key);
        Some(((&change.address, change.kind.as_str(), change.before.as_ref()?), key))
    });
    look(registry, world, targets.collect(), owned).await
}

/// Warns of what a plan would lose, or take over without managing it. Only what is replaced or adopted is looked at closer.
pub(super) async fn warn(registry: &Registry, world: &LiveResources, changes: &mut Changes, owned: &Owned) {
    let closely = |change: &Change| matches!(change.action, Action::Replace | Action::Adopt);
    let mut looks = look_at_all(registry, world, changes, owned, closely).await;
    for change in &mut changes.0 {
        let Look { found, blind } = looks.remove(&change.address).unwrap_or_else(|| Look {
            found: world.get(&change.kind, &change.key).map(|live| live.unmodelled.clone()).unwrap_or_default(),
            ..Look::default()
        });
        let Some(verb) = fate(change.action) else { continue };
        let lost = found.iter().filter(|one| {
            matches!(change.action, Action::Replace | Action::Adopt | Action::Conflict) || one.overwritten
        });
        change.warnings.extend(lost.map(|one| said(one, verb)));
        if !blind.is_empty() {
            let what: Vec<String> = blind.into_iter().map(|one| format!("{} ({})", one.what, one.why)).collect();
            change.warnings.push(format!("{NOT_LOOKED_AT}, and {verb} if there is any: {}.", what.join(", ")));
        }
    }
}

/// What becomes of a setting that no attribute models.
fn fate(action: Action) -> Option<&'static str> {
    match action {
        Action::Replace => Some("lost with the old one"),
        Action::Update | Action::Rename => Some("lost by this change"),
        Action::Adopt | Action::Conflict => Some("left as it is, since a spec cannot say it"),
        // A deletion means to end all of it, and what is not there has none.
        Action::Create | Action::Delete | Action::Forget | Action::None => None,
    }
}

fn said(one: &Unmodelled, fate: &str) -> String {
    format!("It has {} ({}), which {}: {fate}.", one.what, one.value, one.weight.words())
}

/// What is known to keep AWS from the deletions of a plan: asked before the first of its calls is made.
pub async fn obstacles(site: &Site, changes: &Changes, empty: bool) -> Vec<Refusal> {
    let ends = changes.0.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
    let looks = ends.filter_map(|change| Some((change, change.before.as_ref()?))).map(|(change, live)| async move {
        let Some(kind) = site.registry.get(&change.kind) else { return Vec::new() };
        let verb = if change.action == Action::Delete { "deleted" } else { "replaced" };
        let refusal = |why| Refusal {
            address: change.address.clone(),
            message: format!("cannot be {verb}, as AWS would refuse it: {why}"),
        };
        kind.obstacles(live, empty).await.into_iter().map(refusal).collect()
    });
    let all: Vec<Vec<Refusal>> = stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    let mut all: Vec<Refusal> = all.into_iter().flatten().collect();
    all.sort_by(|a, b| (&a.address, &a.message).cmp(&(&b.address, &b.message)));
    all
}
