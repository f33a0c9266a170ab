//! What somebody changes or deletes behind pipectl's back is seen as exactly that, and repaired by the next apply.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::engine::address::Address;
use pipectl::engine::kind::{Kind, Step};
use pipectl::state::Record;
use serde_json::Value;

use super::deployment::Deployment;
use super::inventory::inventory;
use crate::conformance::gaps;
use crate::support::emulator::{self, Emulator};
use crate::support::sqs;

/// What no test changes: their kinds' examples have one value only, as not both emulators know another.
const EXAMPLES_HAVE_ONE: [&str; 5] = [
    "iam_user path",
    "iam_user permissions_boundary",
    "kinesis_stream max_record_kib",
    "kinesis_stream mode",
    "logs_group kms_key",
];

/// The types of other systems: `analytics.rs`, `ecommerce.rs` and `orders.rs` look after these.
const NOT_IN_PROD: [&str; 11] = [
    "apigateway_api_key",
    "apigateway_rest_api",
    "apigateway_stage",
    "apigateway_usage_plan",
    "dynamodb_table",
    "events_rule",
    "lambda_event_source_mapping",
    "lambda_function",
    "lambda_permission",
    "secretsmanager_secret",
    "sqs_queue",
];

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_ministack() {
    every_change_is_seen_and_repaired(emulator::ministack(), "prod", &EXAMPLES_HAVE_ONE).await;
}

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_moto() {
    every_change_is_seen_and_repaired(emulator::moto(), "prod", &EXAMPLES_HAVE_ONE).await;
}

/// Another way of access, and a stream whose shards AWS decides on.
#[tokio::test]
async fn every_change_of_staging_is_seen_and_repaired_on_ministack() {
    let but = ["kinesis_stream max_record_kib", "kinesis_stream mode", "kinesis_stream shards", "logs_group kms_key"];
    every_change_is_seen_and_repaired(emulator::ministack(), "staging", &but).await;
}

/// Changes one attribute of every resource, repairs all, and goes on with the next attribute of each.
async fn every_change_is_seen_and_repaired(emulator: &'static Emulator, env: &'static str, but: &[&str]) {
    let deployment = Deployment::applied(emulator, env).await;
    let lost = deployment.lost();
    let mut rounds = 0;
    let mut all = BTreeSet::new();
    loop {
        let changed = deployment.meddle(rounds).await;
        if changed.is_empty() {
            break;
        }
        let seen: BTreeSet<String> = deployment.drift().difference(&lost).map(|line| attribute_of(line)).collect();
        assert_eq!(seen, changed, "round {rounds}");
        deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        assert_eq!(deployment.drift(), lost, "after the repair of {changed:?}");
        all.extend(changed);
        rounds += 1;
    }
    assert_eq!(deployment.unchanged(&all), but.iter().map(ToString::to_string).collect());
}

/// `bucket.events policy.Statement` → `bucket.events policy`.
fn attribute_of(line: &str) -> String {
    line.split('.').take(2).collect::<Vec<_>>().join(".")
}

impl Deployment {
    /// Changes the `round`-th of the changeable attributes of every resource: `stream.clicks shards`.
    async fn meddle(&self, round: usize) -> BTreeSet<String> {
        let registry = self.registry();
        let mut changed = BTreeSet::new();
        for (address, record) in self.records() {
            let kind = registry.get(&record.kind).unwrap();
            let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
            let examples = self.examples(kind).await;
            let Some((attribute, value)) = self.changeable(kind, &live, &examples).nth(round) else { continue };
            let mut want = live.clone();
            for (name, last) in record.attributes.as_object().unwrap() {
                if gaps::loses(self.emulator, kind.name(), name) {
                    want[name] = last.clone();
                }
            }
            want[attribute] = value;
            let owner = self.owner(&address);
            let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
            let done = kind.update(&live, &kind.canonical(&want).unwrap(), &step).await;
            done.unwrap_or_else(|error| panic!("{address} {attribute}: {error}"));
            changed.insert(format!("{address} {attribute}"));
        }
        changed
    }

    /// The attributes that can be changed in place, as `kinesis_stream shards`, of which no resource is among `changed`.
    /// Those that this emulator loses are left out.
    fn unchanged(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let (records, registry) = (self.records(), self.registry());
        let mut unchanged = BTreeSet::new();
        for kind in records.values().map(|record| registry.get(&record.kind).unwrap()) {
            let its =
                |(address, record): (&Address, &Record)| (record.kind == kind.name()).then(|| address.to_string());
            let its: Vec<String> = records.iter().filter_map(its).collect();
            for name in self.in_place(kind) {
                if !its.iter().any(|address| changed.contains(&format!("{address} {name}"))) {
                    unchanged.insert(format!("{} {name}", kind.name()));
                }
            }
        }
        unchanged
    }

