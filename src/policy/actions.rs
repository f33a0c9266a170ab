//! `no_wildcard_actions`: policies allow actions by their names.

use serde_json::Value;

use super::Violation;
use crate::engine::access::documents;
use crate::model::graph::Graph;
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
        for managed in resource.attributes["managed_policies"].as_array().into_iter().flatten() {
            let message = || format!("`{}` has {managed}, whose actions no spec says", resource.address);
            found.extend(policy.unjudged(resource.address.block_name(), message));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::address::Address;
    use crate::model::graph::Resource;

    fn found(statements: &Value) -> Vec<String> {
        let mut graph = Graph::default();
        graph.add(Resource {
            address: Address::block("firehose", "clicks").part("role"),
            kind: "iam_role".into(),
            attributes: json!({ "policies": { "delivery": { "Statement": statements } } }).into(),
            depends_on: std::collections::BTreeSet::new(),
            protect: false,
            adopt: false,
        });
        let policy = Policy { no_wildcard_actions: true, ..Policy::default() };
        violations(&policy, &graph).into_iter().map(|violation| violation.message).collect()
    }

    #[test]
    fn a_wildcard_is_found_in_every_spelling() {
        for action in ["*", "s3:*", "s3:Get*", "s3:Get?bject"] {
            let one = json!([{ "Effect": "Allow", "Action": action, "Resource": "*" }]);
            let listed = json!([{ "Effect": "Allow", "Action": ["s3:PutObject", action], "Resource": "*" }]);
            let message = format!("`firehose.clicks/role` allows `{action}` in its policies.delivery");
            assert_eq!([found(&one), found(&listed)], [[message.clone()], [message]]);
        }
        assert_eq!(found(&json!([{ "Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*" }])).len(), 1);
    }

    #[test]
    fn named_actions_and_denials_keep_the_rule() {
        let named = json!({ "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*" });
        let denial = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*" });
        assert_eq!(found(&json!([named, denial])), Vec::<String>::new());
    }
}
