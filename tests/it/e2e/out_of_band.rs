//! Changes behind pipectl's back: each attribute that can be changed in place gets a value of its kind's examples.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::model::address::Address;
use pipectl::model::diff::diff;
use pipectl::model::kind::{Kind, Owner, Registry, StepContext};
use serde_json::Value;

use crate::conformance::gaps;
use crate::conformance::needs::Need;
use crate::support::deployment::Deployment;

/// In how many rounds every attribute is changed; neighbours, which may exclude each other, never in the same.
pub(super) const ROUNDS: usize = 4;

/// Somebody who changes the resources of a deployment by hand.
pub(super) struct OutsideEditor<'a> {
    deployment: &'a Deployment,
    registry: Registry,
    /// By kind, moved here: another value of everything, if possible the second's.
    examples: BTreeMap<String, [Value; 2]>,
}

impl<'a> OutsideEditor<'a> {
    /// One who has what the examples of the deployment's kinds stand on.
    pub(super) async fn in_the_account_of(deployment: &'a Deployment) -> Self {
        let registry = deployment.registry();
        let kinds: BTreeSet<String> = deployment.records().into_values().map(|record| record.kind).collect();
        let mut examples = BTreeMap::new();
        for name in kinds {
            let its = both_examples(registry.get(&name).unwrap(), &registry, deployment).await;
            examples.insert(name, its);
        }
        Self { deployment, registry, examples }
    }

