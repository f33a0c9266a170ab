//! The examples come back from what they made: tables, queues, secrets, functions, schedules and APIs.

use std::collections::BTreeSet;

use super::importing::{adopts_only, changes, state_of};
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account};

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
uses = ["table.orders:read", "table.orders:write", "secret.partner:read", "queue.steps:send"]

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
    deployment.cli.write("envs/base.toml", &format!("{spec}{MORE}"));
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
    let import = [&["import", "--region", region, "--out", "imported.toml", "--json"], source].concat();
    let imported = deployment.run(&import).success().json();
    let spec = deployment.cli.read("imported.toml");
    assert_eq!(imported["left_out"].as_array().unwrap().len(), lost.len(), "{:#}\n{spec}", imported["left_out"]);
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
