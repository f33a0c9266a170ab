//! Estimates of whole pipelines, and what must hold of any.

use std::sync::LazyLock;

use pipectl::cost::{Estimate, Expected, Line, estimate, expected};
use pipectl::model::graph::Graph;
use pipectl::spec::{Spec, Traffic};
use proptest::prelude::*;

use crate::support::spec::{graph, parsed};

/// A pipeline in which each service has something to bill.
const PIPELINE: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[stream.clicks]
shards = 2
retention_hours = 336
shard_metrics = ["IncomingBytes", "IncomingRecords"]
expect = { records_per_second = 100, bytes = 800 }
[bucket.events]
expire_days = 365
transitions = [{ days = 30, class = "standard-ia" }, { days = 90, class = "glacier-ir" }]
kms_key = "alias/clicks"
bucket_key = false
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "c=!{partitionKeyFromQuery:c}/"
error_prefix = "errors/!{firehose:error-output-type}/"
buffering = { size_mib = 64, interval_seconds = 300 }
compression = "gzip"
dynamic_partitioning = { keys = { c = ".c" } }
[topic.alerts]
emails = ["data@example.com"]
[alarm.stalled]
watches = "firehose.clicks"
[alarm.lag]
watches = "stream.clicks"
[dashboard.all]
"#;

fn on_demand() -> String {
    PIPELINE.replace("shards = 2", "mode = \"on-demand\"")
}

/// `block: what quantity unit amount` of every line.
fn told(estimate: &Estimate) -> String {
    let line =
        |block: &str, line: &Line| format!("{block}: {} {} {} {}\n", line.what, line.quantity, line.unit, line.amount);
    estimate.blocks.iter().flat_map(|one| one.lines.iter().map(|each| line(&one.block, each))).collect()
}

fn of(text: &str) -> Estimate {
    let spec = parsed(text);
    estimate(&graph(&spec), &expected(&spec), &spec.env.region).unwrap()
}

#[test]
fn what_pipectl_has_no_prices_of_is_named() {
    let with_table = parsed(&format!("{PIPELINE}\n[table.sessions]\npartition_key = {{ name = \"id\" }}\n"));
    let estimated = |spec: &Spec| estimate(&graph(spec), &expected(spec), "us-east-1").unwrap();
    assert_eq!(estimated(&with_table).uncounted, ["table.sessions"]);
    assert!(!estimated(&with_table).is_whole() && estimated(&parsed(PIPELINE)).is_whole());
}

#[test]
fn a_provisioned_pipeline_is_billed_by_shards_units_and_steps() {
    insta::assert_snapshot!(told(&of(PIPELINE)), @r"
    alarm.lag: metrics of the alarm 1 metric 0.1
    alarm.stalled: metrics of the alarm 2 metric 0.2
    bucket.events: PUTs 8760 request 0.0438
    bucket.events: stored, STANDARD 38.624 GB-month 0.8883
    bucket.events: moved to STANDARD_IA 8760 object 0.0876
    bucket.events: stored, STANDARD_IA 77.248 GB-month 0.9656
    bucket.events: moved to GLACIER_IR 8760 object 0.1752
    bucket.events: stored, GLACIER_IR 392.675 GB-month 1.5707
    bucket.events: KMS requests 17520 request 0.0526
    dashboard.all: dashboard 1 dashboard 3
    firehose.clicks: read, 5 KB steps 1253.128 GB 36.3407
    firehose.clicks: dynamic partitioning 195.801 GB 3.916
    firehose.clicks: objects of partitions 8760 object 0.0438
    stream.clicks: shards 1460 shard-hour 21.9
    stream.clicks: extended retention 1460 shard-hour 29.2
    stream.clicks: PUT payload units 262800000 unit 3.6792
    stream.clicks: kept longer than 7 days 45.061 GB-month 1.0364
    stream.clicks: shard metrics 4 metric 1.2
    stream.clicks: KMS requests 17520 request 0.0526
    ");
}

#[test]
fn an_on_demand_stream_is_billed_by_what_flows_through() {
    let estimate = of(&on_demand());
    let lines: Vec<String> =
        told(&estimate).lines().filter(|line| line.starts_with("stream")).map(str::to_owned).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    stream.clicks: on-demand stream 730 hour 29.2
    stream.clicks: written, 1 KB steps 250.626 GB 20.05
    stream.clicks: read 195.801 GB 7.8321
    stream.clicks: extended retention 38.624 GB-month 3.8624
    stream.clicks: kept longer than 7 days 45.061 GB-month 1.0364
    stream.clicks: shard metrics 8 metric 2.4
    stream.clicks: KMS requests 17520 request 0.0526
    ");
}

#[test]
fn without_traffic_only_what_costs_the_same_whatever_flows_is_counted() {
    let estimate = of(&PIPELINE.replace("expect =", "# expect ="));
    assert_eq!(estimate.unknown_traffic, ["stream.clicks"]);
    insta::assert_snapshot!(told(&estimate), @r"
    alarm.lag: metrics of the alarm 1 metric 0.1
    alarm.stalled: metrics of the alarm 2 metric 0.2
    dashboard.all: dashboard 1 dashboard 3
    stream.clicks: shards 1460 shard-hour 21.9
    stream.clicks: extended retention 1460 shard-hour 29.2
    stream.clicks: shard metrics 4 metric 1.2
    stream.clicks: KMS requests 17520 request 0.0526
    ");
}

#[test]
fn what_the_numbers_take_for_granted_is_said_once() {
    let estimate = of(&PIPELINE.replace("us-east-1", "eu-west-1"));
    insta::assert_snapshot!(estimate.assumptions.join("\n"), @r"
    List prices before tax, without free tier and discounts; a month has 730 hours.
    Roles, log groups, parameters, topics and the keys themselves are not counted; alarms fire seldom.
    The prices of kinesis in this region are not confirmed; AWS's are at https://aws.amazon.com/kinesis/data-streams/pricing/
    The prices of firehose in this region are not confirmed; AWS's are at https://aws.amazon.com/firehose/pricing/
    An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.
    Dynamic partitioning has one partition at a time: with more, its objects and PUTs are as many times more. The hours in which jq runs are not counted.
    Firehose logs no errors, which CloudWatch Logs would bill by the GB.
    Each object is decrypted once, for Snowpipe.
    What expires in a versioned bucket is billed until it is gone as a version: `noncurrent_days` more.
    Compressed, records take a fifth (gzip, zip) or two fifths (snappy) of their size.
    Firehose writes an object when its buffer is full or its time is up; above some MB/s it has several buffers, and writes more and smaller ones.
    Reading objects, and moving them out of the region, is not counted.
    ");
}

/// Of the pipeline in both modes.
static GRAPHS: LazyLock<[Graph; 2]> = LazyLock::new(|| [graph(&parsed(PIPELINE)), graph(&parsed(&on_demand()))]);

fn total(graph: &Graph, records_per_second: f64, bytes: u32) -> f64 {
    let traffic = Expected::from([("stream.clicks".to_owned(), Traffic { records_per_second, bytes })]);
    estimate(graph, &traffic, "us-east-1").unwrap().total
}

proptest! {
    #[test]
    fn more_traffic_never_costs_less(
        records in 0.0..2e6_f64, more in 0.0..2e6_f64, bytes in 1..1_000_000_u32, larger in 0..1_000_000_u32,
    ) {
        for graph in GRAPHS.iter() {
            let least = total(graph, records, bytes);
            prop_assert!(least <= total(graph, records + more, bytes));
            prop_assert!(least <= total(graph, records, bytes + larger));
        }
    }
}
