//! `examples/analytics`: valid, its functions right by themselves, and deployed on both emulators.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::example::Example;
use crate::support::cli::Cli;
use crate::support::emulator::{self, Emulator};

/// How long an event may take from the stream to the table: the emulator polls, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/analytics")
}

/// Writes a folder of the example into that of a command.
fn copy(cli: &Cli, from: &Path, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "__pycache__" {
            copy(cli, &path, &format!("{to}{name}/"));
        } else if path.is_file() {
            cli.write(&format!("{to}{name}"), &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The example in a folder of its own, in an account of its own.
fn deployed(emulator: &'static Emulator) -> Example {
    Example::new(emulator, "acme-analytics", |cli, account| {
        copy(cli, &example(), "");
        // The emulators have one space of bucket names for all accounts.
        let base = cli
            .read("envs/base.toml")
            .replace("[bucket.raw]\n", &format!("[bucket.raw]\nname = \"{}\"\n", account.unique("raw")));
        cli.write("envs/base.toml", &base);
    })
}

#[test]
fn the_functions_do_what_they_should_by_themselves() {
    let tests =
        Command::new("python3").args(["-B", "-m", "unittest", "discover"]).arg(example().join("tests")).output();
    let output = tests.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn analytics_lives_on_moto() {
    let example = deployed(emulator::moto());
    lives(&example, &[]);
    destroyed(&example).await;
}

#[tokio::test]
async fn analytics_lives_on_ministack_but_for_its_metric_math_and_an_event_reaches_the_tables() {
    let example = deployed(emulator::ministack());
    lives(&example, &["alarm.errors queries", "alarm.throttled queries"]);
    events_are_counted(&example).await;
    destroyed(&example).await;
}

/// Validated, planned, applied; a second plan is empty, until the code changes: then it is uploaded, and nothing else is
/// done. `lost` is what the emulator forgets.
fn lives(example: &Example, lost: &[&str]) {
    let with = |more: &[&str]| lost.iter().chain(more).map(ToString::to_string).collect::<BTreeSet<_>>();
    example.run(&["validate"]).success();
    example.run(&["plan", "--detailed-exitcode"]).fails(2);
    example.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(example.changes(), with(&[]));

    let app = example.cli.read("functions/detect/app.py");
    example.cli.write("functions/detect/app.py", &format!("{app}\n# Changed.\n"));
    assert_eq!(example.changes(), with(&["function.detect code.sha256"]));
    example.run(&["plan", "--detailed-exitcode"]).fails(2);

    // Between plan and apply somebody edits the code again: what was reviewed is no longer what would be uploaded.
    example.cli.write("functions/detect/app.py", &format!("{app}\n# Changed once more.\n"));
    let stale = example.cli.run(&["apply", "plan.json"]).fails(3);
    assert!(stale.stderr.contains("function.detect: its files have changed: code.sha256"), "{stale}");
    example.run(&["apply", "--auto-approve"]).success();
    assert_eq!(example.changes(), with(&[]));
}

/// Sent to the stream, an event is in its session and on the counter of its page, and twice the same counts once.
async fn events_are_counted(example: &Example) {
    let aws = example.account.aws();
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
            None => assert!(Instant::now() < end, "nothing arrived: {}", logs(example).await),
        }
        sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(session["last_page"].as_s().unwrap(), "/sale");
    assert_eq!(*session["events"].as_ss().unwrap(), ["e-1"]);
    let pages = dynamodb.scan().table_name(table("pages")).send().await.unwrap().items.unwrap_or_default();
    let [page] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!((page["hour"].as_s().unwrap().as_str(), page["views"].as_n().unwrap().as_str()), ("2026-11-21T10", "1"));
}

/// What the function has logged.
async fn logs(example: &Example) -> Value {
    let logs = example.account.aws().client(aws_sdk_cloudwatchlogs::Client::new).await;
    let events = logs.filter_log_events().log_group_name("/aws/lambda/acme-analytics-dev-process").send().await;
    let events = events.map(|reply| reply.events.unwrap_or_default()).unwrap_or_default();
    events.into_iter().filter_map(|event| event.message).collect()
}

/// Nothing is left, not even what AWS has made up ids for.
async fn destroyed(example: &Example) {
    let state = example.state();
    assert_eq!(example.living(&state).await.len(), state.resources.len());
    example.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert_eq!(example.living(&state).await, [""; 0]);
    let aws = example.account.aws();
    let lambda = aws.client(aws_sdk_lambda::Client::new).await;
    let mappings = lambda.list_event_source_mappings().send().await.unwrap();
    assert_eq!(mappings.event_source_mappings().len(), 0);
    assert_eq!(lambda.list_functions().send().await.unwrap().functions().len(), 0);
    let tables = aws.client(aws_sdk_dynamodb::Client::new).await.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), [""; 0]);
}
