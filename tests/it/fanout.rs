//! `examples/fanout`: its functions right by themselves, and deployed in the sandbox; what is put on the stream is followed to
//! each of its ends.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kinesis::primitives::Blob;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::{Deployment, run_python_tests};
use crate::support::emulator;

/// How long what is put may take to its last end: the emulator polls, and starts a Python for each function.
const ARRIVES: Duration = Duration::from_mins(3);

#[test]
fn the_functions_do_what_they_should_by_themselves() {
    run_python_tests("fanout");
}

#[tokio::test]
async fn clicks_reach_every_end_in_the_sandbox() {
    let fanout = Deployment::of("examples/fanout", emulator::stand_in().account());
    fanout.run(&["validate"]).success();
    fanout.run(&["plan", "--detailed-exitcode"]).fails(2);
    fanout.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(fanout.changes(), BTreeSet::new());

    put(&fanout).await;
    assert_eq!(items(&fanout, "orders", 2).await, ["amount 120, order_id e-4", "amount 9.5, order_id e-3"]);
    assert_eq!(items(&fanout, "pages", 1).await, ["day 2026-12-01, page /sale, views 2"]);
    // The small order is announced as well, and filtered out by the subscription.
    assert_eq!(reviewed(&fanout).await, json!({ "order_id": "e-4", "amount": 120.0, "at": "2026-12-01T10:00:03Z" }));
    assert_eq!(landed(&fanout).await, 5, "each click is in one line of one object");

    is_destroyed(&fanout).await;
}

/// Two views of a page, a purchase that costs nothing, a small and a large one.
async fn put(fanout: &Deployment) {
    let kinesis = fanout.aws().client(aws_sdk_kinesis::Client::new).await;
    let click = |number: usize, kind: &str, amount: f64| {
        json!({ "event_id": format!("e-{number}"), "event_type": kind, "session_id": "s-1", "page": "/sale",
            "amount": amount, "at": format!("2026-12-01T10:00:0{}Z", number - 1) })
    };
    let clicks = [("page_view", 0.0), ("page_view", 0.0), ("purchase", 9.5), ("purchase", 120.0), ("purchase", 0.0)];
    for (i, (kind, amount)) in clicks.into_iter().enumerate() {
        let put = kinesis.put_record().stream_name("acme-fanout-dev-clicks").partition_key("s-1");
        put.data(Blob::new(click(i + 1, kind, amount).to_string())).send().await.unwrap();
    }
}

/// What a table holds once it holds so many items, without what differs from run to run; sorted.
async fn items(fanout: &Deployment, table: &str, count: usize) -> Vec<String> {
    let dynamodb = fanout.aws().client(aws_sdk_dynamodb::Client::new).await;
    let end = Instant::now() + ARRIVES;
    loop {
        let found = dynamodb.scan().table_name(format!("acme-fanout-dev-{table}")).send().await.unwrap();
        let items = found.items.unwrap_or_default();
        let full =
            items.iter().all(|item| item.get("views").is_none_or(|views| *views == AttributeValue::N("2".into())));
        if items.len() >= count && full {
            let mut all: Vec<String> = items.iter().map(shown).collect();
            all.sort_unstable();
            return all;
        }
        if Instant::now() > end {
            let logs = ["announce", "landed", "orders", "pages"]
                .map(|name| fanout.run(&["logs", &format!("function.{name}")]));
            panic!("{table} holds no more than {items:?}: {}", logs.map(|log| log.stdout).join("\n"));
        }
        sleep(Duration::from_millis(300)).await;
    }
}

/// How many lines have landed, once there are as many as were put; the emulator writes each record as an object.
async fn landed(fanout: &Deployment) -> usize {
    let end = Instant::now() + ARRIVES;
    loop {
        let files = items(fanout, "files", 1).await;
        assert!(files.iter().all(|file| file.starts_with("key clicks/2")), "{files:?}");
        let lines = files.iter().filter_map(|file| file.rsplit_once("lines ")?.1.parse::<usize>().ok()).sum();
        if lines >= 5 || Instant::now() > end {
            return lines;
        }
        sleep(Duration::from_millis(300)).await;
    }
}

fn shown(item: &std::collections::HashMap<String, AttributeValue>) -> String {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let said = item.iter().filter(|(name, _)| !["at", "session_id"].contains(&name.as_str()));
    let mut all: Vec<String> = said.map(|(name, it)| format!("{name} {}", value(it))).collect();
    all.sort_unstable();
    all.join(", ")
}

/// The one order that is looked at by people.
async fn reviewed(fanout: &Deployment) -> Value {
    let sqs = fanout.aws().client(aws_sdk_sqs::Client::new).await;
    let url = sqs.get_queue_url().queue_name("acme-fanout-dev-review").send().await.unwrap().queue_url.unwrap();
    let end = Instant::now() + ARRIVES;
    loop {
        let received =
            sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(1).send().await;
        let messages = received.unwrap().messages.unwrap_or_default();
        if let [message] = messages.as_slice() {
            return serde_json::from_str(message.body().unwrap()).unwrap();
        }
        assert!(messages.is_empty(), "{messages:?}");
        assert!(Instant::now() < end, "no order was announced as a large one");
    }
}
