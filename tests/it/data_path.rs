//! Events through a stream, a delivery stream and a bucket, on the emulator that moves data.
//!
//! MiniStack delivers at once: one object for each record, without buffering, delimiter or compression. What those
//! do to an object is tried in the unit tests of `ops::verify`.

use std::num::NonZeroU32;
use std::time::Duration;

use pipectl::aws::data::AwsData;
use pipectl::aws::kinds;
use pipectl::aws::runs::AwsRuns;
use pipectl::model::address::Address;
use pipectl::model::data::DataPlane;
use pipectl::model::error::Class;
use pipectl::model::kind::{Kind, Owner, Registry, StepContext};
use pipectl::model::scope::Scope;
use pipectl::ops::events::Events;
use pipectl::ops::send::{End, Load, To, send};
use pipectl::ops::status::{Health, status};
use pipectl::ops::stop::Never;
use pipectl::ops::verify::{Bucket, Check, End as VerifyEnd, verify};
use pipectl::state::{Record, State};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::emulator::{self, Account, REGION};
use crate::support::witness::Recording;

const STREAM: &str = "clicks";
const BUCKET: Bucket<'_> = Bucket {
    name: "",
    prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
    error_prefix: "errors/!{firehose:error-output-type}/",
    utc: true,
    buffer: Duration::ZERO,
    json_lines: true,
};

/// A pipeline, and the state that remembers it.
struct Pipeline {
    registry: Registry,
    data: AwsData,
    runs: AwsRuns,
    bucket: String,
    state: State,
}

impl Pipeline {
    async fn build(account: &Account) -> Self {
        let aws = account.aws();
        let scope = Scope::new(&account.id, REGION);
        let (registry, data, bucket) = (kinds::registry(&aws), AwsData::new(&aws), account.unique("events"));
        let runs = AwsRuns::new(&aws);
        let state = State::empty("acme", "test", scope.clone());
        let mut pipeline = Self { registry, data, runs, bucket, state };
        let role = scope.global_arn("iam", "role/delivery");
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "firehose.amazonaws.com" }, "Action": "sts:AssumeRole",
        }] });
        let allow = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": ["s3:*", "kinesis:*", "logs:*"], "Resource": "*",
        }] });
        let stream = json!({ "name": STREAM, "mode": "PROVISIONED", "shards": 2 });
        let delivery = json!({
            "name": STREAM,
            "source": { "stream_arn": scope.arn("kinesis", "stream/clicks"), "role_arn": role },
            "role_arn": role,
            "bucket_arn": scope.bucket_arn(&pipeline.bucket),
            "prefix": "events/!{timestamp:yyyy/MM/dd/HH}/",
            "error_prefix": "errors/!{firehose:error-output-type}/",
            "buffer_mib": 1,
            "buffer_seconds": 0,
            "compression": "UNCOMPRESSED",
            "processors": [{ "type": "AppendDelimiterToRecord" }],
        });
        pipeline.make("bucket.events", "s3_bucket", json!({ "name": pipeline.bucket })).await;
        pipeline.make("stream.clicks", "kinesis_stream", stream).await;
        let role = json!({ "name": "delivery", "trust": trust, "policies": { "delivery": allow } });
        pipeline.make("firehose.clicks/role", "iam_role", role).await;
        pipeline
            .make("firehose.clicks/log-group", "logs_group", json!({ "name": "/aws/kinesisfirehose/clicks" }))
            .await;
        pipeline.make("firehose.clicks", "firehose_delivery_stream", delivery).await;
        pipeline
    }

    async fn make(&mut self, address: &str, kind: &str, attributes: Value) {
        let address: Address = address.parse().unwrap();
        let kind: &dyn Kind = self.registry.get(kind).unwrap();
        let want = kind.with_files(&attributes).unwrap();
        let owner = Owner { project: "acme".into(), env: "test".into(), address: address.clone() };
        let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
        kind.create(&want, &step).await.unwrap();
        let key = kind.key(&want).unwrap();
        let live = kind.read(&key, Some(&want)).await.unwrap().expect("it was made");
        kind.update(&live.attributes, &want, &step).await.unwrap();
        let (depends_on, protect) = (Vec::new(), false);
        let kind = kind.name().to_owned();
        let record = Record { kind, key, attributes: want.into(), outputs: live.outputs, depends_on, protect };
        self.state.resources.insert(address, record);
    }

    fn check(&self, count: u64) -> Check<'_> {
        Check {
            load: Load { to: To::Stream(STREAM), count, rate: NonZeroU32::new(200) },
            end: VerifyEnd::Bucket(Bucket { name: &self.bucket, ..BUCKET }),
        }
    }

    async fn keys(&self) -> Vec<String> {
        let page = self.data.list(&self.bucket, "", None).await.unwrap();
        page.objects.into_iter().map(|object| object.key).collect()
    }
}

#[tokio::test]
async fn every_event_that_is_sent_is_found_in_the_bucket_once() {
    let _sends = Recording::of("data_path::every_event_that_is_sent_is_found_in_the_bucket_once");
    let pipeline = Pipeline::build(&emulator::ministack().account()).await;
    let others = Load { to: To::Stream(STREAM), count: 30, rate: None };
    let sent = send(&pipeline.data, &mut Events::new(1, "theirs"), others, &|_| {}, &Never).await;
    assert!(sent.complete(), "{sent:?}");

    let verified = verify(&pipeline.data, &mut Events::new(2, "ours"), pipeline.check(100), &|_| {}, &Never).await;
    let verified = verified.unwrap();
    assert!(verified.passed(), "{verified:?}\n{:?}", pipeline.keys().await);
    let arrivals = verified.arrivals;
    assert_eq!((arrivals.arrived, arrivals.doubled, arrivals.foreign), (100, 0, 30));
    assert_eq!(arrivals.latency.map(|latency| latency.max < Duration::from_mins(1)), Some(true));
    let shards = verified.sent.shards;
    assert_eq!((shards.len(), shards.values().sum()), (2, 100));
}

