//! What AWS would refuse is refused before anything is asked of it, with its place in the file.

mod access;
mod apis;
mod athena;
mod external;
mod files;
mod firehoses;
mod functions;
mod lake;
mod oracles;
mod publish;
mod registries;
mod serverless;
mod sources;
mod statistics;
mod together;

use std::fs;

use pipectl::spec::diagnostic::Severity;
use pipectl::spec::{Options, Source, load};

/// A whole pipeline in which nothing is wrong; each case changes one line of it.
const GOOD: &str = r#"
[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
[stream.clicks]
shards = 1
[bucket.events]
expire_days = 30
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "events/!{timestamp:yyyy/MM/dd}/"
error_prefix = "errors/!{firehose:error-output-type}/"
buffering = { size_mib = 5, interval_seconds = 60 }
[snowpipe.events]
bucket = "bucket.events"
prefix = "events/"
access = "user"
table = "A.B.C"
queue_arn = "arn:aws:sqs:eu-west-1:111122223333:sf-snowpipe-x"
[topic.alerts]
emails = ["data@example.com"]
[table.sessions]
partition_key = { name = "id" }
sort_key = { name = "at", type = "number" }
[function.process]
code = "functions/process"
runtime = "python3.13"
handler = "app.handler"
environment = { TABLE = "${table.sessions.name}" }
uses = ["table.sessions:write"]
source = { from = "stream.clicks", retries = 3 }
[queue.orders]
dead_letters = "queue.failed"
[queue.failed]
[function.ship]
code = "functions/ship"
runtime = "python3.13"
handler = "app.handler"
source = { from = "queue.orders" }
[api.events]
routes = { "POST /events" = "function.process", "GET /events/{id}" = "function.process" }
[schedule.report]
expression = "cron(0 8 * * ? *)"
calls = "function.process"
input = { days = 1 }
[alarm.delivery]
watches = "firehose.clicks"
metric = "DeliveryToS3.Success"
threshold = 0.95
notifies = ["topic.alerts"]
[dashboard.all]
"#;

/// `line:column message` of everything of that severity in a spec.
fn findings(text: &str, severity: Severity) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dev.toml"), text).unwrap();
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    let report = match load(&Source::File(folder.path().join("dev.toml")), &options) {
        Ok(loaded) => loaded.warnings(),
        Err(report) => report,
    };
    let place = |line: Option<usize>| line.map_or_else(String::new, |line| line.to_string());
    let entries = report.entries().into_iter().filter(|entry| entry.severity == severity);
    entries.map(|entry| format!("{}:{} {}", place(entry.line), place(entry.column), entry.message)).collect()
}

/// The good spec with the line that begins like `key` under `[table]` replaced, or added where there is none.
fn with(table: &str, line: &str) -> String {
    let key = line.split(' ').next().unwrap();
    let header = format!("[{table}]\n");
    let (before, rest) = GOOD.split_once(&header).unwrap();
    let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
    let (body, after) = rest.split_at(end);
    let kept: Vec<&str> = body.lines().filter(|old| !old.starts_with(&format!("{key} "))).collect();
    format!("{before}{header}{line}\n{}\n{after}", kept.join("\n"))
}

/// The first line of `text` that is `line`, counted from 1.
fn number_of(text: &str, line: &str) -> usize {
    text.lines().position(|other| other == line).unwrap() + 1
}

/// One error is found, on that line, and its message holds `expected`.
fn refused(table: &str, line: &str, expected: &str) {
    let text = with(table, line);
    let errors = findings(&text, Severity::Error);
    let at = format!("{}:", number_of(&text, line));
    assert!(errors.len() == 1 && errors[0].starts_with(&at) && errors[0].contains(expected), "{line}\n{errors:#?}");
}

#[test]
fn a_pipeline_in_which_nothing_is_wrong_is_accepted() {
    assert_eq!(findings(GOOD, Severity::Error), Vec::<String>::new());
    assert_eq!(findings(GOOD, Severity::Warning), Vec::<String>::new());
}

#[test]
fn buffering_outside_the_range_of_firehose_is_refused() {
    for (buffering, expected) in [("interval_seconds = 901", "900"), ("size_mib = 0", "1"), ("size_mib = 129", "128")] {
        refused("firehose.clicks", &format!("buffering = {{ {buffering} }}"), expected);
    }
}

