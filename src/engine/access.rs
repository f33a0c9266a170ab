//! What a plan changes in who may do what: IAM statements added, removed, broadened.

mod broadening;
mod cover;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{Action, Change, Changes};
use crate::model::address::Address;
use crate::model::attributes::at;
use cover::covers;

pub use broadening::{Broadening, broadenings};

/// How a plan changes a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessChange {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Allows all that it allowed, and more (or denies less).
    Broadened,
    /// Allows less than it did (or denies more).
    Narrowed,
    /// Different, and neither of the two.
    Changed,
}

/// A statement of a policy that a plan changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementChange {
    /// The resource whose policy it is.
    pub address: Address,
    /// The attribute that holds the policy: `trust`, `policies.delivery`.
    pub policy: String,
    /// How it changes.
    pub verdict: AccessChange,
    /// The statement so far.
    pub before: Option<Value>,
    /// The statement to come.
    pub after: Option<Value>,
}

/// Every statement that the changes add, remove or change, in order of address.
pub fn statement_changes(changes: &Changes) -> Vec<StatementChange> {
    changes.0.iter().filter(|change| change.acts() && change.action != Action::Conflict).flat_map(of_change).collect()
}

fn of_change(change: &Change) -> Vec<StatementChange> {
    let null = Value::Null;
    let (before, after) = match change.action {
        Action::Delete => (change.before.as_deref().unwrap_or(&null), &null),
        Action::Forget => (&null, &null),
        _ => (change.before.as_deref().unwrap_or(&null), change.after.as_deref().unwrap_or(&null)),
    };
    let mut paths = BTreeSet::new();
    policies(before, "", &mut paths);
    policies(after, "", &mut paths);
    let mut found = Vec::new();
    for path in paths {
        compare(change, &path, &statements(before, &path), &statements(after, &path), &mut found);
    }
    found
}

/// The policy documents in a resource's attributes: the path of each, and its statements.
pub fn documents(attributes: &Value) -> Vec<(String, Vec<Value>)> {
    let mut paths = BTreeSet::new();
    policies(attributes, "", &mut paths);
    paths.into_iter().map(|path| (path.clone(), statements(attributes, &path))).collect()
}

/// The paths of the policy documents in a resource's attributes.
fn policies(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let Value::Object(members) = value else { return };
    if members.get("Statement").is_some_and(Value::is_array) {
        paths.insert(path.to_owned());
        return;
    }
    for (key, value) in members {
        policies(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, paths);
    }
}

fn statements(attributes: &Value, path: &str) -> Vec<Value> {
    let list = at(attributes, path).get("Statement").and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

/// Pairs the statements that differ: by their Sid, else by what they have in common.
fn compare(change: &Change, policy: &str, before: &[Value], after: &[Value], found: &mut Vec<StatementChange>) {
    let mut removed: Vec<&Value> = before.iter().filter(|statement| !after.contains(statement)).collect();
    let added = after.iter().filter(|statement| !before.contains(statement));
    let mut push = |verdict, before: Option<&Value>, after: Option<&Value>| {
        found.push(StatementChange {
            address: change.address.clone(),
            policy: policy.to_owned(),
            verdict,
            before: before.cloned(),
            after: after.cloned(),
        });
    };
    for new in added {
        match removed.iter().position(|old| akin(old, new)) {
            Some(place) => {
                let old = removed.swap_remove(place);
                push(verdict(old, new), Some(old), Some(new));
            }
            None => push(AccessChange::Added, None, Some(new)),
        }
    }
    for old in removed {
        push(AccessChange::Removed, Some(old), None);
    }
}

fn akin(old: &Value, new: &Value) -> bool {
    match (old.get("Sid"), new.get("Sid")) {
        (Some(old), Some(new)) => old == new,
        _ => {
            old["Effect"] == new["Effect"]
                && old.get("Principal") == new.get("Principal")
                && (old.get("Action") == new.get("Action") || old.get("Resource") == new.get("Resource"))
        }
    }
}

/// Whether the new statement allows more than the old one, less, or something else.
fn verdict(old: &Value, new: &Value) -> AccessChange {
    let (wider, narrower) = (covers(new, old), covers(old, new));
    match (old["Effect"] == new["Effect"], wider && !narrower, narrower && !wider) {
        (true, true, _) if new["Effect"] == "Deny" => AccessChange::Narrowed,
        (true, _, true) if new["Effect"] == "Deny" => AccessChange::Broadened,
        (true, true, _) => AccessChange::Broadened,
        (true, _, true) => AccessChange::Narrowed,
        _ => AccessChange::Changed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(old: &Value, new: &Value) -> AccessChange {
        verdict(old, new)
    }

    fn allow(action: &Value, resource: &Value) -> Value {
        json!({"Effect": "Allow", "Action": action, "Resource": resource})
    }

    #[test]
    fn another_action_or_a_wildcard_broadens_and_taking_it_away_narrows() {
        let (one, two) =
            (allow(&json!(["s3:GetObject"]), &json!(["a"])), allow(&json!(["s3:Get*", "s3:PutObject"]), &json!(["a"])));
        assert_eq!(of(&one, &two), AccessChange::Broadened);
        assert_eq!(of(&two, &one), AccessChange::Narrowed);
        assert_eq!(of(&one, &allow(&json!(["s3:GetObject"]), &json!(["b"]))), AccessChange::Changed);
    }

    #[test]
    fn a_condition_less_broadens() {
        let bare = allow(&json!(["s3:ListBucket"]), &json!(["a"]));
        let mut bound = bare.clone();
        bound["Condition"] = json!({"StringLike": {"s3:prefix": ["x/*"]}});
        assert_eq!(of(&bound, &bare), AccessChange::Broadened);
        assert_eq!(of(&bare, &bound), AccessChange::Narrowed);
    }

    #[test]
    fn a_denial_that_denies_less_broadens() {
        let deny = |actions: Value| json!({"Effect": "Deny", "Action": actions, "Resource": ["a"]});
        assert_eq!(of(&deny(json!(["s3:*"])), &deny(json!(["s3:PutObject"]))), AccessChange::Broadened);
    }

    #[test]
    fn anyone_as_principal_broadens() {
        let trust = |principal: Value| json!({"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": principal});
        let service = trust(json!({"Service": ["firehose.amazonaws.com"]}));
        assert_eq!(of(&service, &trust(json!("*"))), AccessChange::Broadened);
    }
}
