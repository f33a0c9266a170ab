//! A queue with dead letters, the function that reads it, and a schedule that calls another, deployed on both emulators.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pipectl::aws::kinds;
use pipectl::engine::kind::{Owner, Step};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::emulator;
use crate::support::example::Example;

const PROJECT: &str = "acme-orders";
const SPEC: &str = r#"
[project]
name = "acme-orders"
[env]
name = "dev"
region = "eu-west-1"
[queue.orders]
visibility_timeout_seconds = 5
dead_letters = "queue.failed"
max_receives = 1
[queue.failed]
# The emulator runs the function, which comes to it without TLS.
[queue.shipped]
policy = ""
[topic.alerts]
[alarm.failed]
watches = "queue.failed"
notifies = ["topic.alerts"]
[alarm.waiting]
watches = "queue.orders"
notifies = ["topic.alerts"]
[dashboard.all]
[schedule.report]
description = "Puts an order every minute"
expression = "rate(1 minute)"
calls = "function.report"
input = { order = "of the minute" }
[alarm.report]
watches = "schedule.report"
notifies = ["topic.alerts"]
[function.report]
code = "functions/report"
runtime = "python3.13"
handler = "app.handler"
environment = { REPORTS = "${queue.reports.name}" }
uses = ["queue.reports:send"]
[queue.reports]
policy = ""
[function.ship]
code = "functions/ship"
runtime = "python3.13"
handler = "app.handler"
timeout_seconds = 5
environment = { SHIPPED = "${queue.shipped.name}" }
uses = ["queue.shipped:send"]
source = { from = "queue.orders", batch_size = 1, max_concurrency = 2 }
"#;
const CODE: &str = r#"
import os

import boto3

sqs = boto3.client("sqs")
shipped = sqs.get_queue_url(QueueName=os.environ["SHIPPED"])["QueueUrl"]


def handler(event, context):
    for record in event["Records"]:
        if record["body"] == "broken":
            raise ValueError(record["body"])
        sqs.send_message(QueueUrl=shipped, MessageBody="shipped " + record["body"])
