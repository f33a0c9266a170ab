//! `examples/ecommerce`: valid, its function right by itself, and deployed on both emulators; an event posted to the API
//! comes out of the bucket.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::api::{self, Asked};
use crate::support::deployment::{Deployment, run_python_tests};
use crate::support::emulator;

/// How long an event may take from the API to the bucket: the emulator starts a Python, and looks every few seconds.
const ARRIVES: Duration = Duration::from_mins(2);
const API: &str = "acme-shop-dev-events";

#[test]
fn the_function_does_what_it_should_by_itself() {
    run_python_tests("ecommerce");
}

#[tokio::test]
async fn ecommerce_lives_on_moto() {
    let shop = Deployment::of("examples/ecommerce", emulator::moto().account());
    lives(&shop, &[]).await;
    is_destroyed(&shop).await;
}

#[tokio::test]
async fn ecommerce_lives_on_ministack_but_for_its_metric_math_and_percentiles_and_an_event_reaches_the_bucket() {
    let lost = ["alarm.delivery queries", "alarm.refused queries", "alarm.slow metric.statistic"];
    let (account, _in_use) = emulator::open_account().await;
    let shop = Deployment::of("examples/ecommerce", account);
    lives(&shop, &lost).await;
    an_event_reaches_the_bucket(&shop).await;
    is_destroyed(&shop).await;
}

fn set(lost: &[&str], more: &[&str]) -> BTreeSet<String> {
    lost.iter().chain(more).map(ToString::to_string).collect()
}

/// Validated, planned, applied; a second plan is empty, until a route changes: then the API is deployed again, once.
async fn lives(shop: &Deployment, lost: &[&str]) {
    shop.run(&["validate"]).success();
    shop.run(&["plan", "--detailed-exitcode"]).fails(2);
    let applied = shop.cli.run(&["apply", "plan.json", "--json"]).success().json();
    let url = format!("https://{}.execute-api.eu-west-1.amazonaws.com/dev", api_id(shop).await);
    assert_eq!(applied["outputs"]["api.events.url"], url.as_str());
    assert!(shop.run(&["status"]).stdout.contains(&url));
    assert_eq!(shop.changes(), set(lost, &[]));
    let first = deployments(shop).await;
    assert_eq!(first.len(), 1);

    // What is no route makes no deployment.
    shop.edit("envs/base.toml", "throttle = { rate = 500, burst = 500 }", "throttle = { rate = 400, burst = 450 }");
    assert_eq!(shop.changes(), set(lost, &["api.events/stage burst", "api.events/stage rate"]));
    shop.run(&["apply", "--auto-approve"]).success();
    assert_eq!(deployments(shop).await, first);

    shop.edit("envs/base.toml", r#""POST /events" = "function.ingest""#, r#""POST /v1/events" = "function.ingest""#);
    let routes = ["OPTIONS /events", "OPTIONS /v1/events", "POST /events", "POST /v1/events"];
    let routes = routes.map(|route| format!("api.events methods.{route}"));
    let changed: Vec<&str> = routes.iter().map(String::as_str).chain(["api.events/stage deployment"]).collect();
    assert_eq!(shop.changes(), set(lost, &changed));
    shop.run(&["apply", "--auto-approve"]).success();
    assert_eq!(shop.changes(), set(lost, &[]));
    let second = deployments(shop).await;
    assert!(second.len() == 1 && second != first, "{first:?} {second:?}");
    shop.edit("envs/base.toml", "/v1/events", "/events");
    shop.run(&["apply", "--auto-approve"]).success();
}

/// The ids of the API's deployments.
async fn deployments(shop: &Deployment) -> Vec<String> {
    let client = shop.aws().client(aws_sdk_apigateway::Client::new).await;
    let all = client.get_deployments().rest_api_id(api_id(shop).await).send().await.unwrap();
    all.items.unwrap_or_default().into_iter().filter_map(|one| one.id).collect()
}

/// The id of the API, of which there is one.
async fn api_id(shop: &Deployment) -> String {
    let client = shop.aws().client(aws_sdk_apigateway::Client::new).await;
    let apis = client.get_rest_apis().send().await.unwrap().items.unwrap_or_default();
    let [api] = apis.as_slice() else { panic!("{apis:?}") };
    assert_eq!(api.name(), Some(API));
    api.id.clone().unwrap()
}

/// Posted to the URL, an event is put on the stream by the function, and is in an object of the bucket in the end. What
/// is no event is refused, and a browser is told that it may ask.
async fn an_event_reaches_the_bucket(shop: &Deployment) {
    let id = api_id(shop).await;
    let url = shop.run(&["output", "api.events.url"]).success().stdout;
    assert!(url.contains(&id), "{url}");
    let sent = json!({ "event_id": "e-1", "session_id": "s-1", "event_type": "purchase", "page": "/sale" });
    let (status, answer) = call(shop, &id, "POST", &sent.to_string());
    assert!(status == 202 && answer.contains(r#"{"accepted": 1}"#), "{status} {answer}");
    let (status, answer) = call(shop, &id, "POST", "{}");
    assert!(status == 400 && answer.contains("no text under event_id"), "{status} {answer}");
    let (status, answer) = call(shop, &id, "OPTIONS", "");
    assert!(
        status == 200 && answer.to_ascii_lowercase().contains("access-control-allow-methods: post,options"),
        "{answer}"
    );

    let url = format!("{}/_aws/execute-api/{id}/dev", shop.account.endpoint());
    let by_api = shop.run(&["send", "--via", "api", "--events", "20", "--url", &url, "--json"]).success().json();
    assert_eq!((&by_api["sent"], &by_api["complete"]), (&json!(20), &json!(true)));

    let s3 = shop.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = shop.run(&["output", "bucket.events.name"]).success().stdout.trim().to_owned();
    let end = Instant::now() + ARRIVES;
    // With the other events, in whatever order and object.
    let kept = loop {
        let found = s3.list_objects_v2().bucket(&bucket).prefix("events/").send().await.unwrap();
        let mut lines: Vec<Value> = Vec::new();
        for key in found.contents().iter().filter_map(|object| object.key()) {
            let object = s3.get_object().bucket(&bucket).key(key).send().await.unwrap();
            // MiniStack compresses nothing.
            let text = String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap();
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        if let Some(kept) = lines.into_iter().find(|line| line["event_id"] == sent["event_id"]) {
            break kept;
        }
        assert!(Instant::now() < end, "it did not arrive");
        sleep(Duration::from_millis(500)).await;
    };
    assert_eq!((&kept["event_id"], &kept["page"]), (&sent["event_id"], &sent["page"]));
    assert!(kept["received_at"].is_string());
}

/// Calls `/events` of the API.
fn call(shop: &Deployment, id: &str, method: &str, body: &str) -> (u16, String) {
    api::call(&shop.account, id, &Asked { method, path: "/events", head: "Content-Type: application/json\r\n", body })
}
