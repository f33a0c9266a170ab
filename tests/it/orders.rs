//! A queue with dead letters, the function that reads it, and a schedule that calls another, deployed on both emulators.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::Proxy;

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

/// The project, and what has to live as long: MiniStack refuses, as AWS does, who comes to a queue without TLS, and the
/// proxy says of every call that it came by it.
fn deployment(emulator: &'static Emulator) -> (Deployment, Proxy) {
    let (account, by_tls) = emulator.account().behind_proxy();
    let orders = Deployment::written(account, "dev", |cli| {
        cli.write("envs/dev.toml", SPEC);
        cli.write("functions/ship/app.py", CODE);
        cli.write("functions/report/app.py", REPORT);
    });
    (orders.bootstrap(), by_tls)
}

#[tokio::test]
async fn orders_live_on_moto() {
    let (orders, _by_tls) = deployment(emulator::moto());
    // It forgets RedriveAllowPolicy, and with every other attribute that is set the policy.
    lives(&orders, &["queue.failed dead_letters_of", "queue.failed policy"]);
    is_destroyed(&orders).await;
}

#[tokio::test]
async fn orders_live_on_ministack_and_a_message_is_shipped_or_a_dead_letter() {
    let (orders, _by_tls) = deployment(emulator::ministack());
    lives(&orders, &[]);
    messages_are_shipped(&orders).await;
    is_destroyed(&orders).await;
}

/// Validated, planned and applied; a second plan is empty. `lost` is what the emulator forgets.
fn lives(orders: &Deployment, lost: &[&str]) {
    let valid = orders.run(&["validate"]).success();
    assert!(!valid.stderr.contains("warning"), "{valid}");
    orders.run(&["plan", "--detailed-exitcode"]).fails(2);
    orders.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(orders.changes(), lost.iter().map(ToString::to_string).collect());
}

/// What is sent to the queue is shipped, but for what the function cannot deal with.
async fn messages_are_shipped(orders: &Deployment) {
    let sqs = orders.aws().client(aws_sdk_sqs::Client::new).await;
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
    let status = orders.run(&["status"]);
    assert!(status.stdout.contains("1 dead letter"), "{status}");
}