    /// Changes every so-many-th of the changeable attributes of every resource, from this round's on; returns what shows
    /// of it: `stream.clicks shards`.
    pub(super) async fn change(&self, round: usize) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for (address, record) in self.deployment.records() {
            let kind = self.registry.get(&record.kind).unwrap();
            let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
            let mut want = Value::clone(&record.attributes);
            for path in ["/code/path", "/file"] {
                if let Some(path) = want.pointer_mut(path) {
                    *path = format!("{}/{}", self.deployment.folder, path.as_str().unwrap()).into();
                }
            }
            let mut attributes = Vec::new();
            for (attribute, value) in self.changeable(kind, &live).skip(round).step_by(ROUNDS) {
                want[attribute] = value;
                attributes.push(attribute);
            }
            if attributes.is_empty() {
                continue;
            }
            let owner = self.deployment.owner(&address);
            let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
            let done = kind.update(&live, &want, &step).await;
            done.unwrap_or_else(|error| panic!("{address} {attributes:?}: {error}"));
            let shown = attributes.into_iter().flat_map(|attribute| shown(kind, attribute));
            changed.extend(shown.map(|attribute| format!("{address} {attribute}")));
        }
        changed
    }

    /// The attributes that can be changed in place, as `kinesis_stream shards`, of which no resource is among `changed`.
    /// Those that this emulator loses are left out.
    pub(super) fn unchanged(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let records = self.deployment.records();
        let mut unchanged = BTreeSet::new();
        for kind in self.examples.keys().map(|name| self.registry.get(name).unwrap()) {
            let its: Vec<&Address> =
                records.iter().filter(|(_, record)| record.kind == kind.name()).map(|(address, _)| address).collect();
            for name in self.in_place(kind) {
                if !its.iter().any(|address| changed.contains(&format!("{address} {name}"))) {
                    unchanged.insert(format!("{} {name}", kind.name()));
                }
            }
        }
        unchanged
    }

    /// The attributes that can be changed now, each with another value than it has.
    fn changeable<'b>(&'b self, kind: &'b dyn Kind, live: &'b Value) -> impl Iterator<Item = (&'b str, Value)> {
        let examples = &self.examples[kind.name()];
        self.in_place(kind).filter(move |name| !self.impossible(kind, name, live)).filter_map(move |name| {
            let differs = |value: &&Value| {
                let mut other = live.clone();
                other[name] = Value::clone(value);
                !diff(live, &other, kind.schema()).is_empty()
            };
            let values = || examples.iter().map(|example| &example[name]).filter(differs);
            let value = values().find(|value| !value.is_null()).or_else(|| values().next());
            Some((name, value?.clone()))
        })
    }

    /// The attributes that need no replacement, that AWS tells of, and that this emulator keeps.
    fn in_place<'b>(&'b self, kind: &'b dyn Kind) -> impl Iterator<Item = &'b str> {
        let properties = kind.schema()["properties"].as_object().unwrap();
        let stays = |schema: &Value| schema["x-replaces"] == true || schema["x-unread"] == true;
        let names = properties.iter().filter(move |(_, schema)| !stays(schema)).map(|(name, _)| name.as_str());
        names.filter(|name| !gaps::loses(self.deployment.emulator, kind.name(), name))
    }

    /// Changes that an emulator cannot make, or that the attributes beside it forbid.
    fn impossible(&self, kind: &dyn Kind, attribute: &str, live: &Value) -> bool {
        match (kind.name(), attribute) {
            // AWS decides on the shards of an on-demand stream.
            ("kinesis_stream", "shards") => live["mode"] == "ON_DEMAND",
            // UpdateStreamMode is unknown to MiniStack.
            ("kinesis_stream", "mode") => self.deployment.emulator == "MiniStack",
            // UpdateUser is unknown to MiniStack; moto forgets the tags of a user that it moves.
            // Of results without a key there is none to be another, and with one there is no other encryption. What starts a
            // trigger belongs to its kind. No other bytes than the file's are written: `prices` changes the file. No emulator deletes
            // an index. An authorizer that no method names is not looked at, and no backup is ever switched off.
            ("iam_user", "path")
            | ("apigateway_rest_api", "authorizers")
            | ("firehose_delivery_stream", "backup")
            | ("athena_workgroup", "encryption" | "kms_key")
            | ("glue_table", "indexes")
            | ("glue_trigger", "predicate" | "schedule")
            | ("s3_object", "sha256") => true,
            // Two of two are all, which is the default.
            ("cloudwatch_alarm", "datapoints_to_alarm") => live["evaluation_periods"].as_u64() <= Some(2),
            // An alarm has either.
            ("cloudwatch_alarm", "metric" | "queries") => {
                live[attribute].is_null() || live[attribute] == Value::Array(Vec::new())
            }
            // Streams alone have these.
            (
                "lambda_event_source_mapping",
                "bisect_on_error"
                | "failure_arn"
                | "max_age_seconds"
                | "parallelization"
                | "retries"
                | "tumbling_window_seconds",
            ) => live["source_arn"].as_str().is_some_and(|arn| arn.contains(":sqs:")),
            // No block says any of these of a mail, and they are not read.
            ("sns_subscription", _) => live["protocol"] == "email",
            // A queue is made with or without an order.
            ("sqs_queue", "fifo") => live["fifo"].is_null(),
            // Without a key there is nothing to reuse, and moto does not say how long.
            ("sqs_queue", "kms_reuse_seconds") => live["kms_key"].is_null(),
            // TagResource of an API is unknown to moto.
            ("apigateway_rest_api", "tags") => self.deployment.emulator == "moto",
            // A permission has either, and so has an entry.
            ("lambda_permission", "api" | "source_arn") | ("s3_notification", "function_arn" | "queue_arn") => {
                live[attribute].is_null()
            }
            // MiniStack keeps what an update does not give: what has come goes no more.
            ("glue_job", _) | ("glue_database", "location") => {
                let nothing = live[attribute].is_null() || live[attribute] == Value::Array(Vec::new());
                nothing && self.deployment.emulator == "MiniStack"
            }
            _ => false,
        }
    }
}

/// What shows when an attribute is changed.
fn shown<'a>(kind: &dyn Kind, attribute: &'a str) -> Vec<&'a str> {
    match (kind.name(), attribute) {
        // An API that is not pipectl's is known by its ARN alone.
        ("lambda_permission", "api") => vec!["api", "source_arn"],
        _ => vec![attribute],
    }
}

/// The second and the first example of a kind, moved here, with what they stand on.
async fn both_examples(kind: &dyn Kind, registry: &Registry, deployment: &Deployment) -> [Value; 2] {
    let account = &deployment.account;
    let text = kind.examples().replace("123456789012", &account.id).replace("us-east-1", account.region);
    let examples: Value = toml::from_str(&text).unwrap();
    let owner = Owner { project: "theirs".into(), env: "live".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    for need in Need::all(registry, &examples, account) {
        need.make(&step).await;
    }
    let taken = |name: &str| gaps::taken(account.emulator(), kind.name(), examples[name].clone());
    ["second", "first"].map(|name| kind.with_files(&taken(name)).unwrap())
}
