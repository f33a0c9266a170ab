//! The examples come back from what they made: tables, queues, secrets, functions, schedules and APIs.

use std::collections::BTreeSet;

use pipectl::state::Record;

use super::importing::{adopts_only, changes, state_of};
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account};
use crate::support::witness::Recording;

/// Everything that the examples leave out: a queue with dead letters that a function reads, a secret, a table with indexes, a
/// schedule, a key with a quota.
const MORE: &str = r#"
[queue.orders]
dead_letters = "queue.failed"

[queue.failed]

[queue.steps]
fifo = true
high_throughput = true

[secret.partner]
generate = {}

[table.orders]
partition_key = { name = "id" }
sort_key = { name = "at", type = "number" }
point_in_time_recovery = false
stream = "new-image"

[table.orders.global_indexes.by_customer]
partition_key = { name = "customer" }
projection = "include"
include = ["total"]

[function.bill]
code = "functions/bill"
runtime = "python3.13"
handler = "app.handler"
environment = { TABLE = "${table.orders.name}" }
uses = ["table.orders:read", "table.orders:write", "secret.partner:read", "queue.steps:send", "STREAM:write"]

[function.bill.source]
from = "queue.orders"

[schedule.nightly]
expression = "cron(15 3 * * ? *)"
calls = "function.bill"
input = { full = true }

[api.orders]
routes = { "GET /orders/{id}" = "function.bill", "POST /orders" = "function.bill" }

[api.orders.key]
routes = ["POST /orders"]
throttle = { rate = 5, burst = 10 }
quota = { limit = 1000, per = "week" }
"#;

/// An example, applied, with all that the examples leave out.
fn applied(folder: &'static str, account: Account) -> Deployment {
    let deployment = Deployment::of(folder, account);
    let spec = deployment.cli.read("envs/base.toml");
    // moto forgets whose dead letters a queue takes.
    let letters = ["dead_letters = \"queue.failed\"\n", "[queue.failed]\n"];
    let more = match deployment.emulator {
        "moto" => letters.iter().fold(MORE.to_owned(), |more, line| more.replace(line, "")),
        _ => MORE.to_owned(),
    };
    // By its stream the wiring leads to all of it.
    let stream = if folder == "examples/analytics" { "stream.clicks" } else { "stream.events" };
    let more = more.replace("STREAM", stream);
    deployment.cli.write("envs/base.toml", &format!("{spec}{more}"));
    deployment.cli.write("functions/bill/app.py", "def handler(event, context):\n    return {\"statusCode\": 200}\n");
    deployment.apply()
}

/// What an emulator has forgotten of alarms no spec can bring back.
fn lost(deployment: &Deployment) -> BTreeSet<String> {
    let changes = deployment.changes();
    changes.iter().filter_map(|line| line.strip_suffix(" queries")).map(str::to_owned).collect()
}

/// Imports from a source, and asserts that the plan of that adopts all that was made, and changes nothing but ownership tags.
fn comes_back(deployment: &Deployment, source: &[&str]) {
    let (region, lost) = (deployment.account.region, lost(deployment));
    // The wiring does not even lead to an alarm whose metrics are forgotten.
    let left = if source[0] == "--stream" { 0 } else { lost.len() };
    let import = [&["import", "--region", region, "--out", "imported.toml", "--json"], source].concat();
    let imported = deployment.run(&import).success().json();
    let spec = deployment.cli.read("imported.toml");
    assert_eq!(imported["left_out"].as_array().unwrap().len(), left, "{:#}\n{spec}", imported["left_out"]);
    deployment.cli.write("imported.toml", &format!("{spec}\n[state]\nlocal = \"elsewhere\"\n"));
    let plan =
        deployment.cli.run(&["plan", "--env-file", "imported.toml", "--adopt", "all", "--json"]).success().json();
    adopts_only(&plan);
    let planned: BTreeSet<String> =
        changes(&plan).map(|change| change["address"].as_str().unwrap().to_owned()).collect();
    let made: BTreeSet<String> = deployment.records().keys().map(ToString::to_string).collect();
    assert_eq!(planned, made.difference(&lost).cloned().collect(), "{spec}");
}