#[test]
fn names_that_aws_refuses_are_refused() {
    let long = |length: usize| format!("name = \"{}\"", "a".repeat(length));
    refused("bucket.events", &long(80), "which has 80 characters");
    refused("stream.clicks", &long(129), "129 characters");
    refused("stream.clicks", "name = \"a stream\"", "which holds ` `");
    refused("snowpipe.events", "name = \"snow pipe\"", "which holds ` `");
    let bad = findings(&with("bucket.events", "name = \"Acme_Bad..Name\""), Severity::Error);
    assert!(bad.iter().any(|error| error.contains("which holds `A`")), "{bad:#?}");
    let long = findings(&with("firehose.clicks", &long(65)), Severity::Error);
    assert!(long.iter().any(|error| error.contains("delivery stream would be called")), "{long:#?}");
}

#[test]
fn names_that_are_worked_out_are_checked_as_well() {
    let name = format!("name = \"{}\"", "a".repeat(60));
    refused("firehose.clicks", &name, "which has 69 characters");
}

#[test]
fn retentions_and_expiries_outside_their_ranges_are_refused() {
    refused("stream.clicks", "retention_hours = 9000", "8760");
    refused("stream.clicks", "retention_hours = 12", "24");
    refused("stream.clicks", "shards = 0", "1");
    refused("firehose.clicks", "log_retention_days = 31", "30 is nearest");
    refused("bucket.events", "expire_days = 0", "1");
}

#[test]
fn what_is_no_mail_address_is_refused() {
    refused("topic.alerts", "emails = [\"not-an-email\"]", "`not-an-email` is not a mail address");
    refused("topic.alerts", "emails = [\"\"]", "`` is not a mail address");
}

#[test]
fn what_is_no_queue_in_the_buckets_region_is_refused() {
    for (arn, expected) in [
        ("not:an:arn", "is not an ARN"),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "`sns`, not in `sqs`"),
        ("arn:aws:sqs:us-east-1:111122223333:sf-snowpipe-x", "`us-east-1`, the bucket in `eu-west-1`"),
        ("arn:aws:sqs:eu-west-1:111122223333:sf-snowpipe-x.fifo", "FIFO"),
    ] {
        refused("snowpipe.events", &format!("queue_arn = \"{arn}\""), expected);
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for table in ["stream.clicks", "bucket.events", "firehose.clicks", "topic.alerts", "table.sessions"] {
        refused(table, "kms_key = \"not a key\"", "`not a key` is not a KMS key");
    }
}

#[test]
fn a_threshold_that_a_ratio_never_passes_is_refused() {
    refused("alarm.delivery", "threshold = 1.5", "between 0 and 1");
}

#[test]
fn prefixes_that_firehose_refuses_are_refused() {
    for (prefix, expected) in [
        ("/events/", "begins with `/`"),
        ("events/!{timestamp:yyyy", "is not an expression"),
        ("events/!{now:yyyy}/", "is not an expression"),
        ("events/!{firehose:error-output-type}/", "belongs in `error_prefix`"),
        ("events/!{partitionKeyFromQuery:customer}/", "only be used with `dynamic_partitioning`"),
    ] {
        refused("firehose.clicks", &format!("prefix = \"{prefix}\""), expected);
    }
    refused("firehose.clicks", "error_prefix = \"errors/!{timestamp:yyyy}/\"", "must hold");
    refused("snowpipe.events", "prefix = \"/events/\"", "begins with `/`");
    let without = GOOD.replace("error_prefix = \"errors/!{firehose:error-output-type}/\"\n", "");
    assert!(findings(&without, Severity::Error)[0].contains("needs an `error_prefix`"));
}

#[test]
fn dynamic_partitioning_needs_a_large_buffer_and_its_keys_in_the_prefix() {
    let partitioned = |size: u32, prefix: &str| {
        let text = with("firehose.clicks", &format!("prefix = \"{prefix}\""));
        let text = text.replace("size_mib = 5,", &format!("size_mib = {size},"));
        text.replace("[snowpipe.", "dynamic_partitioning = { keys = { customer = \".customer_id\" } }\n[snowpipe.")
    };
    let good = "events/!{partitionKeyFromQuery:customer}/";
    assert_eq!(findings(&partitioned(64, good), Severity::Error), Vec::<String>::new());
    assert!(findings(&partitioned(63, good), Severity::Error)[0].contains("63 MiB is too small"));
    let other = findings(&partitioned(64, "events/!{partitionKeyFromQuery:client}/"), Severity::Error);
    assert!(other.iter().any(|error| error.contains("no partition key `client`")), "{other:#?}");
    assert!(other.iter().any(|error| error.contains("does not use the key `customer`")), "{other:#?}");
}

