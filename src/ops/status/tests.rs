mod lake;

use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::model::data::{Datapoint, LogEvent};
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;
use crate::ops::fake::{Jobs, Pipeline};
use crate::state::{Intent, IntentAction};

const NOW: OffsetDateTime = datetime!(2026-11-21 02:05:00 UTC);

/// A resource: its address, kind, key, attributes, and its outputs where it exists.
type Thing = (&'static str, &'static str, &'static str, Value, Option<Value>);

/// The attributes with all that they leave out, as the example of their type has it.
fn whole(kind: &str, attributes: &Value) -> Value {
    let mut whole = Type::named(kind).unwrap().example();
    whole.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    whole
}

fn state(things: &[Thing]) -> State {
    let mut state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
    for (address, kind, key, attributes, _) in things {
        let record = Record {
            kind: (*kind).to_owned(),
            key: (*key).to_owned(),
            attributes: whole(kind, attributes).into(),
            outputs: Value::Null,
            depends_on: Vec::new(),
            protect: false,
        };
        state.resources.insert(address.parse().unwrap(), record);
    }
    state
}

/// The one row that these come to, as text: health, what is said, what to do.
fn said(things: &[Thing], metrics: &[(&'static str, &[(i64, f64)])], logs: &[&str]) -> String {
    said_of(things, metrics, logs, Lake::default())
}

fn said_of(things: &[Thing], metrics: &[(&'static str, &[(i64, f64)])], logs: &[&str], lake: Lake) -> String {
    let state = state(things);
    let seen: Vec<Seen<'_>> = things
        .iter()
        .zip(&state.resources)
        .map(|((_, kind, _, attributes, outputs), (address, record))| {
            let live = outputs.clone().map(|outputs| Live {
                attributes: whole(kind, attributes).into(),
                outputs,
                unmodelled: Vec::new(),
            });
            Seen { address, record, live: Ok(live) }
        })
        .collect();
    let point = |&(minutes, value): &(i64, f64)| Datapoint { at: NOW - time::Duration::minutes(minutes), value };
    let wanted = figures::wanted(&state);
    let series = wanted.iter().map(|wanted| {
        let known = metrics.iter().find(|(name, _)| *name == wanted.name);
        known.map(|(_, points)| points.iter().map(point).collect()).unwrap_or_default()
    });
    let event = |message: &&str| LogEvent {
        id: String::new(),
        at: NOW,
        stream: "DestinationDelivery".into(),
        message: (*message).into(),
    };
    let entries = logs.iter().map(event).map(logs::entry).collect();
    let evidence = Evidence {
        now: NOW,
        figures: Figures::new(wanted.clone(), series.collect()),
        logs: BTreeMap::from([("/aws/kinesisfirehose/clicks".to_owned(), entries)]),
        lake,
    };
    shown(&row(seen[0].address.block_name(), &seen, &evidence))
}

/// No evidence at all.
fn nothing() -> Evidence {
    let figures = Figures::new(Vec::new(), Vec::new());
    Evidence { now: NOW, figures, logs: BTreeMap::new(), lake: Lake::default() }
}

fn shown(row: &Row) -> String {
    let lines = row.text.iter().cloned().chain(row.next.iter().map(|next| format!("-> {next}")));
    format!("{:?}\n{}", row.health, lines.collect::<Vec<_>>().join("\n"))
}

fn stream(status: &str) -> [Thing; 1] {
    let attributes = json!({ "name": "clicks", "mode": "PROVISIONED", "shards": 2, "retention_hours": 48 });
    [("stream.clicks", "kinesis_stream", "clicks", attributes, Some(json!({ "status": status })))]
}

#[test]
fn an_idle_stream_is_good() {
    insta::assert_snapshot!(said(&stream("ACTIVE"), &[], &[]), @r"
    Good
    ACTIVE, 2 shards, no data in the last hour
    ");
}

#[test]
fn a_stream_tells_of_throttling_and_of_readers_that_lose_records() {
    let metrics: [(&str, &[(i64, f64)]); 3] = [
        ("IncomingRecords", &[(20, 1000.0), (10, 234.0)]),
        ("WriteProvisionedThroughputExceeded", &[(10, 3.0)]),
        ("GetRecords.IteratorAgeMilliseconds", &[(20, 0.0), (1, 108_000_000.0)]),
    ];
    insta::assert_snapshot!(said(&stream("UPDATING"), &metrics, &[]), @r#"
    Bad
    UPDATING, 2 shards, 1,234 records in the last hour, 3 writes throttled in the last hour, readers are 30 h behind, and records are kept for 2 days
    -> give it more `shards`, or `mode = "on-demand"`
    -> find out what keeps its readers, and raise `retention_hours` meanwhile
    "#);
}

fn firehose() -> [Thing; 3] {
    let attributes = json!({ "name": "clicks", "buffer_seconds": 60 });
    let active = Some(json!({ "status": "ACTIVE" }));
    [
        ("firehose.clicks", "firehose_delivery_stream", "clicks", attributes, active),
        ("firehose.clicks/log-group", "logs_group", "/aws/kinesisfirehose/clicks", json!({}), Some(json!({}))),
        ("firehose.clicks/role", "iam_role", "clicks", json!({}), Some(json!({}))),
    ]
}

#[test]
fn one_that_producers_put_into_is_judged_by_what_they_put() {
    let mut things = firehose();
    things[0].3["source"] = json!(null);
    let metrics: [(&str, &[(i64, f64)]); 2] =
        [("IncomingPutRequests", &[(50, 3.0)]), ("ThrottledRecords", &[(10, 7.0)])];
    let text = said(&things, &metrics, &[]);
    assert!(text.contains("takes records, and has delivered none in the last hour"), "{text}");
    assert!(text.contains("7 records throttled in the last hour"), "{text}");
}

#[test]
fn a_delivery_stream_tells_when_it_has_last_delivered() {
    let metrics: [(&str, &[(i64, f64)]); 3] = [
        ("DataReadFromKinesisStream.Records", &[(50, 500.0), (3, 500.0)]),
        ("DeliveryToS3.Records", &[(49, 500.0), (2, 500.0), (1, 0.0)]),
        ("DeliveryToS3.DataFreshness", &[(2, 61.0)]),
    ];
    insta::assert_snapshot!(said(&firehose(), &metrics, &[]), @r"
    Good
    ACTIVE, last delivery 2 min ago, 1,000 records in the last hour, data at most 61 s old
    ");
    insta::assert_snapshot!(said(&firehose(), &[], &[]), @r"
    Good
    ACTIVE, no data in the last hour
    ");
}

#[test]
fn a_blocked_delivery_is_bad_though_nothing_measures_it() {
    let refused = r#"{"errorCode":"S3.AccessDenied","message":"Access was denied."}"#;
    let read: (&str, &[(i64, f64)]) = ("DataReadFromKinesisStream.Records", &[(50, 500.0)]);
    insta::assert_snapshot!(said(&firehose(), &[read], &["not Firehose's", refused]), @r"
    Bad
    ACTIVE, reads records, and has delivered none in the last hour
    log-group: 1 error in the last hour, the last S3.AccessDenied: Access was denied.
    -> look at its role, its bucket and what it has logged
    ");
    let just_now: (&str, &[(i64, f64)]) = ("DataReadFromKinesisStream.Records", &[(2, 500.0)]);
    assert!(said(&firehose(), &[just_now], &[]).starts_with("Good"));
}

#[test]
fn a_part_that_is_gone_is_bad() {
    let mut things = firehose();
    things[2].4 = None;
    insta::assert_snapshot!(said(&things, &[], &[]), @r"
    Bad
    ACTIVE, no data in the last hour
    role: does not exist
    -> `pipectl plan` shows what the next apply makes again
    ");
}

#[test]
fn a_topic_tells_who_has_yet_to_confirm() {
    let mail = |endpoint: &str| json!({ "protocol": "email", "endpoint": endpoint });
    let pending = |pending: bool| Some(json!({ "pending": pending }));
    let things: [Thing; 4] = [
        ("topic.alerts", "sns_topic", "alerts", json!({}), Some(json!({}))),
        ("topic.alerts/email:a@example.com", "sns_subscription", "1", mail("a@example.com"), pending(false)),
        ("topic.alerts/email:b@example.com", "sns_subscription", "2", mail("b@example.com"), pending(true)),
        ("topic.alerts/email:c@example.com", "sns_subscription", "3", mail("c@example.com"), None),
    ];
    insta::assert_snapshot!(said(&things, &[], &[]), @r"
    Attention
    1 subscription confirmed, 1 pending, 1 expired or unsubscribed: c@example.com
    -> ask b@example.com to confirm the mail from AWS, which is valid for 2 days
    -> `pipectl apply` has AWS send a new mail to c@example.com
    ");
}

#[test]
fn an_alarm_tells_its_state_and_for_how_long() {
    let alarm = |state: &str| -> [Thing; 1] {
        let outputs = json!({ "state": state, "since": "2026-11-21T01:53:00Z" });
        [("alarm.delivery", "cloudwatch_alarm", "delivery", json!({ "actions_enabled": true }), Some(outputs))]
    };
    assert_eq!(said(&alarm("OK"), &[], &[]), "Good\nOK for 12 min");
    assert_eq!(said(&alarm("ALARM"), &[], &[]), "Bad\nALARM for 12 min\n-> see to what it watches");
    assert_eq!(said(&alarm("INSUFFICIENT_DATA"), &[], &[]), "Unknown\nINSUFFICIENT_DATA for 12 min");
}

#[test]
fn an_old_access_key_wants_attention() {
    let key = |created: &str| -> [Thing; 1] {
        let outputs = json!({ "access_key_id": "AKIAEXAMPLE", "status": "Active", "created": created });
        [("snowpipe.events/key", "iam_access_key", "loader|/key", json!({}), Some(outputs))]
    };
    assert_eq!(
        said(&key("2026-11-11T02:05:00Z"), &[], &[]),
        "Good\nkey: AKIAEXAMPLE Active, 10 days old, secret in its parameter"
    );
    insta::assert_snapshot!(said(&key("2026-01-01T00:00:00Z"), &[], &[]), @r"
    Attention
    key: AKIAEXAMPLE Active, 324 days old, secret in its parameter
    -> replace the access key, and give the new one to Snowflake's stage
    ");
}

#[test]
fn what_cannot_be_read_is_unknown_and_says_why() {
    let things = stream("ACTIVE");
    let state = state(&things);
    let (address, record) = state.resources.first_key_value().unwrap();
    let source = CallError::own(Class::Denied, "kinesis DescribeStreamSummary", "not allowed");
    let seen = [Seen { address, record, live: Err(Unreadable { address: address.clone(), source }) }];
    let evidence = nothing();
    let row = row("stream.clicks", &seen, &evidence);
    assert_eq!((row.health, row.text), (Health::Unknown, vec!["kinesis DescribeStreamSummary: not allowed".into()]));
    assert_eq!(row.next.len(), 1);
}

#[test]
fn what_does_not_fit_its_type_is_unknown_and_says_why() {
    let state = state(&stream("ACTIVE"));
    let (address, record) = state.resources.first_key_value().unwrap();
    let attributes = json!({ "name": "clicks" }).into();
    let live = Live { attributes, outputs: json!({ "status": "ACTIVE" }), unmodelled: Vec::new() };
    let seen = [Seen { address, record, live: Ok(Some(live)) }];
    let evidence = nothing();
    assert_eq!(
        shown(&row("stream.clicks", &seen, &evidence)),
        "Unknown\nwhat AWS shows of it does not fit its type: missing field `mode`"
    );
}

#[tokio::test]
async fn what_was_begun_and_not_ended_has_a_row() {
    let mut state = state(&[]);
    let (action, kind, key) = (IntentAction::Create, "s3_bucket".into(), "events".into());
    let intent = Intent { action, kind, key, since: NOW, depends_on: Vec::new(), after: None };
    state.intents.insert("bucket.events".parse().unwrap(), intent);
    let status = status((&Pipeline::default(), &Jobs::default()), &Registry::new(Vec::new()), &state, NOW).await;
    assert_eq!(status.health(), Health::Attention);
    assert_eq!(
        shown(&status.rows[0]),
        "Attention\nthe creation of bucket.events belongs to an apply that did not end, and may have been done or not\n\
         -> `pipectl plan` shows what is left to do"
    );
}

fn function(status: &str, result: &str) -> [Thing; 2] {
    let attributes = json!({ "name": "process", "log_group": "/aws/lambda/process" });
    let mapping = json!({ "uuid": "1", "status": "Enabled", "last_result": result });
    [
        ("function.process", "lambda_function", "process", attributes, Some(json!({ "status": status }))),
        ("function.process/source", "lambda_event_source_mapping", "process|clicks", json!({}), Some(mapping)),
    ]
}

#[test]
fn a_function_tells_of_its_calls_and_of_what_keeps_it_from_its_source() {
    let metrics: [(&str, &[(i64, f64)]); 2] = [("Invocations", &[(20, 10.0), (10, 2.0)]), ("Errors", &[(20, 3.0)])];
    insta::assert_snapshot!(said(&function("Active", "OK"), &metrics[..1], &[]), @r"
    Good
    Active, 12 calls in the last hour
    source: Enabled
    ");
    insta::assert_snapshot!(said(&function("Active", "PROBLEM: Function call failed"), &metrics, &[]), @r"
    Bad
    Active, 3 of 12 calls failed in the last hour
    source: Enabled, PROBLEM: Function call failed
    -> look at its log: `/aws/lambda/process`
    -> the log of the function, and the statements of its role, say more
    ");
    insta::assert_snapshot!(said(&function("update Failed", "No records processed"), &[], &[]), @r"
    Bad
    update Failed, no calls in the last hour
    source: Enabled
    -> `pipectl plan` shows what the next apply changes; AWS's console says why it failed
    ");
}

#[test]
fn a_table_tells_of_its_capacity_and_of_what_it_refuses() {
    let table = |capacity: Value| {
        let attributes = json!({ "name": "sessions", "capacity": capacity });
        [("table.sessions", "dynamodb_table", "sessions", attributes, Some(json!({ "status": "ACTIVE" })))]
    };
    insta::assert_snapshot!(said(&table(Value::Null), &[], &[]), @r"
    Good
    ACTIVE, on demand
    ");
    let refused: [(&str, &[(i64, f64)]); 1] = [("WriteThrottleEvents", &[(5, 7.0)])];
    insta::assert_snapshot!(said(&table(json!({ "read": 5, "write": 3 })), &refused, &[]), @r"
    Attention
    ACTIVE, 5 read and 3 write capacity units, 0 reads and 7 writes refused in the last hour
    -> give it more `capacity`, or none: then it is on demand; or spread the keys that all ask for
    ");
}

#[test]
fn a_schedule_tells_how_often_it_fired_and_of_calls_that_did_not_reach_the_function() {
    let rule = |enabled: bool| {
        let attributes = json!({ "schedule": "rate(5 minutes)", "enabled": enabled });
        [("schedule.report", "events_rule", "report", attributes, Some(json!({ "arn": "arn" })))]
    };
    let fired: [(&str, &[(i64, f64)]); 2] = [("TriggeredRules", &[(10, 12.0)]), ("FailedInvocations", &[(10, 1.0)])];
    insta::assert_snapshot!(said(&rule(true), &fired[..1], &[]), @r"
    Good
    rate(5 minutes), fired 12 times in the last hour
    ");
    insta::assert_snapshot!(said(&rule(true), &fired, &[]), @r"
    Bad
    rate(5 minutes), fired 12 times in the last hour, 1 call did not reach what it calls
    -> `pipectl plan` shows whether what it calls lets it do so
    ");
    insta::assert_snapshot!(said(&rule(false), &[], &[]), @r"
    Good
    disabled
    ");
}

#[test]
fn a_queue_tells_of_its_messages_and_one_of_dead_letters_wants_somebody_to_look() {
    let queue = |of: Value, messages: u32, in_flight: u32| {
        let outputs = json!({ "messages": messages, "in_flight": in_flight });
        [("queue.orders", "sqs_queue", "orders", json!({ "dead_letters_of": of }), Some(outputs))]
    };
    insta::assert_snapshot!(said(&queue(Value::Null, 1, 2), &[], &[]), @r"
    Good
    1 message, 2 being dealt with
    ");
    insta::assert_snapshot!(said(&queue(json!(["arn"]), 3, 0), &[], &[]), @r"
    Attention
    3 dead letters
    -> look at them in AWS's console; once it is known why they failed, send them back from there (redrive)
    ");
}
