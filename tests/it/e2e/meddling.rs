//! Changes behind pipectl's back: each attribute that can be changed in place gets a value of its kind's examples.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::engine::address::Address;
use pipectl::engine::diff::diff;
use pipectl::engine::kind::{Kind, Owner, Registry, Step};
use serde_json::Value;

use crate::conformance::gaps;
use crate::conformance::needs::Need;
use crate::support::deployment::Deployment;

/// Somebody who changes the resources of a deployment by hand.
pub(super) struct Meddler<'a> {
    deployment: &'a Deployment,
    registry: Registry,
    /// By kind, moved here: another value of everything, if possible the second's.
    examples: BTreeMap<String, [Value; 2]>,
}

impl<'a> Meddler<'a> {
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

    /// Changes the `round`-th of the changeable attributes of every resource: `stream.clicks shards`.
    pub(super) async fn change(&self, round: usize) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for (address, record) in self.deployment.records() {
            let kind = self.registry.get(&record.kind).unwrap();
            let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
            let Some((attribute, value)) = self.changeable(kind, &live).nth(round) else { continue };
            let mut want = record.attributes.clone();
            want[attribute] = value;
            let owner = self.deployment.owner(&address);
            let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
            let done = kind.update(&live, &self.canonical(kind, want), &step).await;
            done.unwrap_or_else(|error| panic!("{address} {attribute}: {error}"));
            changed.insert(format!("{address} {attribute}"));
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

    /// Attributes as plans have them. A function's folder is that of the deployment.
    fn canonical(&self, kind: &dyn Kind, mut attributes: Value) -> Value {
        if let Some(path) = attributes.pointer_mut("/code/path") {
            *path = self.deployment.cli.path(path.as_str().unwrap()).to_str().unwrap().into();
        }
        kind.canonical(&attributes).unwrap()
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
            ("iam_user", "path") => true,
            // Two of two are all, which is the default.
            ("cloudwatch_alarm", "datapoints_to_alarm") => live["evaluation_periods"].as_u64() <= Some(2),
            // An alarm has either.
            ("cloudwatch_alarm", "metric" | "queries") => {
                live[attribute].is_null() || live[attribute] == Value::Array(Vec::new())
            }
            _ => false,
        }
    }
}

/// The second and the first example of a kind, moved here, with what they stand on.
async fn both_examples(kind: &dyn Kind, registry: &Registry, deployment: &Deployment) -> [Value; 2] {
    let account = &deployment.account;
    let text = kind.examples().replace("123456789012", &account.id).replace("us-east-1", account.region);
    let text = text.replace("examples/analytics", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/analytics"));
    let examples: Value = toml::from_str(&text).unwrap();
    let owner = Owner { project: "theirs".into(), env: "live".into(), address: Address::block("kind", "example") };
    let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
    for need in Need::all(registry, &examples, account) {
        need.make(&step).await;
    }
    ["second", "first"].map(|name| kind.canonical(&examples[name]).unwrap())
}