#[test]
fn an_alarm_that_could_never_fire_is_refused() {
    refused("alarm.delivery", "metric = \"PutRecord.Success\"", "`firehose.clicks` never emits `PutRecord.Success`");
    refused("alarm.delivery", "metric = \"IncomingRecords\"", "Direct PUT only");
    refused("alarm.delivery", "metric = \"DeliveryToS3.Sucess\"", "there is no such metric");
    let watching = |watched: &str, metric: &str| {
        let text = with("alarm.delivery", &format!("metric = \"{metric}\""));
        text.replace("watches = \"firehose.clicks\"", &format!("watches = \"{watched}\""))
            .replace("threshold = 0.95\n", "threshold = 1\n")
    };
    let never = |watched: &str, metric: &str, expected: &str| {
        let errors = findings(&watching(watched, metric), Severity::Error);
        assert!(errors.len() == 1 && errors[0].contains(expected), "{metric}: {errors:#?}");
    };
    never("table.sessions", "SystemErrors", "for each operation of the table");
    never("table.sessions", "ProvisionedReadCapacityUnits", "only by tables with a `capacity`");
    never("function.ship", "AsyncEventsDropped", "no schedule, bucket or topic calls this function");
    assert_eq!(findings(&watching("function.process", "AsyncEventsDropped"), Severity::Error), Vec::<String>::new());
    assert_eq!(findings(&watching("function.process", "IteratorAge"), Severity::Error), Vec::<String>::new());
    refused("alarm.delivery", "period = 90", "not a multiple of 60");
    refused("alarm.delivery", "periods = 289", "more than a day");
    refused("alarm.delivery", "datapoints = 4", "4 of 3 periods");
    refused("alarm.delivery", "watches = \"bucket.events\"", "not a `bucket`");
}

#[test]
fn an_expression_names_the_metrics_that_it_is_given() {
    let expression = |text: &str| {
        let metrics = "metrics = { sent = { metric = \"DeliveryToS3.Records\" } }";
        with("alarm.delivery", &format!("expression = \"{text}\"\n{metrics}"))
            .replace("metric = \"DeliveryToS3.Success\"\n", "")
    };
    assert_eq!(findings(&expression("IF(FILL(sent, 0) > 1e3, 1, 0)"), Severity::Error), Vec::<String>::new());
    assert!(findings(&expression("sent / total"), Severity::Error)[0].contains("no metric `total`"));
}

#[test]
fn an_alarm_that_tells_nobody_is_warned_of_and_one_that_cannot_is_refused() {
    let silent = findings(&with("alarm.delivery", "notifies = []"), Severity::Warning);
    assert!(silent[0].contains("nobody is told"), "{silent:#?}");
    let locked = findings(&with("topic.alerts", "kms_key = \"alias/aws/sns\""), Severity::Error);
    assert!(locked[0].contains("CloudWatch cannot publish to `topic.alerts`"), "{locked:#?}");
}

#[test]
fn two_things_of_one_name_are_refused() {
    let text = format!("{GOOD}\n[stream.more]\nname = \"acme-dev-clicks\"\nshards = 1\n");
    let errors = findings(&text, Severity::Error);
    assert!(errors[0].contains("also the name of the Kinesis stream of `stream.clicks`"), "{errors:#?}");
}

#[test]
fn snowpipes_whose_prefixes_overlap_on_one_bucket_are_refused() {
    let second = GOOD[GOOD.find("[snowpipe.").unwrap()..GOOD.find("[topic.").unwrap()]
        .replace("[snowpipe.events]", "[snowpipe.more]")
        .replace("\"events/\"", "\"events/web/\"");
    let errors = findings(&format!("{GOOD}\n{second}"), Severity::Error);
    assert!(errors.iter().any(|error| error.contains("overlaps with `events/`")), "{errors:#?}");
}

#[test]
fn tags_that_aws_or_pipectl_keep_for_themselves_are_refused() {
    refused("stream.clicks", "tags = { \"aws:team\" = \"x\" }", "AWS's own");
    refused("stream.clicks", "tags = { \"pipectl:env\" = \"x\" }", "pipectl's own");
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = with("stream.clicks", "shards = 0").replace("data@example.com", "not-an-email");
    assert_eq!(findings(&text, Severity::Error).len(), 2);
}
