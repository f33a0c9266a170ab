//! `examples/direct`: its function right by itself, and deployed; what is put into the firehose is cleaned by the function,
//! converted to Parquet and found by a query. MiniStack carries out no integration of an API with Firehose: the records are put
//! here as the API would put them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record;
use serde_json::json;
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::{Deployment, run_python_tests};
use crate::support::emulator;

/// How long a record may take from the firehose to a row: the emulator looks every few seconds, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

#[test]
fn the_function_does_what_it_should_by_itself() {
    run_python_tests("direct");
}

#[tokio::test]
async fn what_is_put_straight_into_firehose_is_cleaned_converted_and_found_by_a_query() {
    let direct = Deployment::of("examples/direct", emulator::ministack().account());
    direct.run(&["validate"]).success();
    direct.run(&["plan", "--detailed-exitcode"]).fails(2);
    direct.cli.run(&["apply", "plan.json"]).success();
    // What the emulator forgets: metric math, and all of a backup but that there is one.
    let forgotten = |change: &String| change.ends_with(" queries") || change.starts_with("firehose.events backup.");
    let changes: BTreeSet<String> = direct.changes().into_iter().filter(|change| !forgotten(change)).collect();
    assert_eq!(changes, BTreeSet::new());

    put(&direct).await;
    let sql = "select event_type, page, amount from events order by event_id";
    let end = Instant::now() + ARRIVES;
    loop {
        let found = direct.run(&["query", sql, "--json"]).success().json();
        if found["rows"] == json!([["purchase", "/sale", "12.5"], ["page_view", "/sale", null]]) {
            break;
        }
        assert!(Instant::now() < end, "what was put did not arrive: {found}");
        sleep(Duration::from_millis(500)).await;
    }
    is_destroyed(&direct).await;
}

/// A purchase, a view, what a robot does, and what is no event.
async fn put(direct: &Deployment) {
    let firehose = direct.aws().client(aws_sdk_firehose::Client::new).await;
    let event = |number: usize, kind: &str, agent: &str, amount: Option<f64>| {
        json!({ "event_id": format!("e-{number}"), "event_type": kind, "page": "/sale", "user_agent": agent, "amount": amount })
            .to_string()
    };
    let bodies = [
        event(1, "Purchase", "Mozilla/5.0", Some(12.5)),
        event(2, "page_view", "Mozilla/5.0", None),
        event(3, "page_view", "Googlebot/2.1", None),
        "no JSON".to_owned(),
    ];
    let records = bodies.map(|body| Record::builder().data(Blob::new(body)).build().unwrap());
    let put =
        firehose.put_record_batch().delivery_stream_name("acme-direct-dev-events").set_records(Some(records.into()));
    assert_eq!(put.send().await.unwrap().failed_put_count, 0);
}