"#;
const REPORT: &str = r#"
import os

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    url = sqs.get_queue_url(QueueName=os.environ["REPORTS"])["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=event["order"])
"#;
/// How long a message may take to where it belongs: the emulator polls, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

fn project(emulator: &'static emulator::Emulator) -> Example {
    Example::written(emulator.account(), |cli| {
        cli.write("envs/dev.toml", SPEC);
        cli.write("functions/ship/app.py", CODE);
        cli.write("functions/report/app.py", REPORT);
    })
}

#[tokio::test]
async fn orders_live_on_moto() {
    let example = project(emulator::moto());
    // It forgets RedriveAllowPolicy, and with every other attribute that is set the policy.
    lives(&example, &["queue.failed dead_letters_of", "queue.failed policy"]).await;
    destroyed(&example).await;
}

#[tokio::test]
async fn orders_live_on_ministack_and_a_message_is_shipped_or_a_dead_letter() {
    let example = project(emulator::ministack());
    lives(&example, &[]).await;
    messages_are_shipped(&example).await;
    destroyed(&example).await;
}

/// Validated, planned and applied; a second plan is empty; what somebody else changes is seen, and repaired. `lost` is what
/// the emulator forgets.
async fn lives(example: &Example, lost: &[&str]) {
    let changes = || {
        let changes = example.changes().into_iter().map(|path| attribute_of(&path));
        changes.filter(|path| !lost.contains(&path.as_str())).collect::<BTreeSet<_>>()
    };
    let nothing = BTreeSet::new();
    let valid = example.run(&["validate"]).success();
    assert!(!valid.stderr.contains("warning"), "{valid}");
    example.run(&["plan", "--detailed-exitcode"]).fails(2);
    example.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(changes(), nothing);

    let mut meddled = BTreeSet::new();
    for (address, want) in meddling() {
        meddled.extend(meddle(example, address, &want).await);
    }
    assert_eq!(changes(), meddled);
    example.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(changes(), nothing);
}

/// `queue.orders policy.Statement` → `queue.orders policy`.
fn attribute_of(path: &str) -> String {
    let (address, path) = path.split_once(' ').unwrap();
    format!("{address} {}", path.split('.').next().unwrap())
}

/// Another value for every attribute that can be changed in place.
fn meddling() -> Vec<(&'static str, Value)> {
    let queue = json!({
        "visibility_timeout_seconds": 6,
        "retention_seconds": 60,
        "delay_seconds": 1,
        "receive_wait_seconds": 0,
        "max_message_bytes": 1024,
        "own_encryption": false,
        "kms_key": "alias/theirs",
        "kms_reuse_seconds": 60,
        "dead_letters": null,
        "policy": null,
        "tags": { "pipectl:project": PROJECT, "pipectl:env": "dev", "owner": "somebody" },
    });
    let mapping = json!({
        "enabled": false,
        "batch_size": 2,
        "window_seconds": 1,
        "report_failures": true,
        "max_concurrency": null,
    });
    let rule = json!({
        "description": "Theirs",
        "schedule": "rate(1 day)",
        "enabled": false,
        "targets": { "theirs": { "arn": "arn:aws:lambda:eu-west-1:123456789012:function:theirs", "input": null } },
        "tags": { "pipectl:project": PROJECT, "pipectl:env": "dev", "owner": "somebody" },
    });
    let permission = json!({ "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/theirs" });
    vec![
        ("schedule.report", rule),
        ("schedule.report/permission", permission),
        ("queue.orders", queue),
        ("function.ship/source", mapping),
    ]
}

/// Gives a resource other attributes behind pipectl's back; returns them as `queue.orders policy`.
async fn meddle(example: &Example, address: &str, attributes: &Value) -> Vec<String> {
    let registry = kinds::registry(&example.account.aws());
    let address = address.parse().unwrap();
    let record = &example.state().resources[&address];
    let kind = registry.get(&record.kind).unwrap();
    let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
    let mut want = Value::clone(&live);
    want.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let owner = Owner { project: PROJECT.into(), env: "dev".into(), address: address.clone() };
    let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
    kind.update(&live, &want, &step).await.unwrap();
    attributes.as_object().unwrap().keys().map(|name| format!("{address} {name}")).collect()
}

/// What is sent to the queue is shipped, but for what the function cannot deal with.
async fn messages_are_shipped(example: &Example) {
    let sqs = example.account.aws().client(aws_sdk_sqs::Client::new).await;
    let url = async |name: &str| {
        let reply = sqs.get_queue_url().queue_name(format!("acme-orders-dev-{name}")).send().await.unwrap();
        reply.queue_url.unwrap()
    };
    let received = async |name: &str| {
        let end = Instant::now() + ARRIVES;
        loop {
            let reply = sqs.receive_message().queue_url(url(name).await).visibility_timeout(0).send().await.unwrap();
            match reply.messages().first().and_then(|message| message.body()) {
                Some(body) => return body.to_owned(),
                None => assert!(Instant::now() < end, "nothing arrived in {name}"),
            }
            sleep(Duration::from_millis(250)).await;
        }
    };
    for body in ["one", "broken"] {
        sqs.send_message().queue_url(url("orders").await).message_body(body).send().await.unwrap();
    }
    assert_eq!(received("shipped").await, "shipped one");
    assert_eq!(received("failed").await, "broken");
    assert_eq!(received("reports").await, "of the minute", "the schedule calls its function");
    let status = example.run(&["status"]);
    assert!(status.stdout.contains("1 dead letter"), "{status}");
}

/// Nothing is left.
async fn destroyed(example: &Example) {
    let state = example.state();
    assert_eq!(example.living(&state).await.len(), state.resources.len());
    example.run(&["destroy", "--auto-approve"]).success();
    assert_eq!(example.living(&state).await, [""; 0]);
    let aws = example.account.aws();
    let queues = aws.client(aws_sdk_sqs::Client::new).await.list_queues().send().await.unwrap();
    assert_eq!(queues.queue_urls(), [""; 0]);
    let rules = aws.client(aws_sdk_eventbridge::Client::new).await.list_rules().send().await.unwrap();
    assert_eq!(rules.rules().len(), 0);
    let lambda = aws.client(aws_sdk_lambda::Client::new).await;
    assert_eq!(lambda.list_event_source_mappings().send().await.unwrap().event_source_mappings().len(), 0);
}
