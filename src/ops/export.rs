//! What is to be exported: what the spec wants and AWS has, with the ids that AWS made up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Site;
use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::export::{Estate, LeftOut, Managed};
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::graph::{External, Graph};
use crate::model::scope::Scope;

/// An estate, and how far it is from what is live.
#[derive(Debug)]
pub struct Survey {
    /// What can be exported.
    pub estate: Estate,
    /// What the spec or the state has, and the export has not.
    pub left_out: Vec<LeftOut>,
    /// How many resources an apply would change; the export differs from what is live in as many.
    pub pending: usize,
}

/// The estate that a plan was made against: its desired attributes, and the ids that were just read.
pub fn survey(site: &Site, plan: &Plan) -> Survey {
    let mut survey = Survey::empty(&site.project, &site.env, &site.scope, &plan.externals);
    for change in &plan.changes.0 {
        survey.pending += usize::from(change.acts());
        match (missing(change), &change.after) {
            (None, Some(attributes)) => {
                let (kind, outputs) = (change.kind.clone(), change.outputs.clone().into());
                let attributes = with_live_code(attributes, change.before.as_ref());
                let left_alone = change.left_alone.iter().map(|one| one.path.clone()).collect();
                let managed = Managed { kind, attributes, outputs, left_alone };
                survey.estate.resources.insert(change.address.clone(), managed);
            }
            (reason, _) => survey.left_out.push(LeftOut {
                address: change.address.clone(),
                attribute: None,
                reason: reason.unwrap_or("the spec no longer has it").to_owned(),
            }),
        }
    }
    survey
}

/// The estate of a spec as it would be, without asking AWS: nobody knows the ids that AWS makes up.
pub fn offline(graph: &Graph, project: &str, env: &str, scope: &Scope) -> Survey {
    let mut survey = Survey::empty(project, env, scope, &graph.externals);
    survey.estate.resources = graph
        .resources
        .iter()
        .map(|(address, resource)| {
            let (kind, attributes) = (resource.kind.clone(), resource.attributes.clone());
            let left_alone = graph.left_alone(address).to_vec();
            (address.clone(), Managed { kind, attributes, outputs: Value::Null.into(), left_alone })
        })
        .collect();
    survey
}

impl Survey {
    fn empty(project: &str, env: &str, scope: &Scope, externals: &BTreeMap<Address, External>) -> Self {
        let estate = Estate {
            project: project.to_owned(),
            env: env.to_owned(),
            scope: scope.clone(),
            resources: BTreeMap::new(),
            externals: externals.clone(),
        };
        Self { estate, left_out: Vec::new(), pending: 0 }
    }
}

/// The attributes with the digest of the live code where nobody has built it here: that is what is taken over.
fn with_live_code(attributes: &Attributes, live: Option<&Attributes>) -> Attributes {
    let digest = live.map(|live| &live["code"]["sha256"]).filter(|_| attributes["code"]["sha256"].is_null());
    match digest.filter(|digest| digest.is_string()) {
        None => attributes.clone(),
        Some(digest) => {
            let mut known = (**attributes).clone();
            known["code"]["sha256"] = digest.clone();
            known.into()
        }
    }
}

/// Why there is nothing to take over.
fn missing(change: &Change) -> Option<&'static str> {
    match change.action {
        Action::Create => Some("it does not exist: `pipectl apply` makes it"),
        Action::Replace => Some("the next apply replaces it: apply that first"),
        Action::Conflict => Some("what exists under its name is not pipectl's"),
        Action::Delete | Action::Forget => Some("the spec no longer has it"),
        Action::Adopt | Action::Update | Action::Rename | Action::None => None,
    }
}
