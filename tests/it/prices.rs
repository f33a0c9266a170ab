//! `examples/prices`: valid, its functions and its job right by themselves, and deployed; what Firehose converts is found by a
//! query; the API answers, and what lands is told of; a job that runs is stopped before it goes.

mod answering;
mod running;
mod telling;

use std::time::{Duration, Instant};

use aws_sdk_kinesis::primitives::Blob;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::{Deployment, run_python_tests};
use crate::support::emulator::{self, Account};
use crate::support::witness::Recording;

/// How long a record may take from the stream to a row: the emulator looks every few seconds.
const ARRIVES: Duration = Duration::from_mins(2);

#[test]
fn the_functions_and_the_job_do_what_they_should_by_themselves() {
    run_python_tests("prices");
}

/// The example, but for the packages that pip would fetch for a function that is not called here.
pub(crate) fn example(account: Account) -> Deployment {
    let mut prices = Deployment::of("examples/prices", account);
    prices.cli = prices.cli.env("QUOTES_API_KEY", "made-up");
    let base = prices.cli.read("envs/base.toml");
    let (before, rest) = base.split_once("build = [").unwrap();
    let (_, after) = rest.split_once("\nruntime").unwrap();
    prices.cli.write("envs/base.toml", &format!("{before}runtime{after}"));
    prices
}

/// The same without its API: MiniStack's reply about a usage plan that changes cannot be read.
pub(crate) fn without_api() -> Deployment {
    let prices = example(emulator::ministack().account());
    let dev = prices.cli.read("envs/dev.toml");
    prices.cli.write("envs/dev.toml", &format!("{dev}\n[api.prices]\noff = true\n[alarm.refused]\noff = true\n"));
    prices
}

#[tokio::test]
async fn prices_live_on_ministack_and_what_firehose_converts_is_found_by_a_query() {
    let _sends = Recording::of("prices::prices_live_on_ministack_and_what_firehose_converts_is_found_by_a_query");
    let prices = example(emulator::ministack().account());
    prices.run(&["validate"]).success();
    prices.run(&["plan", "--detailed-exitcode"]).fails(2);
    prices.cli.run(&["apply", "plan.json"]).success();
    let lost = [
        "alarm.alert queries",
        "alarm.delivery queries",
        "alarm.fetch queries",
        "alarm.refused queries",
        "job.clean notify_delay_minutes",
    ];
    assert_eq!(prices.changes(), lost.map(str::to_owned).into());

    ticks_are_found(&prices).await;
    the_job_runs(&prices);
    another_script_is_uploaded(&prices, &lost);
    is_destroyed(&prices).await;
}

/// Put on the stream, prices are converted to Parquet and counted by Athena; what is no JSON is kept as an error.
async fn ticks_are_found(prices: &Deployment) {
    let aws = prices.aws();
    for price in [100.5, 99.5, 101.0] {
        let tick =
            json!({ "symbol": "ACME", "type": "stock", "price": price, "volume": 1, "at": "2026-11-30 10:00:00" });
        put(prices, tick.to_string()).await;
    }
    put(prices, "no JSON".to_owned()).await;
    let sql = "select symbol, count(*) as ticks, max(price) as highest from ticks group by symbol";
    let end = Instant::now() + ARRIVES;
    loop {
        let found = prices.run(&["query", sql, "--json"]).success().json();
        if found["rows"] == json!([["ACME", "3", "101.0"]]) {
            break;
        }
        assert!(Instant::now() < end, "the ticks did not arrive: {found}");
        sleep(Duration::from_millis(500)).await;
    }
    let s3 = aws.client(aws_sdk_s3::Client::new).await;
    let bucket = prices.run(&["output", "bucket.staging.name"]).success().stdout.trim().to_owned();
    loop {
        let failed =
            s3.list_objects_v2().bucket(&bucket).prefix("errors/format-conversion-failed/").send().await.unwrap();
        if failed.key_count().unwrap_or_default() > 0 {
            break;
        }
        assert!(Instant::now() < end, "what is no JSON is nowhere");
        sleep(Duration::from_millis(500)).await;
    }
    let wrong = prices.run(&["query", "select nothing from nowhere"]).fails(1);
    assert!(wrong.stderr.contains("the query failed: "), "{wrong}");
}

/// Puts a record on the stream.
async fn put(prices: &Deployment, data: String) {
    let kinesis = prices.aws().client(aws_sdk_kinesis::Client::new).await;
    let put = kinesis.put_record().stream_name("acme-prices-dev-ticks").partition_key("a").data(Blob::new(data));
    put.send().await.unwrap();
}

/// The emulator runs no Spark: a run succeeds at once.
fn the_job_runs(prices: &Deployment) {
    let run = prices.run(&["run", "job.clean", "--wait", "--argument=--day=2026-11-30", "--json"]).success().json();
    assert_eq!((&run["state"], &run["job"]), (&json!("SUCCEEDED"), &json!("acme-prices-dev-clean")));
    let other = prices.run(&["run", "job.dirty"]).fails(1);
    assert!(other.stderr.contains("job.dirty"), "{other}");
}

/// Another script is another object, and nothing else.
fn another_script_is_uploaded(prices: &Deployment, lost: &[&str]) {
    let script = prices.cli.read("jobs/clean.py");
    prices.cli.write("jobs/clean.py", &format!("{script}\n# Changed.\n"));
    let changed = lost.iter().chain(&["job.clean/script sha256"]).map(ToString::to_string).collect();
    assert_eq!(prices.changes(), changed);
    let plan = prices.run(&["plan", "--json"]).success().json();
    assert_eq!(plan["summary"]["replace"], Value::from(0));
    prices.run(&["apply", "--auto-approve"]).success();
    assert_eq!(prices.changes(), lost.iter().map(ToString::to_string).collect());
}
