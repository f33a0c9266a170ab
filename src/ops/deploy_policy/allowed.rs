//! What is allowed on what, and the fewest statements that say so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::engine::grant::{Grant, On};
use crate::engine::scope::Scope;
use crate::spec::kms::Key;

/// Condition operators, each with its keys and the one value of each.
pub(super) type Conditions = BTreeMap<&'static str, BTreeMap<String, String>>;

/// One condition.
pub(super) fn condition(operator: &'static str, key: &str, value: &str) -> Conditions {
    Conditions::from([(operator, BTreeMap::from([(key.to_owned(), value.to_owned())]))])
}

/// The resources on which each action is allowed, condition by condition.
#[derive(Debug, Default)]
pub(super) struct Allowed(BTreeMap<(Conditions, String), BTreeSet<String>>);

impl Allowed {
    /// Allows actions on resources, under conditions.
    pub(super) fn add(
        &mut self,
        actions: &[&str],
        resources: impl IntoIterator<Item = String>,
        conditions: &Conditions,
    ) {
        let resources: BTreeSet<String> = resources.into_iter().collect();
        for action in actions.iter().filter(|_| !resources.is_empty()) {
            self.0.entry((conditions.clone(), (*action).to_owned())).or_default().extend(resources.clone());
        }
    }

    /// Allows what a grant says of a resource with these attributes.
    pub(super) fn grant(&mut self, grant: &Grant, attributes: &Value, scope: &Scope) {
        if grant.given.is_some_and(|path| !has_value(at(attributes, path))) {
            return;
        }
        let filled = |(key, value)| condition("StringEquals", key, &fill(value, scope, attributes).unwrap_or_default());
        let mut conditions = grant.condition.map(filled).unwrap_or_default();
        let resources: Vec<String> = match grant.on {
            On::All => vec!["*".to_owned()],
            On::Arns(arns) => arns.iter().filter_map(|arn| fill(arn, scope, attributes)).collect(),
            On::Key(path) => {
                let of_kms = grant.actions.iter().all(|action| action.starts_with("kms:"));
                key(at(attributes, path), of_kms, scope, &mut conditions).into_iter().collect()
            }
        };
        self.add(grant.actions, resources, &conditions);
    }

    /// The same for every name that begins as the environment's own names do.
    pub(super) fn by_prefix(self, project: &str, env: &str) -> Self {
        let widen = |resources: BTreeSet<String>| resources.iter().map(|arn| widened(arn, project, env)).collect();
        Self(self.0.into_iter().map(|(what, resources)| (what, widen(resources))).collect())
    }

    /// As statements: one for all actions that are allowed on the same resources under the same conditions.
    pub(super) fn statements(&self) -> Vec<Value> {
        let mut merged: BTreeMap<(&Conditions, &BTreeSet<String>), Vec<&str>> = BTreeMap::new();
        for ((conditions, action), resources) in &self.0 {
            merged.entry((conditions, resources)).or_default().push(action);
        }
        let mut statements: Vec<_> = merged.into_iter().map(|(on, actions)| (actions, on)).collect();
        statements.sort_unstable();
        let statement = |(actions, (conditions, resources)): (Vec<&str>, (&Conditions, &BTreeSet<String>))| {
            let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
            if !conditions.is_empty() {
                statement["Condition"] = json!(conditions);
            }
            statement
        };
        statements.into_iter().map(statement).collect()
    }
}

/// The ARN of a KMS key. By its alias no policy can name a key: for KMS's own actions it can ask that the key has it.
fn key(named: &Value, of_kms: bool, scope: &Scope, conditions: &mut Conditions) -> Option<String> {
    let any = scope.arn("kms", "key/*");
    match named.as_str().map(Key::of) {
        None | Some(Key::AwsManaged) => (!of_kms).then_some(any),
        Some(Key::Arn(arn)) => Some(arn.to_owned()),
        Some(Key::Id(id)) => Some(scope.arn("kms", &format!("key/{id}"))),
        Some(Key::Alias(alias)) => {
            if of_kms {
                conditions.extend(condition("ForAnyValue:StringEquals", "kms:ResourceAliases", alias));
            }
            Some(any)
        }
    }
}

/// The attribute at a dotted path; null where there is none.
fn at<'a>(attributes: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(attributes, |value, name| &value[name])
}

fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// A template with its placeholders filled in; `None` where an attribute has no text.
fn fill(template: &str, scope: &Scope, attributes: &Value) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(match name {
            "partition" => &scope.partition,
            "region" => &scope.region,
            "account" => &scope.account,
            "domain" => scope.domain(),
            path => at(attributes, path).as_str()?,
        });
        rest = after;
    }
    filled.push_str(rest);
    Some(filled.replace("//", "/"))
}

/// An ARN in which a name `<project>-<env>-…` stands for all that begin so, and a parameter below
/// `/<project>/<env>/` for all below it.
fn widened(arn: &str, project: &str, env: &str) -> String {
    let below = format!(":parameter/{project}/{env}/");
    if let Some((before, _)) = arn.split_once(&below) {
        return format!("{before}{below}*");
    }
    let prefix = format!("{project}-{env}-");
    let part = |part: &str| if part.starts_with(&prefix) { format!("{prefix}*") } else { part.to_owned() };
    let slashed = |part_of_arn: &str| part_of_arn.split('/').map(part).collect::<Vec<_>>().join("/");
    arn.split(':').map(slashed).collect::<Vec<_>>().join(":")
}
