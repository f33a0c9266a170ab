//! Limits of AWS that only show once everything is put together.

use serde_json::Value;

use crate::model::address::Address;
use crate::model::graph::{Graph, Resource};

/// What in the graph is larger than AWS allows: the address of each such resource, and what is wrong with it.
///
/// IAM counts the characters of all inline policies of a user (2,048) or a role (10,240), white space apart.
pub fn over_limits(graph: &Graph) -> Vec<(Address, String)> {
    graph.resources.values().filter_map(|resource| Some((resource.address.clone(), fault(resource)?))).collect()
}

fn fault(resource: &Resource) -> Option<String> {
    let (what, most) = match resource.kind.as_str() {
        "iam_user" => ("user", 2_048),
        "iam_role" => ("role", 10_240),
        _ => return None,
    };
    let policies = resource.attributes["policies"].as_object()?;
    let size: usize = policies.values().map(size).sum();
    (size > most).then(|| {
        format!("the inline policies of this {what} have {size} characters; IAM allows {most}: shorten its prefix")
    })
}

/// The characters of a policy, white space apart.
fn size(policy: &Value) -> usize {
    policy.to_string().chars().filter(|c| !c.is_whitespace()).count()
}
