//! `examples/ecommerce`: valid, its function right by itself, and deployed on both emulators; an event posted to the API
//! comes out of the bucket.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::emulator;
use crate::support::example::{Example, run_python_tests};

/// How long an event may take from the API to the bucket: the emulator starts a Python, and looks every few seconds.
const ARRIVES: Duration = Duration::from_mins(2);
/// The one account of MiniStack whose APIs are open to whoever does not sign, as all of AWS's are.
const OPEN: &str = "000000000000";
const API: &str = "acme-shop-dev-events";

#[test]
fn the_function_does_what_it_should_by_itself() {
    run_python_tests("ecommerce");
}

#[tokio::test]
async fn ecommerce_lives_on_moto() {
    let example = Example::new("ecommerce", "events", emulator::moto().account());
    lives(&example, &[]).await;
    drift_is_seen_and_repaired(&example, &[]).await;
    destroyed(&example).await;
}

#[tokio::test]
async fn ecommerce_lives_on_ministack_but_for_its_metric_math_and_percentiles_and_an_event_reaches_the_bucket() {
    let lost = ["alarm.delivery queries", "alarm.refused queries", "alarm.slow metric.statistic"];
    let example = Example::new("ecommerce", "events", emulator::ministack().account_of(OPEN));
    lives(&example, &lost).await;
    an_event_reaches_the_bucket(&example).await;
    drift_is_seen_and_repaired(&example, &lost).await;
    destroyed(&example).await;
}

fn set(lost: &[&str], more: &[&str]) -> BTreeSet<String> {
    lost.iter().chain(more).map(ToString::to_string).collect()
}

/// Validated, planned, applied; a second plan is empty, until a route changes: then the API is deployed again, once.
async fn lives(example: &Example, lost: &[&str]) {
    example.run(&["validate"]).success();
    example.run(&["plan", "--detailed-exitcode"]).fails(2);
    let applied = example.cli.run(&["apply", "plan.json", "--json"]).success().json();
    let url = format!("https://{}.execute-api.eu-west-1.amazonaws.com/dev", api_id(example).await);
    assert_eq!(applied["outputs"]["api.events.url"], url.as_str());
    assert!(example.run(&["status"]).stdout.contains(&url));
    assert_eq!(example.changes(), set(lost, &[]));
    let first = deployments(example).await;
    assert_eq!(first.len(), 1);

    // What is no route makes no deployment.
    example.edit("throttle = { rate = 500, burst = 500 }", "throttle = { rate = 400, burst = 450 }");
    assert_eq!(example.changes(), set(lost, &["api.events/stage burst", "api.events/stage rate"]));
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(deployments(example).await, first);

    example.edit(r#""POST /events" = "function.ingest""#, r#""POST /v1/events" = "function.ingest""#);
    let routes = ["OPTIONS /events", "OPTIONS /v1/events", "POST /events", "POST /v1/events"];
    let routes = routes.map(|route| format!("api.events methods.{route}"));
    let changed: Vec<&str> = routes.iter().map(String::as_str).chain(["api.events/stage deployment"]).collect();
    assert_eq!(example.changes(), set(lost, &changed));
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(example.changes(), set(lost, &[]));
    let second = deployments(example).await;
    assert!(second.len() == 1 && second != first, "{first:?} {second:?}");
    example.edit("/v1/events", "/events");
    example.run(&["apply", "--auto-approve"]).success();
}

/// The ids of the API's deployments.
async fn deployments(example: &Example) -> Vec<String> {
    let client = example.account.aws().client(aws_sdk_apigateway::Client::new).await;
    let all = client.get_deployments().rest_api_id(api_id(example).await).send().await.unwrap();
    all.items.unwrap_or_default().into_iter().filter_map(|one| one.id).collect()
}

/// The id of the API, of which there is one.
async fn api_id(example: &Example) -> String {
    let client = example.account.aws().client(aws_sdk_apigateway::Client::new).await;
    let apis = client.get_rest_apis().send().await.unwrap().items.unwrap_or_default();
    let [api] = apis.as_slice() else { panic!("{apis:?}") };
    assert_eq!(api.name(), Some(API));
    api.id.clone().unwrap()
}

/// Posted to the URL, an event is put on the stream by the function, and is in an object of the bucket in the end. What
/// is no event is refused, and a browser is told that it may ask.
async fn an_event_reaches_the_bucket(example: &Example) {
    let id = api_id(example).await;
    let url = example.run(&["output", "api.events.url"]).success().stdout;
    assert!(url.contains(&id), "{url}");
    let sent = json!({ "event_id": "e-1", "session_id": "s-1", "event_type": "purchase", "page": "/sale" });
    let (status, answer) = call(example, &id, "POST", &sent.to_string());
    assert!(status == 202 && answer.contains(r#"{"accepted": 1}"#), "{status} {answer}");
    let (status, answer) = call(example, &id, "POST", "{}");
    assert!(status == 400 && answer.contains("no text under event_id"), "{status} {answer}");
    let (status, answer) = call(example, &id, "OPTIONS", "");
    assert!(
        status == 200 && answer.to_ascii_lowercase().contains("access-control-allow-methods: post,options"),
        "{answer}"
    );

    let url = format!("{}/_aws/execute-api/{id}/dev", example.account.endpoint());
    let by_api = example.run(&["send", "--via", "api", "--events", "20", "--url", &url, "--json"]).success().json();
    assert_eq!((&by_api["sent"], &by_api["complete"]), (&json!(20), &json!(true)));

    let s3 = example.account.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = example.run(&["output", "bucket.events.name"]).success().stdout.trim().to_owned();
    let end = Instant::now() + ARRIVES;
    let kept = loop {
        let found = s3.list_objects_v2().bucket(&bucket).prefix("events/").send().await.unwrap();
        if let Some(key) = found.contents().first().and_then(|object| object.key()) {
            let object = s3.get_object().bucket(&bucket).key(key).send().await.unwrap();
            break object.body.collect().await.unwrap().to_vec();
        }
        assert!(Instant::now() < end, "nothing arrived");
        sleep(Duration::from_millis(500)).await;
    };
    // MiniStack compresses nothing.
    let text = String::from_utf8(kept).unwrap();
    let kept: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&kept["event_id"], &kept["page"]), (&sent["event_id"], &sent["page"]));
    assert!(kept["received_at"].is_string());
}

/// Calls `/events` of the API in the emulator, which has all of them under one host.
fn call(example: &Example, id: &str, method: &str, body: &str) -> (u16, String) {
    let address = example.account.endpoint().trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} /_aws/execute-api/{id}/dev/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{answer}")), answer)
}

