//! Estimates of whole pipelines, and what must hold of any.

use std::sync::LazyLock;

use pipectl::cost::{Estimate, Expected, Line, estimate, expected};
use pipectl::model::graph::Graph;
use pipectl::spec::Traffic;
use proptest::prelude::*;

use crate::support::cli::Cli;
use crate::support::emulator;
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
fn what_has_no_price_in_a_region_is_named_and_the_rest_is_counted() {
    let spec = parsed(&PIPELINE.replace("us-east-1", "eu-central-1"));
    let estimated = estimate(&graph(&spec), &expected(&spec), "eu-central-1").unwrap();
    // Of Firehose nobody has found prices there, of Kinesis none of long retention, of KMS none at all.
    assert_eq!(estimated.uncounted, ["bucket.events", "firehose.clicks", "stream.clicks"]);
    assert!(estimated.total > 0.0 && !estimated.is_whole() && of(PIPELINE).is_whole());
    let own = "[prices.firehose]\nin_gb = 0.035\npartitioned_gb = 0.02\npartitioned_thousand_objects = 0.006\n";
    let spec = parsed(&format!("{}{own}", PIPELINE.replace("us-east-1", "eu-central-1")));
    let estimated = estimate(&graph(&spec), &expected(&spec), "eu-central-1").unwrap();
    assert_eq!(estimated.uncounted, ["bucket.events", "stream.clicks"]);
}

/// What answers requests: each service by what is expected of its block.
const SERVERLESS: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[function.collect]
code = "."
handler = "collect.handler"
runtime = "python3.13"
memory_mb = 512
expect = { calls_per_second = 10, duration_ms = 50, log_bytes = 400 }
[function.later]
code = "."
handler = "later.handler"
runtime = "python3.13"
architecture = "arm64"
tracing = false
expect = { calls_per_second = 0.1, duration_ms = 2000 }
[api.events]
routes = { "POST /events" = "function.collect" }
expect = { requests_per_second = 200 }
[table.sessions]
partition_key = { name = "id" }
expect = { reads_per_second = 5, writes_per_second = 10, bytes = 1500, stored_gb = 20 }
[table.fixed]
partition_key = { name = "id" }
capacity = { read = 10, write = 20 }
[queue.work]
expect = { messages_per_second = 3 }
[queue.ordered]
fifo = true
expect = { messages_per_second = 1 }
[topic.alerts]
emails = ["data@example.com", "ops@example.com"]
expect = { messages_per_second = 0.01 }
[secret.key]
"#;

