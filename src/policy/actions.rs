//! `no_wildcard_actions`: policies allow actions by their names.

use serde_json::Value;

use super::Violation;
use crate::engine::access::documents;
use crate::engine::graph::Graph;
use crate::spec::policy::Policy;

/// The statements that allow an action with a wildcard, or all actions but some. Those that deny may deny them all.
pub(super) fn violations(policy: &Policy, graph: &Graph) -> Vec<Violation> {
    if !policy.no_wildcard_actions {
        return Vec::new();
    }
    let mut found = Vec::new();
    for resource in graph.resources.values() {
        for (path, statements) in documents(&resource.attributes) {
            for action in statements.iter().filter(|one| one["Effect"] == "Allow").flat_map(wildcards) {
                let message = format!("`{}` allows `{action}` in its {path}", resource.address);
                let help = "`[policy] no_wildcard_actions` asks for the name of each action";
                found.push(Violation::new(resource.address.block_name(), message, help));
            }
        }
    }
    found
}

/// The actions of a statement that stand for several.
fn wildcards(statement: &Value) -> Vec<String> {
    if statement.get("NotAction").is_some() {
        return vec!["NotAction".to_owned()];
    }
    let actions = match &statement["Action"] {
        Value::Array(actions) => actions.iter().filter_map(Value::as_str).collect(),
        Value::String(action) => vec![action.as_str()],
        _ => Vec::new(),
    };
    actions.into_iter().filter(|action| action.contains(['*', '?'])).map(str::to_owned).collect()
}