/// Somebody changes the API, the stage and the permission by hand: every change is seen, and goes with the next apply.
async fn drift_is_seen_and_repaired(example: &Example, lost: &[&str]) {
    let aws = example.account.aws();
    let client = aws.client(aws_sdk_apigateway::Client::new).await;
    let id = api_id(example).await;
    let resources = client.get_resources().rest_api_id(&id).send().await.unwrap().items.unwrap_or_default();
    let resource = resources.iter().find(|one| one.path() == Some("/events")).and_then(|one| one.id()).unwrap();
    let on = |verb: &str| (id.clone(), resource.to_owned(), verb.to_owned());
    let (api, events, post) = on("POST");
    client.delete_method().rest_api_id(&api).resource_id(&events).http_method(post).send().await.unwrap();
    let put = client.put_method().rest_api_id(&api).resource_id(&events).http_method("GET").authorization_type("NONE");
    put.send().await.unwrap();
    let patch = |path: &str, value: &str| PatchOperation::builder().op(Op::Replace).path(path).value(value).build();
    let text = patch("/description", "Somebody else's");
    client.update_rest_api().rest_api_id(&api).patch_operations(text).send().await.unwrap();
    let stage = client.update_stage().rest_api_id(&api).stage_name("dev");
    let stage = stage
        .patch_operations(patch("/*/*/throttling/rateLimit", "7"))
        .patch_operations(patch("/*/*/metrics/enabled", "true"))
        .patch_operations(patch("/tracingEnabled", "false"));
    stage.send().await.unwrap();
    let lambda = aws.client(aws_sdk_lambda::Client::new).await;
    let function = "acme-shop-dev-ingest";
    lambda.remove_permission().function_name(function).statement_id(API).send().await.unwrap();
    let anybody = lambda.add_permission().function_name(function).statement_id(API).action("lambda:InvokeFunction");
    anybody.principal("apigateway.amazonaws.com").send().await.unwrap();

    let seen = [
        "api.events description",
        "api.events methods.GET /events",
        "api.events methods.POST /events",
        "api.events/permission-ingest api",
        "api.events/stage detailed_metrics",
        "api.events/stage rate",
        "api.events/stage tracing",
    ];
    assert_eq!(example.changes(), set(lost, &seen));
    let drift = example.run(&["drift"]).fails(5);
    assert!(drift.stdout.contains("api.events/permission-ingest"), "{drift}");
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(example.changes(), set(lost, &[]));
    assert_eq!(deployments(example).await.len(), 1);
}

/// Nothing is left, not even what AWS has made up ids for.
async fn destroyed(example: &Example) {
    example.is_destroyed().await;
    let client = example.account.aws().client(aws_sdk_apigateway::Client::new).await;
    assert_eq!(client.get_rest_apis().send().await.unwrap().items().len(), 0);
}