#[test]
fn what_answers_requests_is_billed_by_what_is_expected_of_it() {
    let estimate = of(SERVERLESS);
    assert_eq!(estimate.unknown_traffic, ["table.fixed"]);
    assert_eq!(estimate.uncounted, [""; 0]);
    insta::assert_snapshot!(told(&estimate), @r"
    api.events: requests 333000000 request 1165.5
    api.events: requests 192600000 request 539.28
    function.collect: calls 26280000 call 5.256
    function.collect: memory while it runs 657000 GB-second 10.95
    function.collect: logged 9.79 GB 4.895
    function.collect: logs kept 9.656 GB-month 0.2897
    function.collect: traces 3810600 trace 19.053
    function.later: calls 262800 call 0.0526
    function.later: memory while it runs 131400 GB-second 1.752
    queue.ordered: requests 7884000 request 3.942
    queue.work: requests 23652000 request 9.4608
    secret.key: secret 1 secret 0.4
    table.fixed: write capacity 14600 WCU-hour 9.49
    table.fixed: read capacity 7300 RCU-hour 0.949
    table.sessions: written, 1 KB steps 52560000 unit 32.85
    table.sessions: read, 4 KB steps 6570000 unit 0.8213
    table.sessions: stored 20 GB-month 5
    table.sessions: point-in-time recovery 20 GB-month 4
    topic.alerts: messages 26280 message 0.0131
    topic.alerts: mails 52560 mail 1.0512
    ");
}

#[test]
fn a_project_pays_its_own_prices_and_its_discounts() {
    let shards = |more: &str| {
        let estimate = of(&format!("{PIPELINE}{more}"));
        let stream = estimate.blocks.into_iter().find(|block| block.block == "stream.clicks").unwrap();
        stream.lines.into_iter().find(|line| line.what == "shards").map(|line| (line.price, line.amount)).unwrap()
    };
    assert_eq!(shards(""), (0.015, 21.9));
    assert_eq!(shards("[prices.kinesis]\nshard_hour = 0.01\n"), (0.01, 14.6));
    assert_eq!(shards("[prices.kinesis]\ndiscount = 20\n"), (0.012, 17.52));
    // A price of one's own is what is paid: no discount is taken off that.
    assert_eq!(shards("[prices.kinesis]\ndiscount = 20\nshard_hour = 0.01\n"), (0.01, 14.6));
    // A price of one's own needs no list of AWS's.
    let elsewhere =
        parsed(&format!("{}[prices.kinesis]\nshard_hour = 0.02\n", PIPELINE.replace("us-east-1", "ap-south-1")));
    let estimated = estimate(&graph(&elsewhere), &expected(&elsewhere), "ap-south-1").unwrap();
    assert!(estimated.total > 29.0 && !estimated.is_whole(), "{estimated:?}");
    let said = of(&format!("{PIPELINE}[prices.kinesis]\ndiscount = 20\n")).assumptions;
    assert!(said[0].contains("those of `[prices]`"), "{said:?}");
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
fn list_prices_are_called_unconfirmed_where_one_of_them_is_used() {
    let text = PIPELINE.replace("us-east-1", "eu-west-1");
    let services = |text: &str| {
        let said = of(text).assumptions.into_iter().filter_map(|one| {
            let (service, _) = one.strip_prefix("The prices of ")?.split_once(" in this region are not confirmed")?;
            Some(service.to_owned())
        });
        said.collect::<Vec<_>>()
    };
    assert_eq!(services(&text), ["firehose", "kinesis"]);
    let some = "[prices.kinesis]\nshard_hour = 0.01\nput_units_million = 0.01\nextended_shard_hour = 0.01\n";
    assert_eq!(services(&format!("{text}{some}")), ["firehose", "kinesis"], "long retention has a list price still");
    assert_eq!(services(&format!("{text}{some}long_term_gb_month = 0.02\n")), ["firehose"]);
    assert_eq!(services(&format!("{text}[prices.firehose]\ndiscount = 10\n")), ["firehose", "kinesis"]);
    let (stream, _) = text.split_once("[bucket.events]").unwrap();
    assert_eq!(services(stream), ["kinesis"], "there is no delivery stream");
}

#[test]
fn what_the_numbers_take_for_granted_is_said_once() {
    let estimate = of(&PIPELINE.replace("us-east-1", "eu-west-1"));
    insta::assert_snapshot!(estimate.assumptions.join("\n"), @r"
    List prices before tax, without free tier and discounts; a month has 730 hours.
    Roles, parameters, schedules, logs of delivery streams and the keys themselves are not counted; alarms fire seldom.
    The prices of firehose in this region are not confirmed; AWS's are at https://aws.amazon.com/firehose/pricing/
    The prices of kinesis in this region are not confirmed; AWS's are at https://aws.amazon.com/kinesis/data-streams/pricing/
    Each object is decrypted once, for Snowpipe.
    What expires in a versioned bucket is billed until it is gone as a version: `noncurrent_days` more.
    Compressed, records take a fifth (gzip, zip) or two fifths (snappy) of their size.
    Firehose writes an object when its buffer is full or its time is up; above some MB/s it has several buffers, and writes more and smaller ones.
    Reading objects, and moving them out of the region, is not counted.
    Dynamic partitioning has one partition at a time: with more, its objects and PUTs are as many times more. The hours in which jq runs are not counted.
    Firehose logs no errors, which CloudWatch Logs would bill by the GB.
    An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.
    ");
}

#[test]
fn metrics_are_asked_for_and_what_has_none_counts_as_the_spec_expects() {
    let account = emulator::moto().account();
    let spec = PIPELINE
        .replace("[env]", "[env]\nname = \"dev\"")
        .replace("region = \"us-east-1\"", "region = \"us-east-1\"\n[state]\nlocal = \"state\"");
    let cli = Cli::new().against(&account).file("envs/dev.toml", &spec);
    let offline = cli.run(&["cost", "--env", "dev", "--json"]).success().json();
    let counted = cli.run(&["cost", "--env", "dev", "--from-metrics", "--json"]).success().json();
    assert_eq!(counted["counted"], serde_json::json!([]));
    assert_eq!(counted["estimate"], offline["estimate"]);
}

#[test]
fn the_prices_of_a_region_are_printed_by_the_names_that_a_spec_gives_them() {
    let own = "[prices.kinesis]\nshard_hour = 0.0135\n";
    let cli = Cli::new().file("envs/dev.toml", &format!("{}{own}", PIPELINE.replace("us-east-1", "eu-central-1")));
    let json = cli.run(&["cost", "--env", "dev", "--prices", "--json"]).success().json();
    assert_eq!(json["prices"]["kinesis.shard_hour"]["tiers"][0]["price"], 0.0135);
    assert_eq!(json["prices"]["firehose.in_gb"]["tiers"], serde_json::Value::Null);
    let text = cli.run(&["cost", "--env", "dev", "--prices"]).success().stdout;
    assert!(text.contains("kinesis.shard_hour") && text.contains("not known"), "{text}");
    let wrong = Cli::new().file(
        "envs/dev.toml",
        &format!("{PIPELINE}[prices.kinesis]\nshard_hours = 1\ndiscount = 101\n[prices.glue]\nhour = 1\n"),
    );
    insta::assert_snapshot!(wrong.run(&["cost", "--env", "dev"]), @r#"
    --- stderr
    warning: nobody is told when this alarm fires
      --> envs/dev.toml:26:8
       |
    26 | [alarm.stalled]
       |        ^^^^^^^
       |
       = help: write `notifies = ["topic.…"]`

    warning: nobody is told when this alarm fires
      --> envs/dev.toml:28:8
       |
    28 | [alarm.lag]
       |        ^^^
       |
       = help: write `notifies = ["topic.…"]`

    error: `kinesis` has no price `shard_hours`
      --> envs/dev.toml:32:15
       |
    32 | shard_hours = 1
       |               ^
       |
       = help: did you mean `shard_hour`?

    error: a discount of 101 % is more than the whole price
      --> envs/dev.toml:33:12
       |
    33 | discount = 101
       |            ^^^

    error: pipectl reckons with no prices of `glue`
      --> envs/dev.toml:34:9
       |
    34 | [prices.glue]
       |         ^^^^
       |
       = help: it does with those of `apigateway`, `athena`, `cloudwatch`, `dynamodb`, `firehose`, `kinesis`, `kms`, `lambda`, `logs`, `s3`, `secretsmanager`, `sns`, `sqs` and `xray`

    3 mistakes.
    --- exit code 1
    "#);
}

#[test]
fn the_script_that_makes_a_regions_prices_passes_its_own_tests() {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/test_prices.py");
    let output = std::process::Command::new("python3").arg("-B").arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Of the pipeline in both modes.
static GRAPHS: LazyLock<[Graph; 2]> = LazyLock::new(|| [graph(&parsed(PIPELINE)), graph(&parsed(&on_demand()))]);

fn total(graph: &Graph, records_per_second: f64, bytes: u32) -> f64 {
    let streams = [("stream.clicks".to_owned(), Traffic { records_per_second, bytes })].into();
    estimate(graph, &Expected { streams, ..Expected::default() }, "us-east-1").unwrap().total
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
