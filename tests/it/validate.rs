//! What AWS would refuse is refused before anything is asked of it, with its place in the file.

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
    never("function.ship", "AsyncEventsDropped", "no schedule calls this function");
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
fn tables_that_dynamodb_refuses_are_refused() {
    let index = |body: &str| format!("global_indexes = {{ by-time = {{ {body} }} }}");
    let keyed = |rest: &str| index(&format!("partition_key = {{ name = \"user\" }}{rest}"));
    let table = |line: &str, expected| refused("table.sessions", line, expected);
    table(&index("partition_key = { name = \"at\" }"), "another type here than in `sort_key`");
    table(&keyed(", include = [\"page\"]"), "`include` goes with");
    table(&keyed(", projection = \"include\""), "`include` goes with");
    table(&keyed(", capacity = { read = 1, write = 1 }"), "the table is on demand");
    table(&keyed("").replace("by-time", "by"), "cannot be called `by`");
    table("sort_key = { name = \"id\" }", "another attribute than the partition key");
    table("ttl = \"id\"", "holds no number");
    table("recovery_days = 36", "35");
    table("capacity = { read = 0, write = 1 }", "1");
    let local = with("table.sessions", "local_indexes = { by-length = { sort_key = { name = \"length\" } } }");
    assert_eq!(findings(&local, Severity::Error), Vec::<String>::new());
    let unsorted = local.replace("sort_key = { name = \"at\", type = \"number\" }\n", "");
    assert!(findings(&unsorted, Severity::Error)[0].contains("has no local indexes"));
}

#[test]
fn functions_that_lambda_refuses_are_refused() {
    let function = |line: &str, expected| refused("function.process", line, expected);
    function("timeout_seconds = 901", "900");
    function("memory_mb = 127", "128");
    function("runtime = \"Python 3\"", "malformed");
    function("log_retention_days = 31", "30 is nearest");
    function("environment = { AWS_REGION = \"x\" }", "is set by Lambda itself");
    function("environment = { \"1A\" = \"x\" }", "cannot be called `1A`");
    function(&format!("environment = {{ LONG = \"{}\" }}", "x".repeat(4096)), "Lambda takes 4096");
    function("environment = { TABLE = \"${table.session.name}\" }", "unknown variable `table.session.name`");
    function("source = { from = \"bucket.events\", retries = 3 }", "not a `bucket`");
    let endless = findings(&with("function.process", "source = { from = \"stream.clicks\" }"), Severity::Warning);
    assert!(endless[0].contains("one bad record stops this shard of `stream.clicks`"), "{endless:#?}");
}

#[test]
fn a_function_uses_what_there_is_and_for_what_it_is() {
    let uses = |used: &str, expected| refused("function.process", &format!("uses = [\"{used}\"]"), expected);
    uses("table.session:write", "this spec has no `table.session`");
    uses("topic.alerts:read", "`read` says nothing of a topic");
    uses("bucket.events:read", "cannot use a `bucket`");
    uses("queue.orders:write", "`write` says nothing of a queue");
    uses("queue.order:send", "this spec has no `queue.order`");
    uses("table.sessions", "malformed");
    uses("table.sessions:delete", "malformed");
}

#[test]
fn queues_that_sqs_refuses_are_refused() {
    let queue = |line: &str, expected| refused("queue.orders", line, expected);
    queue("visibility_timeout_seconds = 43201", "43200");
    queue("visibility_timeout_seconds = 59", "`function.ship` takes up to 60 s, and sees a message again after 59 s");
    queue("retention_seconds = 59", "60");
    queue("delay_seconds = 901", "900");
    queue("receive_wait_seconds = 21", "20");
    queue("max_message_kib = 1025", "1024");
    queue("kms_reuse_seconds = 59", "60");
    queue("name = \"orders.fifo\"", "only the name of a FIFO queue ends in `.fifo`");
    queue("name = \"or.ders\"", "there is no other `.`");
    queue(&format!("name = \"{}\"", "a".repeat(81)), "which has 81 characters");
    let fifo = findings(&with("queue.orders", "fifo = true"), Severity::Error);
    assert!(fifo[0].contains("the dead letters of a FIFO queue go to a FIFO queue"), "{fifo:#?}");
    queue("high_throughput = true", "is for FIFO queues");
    queue("dead_letters = \"topic.alerts\"", "not a `topic`");
    refused("queue.failed", "max_receives = 5", "nothing says where messages go");
    let own = findings(&with("queue.orders", "dead_letters = \"queue.orders\""), Severity::Error);
    assert!(own[0].contains("not the queue of its own dead letters"), "{own:#?}");
    let short = findings(&with("queue.failed", "retention_seconds = 345600"), Severity::Warning);
    assert!(short[0].contains("`queue.failed` keeps messages no longer than this queue"), "{short:#?}");
    let endless = findings(&GOOD.replace("dead_letters = \"queue.failed\"\n", ""), Severity::Warning);
    assert!(endless[0].contains("comes back until it expires"), "{endless:#?}");
}

