//! What each resource type sees in AWS beyond its attributes, a file per service: the settings that it names, the calls that
//! show them, and what keeps AWS from deleting it.

pub(super) mod apigateway;
pub(super) mod athena;
pub(super) mod cloudwatch;
pub(super) mod dynamodb;
pub(super) mod events;
mod firehose;
pub(super) mod glue;
pub(super) mod glue_crawlers;
pub(super) mod glue_jobs;
pub(super) mod glue_registries;
pub(super) mod glue_workflows;
mod iam;
mod kinesis;
pub(super) mod lambda;
pub(super) mod logs;
mod s3;
pub(super) mod s3_objects;
pub(super) mod secretsmanager;
pub(super) mod sns;
mod sqs;
pub(super) mod ssm;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use serde_json::Value;

use crate::model::unmodelled::{Setting, Unmodelled};

/// A setting where it has a value.
fn set(setting: &Setting, value: Option<impl Display>) -> Option<Unmodelled> {
    value.map(|value| setting.is(value))
}

/// A text that says something.
fn text(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// Items in one line; none where there are none.
fn list<T: Display>(items: impl IntoIterator<Item = T>) -> Option<String> {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    (!items.is_empty()).then(|| items.join(", "))
}

/// The statements of a policy that these do not explain: `public: * may lambda:InvokeFunction`.
fn statements(policy: &str, ours: impl Fn(&str) -> bool) -> Vec<String> {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return vec!["a policy that is no JSON".to_owned()] };
    let all = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    all.into_iter().filter(|one| !ours(one["Sid"].as_str().unwrap_or_default())).map(statement).collect()
}

/// Who may do what by a statement, and whether under a condition.
fn statement(statement: &Value) -> String {
    let name = statement["Sid"].as_str().filter(|sid| !sid.is_empty()).unwrap_or("a statement without a name");
    let verb = if statement["Effect"] == "Deny" { "may not" } else { "may" };
    let actions = if statement["Action"].is_null() { &statement["NotAction"] } else { &statement["Action"] };
    let bound = statement["Condition"].as_object().is_some_and(|conditions| !conditions.is_empty());
    let condition = if bound { " under a condition" } else { "" };
    format!("{name}: {} {verb} {}{condition}", words(&statement["Principal"]), words(actions))
}

/// The texts in a value, whatever holds them.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.values().map(words).collect::<Vec<_>>().join(", "),
        Value::Null => "nobody named".to_owned(),
        other => other.to_string(),
    }
}
