//! `require_tags`: tags that every resource has which can have any.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Violation;
use crate::model::graph::Graph;
use crate::spec::policy::Policy;

/// The blocks whose resources lack a tag. All resources of a block have the same tags.
pub(super) fn violations(policy: &Policy, graph: &Graph) -> Vec<Violation> {
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in graph.resources.values() {
        let Some(Value::Object(tags)) = resource.attributes.get("tags") else { continue };
        let missing: Vec<&str> =
            policy.require_tags.iter().map(String::as_str).filter(|key| !tags.contains_key(*key)).collect();
        if !missing.is_empty() {
            lacking.insert(resource.address.block_name(), missing);
        }
    }
    let violation = |(block, missing): (&str, Vec<&str>)| {
        let (what, keys) = (if missing.len() == 1 { "tag" } else { "tags" }, missing.join("`, `"));
        let message = format!("`{block}` lacks the {what} `{keys}`");
        Violation::new(
            format!("{block}.tags"),
            message,
            "`[policy] require_tags` asks for it: `tags` of the block or of `[env]`",
        )
    };
    lacking.into_iter().map(violation).collect()
}
