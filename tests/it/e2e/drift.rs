//! What somebody changes or deletes behind pipectl's back is seen as exactly that, and repaired by the next apply.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::engine::kind::Step;

use super::inventory::inventory;
use super::meddling::Meddler;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

/// What no test changes: their kinds' examples have one value only, as not both emulators know another.
const EXAMPLES_HAVE_ONE: [&str; 5] = [
    "iam_user path",
    "iam_user permissions_boundary",
    "kinesis_stream max_record_kib",
    "kinesis_stream mode",
    "logs_group kms_key",
];

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_ministack() {
    every_change_is_seen_and_repaired(Deployment::applied(emulator::ministack(), "prod").await, &EXAMPLES_HAVE_ONE)
        .await;
}

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_moto() {
    every_change_is_seen_and_repaired(Deployment::applied(emulator::moto(), "prod").await, &EXAMPLES_HAVE_ONE).await;
}

/// Another way of access, and a stream whose shards AWS decides on.
#[tokio::test]
async fn every_change_of_staging_is_seen_and_repaired_on_ministack() {
    let but = ["kinesis_stream max_record_kib", "kinesis_stream mode", "kinesis_stream shards", "logs_group kms_key"];
    every_change_is_seen_and_repaired(Deployment::applied(emulator::ministack(), "staging").await, &but).await;
}

/// Changes one attribute of every resource, repairs all, and goes on with the next attribute of each.
async fn every_change_is_seen_and_repaired(deployment: Deployment, but: &[&str]) {
    let lost = deployment.lost();
    let meddler = Meddler::in_the_account_of(&deployment).await;
    let mut rounds = 0;
    let mut all = BTreeSet::new();
    loop {
        let changed = meddler.change(rounds).await;
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
    assert_eq!(meddler.unchanged(&all), but.iter().map(ToString::to_string).collect());
}

/// `bucket.events policy.Statement` → `bucket.events policy`.
fn attribute_of(line: &str) -> String {
    let (address, path) = line.split_once(' ').unwrap();
    format!("{address} {}", path.split('.').next().unwrap())
}

#[tokio::test]
async fn every_deletion_of_prod_is_seen_and_repaired_on_ministack() {
    every_deletion_is_seen_and_repaired(Deployment::applied(emulator::ministack(), "prod").await).await;
}

#[tokio::test]
async fn every_deletion_of_prod_is_seen_and_repaired_on_moto() {
    every_deletion_is_seen_and_repaired(Deployment::applied(emulator::moto(), "prod").await).await;
}

/// Deletes one resource of each type, one after the other.
async fn every_deletion_is_seen_and_repaired(deployment: Deployment) {
    let (lost, registry) = (deployment.lost(), deployment.registry());
    let records = deployment.records();
    let one_of_each: BTreeMap<_, _> = records.iter().map(|(address, record)| (&record.kind, address)).collect();
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
        is_forgotten_with_all_that_it_left_behind(emulator).await;
    }
}

async fn is_forgotten_with_all_that_it_left_behind(emulator: &'static Emulator) {
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