    /// The examples of a kind, moved here, with the queues that they need.
    async fn examples(&self, kind: &dyn Kind) -> Value {
        let text = kind.examples().replace("123456789012", &self.account.id).replace("us-east-1", self.account.region);
        let examples: Value = toml::from_str(&text).unwrap();
        for queue in examples["needs"].as_array().into_iter().flatten().filter_map(|need| need["queue"].as_str()) {
            sqs::create_queue(&self.account, queue).await;
        }
        examples
    }

    /// The attributes that can be changed now, each with another value than it has.
    fn changeable<'a>(
        &'a self,
        kind: &'a dyn Kind,
        live: &'a Value,
        examples: &'a Value,
    ) -> impl Iterator<Item = (&'a str, Value)> {
        let examples = ["second", "first"].map(|name| kind.canonical(&examples[name]).unwrap());
        self.in_place(kind).filter(move |name| !self.impossible(kind, name, live)).filter_map(move |name| {
            let values = || examples.iter().map(|example| &example[name]).filter(|value| **value != live[name]);
            let value = values().find(|value| !value.is_null()).or_else(|| values().next());
            Some((name, value?.clone()))
        })
    }

    /// The attributes that need no replacement, and that this emulator keeps.
    fn in_place<'a>(&'a self, kind: &'a dyn Kind) -> impl Iterator<Item = &'a str> {
        let properties = kind.schema()["properties"].as_object().unwrap();
        let names = properties.iter().filter(|(_, schema)| schema["x-replaces"] != true).map(|(name, _)| name.as_str());
        names.filter(|name| !gaps::loses(self.emulator, kind.name(), name))
    }

    /// Changes that an emulator cannot make, or that the attributes beside it forbid.
    fn impossible(&self, kind: &dyn Kind, attribute: &str, live: &Value) -> bool {
        match (kind.name(), attribute) {
            // AWS decides on the shards of an on-demand stream.
            ("kinesis_stream", "shards") => live["mode"] == "ON_DEMAND",
            // UpdateStreamMode is unknown to MiniStack.
            ("kinesis_stream", "mode") => self.emulator == "MiniStack",
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

#[tokio::test]
async fn every_deletion_is_seen_and_repaired_on_ministack() {
    every_deletion_is_seen_and_repaired(emulator::ministack()).await;
}

#[tokio::test]
async fn every_deletion_is_seen_and_repaired_on_moto() {
    every_deletion_is_seen_and_repaired(emulator::moto()).await;
}

/// Deletes one resource of each type, one after the other.
async fn every_deletion_is_seen_and_repaired(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "prod").await;
    let (lost, registry) = (deployment.lost(), deployment.registry());
    let records = deployment.records();
    let one_of_each: BTreeMap<_, _> = records.iter().map(|(address, record)| (&record.kind, address)).collect();
    let types = registry.iter().map(Kind::name);
    let others: Vec<&str> = types.filter(|name| !records.values().any(|record| record.kind == *name)).collect();
    assert_eq!(others, NOT_IN_PROD);
    for address in one_of_each.into_values() {
        let owner = deployment.owner(address);
        let step = Step { owner: &owner, since: None, empty: true, note: &|_| {} };
        let record = &records[address];
        registry.get(&record.kind).unwrap().delete(&record.key, &step).await.unwrap();
        let living = deployment.living(&records).await;
        let missing = records.keys().filter(|address| !living.contains(address));
        let missing: BTreeSet<String> = missing.map(|address| format!("{address} missing")).collect();
        assert!(missing.contains(&format!("{address} missing")), "{address} is not gone");
        assert_eq!(deployment.drift().difference(&lost).cloned().collect::<BTreeSet<_>>(), missing);
        deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        assert_eq!(deployment.drift(), lost, "after the repair of {address}");
    }
}

#[tokio::test]
async fn what_is_gone_already_is_forgotten_with_all_that_it_left_behind() {
    for emulator in [emulator::ministack(), emulator::moto()] {
        let deployment = Deployment::applied(emulator, "prod").await;
        deployment.run(&["apply", "--auto-approve", "--set", "env.protect=false"]).success();
        let (registry, records) = (deployment.registry(), deployment.records());
        // All at once, parents before their parts too. Of the access key, its secret's parameter stays.
        for (address, record) in records.iter().filter(|(_, record)| record.kind != "iam_access_key") {
            let owner = deployment.owner(address);
            let step = Step { owner: &owner, since: None, empty: true, note: &|_| {} };
            registry.get(&record.kind).unwrap().delete(&record.key, &step).await.unwrap();
        }
        let left = ["parameter /acme-clickstream/prod/events/access-key"];
        assert_eq!(inventory(&deployment).await, left);
        deployment.run(&["destroy", "--auto-approve"]).success();
        assert_eq!(inventory(&deployment).await, [""; 0]);
        assert!(deployment.records().is_empty());
    }
}