#[test]
fn schedules_that_eventbridge_refuses_are_refused() {
    let schedule = |line: &str, expected| refused("schedule.report", line, expected);
    schedule("expression = \"rate(1 minutes)\"", "`rate(1 minute)`");
    schedule("expression = \"cron(0 8 * * * *)\"", "one is `?`");
    schedule("expression = \"hourly\"", "neither `rate(…)` nor `cron(…)`");
    schedule("calls = \"table.sessions\"", "not a `table`");
    schedule("calls = \"function.proces\"", "`function.proces`");
    schedule("name = \"every hour\"", "which holds ` `");
    schedule(&format!("name = \"{}\"", "a".repeat(65)), "which has 65 characters");
    schedule(&format!("input = {{ text = \"{}\" }}", "x".repeat(8192)), "EventBridge passes on 8192");
}

#[test]
fn what_lambda_takes_of_streams_it_refuses_of_queues_and_the_other_way_round() {
    let reads = |line: &str, expected| {
        refused("function.ship", &format!("source = {{ from = \"queue.orders\", {line} }}"), expected);
    };
    for line in ["retries = 1", "max_age_seconds = 60", "bisect_on_error = true", "starting_position = \"latest\""] {
        reads(line, "is for streams");
    }
    reads("batch_size = 11", "have to be waited for");
    reads("max_concurrency = 1", "2");
    let stream = |line: &str| format!("source = {{ from = \"stream.clicks\", retries = 3, {line} }}");
    refused("function.process", &stream("max_concurrency = 2"), "is for queues");
    let fifo = GOOD
        .replace("[queue.failed]\n", "[queue.failed]\nfifo = true\n")
        .replace("[queue.orders]\n", "[queue.orders]\nfifo = true\n");
    let fifo = |line: &str| {
        findings(&fifo.replace("from = \"queue.orders\"", &format!("from = \"queue.orders\", {line}")), Severity::Error)
    };
    assert!(fifo("window_seconds = 1")[0].contains("does not wait"), "{:#?}", fifo("window_seconds = 1"));
    assert!(fifo("batch_size = 11")[0].contains("10 messages at most"), "{:#?}", fifo("batch_size = 11"));
    let told = GOOD
        .replace("[queue.failed]\n", "[queue.failed]\nfifo = true\n")
        .replace("dead_letters = \"queue.failed\"\n", "");
    let told = findings(&told.replace("retries = 3", "retries = 3, failures_to = \"queue.failed\""), Severity::Error);
    assert!(told.len() == 1 && told[0].contains("tells no FIFO queue"), "{told:#?}");
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

#[test]
fn routes_that_api_gateway_refuses_are_refused() {
    let route = |line: &str, expected| refused("api.events", line, expected);
    let one = |route: &str| format!("routes = {{ \"{route}\" = \"function.process\" }}");
    route(&one("/events"), "`/events` is no route");
    route(&one("post /events"), "`post` is not a method");
    route(&one("POST events"), "does not begin with `/`");
    route(&one("POST /events/"), "has an empty part");
    route(&one("POST /{rest+}/events"), "nothing can come behind `{rest+}`");
    route(&one("POST /a b"), "`a b` cannot be a part of a path");
    route(&one("GET /ping"), "`/ping` is API Gateway's own");
    route("routes = { \"POST /events\" = \"function.proces\" }", "function.proces`");
    route("routes = { \"POST /events\" = \"table.sessions\" }", "not a `table`");
    route("routes = {}", "entr");
    let alike = "routes = { \"GET /e/{id}\" = \"function.process\", \"PUT /e/{event}\" = \"function.process\" }";
    route(alike, "`{event}` and `{id}` stand in the same place");
    let both =
        with("api.events", &one("OPTIONS /e")).replace("[api.events]", "[api.events]\ncors = { origin = \"*\" }");
    assert!(findings(&both, Severity::Error)[0].contains("API Gateway answers `OPTIONS` itself"));
    route("cors = { origin = \"shop.example\" }", "malformed");
    route("stage = \"a b\"", "malformed");
    route("timeout_ms = 30000", "29000");
}
