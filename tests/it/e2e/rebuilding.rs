//! A state that was lost is rebuilt from the names in the spec and the marks in AWS.

use std::collections::BTreeMap;

use pipectl::model::address::Address;
use pipectl::state::Record;
use serde_json::Value;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn a_lost_state_is_rebuilt_on_ministack() {
    a_lost_state_is_rebuilt(emulator::ministack()).await;
}

#[tokio::test]
async fn a_lost_state_is_rebuilt_on_moto() {
    a_lost_state_is_rebuilt(emulator::moto()).await;
}

async fn a_lost_state_is_rebuilt(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "staging").await;
    let before = deployment.records();
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = deployment.account.unique("acme-clickstream-pipectl-state");
    s3.delete_object().bucket(&bucket).key("pipectl/staging/state.json").send().await.unwrap();

    let rebuilt = deployment.run(&["state", "rebuild"]).success();
    // A dashboard has no tags: nothing tells whose it is.
    assert!(rebuilt.stderr.contains("dashboard.clickstream was left out"), "{rebuilt}");
    let mut known = before.clone();
    known.remove(&"dashboard.clickstream".parse().unwrap());
    assert_eq!(declared(deployment.records()), declared(known));

    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).fails(1);
    deployment.run(&["apply", "--auto-approve", "--adopt", "dashboard.clickstream"]).success();
    assert_eq!(declared(deployment.records()), declared(before));
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    deployment.run(&["state", "rebuild"]).fails(1);
}

/// The records without the one attribute that no spec here declares: AWS says what it is, and a rebuilt state has that. And
/// without what changes by itself: how alarms stand, and that emulators confirm mail subscriptions.
fn declared(mut records: BTreeMap<Address, Record>) -> BTreeMap<Address, Record> {
    for record in records.values_mut() {
        match record.kind.as_str() {
            "s3_bucket" => {
                let mut attributes = (*record.attributes).clone();
                attributes["transition_minimum"] = Value::Null;
                record.attributes = attributes.into();
            }
            "cloudwatch_alarm" | "sns_subscription" => record.outputs = Value::Null,
            _ => {}
        }
    }
    records
}
