//! Mappings on a service that answers from a script.

use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Reply, Scripted, ok, step};
use crate::catalog::ResourceType as _;

const LIST: &str = "GET /2015-03-31/event-source-mappings";
const CREATE: &str = "POST /2015-03-31/event-source-mappings";
const UPDATE: &str = "PUT /2015-03-31/event-source-mappings/u-1";

fn example(name: &str) -> Spec {
    let examples: toml::Table = toml::from_str(Mapping::EXAMPLES).unwrap();
    examples[name].clone().try_into().unwrap()
}

/// What AWS shows of a mapping of the examples' source, with more.
fn listed(more: &Value) -> Reply {
    let mut live = json!({ "UUID": "u-1", "State": "Enabled", "EventSourceArn": example("first").source_arn,
        "StartingPosition": "TRIM_HORIZON", "BatchSize": 100, "MaximumRetryAttempts": -1 });
    live.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ok(LIST, json!({ "EventSourceMappings": [live] }))
}

#[tokio::test(start_paused = true)]
async fn a_filter_and_a_window_are_sent_as_lambda_takes_them() {
    let service = Scripted::new([ok(LIST, json!({})), ok(CREATE, json!({})), listed(&json!({}))]);
    let want = example("second");
    Mapping::create(&service.aws().await, &want, &step()).await.unwrap();
    let sent = service.last(CREATE);
    assert_eq!(sent["TumblingWindowInSeconds"], 60);
    let patterns: Vec<Value> = sent["FilterCriteria"]["Filters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(patterns, want.filters);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_more_is_sent_empty_and_what_stays_not_at_all() {
    let service = Scripted::new([listed(&json!({})), ok(UPDATE, json!({})), listed(&json!({}))]);
    let (now, want) = (example("second"), example("first"));
    Mapping::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let sent = service.last(UPDATE);
    assert_eq!((&sent["FilterCriteria"], &sent["TumblingWindowInSeconds"]), (&json!({ "Filters": [] }), &json!(0)));
    let service = Scripted::new([listed(&json!({})), ok(UPDATE, json!({})), listed(&json!({}))]);
    let other = Spec { batch_size: 7, ..now.clone() };
    Mapping::update(&service.aws().await, &now, &other, &step()).await.unwrap();
    assert_eq!(service.last(UPDATE)["FilterCriteria"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_live_filter_reads_as_its_patterns_in_whatever_order() {
    let filters = json!([{ "Pattern": "{ \"data\": { \"b\": [2] } }" }, { "Pattern": "{\"data\":{\"a\":[1]}}" }]);
    let shown = json!({ "FilterCriteria": { "Filters": filters }, "TumblingWindowInSeconds": 0 });
    let service = Scripted::new([listed(&shown)]);
    let first = example("first");
    let (mut now, _, unmodelled) =
        Mapping::read(&service.aws().await, &Mapping::key(&first), Some(&first)).await.unwrap().unwrap();
    assert_eq!((now.tumbling_window_seconds, unmodelled.len()), (None, 0));
    let want = Spec { filters: vec![json!({ "data": { "a": [1] } }), json!({ "data": { "b": [2] } })], ..first };
    assert_ne!(now.filters, want.filters);
    Mapping::align(&mut now, &want);
    assert_eq!(now.filters, want.filters);
}

const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/orders";
const DESCRIBE: &str = "DescribeTable";

fn of_table() -> Spec {
    Spec {
        source_arn: TABLE.to_owned(),
        stream_view: Some("NEW_IMAGE".to_owned()),
        failure_arn: None,
        ..example("first")
    }
}

fn reads(labels: &[&str]) -> Reply {
    let mapping = |label: &&str| {
        json!({ "UUID": format!("u-{label}"), "State": "Enabled", "StartingPosition": "TRIM_HORIZON", "BatchSize": 100,
            "EventSourceArn": format!("{TABLE}/stream/{label}") })
    };
    let other = json!({ "UUID": "u-0", "State": "Enabled", "EventSourceArn": example("first").source_arn });
    let all: Vec<Value> = labels.iter().map(mapping).chain([other]).collect();
    ok(LIST, json!({ "EventSourceMappings": all }))
}

fn streams(label: &str) -> Reply {
    let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    let table = json!({ "LatestStreamArn": format!("{TABLE}/stream/{label}"), "StreamSpecification": stream });
    ok(DESCRIBE, json!({ "Table": table }))
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_a_table_is_asked_for_and_read() {
    let service = Scripted::new([reads(&[]), streams("2"), ok(CREATE, json!({})), reads(&["2"])]);
    Mapping::create(&service.aws().await, &of_table(), &step()).await.unwrap();
    assert_eq!(service.last(CREATE)["EventSourceArn"], format!("{TABLE}/stream/2"));
    let off = Scripted::new([reads(&[]), ok(DESCRIBE, json!({ "Table": {} }))]);
    let error = Mapping::create(&off.aws().await, &of_table(), &step()).await.unwrap_err();
    assert_eq!(error.message, "the table orders has no stream");
}

#[tokio::test(start_paused = true)]
async fn a_mapping_is_of_the_table_while_it_reads_the_stream_that_the_table_has() {
    let (want, key) = (of_table(), Mapping::key(&of_table()));
    let service = Scripted::new([reads(&["1", "2"]), streams("2")]);
    let (now, outputs, _) = Mapping::read(&service.aws().await, &key, Some(&want)).await.unwrap().unwrap();
    assert_eq!((&now.source_arn, &now.stream_view), (&want.source_arn, &want.stream_view));
    assert_eq!((outputs.uuid.as_str(), outputs.stream_arn), ("u-2", Some(format!("{TABLE}/stream/2"))));
    let stale = Scripted::new([reads(&["1"]), streams("2")]);
    let (now, _, _) = Mapping::read(&stale.aws().await, &key, Some(&want)).await.unwrap().unwrap();
    assert_eq!(now.source_arn, format!("{TABLE}/stream/1"));
}

#[tokio::test(start_paused = true)]
async fn those_of_streams_that_are_no_more_go_along() {
    const FIRST: &str = "DELETE /2015-03-31/event-source-mappings/u-1";
    const SECOND: &str = "DELETE /2015-03-31/event-source-mappings/u-2";
    let service = Scripted::new([reads(&["1", "2"]), ok(FIRST, json!({})), ok(SECOND, json!({})), reads(&[])]);
    Mapping::delete(&service.aws().await, &Mapping::key(&of_table()), &step()).await.unwrap();
    assert_eq!(service.operations(), [LIST, FIRST, SECOND, LIST]);
}
