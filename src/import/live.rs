//! The live resources that were found, by kind and key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Found, Id, SpecHead};
use crate::catalog::Type;
use crate::catalog::facets::Import;
use crate::engine::refresh::LiveResources;
use crate::model::attributes::Attributes;

/// The types that an import leaves out, each with the reason.
pub(super) fn left_out() -> impl Iterator<Item = (&'static str, &'static str)> {
    Type::ALL.iter().filter_map(|one| match one.import() {
        Import::Taken => None,
        Import::None(reason) => Some((one.name(), reason)),
    })
}

/// How the reason begins for which something is left out that another environment has.
pub(super) const OTHERS: &str = "it is pipectl's already";

/// The attributes of what was found, by kind and key.
pub(super) struct Live(BTreeMap<Id, Attributes>);

impl Live {
    /// What exists and is nobody else's; the rest is put `outside`, with the reason.
    pub(super) fn of(
        place: &SpecHead,
        found: &[Found],
        world: &LiveResources,
        outside: &mut BTreeMap<Id, String>,
    ) -> Self {
        let mut live = BTreeMap::new();
        for Found { kind, key, .. } in found {
            let id = (kind.clone(), key.clone());
            match world.get(kind, key) {
                Some(one) => match owner(&one.attributes, place) {
                    Some(owner) => drop(outside.insert(id, format!("{OTHERS}: {owner}"))),
                    None => drop(live.insert(id, one.attributes.clone())),
                },
                // Its owner may call it by an id that pipectl does not find it by: what is read so does not tell whether it is there.
                None => match left_out().find(|(name, _)| name == kind) {
                    Some((_, reason)) => drop(outside.insert(id, reason.to_owned())),
                    // What cannot be found by its key alone is found with what it belongs to.
                    None if world.knows(kind, key) => {
                        drop(outside.insert(id, "it does not exist (any more)".to_owned()));
                    }
                    None => {}
                },
            }
        }
        Self(live)
    }

    /// What carries the tags of that very project and environment.
    pub(super) fn own(&self, place: &SpecHead) -> BTreeSet<Id> {
        self.0.iter().filter(|(_, live)| is_own(live, place)).map(|(id, _)| id.clone()).collect()
    }

    /// The resource of a kind and key.
    pub(super) fn get(&self, kind: &str, key: &str) -> Option<&Value> {
        self.0.get(&(kind.to_owned(), key.to_owned())).map(Arc::as_ref)
    }

    /// The resources of a kind, by key.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().filter(move |((other, _), _)| other == kind).map(|((_, key), live)| (key.as_str(), &**live))
    }
}

/// Whether a resource carries the tags of that very project and environment.
fn is_own(attributes: &Value, place: &SpecHead) -> bool {
    let tags = &attributes["tags"];
    (&tags["pipectl:project"], &tags["pipectl:env"]) == (&place.project.as_str().into(), &place.env.as_str().into())
}

/// The project and environment that a resource belongs to by its tags, if these are not the given ones.
fn owner(attributes: &Value, place: &SpecHead) -> Option<String> {
    let tag = |name: &str| attributes["tags"][name].as_str();
    let (project, env) = (tag("pipectl:project")?, tag("pipectl:env")?);
    ((project, env) != (&place.project, &place.env)).then(|| format!("of `{env}` of the project `{project}`"))
}

/// A text; empty where there is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list, or the one that stands for it; none where there is none.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let one = (!value.is_array() && !value.is_null()).then_some(value);
    value.as_array().into_iter().flatten().chain(one)
}
