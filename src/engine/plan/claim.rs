//! Whose an existing resource is.

use serde_json::Value;

use super::Input;
use crate::model::address::Address;
use crate::model::graph::Resource;
use crate::model::kind::{Kind, Ownership};
use crate::state::IntentAction;

/// Whose a live resource is, as far as its tags or its kind tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It says that it is ours.
    Ours,
    /// It says that it is somebody else's.
    Foreign,
    /// It does not say.
    Unmarked,
}

/// Whose a live resource is.
pub(crate) fn claim(ownership: Ownership, attributes: &Value, project: &str, env: &str) -> Claim {
    let tag = |key: &str| attributes.get("tags").and_then(|tags| tags.get(key)).and_then(Value::as_str);
    match ownership {
        Ownership::Parent => Claim::Ours,
        Ownership::Key if attributes["id"].as_str().is_some_and(|id| id.starts_with("pipectl-")) => Claim::Ours,
        Ownership::Key | Ownership::Unmarked => Claim::Unmarked,
        Ownership::Tags => match (tag("pipectl:project"), tag("pipectl:env")) {
            (Some(p), Some(e)) if p == project && e == env => Claim::Ours,
            (None, None) => Claim::Unmarked,
            _ => Claim::Foreign,
        },
    }
}

/// Whether what exists is ours: by its marks, or because an apply of ours was interrupted while it made just this.
///
/// The apply had found the key free a moment before it recorded the intent; so what has no marks at all is taken
/// for its work. What bears somebody else's marks is not.
pub(super) fn is_ours(input: &Input<'_>, kind: &dyn Kind, address: &Address, live: &Value) -> bool {
    let state = input.state;
    match claim(kind.ownership(), live, &state.project, &state.env) {
        Claim::Ours => kind.ownership() != Ownership::Parent || parent_is_ours(input, address),
        Claim::Foreign => false,
        Claim::Unmarked => state.intents.get(address).is_some_and(|intent| {
            intent.kind == kind.name() && matches!(intent.action, IntentAction::Create | IntentAction::Replace)
        }),
    }
}

/// Whether what exists and is not ours may be taken over: what nobody has marked, where the spec or the caller says so;
/// what bears somebody else's marks, only where the caller names just this, or the spec says that it comes from there.
pub(super) fn may_adopt(input: &Input<'_>, kind: &dyn Kind, resource: &Resource, live: &Value) -> bool {
    match claim(kind.ownership(), live, &input.state.project, &input.state.env) {
        Claim::Foreign => input.adopt.names(&resource.address) || arrives(input, kind, resource, live),
        Claim::Ours | Claim::Unmarked => {
            resource.adopt || input.adopt.allows(&resource.address) || arrives(input, kind, resource, live)
        }
    }
}

/// Whether the spec says that a live resource comes from another environment of this project, and its marks say so as well, where its
/// kind has any.
pub(super) fn arrives(input: &Input<'_>, kind: &dyn Kind, resource: &Resource, live: &Value) -> bool {
    let tag = |key: &str| live["tags"][key].as_str();
    let marked =
        |env: &str| (tag("pipectl:project"), tag("pipectl:env")) == (Some(input.state.project.as_str()), Some(env));
    input.graph.arrival(&resource.address).is_some_and(|arrival| match kind.ownership() {
        Ownership::Tags => marked(&arrival.env),
        Ownership::Parent | Ownership::Key | Ownership::Unmarked => true,
    })
}

/// Who has marked a live resource as theirs, in words, if it is somebody else.
pub(super) fn owner(input: &Input<'_>, kind: &dyn Kind, live: &Value) -> Option<String> {
    let foreign = claim(kind.ownership(), live, &input.state.project, &input.state.env) == Claim::Foreign;
    let tag = |key: &str| live["tags"][key].as_str().unwrap_or("?").to_owned();
    foreign.then(|| format!("environment `{}` of project `{}`", tag("pipectl:env"), tag("pipectl:project")))
}

/// Whether something that this resource is part of is ours: what a parent of ours holds is ours too.
fn parent_is_ours(input: &Input<'_>, address: &Address) -> bool {
    let Some(resource) = input.graph.resources.get(address) else { return false };
    resource.depends_on.iter().filter_map(|parent| input.graph.resources.get(parent)).any(|parent| {
        let Some(kind) = input.registry.get(&parent.kind) else { return false };
        let Ok(key) = kind.key(&parent.attributes) else { return false };
        let Some(live) = input.world.get(&parent.kind, &key) else { return false };
        input.state.resources.get(&parent.address).is_some_and(|record| record.key == key)
            || may_adopt(input, kind, parent, &live.attributes)
            || claim(kind.ownership(), &live.attributes, &input.state.project, &input.state.env) == Claim::Ours
    })
}
