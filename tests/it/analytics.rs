//! `examples/analytics`: valid, its functions right by themselves, and deployed on both emulators.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::{Deployment, run_python_tests};
use crate::support::emulator;

/// How long an event may take from the stream to the table: the emulator polls, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

#[test]
fn the_functions_do_what_they_should_by_themselves() {
    run_python_tests("analytics");
}

#[tokio::test]
async fn analytics_lives_on_moto() {
    let analytics = Deployment::of("examples/analytics", emulator::moto().account());
    lives(&analytics, &[]);
    is_destroyed(&analytics).await;
}

#[tokio::test]
async fn analytics_lives_on_ministack_but_for_its_metric_math_and_an_event_reaches_the_tables() {
    let analytics = Deployment::of("examples/analytics", emulator::ministack().account());
    lives(&analytics, &["alarm.errors queries", "alarm.throttled queries"]);
    events_are_counted(&analytics).await;
    marked_events_are_followed_to_a_table(&analytics);
    is_destroyed(&analytics).await;
}

/// Validated, planned, applied; a second plan is empty, until the code changes: then it is uploaded, and nothing else is
/// done. `lost` is what the emulator forgets.
fn lives(analytics: &Deployment, lost: &[&str]) {
    let with = |more: &[&str]| lost.iter().chain(more).map(ToString::to_string).collect();
    analytics.run(&["validate"]).success();
    analytics.run(&["plan", "--detailed-exitcode"]).fails(2);
    analytics.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(analytics.changes(), with(&[]));

    let app = analytics.cli.read("functions/detect/app.py");
    analytics.cli.write("functions/detect/app.py", &format!("{app}\n# Changed.\n"));
    assert_eq!(analytics.changes(), with(&["function.detect code.sha256"]));
    analytics.run(&["plan", "--detailed-exitcode"]).fails(2);

    // Between plan and apply somebody edits the code again: what was reviewed is no longer what would be uploaded.
    analytics.cli.write("functions/detect/app.py", &format!("{app}\n# Changed once more.\n"));
    let stale = analytics.cli.run(&["apply", "plan.json"]).fails(3);
    assert!(stale.stderr.contains("function.detect: its files have changed: code.sha256"), "{stale}");
    analytics.run(&["apply", "--auto-approve"]).success();
    assert_eq!(analytics.changes(), with(&[]));
}

/// Sent to the stream, an event is in its session and on the counter of its page, and twice the same counts once.
async fn events_are_counted(analytics: &Deployment) {
    let aws = analytics.aws();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    let event =
        json!({ "event_id": "e-1", "session_id": "s-1", "page": "/sale", "occurred_at": "2026-11-21T10:15:00.000Z" });
    for _ in 0..2 {
        let put = kinesis.put_record().stream_name("acme-analytics-dev-clicks").partition_key("s-1");
        put.data(event.to_string().into_bytes().into()).send().await.unwrap();
    }
    let table = |name: &str| format!("acme-analytics-dev-{name}");
    let dynamodb = aws.client(aws_sdk_dynamodb::Client::new).await;
    let end = Instant::now() + ARRIVES;
    let session = loop {
        let found = dynamodb.scan().table_name(table("sessions")).send().await.unwrap().items.unwrap_or_default();
        match found.into_iter().next() {
            Some(session) => break session,
            None => assert!(Instant::now() < end, "nothing arrived: {}", logs(analytics).await),
        }
        sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(session["last_page"].as_s().unwrap(), "/sale");
    assert_eq!(*session["events"].as_ss().unwrap(), ["e-1"]);
    let pages = dynamodb.scan().table_name(table("pages")).send().await.unwrap().items.unwrap_or_default();
    let [page] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!((page["hour"].as_s().unwrap().as_str(), page["views"].as_n().unwrap().as_str()), ("2026-11-21T10", "1"));
}

/// What `verify` sends is found in the sessions; that of the pages counts, and names no event.
fn marked_events_are_followed_to_a_table(analytics: &Deployment) {
    let verified = analytics.run(&["verify", "--table", "sessions", "--events", "30", "--json"]).success().json();
    assert_eq!((&verified["passed"], &verified["arrived"]), (&json!(true), &json!(30)));
    let sessions = verified["items"].as_u64().unwrap();
    assert!((2..=30).contains(&sessions) && verified["objects"] == 0, "{verified}");
    let pages = analytics.run(&["verify", "--table", "pages"]).fails(1);
    assert!(
        pages.stderr.contains("nobody knows where in table.pages an event is: `hour` is part of its key"),
        "{pages}"
    );
}

/// What the function has logged.
async fn logs(analytics: &Deployment) -> Value {
    let logs = analytics.aws().client(aws_sdk_cloudwatchlogs::Client::new).await;
    let events = logs.filter_log_events().log_group_name("/aws/lambda/acme-analytics-dev-process").send().await;
    let events = events.map(|reply| reply.events.unwrap_or_default()).unwrap_or_default();
    events.into_iter().filter_map(|event| event.message).collect()
}
