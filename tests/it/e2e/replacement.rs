//! Replacing and renaming: what is new exists before what is old goes, and another name for a block moves nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::Calls;

#[tokio::test]
async fn a_stream_of_another_name_replaces_the_old_one_on_ministack() {
    a_stream_of_another_name_replaces_the_old_one(emulator::ministack()).await;
}

#[tokio::test]
async fn a_stream_of_another_name_replaces_the_old_one_on_moto() {
    a_stream_of_another_name_replaces_the_old_one(emulator::moto()).await;
}

async fn a_stream_of_another_name_replaces_the_old_one(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    deployment.edit("envs/dev.toml", "[stream.clicks]", "[stream.clicks]\nname = \"acme-other-clicks\"");
    let plan = deployment.run(&["plan", "--json"]).success().json();
    let forced = forced(&plan);
    assert_eq!(forced["stream.clicks"], ["name"]);
    assert_eq!(forced["firehose.clicks"], ["source.stream_arn"], "carried along");
    assert_eq!(forced.len(), 2, "{forced:?}");
    let shown = deployment.cli.run(&["show"]).success().stdout;
    assert!(shown.contains("source.stream_arn") && shown.contains("forces the replacement"), "{shown}");

    deployment.proxy.take_calls();
    deployment.cli.run(&["apply", "plan.json", "--approve-broadening"]).success();
    let calls = deployment.proxy.take_calls();
    let order = [
        "kinesis:CreateStream",
        "firehose:DeleteDeliveryStream",
        "firehose:CreateDeliveryStream",
        "kinesis:DeleteStream",
    ];
    assert_eq!(in_order(&calls, &order), order);
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    assert_eq!(kinesis.list_streams().send().await.unwrap().stream_names, ["acme-other-clicks"]);
}

#[tokio::test]
async fn a_bucket_of_another_name_exists_before_the_old_one_goes() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let old = deployment.account.unique("acme-clickstream-events-${env}");
    deployment.edit("envs/base.toml", &old, &deployment.account.unique("acme-other-events"));
    deployment.proxy.take_calls();
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    let order = ["s3:CreateBucket", "firehose:UpdateDestination", "s3:DeleteBucket"];
    assert_eq!(in_order(&deployment.proxy.take_calls(), &order), order);
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_renamed_block_keeps_its_resource() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let before = deployment.records();
    for file in ["envs/base.toml", "envs/dev.toml"] {
        deployment.edit(file, "stream.clicks", "stream.visits");
    }
    deployment.edit("envs/dev.toml", "[stream.visits]", "[stream.visits]\nname = \"acme-clickstream-dev-clicks\"");
    let changes = deployment.changes();
    assert!(changes.contains("stream.visits tags.pipectl:address"), "{changes:?}");
    deployment.proxy.take_calls();
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    let calls = deployment.proxy.take_calls().by_operation();
    let moves = |call: &&String| {
        let (_, operation) = call.split_once(':').unwrap();
        operation.starts_with("Create") || (operation.starts_with("Delete") && operation != "DeleteObject")
    };
    assert_eq!(calls.keys().filter(moves).collect::<Vec<_>>(), [""; 0], "nothing is made or deleted");
    let after = deployment.records();
    assert_eq!(after[&"stream.visits".parse().unwrap()].key, before[&"stream.clicks".parse().unwrap()].key);
    assert_eq!(after.len(), before.len());
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

/// The fields that force the replacement of each resource that is replaced.
fn forced(plan: &Value) -> BTreeMap<&str, Vec<&str>> {
    let replaced = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] == "replace");
    replaced
        .map(|change| {
            let fields = change["fields"].as_array().unwrap().iter().filter(|field| field["replaces"] == true);
            (change["address"].as_str().unwrap(), fields.map(|field| field["path"].as_str().unwrap()).collect())
        })
        .collect()
}

/// The calls that are among `these`, in the order in which they began.
fn in_order(calls: &Calls, these: &[&str]) -> Vec<String> {
    let mut calls = calls.0.clone();
    calls.sort_by_key(|call| call.start);
    calls.iter().map(|call| call.operation.full_name()).filter(|name| these.contains(&name.as_str())).collect()
}