#[tokio::test]
async fn a_listing_goes_on_after_any_key() {
    let pipeline = Pipeline::build(&emulator::ministack().account()).await;
    let load = Load { to: To::Stream(STREAM), count: 5, rate: None };
    send(&pipeline.data, &mut Events::new(1, "run"), load, &|_| {}, &Never).await;
    let keys = pipeline.keys().await;
    assert_eq!(keys.len(), 5, "{keys:?}");
    let page = pipeline.data.list(&pipeline.bucket, "events/", Some(&keys[2])).await.unwrap();
    assert_eq!(page.objects.iter().map(|object| &object.key).collect::<Vec<_>>(), [&keys[3], &keys[4]]);
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let pipeline = Pipeline::build(&emulator::ministack().account()).await;
    let load = Load { to: To::Stream("missing"), count: 5, rate: None };
    let sent = send(&pipeline.data, &mut Events::new(1, "run"), load, &|_| {}, &Never).await;
    let End::Failed(error) = sent.end else { panic!("{sent:?}") };
    assert_eq!((error.class, error.call.as_str()), (Class::Absent, "kinesis PutRecords"));
    let absent = pipeline.data.get(&pipeline.bucket, "missing").await.unwrap_err();
    assert_eq!(absent.class, Class::Absent);
    // The events go in, and nothing takes them out: only patience ends that, so the wait is stopped by a missing bucket.
    let bucket = Bucket { name: "pipectl-missing", ..BUCKET };
    let nowhere = Check { end: VerifyEnd::Bucket(bucket), ..pipeline.check(1) };
    let fault = verify(&pipeline.data, &mut Events::new(1, "run"), nowhere, &|_| {}, &Never).await.unwrap_err();
    assert!(fault.to_string().contains("NoSuchBucket"), "{fault}");
}

#[tokio::test]
async fn the_status_of_a_pipeline_is_good_until_a_part_of_it_is_gone() {
    let _sends = Recording::of("data_path::the_status_of_a_pipeline_is_good_until_a_part_of_it_is_gone");
    let pipeline = Pipeline::build(&emulator::ministack().account()).await;
    let now = OffsetDateTime::now_utc();
    let before = status((&pipeline.data, &pipeline.runs), &pipeline.registry, &pipeline.state, now).await;
    assert_eq!((before.health(), before.unasked.len()), (Health::Good, 0), "{before:?}");
    let blocks: Vec<&str> = before.rows.iter().map(|row| row.block.as_str()).collect();
    assert_eq!(blocks, ["bucket.events", "firehose.clicks", "stream.clicks"]);

    let owner = Owner { project: "acme".into(), env: "test".into(), address: "stream.clicks".parse().unwrap() };
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    pipeline.registry.get("kinesis_stream").unwrap().delete(STREAM, &step).await.unwrap();
    let after = status((&pipeline.data, &pipeline.runs), &pipeline.registry, &pipeline.state, now).await;
    assert_eq!(after.rows[2].health, Health::Bad);
    assert_eq!(after.rows[2].text, ["does not exist"]);
}

#[tokio::test]
async fn metrics_are_read_as_they_were_put_and_absent_ones_are_empty() {
    use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
    use pipectl::model::data::Metric;

    let account = emulator::ministack().account();
    let aws = account.aws();
    let client = aws.client(aws_sdk_cloudwatch::Client::new).await;
    let dimension = Dimension::builder().name("StreamName").value(STREAM).build();
    let datum = MetricDatum::builder().metric_name("IncomingRecords").dimensions(dimension).value(7.0).build();
    client.put_metric_data().namespace("Test/Kinesis").metric_data(datum).send().await.unwrap();
    let metric = |name| Metric {
        namespace: "Test/Kinesis",
        name,
        dimension: ("StreamName", STREAM.to_owned()),
        statistic: "Sum",
        period: 60,
    };
    let since = OffsetDateTime::now_utc() - Duration::from_mins(10);
    let series = AwsData::new(&aws).metrics(&[metric("None"), metric("IncomingRecords")], since).await.unwrap();
    assert_eq!(series[0], []);
    assert_eq!(series[1].iter().map(|point| point.value).collect::<Vec<_>>(), [7.0]);
}

#[tokio::test]
async fn log_events_are_read_and_a_missing_group_has_none() {
    use aws_sdk_cloudwatchlogs::types::InputLogEvent;

    let account = emulator::ministack().account();
    let aws = account.aws();
    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
    logs.create_log_group().log_group_name("group").send().await.unwrap();
    logs.create_log_stream().log_group_name("group").log_stream_name("stream").send().await.unwrap();
    let now = OffsetDateTime::now_utc();
    let event =
        |text: &str| InputLogEvent::builder().message(text).timestamp(now.unix_timestamp() * 1000).build().unwrap();
    let put = logs.put_log_events().log_group_name("group").log_stream_name("stream");
    put.log_events(event("first")).log_events(event("second")).send().await.unwrap();
    let data = AwsData::new(&aws);
    let since = now - Duration::from_mins(1);
    let read = data.log_events("group", None, since, 10).await.unwrap();
    assert_eq!(read.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    assert_eq!(data.log_events("group", None, since, 1).await.unwrap().len(), 1);
    assert_eq!(data.log_events("missing", None, since, 10).await.unwrap(), []);
}
