//! What is allowed on what, and the fewest statements that say so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::grant::{Grant, On};
use crate::model::pattern::special;
use crate::model::scope::Scope;
use crate::spec::kms::Key;

/// Condition operators, each with its keys and the one value of each.
pub(in crate::ops) type Conditions = BTreeMap<&'static str, BTreeMap<String, String>>;

/// One condition.
pub(super) fn condition(operator: &'static str, key: &str, value: &str) -> Conditions {
    Conditions::from([(operator, BTreeMap::from([(key.to_owned(), value.to_owned())]))])
}

/// Actions that are allowed under the same conditions on the same resources.
pub(in crate::ops) type Group<'a> = (Vec<&'a str>, &'a Conditions, &'a BTreeSet<String>);

/// The resources on which each action is allowed, condition by condition.
#[derive(Debug, Default)]
pub(in crate::ops) struct Allowed(BTreeMap<(Conditions, String), BTreeSet<String>>);

impl Allowed {
    /// Allows actions on resources, under conditions.
    pub(in crate::ops) fn add(
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

    /// Allows what a grant says of a resource with these attributes, as far as its actions are `wanted`.
    pub(in crate::ops) fn grant(
        &mut self,
        grant: &Grant,
        attributes: &Value,
        scope: &Scope,
        wanted: &dyn Fn(&str) -> bool,
    ) {
        if grant.given.is_some_and(|path| !has_value(at(attributes, path))) {
            return;
        }
        if grant.unless.is_some_and(|path| has_value(at(attributes, path))) {
            return;
        }
        let filled = |(key, value)| condition("StringEquals", key, &fill(value, scope, attributes).unwrap_or_default());
        let mut conditions = grant.condition.map(filled).unwrap_or_default();
        if let Some((key, value)) = grant.held.and_then(|(key, path)| Some((key, at(attributes, path).as_str()?))) {
            conditions.entry("StringEquals").or_default().insert(key.to_owned(), value.to_owned());
        }
        let resources: Vec<String> = match grant.on {
            On::All => vec!["*".to_owned()],
            On::Arns(arns) => arns.iter().flat_map(|arn| each(arn, scope, attributes)).collect(),
            On::Key(path) => {
                let of_kms = grant.actions.iter().all(|action| action.starts_with("kms:"));
                key(at(attributes, path), of_kms, scope, &mut conditions).into_iter().collect()
            }
        };
        let actions: Vec<&str> = grant.actions.iter().copied().filter(|action| wanted(action)).collect();
        self.add(&actions, resources, &conditions);
    }

    /// Allows what another allows, too.
    pub(in crate::ops) fn extend(&mut self, other: Self) {
        for (what, resources) in other.0 {
            self.0.entry(what).or_default().extend(resources);
        }
    }

    /// Each action on each resource, whatever the conditions.
    pub(in crate::ops) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|((_, action), resources)| resources.iter().map(|one| (action.as_str(), one.as_str())))
    }

    /// The same for these pairs of action and resource only.
    pub(in crate::ops) fn only(&self, kept: &BTreeSet<(&str, &str)>) -> Self {
        let keep = |action: &str, all: &BTreeSet<String>| -> BTreeSet<String> {
            all.iter().filter(|resource| kept.contains(&(action, resource.as_str()))).cloned().collect()
        };
        let left = self.0.iter().map(|(what, resources)| (what.clone(), keep(&what.1, resources)));
        Self(left.filter(|(_, resources)| !resources.is_empty()).collect())
    }

    /// The same for every name that begins as the environment's own names do.
    pub(super) fn by_prefix(self, project: &str, env: &str) -> Self {
        let widen = |resources: BTreeSet<String>| resources.iter().map(|arn| widened(arn, project, env)).collect();
        Self(self.0.into_iter().map(|(what, resources)| (what, widen(resources))).collect())
    }

    /// All actions that are allowed on the same resources under the same conditions, in one.
    pub(in crate::ops) fn groups(&self) -> Vec<Group<'_>> {
        let mut merged: BTreeMap<(&Conditions, &BTreeSet<String>), Vec<&str>> = BTreeMap::new();
        for ((conditions, action), resources) in &self.0 {
            merged.entry((conditions, resources)).or_default().push(action);
        }
        let group = |((conditions, resources), actions)| (actions, conditions, resources);
        let mut groups: Vec<Group<'_>> = merged.into_iter().map(group).collect();
        groups.sort_unstable();
        groups
    }

    /// As statements, one for each group.
    pub(in crate::ops) fn statements(&self) -> Vec<Value> {
        let statement = |(actions, conditions, resources): Group<'_>| {
            let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
            if !conditions.is_empty() {
                statement["Condition"] = json!(conditions);
            }
            statement
        };
        self.groups().into_iter().map(statement).collect()
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

/// A template with its placeholders filled in; one with a `*` for each item of the map that has the attribute.
fn each(template: &str, scope: &Scope, attributes: &Value) -> Vec<String> {
    let starred = template.split_once('{').and_then(|(_, after)| after.split_once(".*."));
    let Some((map, _)) = starred else { return fill(template, scope, attributes).into_iter().collect() };
    let keys = at(attributes, map).as_object().into_iter().flatten().map(|(_, item)| item);
    let one = |item: &Value| fill(&template.replacen(&format!("{map}.*."), "", 1), scope, item);
    keys.filter_map(one).collect()
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
            // What would be a pattern names more than one thing: nothing is allowed on it.
            path => {
                let (path, part) = path.split_once(':').unwrap_or((path, ""));
                let text = at(attributes, path).as_str().filter(|text| special(text).is_none())?;
                let text = text.strip_prefix("s3://").unwrap_or(text);
                if part == "bucket" { text.split('/').next()? } else { text }
            }
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
