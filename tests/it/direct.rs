//! A delivery stream that producers put into, deployed on both emulators; what is put is found in the bucket.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::witness::Recording;

/// How long a record may take: the emulator starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

/// Validated, planned and applied; a second plan is empty. `lost` is what the emulator forgets.
fn lives(direct: &Deployment, lost: &[&str]) {
    direct.run(&["validate"]).success();
    direct.run(&["plan", "--detailed-exitcode"]).fails(2);
    direct.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(direct.changes(), set(lost, &[]));
}

fn set(lost: &[&str], more: &[&str]) -> BTreeSet<String> {
    lost.iter().chain(more).map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_firehose_without_a_source_lives_on_moto() {
    let direct = Deployment::of("tests/files/direct", emulator::moto().account());
    lives(&direct, &[]);
    direct.edit("envs/dev.toml", "prefix = \"raw/\"", "prefix = \"copies/\"");
    assert_eq!(direct.changes(), set(&[], &["firehose.clicks backup.prefix"]));
    let plan = direct.run(&["plan"]).success().stdout;
    assert!(!plan.contains("forces the replacement"), "{plan}");
    direct.run(&["apply", "--auto-approve"]).success();
    assert_eq!(direct.changes(), set(&[], &[]));
    without_copies(&direct);
    assert_eq!(direct.changes(), set(&[], &[]));
    is_destroyed(&direct).await;
}

/// AWS switches no backup off: without it there is another delivery stream.
fn without_copies(direct: &Deployment) {
    let spec = std::fs::read_to_string(direct.cli.path("envs/dev.toml")).unwrap();
    let line = spec.lines().find(|line| line.starts_with("backup = ")).unwrap();
    direct.edit("envs/dev.toml", &format!("{line}\n"), "");
    let plan = direct.run(&["plan"]).success().stdout;
    assert!(plan.contains("forces the replacement") && plan.contains("The backup of all records to"), "{plan}");
    direct.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
}

#[tokio::test]
async fn what_is_put_into_a_firehose_arrives_and_its_encryption_can_be_changed_on_ministack() {
    let _sends =
        Recording::of("direct::what_is_put_into_a_firehose_arrives_and_its_encryption_can_be_changed_on_ministack");
    let copies =
        ["role_arn", "bucket_arn", "prefix", "buffer_mib", "buffer_seconds", "compression", "logging"].map(copy_of);
    let lost: Vec<&str> = copies.iter().map(String::as_str).chain(["alarm.delivery queries"]).collect();
    let (account, _in_use) = emulator::open_account().await;
    let direct = Deployment::of("tests/files/direct", account);
    lives(&direct, &lost);

    let verified = direct.run(&["verify", "--events", "20", "--json"]).success().json();
    assert_eq!((&verified["passed"], &verified["arrived"]), (&json!(true), &json!(20)), "{verified}");
    let sent = direct.run(&["send", "--via", "firehose", "--events", "5", "--json"]).success().json();
    assert_eq!((&sent["sent"], &sent["shards"]), (&json!(5), &json!({})));
    a_function_puts(&direct).await;
    what_is_dropped_does_not_arrive(&direct).await;

    without_copies(&direct);
    let lost = ["alarm.delivery queries"];
    assert_eq!(direct.changes(), set(&lost, &[]));
    let buffering = "buffering = {";
    direct.edit("envs/dev.toml", buffering, &format!("encrypted = false\n{buffering}"));
    assert_eq!(direct.changes(), set(&lost, &["firehose.clicks encrypted"]));
    direct.run(&["apply", "--auto-approve"]).success();
    assert_eq!(direct.changes(), set(&lost, &[]));
    let key = format!("arn:aws:kms:eu-west-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab", direct.account.id);
    direct.edit("envs/dev.toml", "encrypted = false", &format!("buffer_key = \"{key}\""));
    let changes = ["firehose.clicks buffer_key", "firehose.clicks encrypted"];
    assert_eq!(direct.changes(), set(&lost, &changes));
    direct.run(&["apply", "--auto-approve"]).success();
    assert_eq!(direct.changes(), set(&lost, &[]));
    is_destroyed(&direct).await;
}

/// A function that uses the firehose puts a record, which is in an object of the bucket in the end.
async fn a_function_puts(direct: &Deployment) {
    let lambda = direct.aws().client(aws_sdk_lambda::Client::new).await;
    let payload = aws_sdk_lambda::primitives::Blob::new(json!({ "event_id": "by-function" }).to_string());
    let name = direct.run(&["output", "function.ingest.name"]).success().stdout.trim().to_owned();
    let answer = lambda.invoke().function_name(name).payload(payload).send().await.unwrap();
    assert_eq!(answer.function_error(), None, "{:?}", answer.payload());
    let line = found(direct, "events/", "by-function").await;
    assert_eq!(line["cleaned"], true, "the function was given it on the way: {line}");
}

/// What a plan shows of a copy that MiniStack forgets, whose mode alone it keeps.
fn copy_of(attribute: &str) -> String {
    format!("firehose.clicks backup.{attribute}")
}

/// The transforming function drops one, and another that comes after it arrives.
async fn what_is_dropped_does_not_arrive(direct: &Deployment) {
    let firehose = direct.aws().client(aws_sdk_firehose::Client::new).await;
    let name = direct.run(&["output", "firehose.clicks.name"]).success().stdout.trim().to_owned();
    for id in ["nothing", "after-it"] {
        let data = aws_sdk_firehose::primitives::Blob::new(json!({ "event_id": id }).to_string());
        let record = aws_sdk_firehose::types::Record::builder().data(data).build().unwrap();
        firehose.put_record().delivery_stream_name(&name).record(record).send().await.unwrap();
    }
    found(direct, "events/", "after-it").await;
    assert_eq!(lines(direct, "events/").await.iter().filter(|line| line["event_id"] == "nothing").count(), 0);
}

/// The line of the event of that id, below a prefix of the bucket of events.
async fn found(direct: &Deployment, prefix: &str, id: &str) -> Value {
    let end = Instant::now() + ARRIVES;
    loop {
        if let Some(line) = lines(direct, prefix).await.into_iter().find(|line| line["event_id"] == id) {
            return line;
        }
        assert!(Instant::now() < end, "{id} did not arrive");
        sleep(Duration::from_millis(500)).await;
    }
}

/// Every line of JSON below a prefix of the bucket of events.
async fn lines(direct: &Deployment, prefix: &str) -> Vec<Value> {
    let s3 = direct.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = direct.run(&["output", "bucket.events.name"]).success().stdout.trim().to_owned();
    let listed = s3.list_objects_v2().bucket(&bucket).prefix(prefix).send().await.unwrap();
    let mut lines = Vec::new();
    for key in listed.contents().iter().filter_map(|object| object.key()) {
        let object = s3.get_object().bucket(&bucket).key(key).send().await.unwrap();
        let text = String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap();
        lines.extend(text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()));
    }
    lines
}
