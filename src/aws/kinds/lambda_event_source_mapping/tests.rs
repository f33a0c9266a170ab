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