fn comes_back_from_a_state(folder: &'static str, account: Account) {
    let deployment = applied(folder, account);
    deployment.cli.write("state.json", &state_of(&deployment).to_string());
    comes_back(&deployment, &["--from-tfstate", "state.json"]);
}

#[test]
fn analytics_comes_back_from_a_state_on_ministack() {
    comes_back_from_a_state("examples/analytics", emulator::ministack().account());
}

#[test]
fn analytics_comes_back_from_a_state_on_moto() {
    comes_back_from_a_state("examples/analytics", emulator::moto().account());
}

#[test]
fn ecommerce_comes_back_from_a_state_on_ministack() {
    comes_back_from_a_state("examples/ecommerce", emulator::ministack().account());
}

#[test]
fn ecommerce_comes_back_from_a_state_on_moto() {
    comes_back_from_a_state("examples/ecommerce", emulator::moto().account());
}

fn comes_back_from_live(deployment: &Deployment, stream: &str) {
    comes_back(deployment, &["--stream", stream]);
}

#[tokio::test]
async fn analytics_comes_back_from_its_stream_on_ministack() {
    let deployment = applied("examples/analytics", emulator::ministack().account());
    comes_back_from_live(&deployment, "acme-analytics-dev-clicks");
}

#[tokio::test]
async fn analytics_comes_back_from_its_stream_on_moto() {
    let deployment = applied("examples/analytics", emulator::moto().account());
    comes_back_from_live(&deployment, "acme-analytics-dev-clicks");
}

#[tokio::test]
async fn ecommerce_comes_back_from_its_stream_on_ministack() {
    let _sends = Recording::of("e2e::examples_back::ecommerce_comes_back_from_its_stream_on_ministack");
    let deployment = applied("examples/ecommerce", emulator::ministack().account());
    comes_back_from_live(&deployment, "acme-shop-dev-events");
}

#[tokio::test]
async fn ecommerce_comes_back_from_its_stream_on_moto() {
    let deployment = applied("examples/ecommerce", emulator::moto().account());
    comes_back_from_live(&deployment, "acme-shop-dev-events");
}

/// What CloudFormation would call a resource, had it made it.
fn physical_id(record: &Record) -> String {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    match record.kind.as_str() {
        "sns_topic" | "secretsmanager_secret" => text(&record.outputs["arn"]),
        "sqs_queue" => text(&record.outputs["url"]),
        "apigateway_rest_api" | "apigateway_api_key" | "apigateway_usage_plan" => text(&record.outputs["id"]),
        "apigateway_stage" | "logs_stream" => text(&record.attributes["name"]),
        "lambda_event_source_mapping" => text(&record.outputs["uuid"]),
        "lambda_permission" => text(&record.attributes["statement_id"]),
        _ => record.key.clone(),
    }
}

/// What CloudFormation answers that has made all of it. Neither emulator could: the template would hold the code.
fn listing(deployment: &Deployment) -> String {
    let registry = deployment.registry();
    let member = |(number, record): (usize, &Record)| {
        let kind = registry.get(&record.kind).unwrap().aws_type();
        format!(
            "<member><LogicalResourceId>Member{number}</LogicalResourceId><ResourceType>{kind}</ResourceType>\
             <PhysicalResourceId>{}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp></member>",
            physical_id(record)
        )
    };
    let members: String = deployment.records().values().enumerate().map(member).collect();
    format!(
        "<ListStackResourcesResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><ListStackResourcesResult>\
         <StackResourceSummaries>{members}</StackResourceSummaries></ListStackResourcesResult>\
         </ListStackResourcesResponse>"
    )
}

fn comes_back_from_a_stack(folder: &'static str, account: Account) {
    let deployment = applied(folder, account);
    deployment.proxy.on("cloudformation:ListStackResources").answer_text(&listing(&deployment));
    comes_back(&deployment, &["--from-cloudformation", "acme"]);
}

#[test]
fn analytics_comes_back_from_a_stack_on_ministack() {
    comes_back_from_a_stack("examples/analytics", emulator::ministack().account());
}

#[test]
fn ecommerce_comes_back_from_a_stack_on_moto() {
    comes_back_from_a_stack("examples/ecommerce", emulator::moto().account());
}
