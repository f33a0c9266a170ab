//! `[policy]`: what in an environment, or in a plan for it, breaks a rule of its own. Pure; one file per rule.

mod actions;
mod cost;
mod destruction;
mod encryption;
mod tags;

use crate::model::graph::Graph;
use crate::spec::Spec;
use crate::spec::policy::{Policy, Unknown};

pub use destruction::refusals;

/// What breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The dotted path in the spec of what is to blame: `stream.clicks.encrypted`.
    pub path: String,
    /// What is wrong: one sentence.
    pub message: String,
    /// Which rule asks for what.
    pub help: String,
}

impl Violation {
    fn new(path: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), help: help.into() }
    }
}

impl Policy {
    /// What a rule cannot judge breaks it, unless the spec allows that.
    fn unjudged(&self, path: &str, message: impl FnOnce() -> String) -> Option<Violation> {
        match self.unknown {
            Unknown::Refuse => {
                let help = "`[policy] unknown = \"allow\"` lets pass what a rule cannot judge";
                Some(Violation::new(path, message(), help))
            }
            Unknown::Allow => None,
        }
    }
}

/// Everything in a spec, and in the resources that it comes to, that breaks a rule of its `[policy]`.
///
/// The attributes of the resources are in canonical form.
pub fn violations(spec: &Spec, graph: &Graph) -> Vec<Violation> {
    let mut found = regions(spec);
    found.extend(encryption::violations(&spec.policy, graph));
    found.extend(tags::violations(&spec.policy, graph));
    found.extend(actions::violations(&spec.policy, graph));
    found.extend(cost::violations(spec, graph));
    found
}

fn regions(spec: &Spec) -> Vec<Violation> {
    let (allowed, region) = (&spec.policy.allowed_regions, &spec.env.region);
    if allowed.is_empty() || allowed.contains(region) {
        return Vec::new();
    }
    let names: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let help = format!("`[policy] allowed_regions` allows {}", names.join(", "));
    vec![Violation::new("env.region", format!("the environment may not be in `{region}`"), help)]
}
