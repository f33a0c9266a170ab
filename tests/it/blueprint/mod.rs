//! What blocks become: policies, alarms, dashboards, and the statements for Snowflake.

mod api_keys;
mod athena;
mod functions;
mod objects;
mod queues;
mod registries;
mod schedules;
mod secrets;

use std::fs;

use pipectl::blueprint;
use pipectl::model::graph::Graph;
use pipectl::model::scope::Scope;
use pipectl::spec::{Options, Source, Spec, load};
use serde_json::Value;

const PIPELINE: &str = r#"
[project]
name = "acme"
[env]
name = "test"
region = "eu-west-1"
[stream.clicks]
shards = 1
[bucket.events]
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "events/"
error_prefix = "errors/"
[topic.alerts]
emails = ["data@example.com"]
"#;

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

/// The pipeline with `more` behind it, and settings as with `--set`.
fn spec(more: &str, set: &[&str]) -> Spec {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.toml");
    fs::write(&file, format!("{PIPELINE}{more}")).unwrap();
    let set = set.iter().map(ToString::to_string).collect();
    let options = Options { root: folder.path().to_owned(), set, ..Options::default() };
    load(&Source::File(file), &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec
}

fn graph(more: &str, set: &[&str]) -> Graph {
    blueprint::build(&spec(more, set), &scope())
}

fn attributes<'a>(graph: &'a Graph, address: &str) -> &'a Value {
    &graph.resources[&address.parse().unwrap()].attributes
}

/// The statements of a list that say this, one per line.
fn about(statements: &Value, text: &str) -> String {
    lines(&statements.as_array().unwrap().iter().filter(|one| one.to_string().contains(text)).cloned().collect())
}

/// One item of a list per line: statements of a policy, queries of an alarm.
fn lines(list: &Value) -> String {
    list.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

const USER: &str = r#"
[snowpipe.events]
bucket = "bucket.events"
prefix = "events/"
access = "user"
table = "analytics.raw.Clicks"
"#;

#[test]
fn firehose_may_read_its_stream_write_its_bucket_and_log_and_nothing_else() {
    let graph = graph("", &[]);
    let role = attributes(&graph, "firehose.clicks/role");
    insta::assert_snapshot!(lines(&role["policies"]["delivery"]["Statement"]), @r#"
    {"Action":["kinesis:DescribeStream","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards"],"Effect":"Allow","Resource":["arn:aws:kinesis:eu-west-1:123456789012:stream/acme-test-clicks"]}
    {"Action":["logs:PutLogEvents"],"Effect":"Allow","Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/kinesisfirehose/acme-test-clicks:log-stream:DestinationDelivery"]}
    {"Action":["s3:AbortMultipartUpload","s3:GetObject","s3:PutObject"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events/*"]}
    {"Action":["s3:GetBucketLocation","s3:ListBucket","s3:ListBucketMultipartUploads"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events"]}
    "#);
    insta::assert_snapshot!(lines(&role["trust"]["Statement"]), @r#"{"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":["123456789012"]}},"Effect":"Allow","Principal":{"Service":["firehose.amazonaws.com"]}}"#);
}

#[test]
fn keys_of_customers_may_be_used_for_this_stream_and_bucket_only() {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let keys = ["stream.clicks.kms_key=alias/clicks", &format!("bucket.events.kms_key={id}")];
    let graph = graph(USER, &keys);
    let statements = &attributes(&graph, "firehose.clicks/role")["policies"]["delivery"]["Statement"];
    insta::assert_snapshot!(about(statements, "kms:"), @r#"
    {"Action":["kms:Decrypt","kms:GenerateDataKey"],"Condition":{"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::acme-test-events","arn:aws:s3:::acme-test-events/*"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]}
    {"Action":["kms:Decrypt"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/clicks"]},"StringEquals":{"kms:ViaService":["kinesis.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:aws:kinesis:arn":["arn:aws:kinesis:eu-west-1:123456789012:stream/acme-test-clicks"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/*"]}
    "#);
    let statements = attributes(&graph, "snowpipe.events/user")["policies"]["read"]["Statement"].clone();
    assert!(statements.as_array().unwrap().iter().any(|it| it["Resource"][0].as_str().unwrap().ends_with(id)));
}

#[test]
fn a_snowpipe_user_may_list_and_read_below_its_prefix_and_nothing_else() {
    let graph = graph(USER, &[]);
    insta::assert_snapshot!(lines(&attributes(&graph, "snowpipe.events/user")["policies"]["read"]["Statement"]), @r#"
    {"Action":["s3:GetBucketLocation"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events"]}
    {"Action":["s3:GetObject","s3:GetObjectVersion"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events/events/*"]}
    {"Action":["s3:ListBucket"],"Condition":{"StringLike":{"s3:prefix":["events/*"]}},"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events"]}
    "#);
}

#[test]
fn a_policy_that_is_too_large_for_iam_is_found() {
    let graph = graph(USER, &[&format!("snowpipe.events.prefix=events/{}/", "x".repeat(900))]);
    let (address, fault) = &blueprint::over_limits(&graph)[0];
    assert_eq!(address.to_string(), "snowpipe.events/user");
    assert!(fault.contains("IAM allows 2048"), "{fault}");
}

#[test]
fn an_alarm_on_a_firehose_fires_by_default_when_records_arrive_and_none_is_delivered() {
    let graph = graph("[alarm.stalled]\nwatches = \"firehose.clicks\"\nnotifies = [\"topic.alerts\"]\n", &[]);
    let alarm = attributes(&graph, "alarm.stalled");
    insta::assert_snapshot!(lines(&alarm["queries"]), @r#"
    {"expression":null,"id":"arriving","label":null,"metric":{"dimensions":{"StreamName":"acme-test-clicks"},"name":"IncomingRecords","namespace":"AWS/Kinesis","period":300,"statistic":"Sum"},"return_data":false}
    {"expression":null,"id":"delivered","label":null,"metric":{"dimensions":{"DeliveryStreamName":"acme-test-clicks"},"name":"DeliveryToS3.Records","namespace":"AWS/Firehose","period":300,"statistic":"Sum"},"return_data":false}
    {"expression":"IF(FILL(arriving, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)","id":"result","label":null,"metric":null,"return_data":true}
    "#);
    assert_eq!((&alarm["threshold"], &alarm["evaluation_periods"]), (&Value::from(0.0), &Value::from(3)));
}

#[test]
fn an_alarm_on_a_function_fires_above_5_percent_of_errors_and_one_on_a_table_when_it_throttles() {
    let alarm = |name: &str, watches: &str, more: &str| {
        format!("[alarm.{name}]\nwatches = \"{watches}\"\nnotifies = [\"topic.alerts\"]\n{more}\n")
    };
    let alarms = [
        alarm("errors", "function.process", ""),
        alarm("throttles", "table.sessions", ""),
        alarm("slow", "function.process", "metric = \"Duration\""),
        alarm("behind", "function.process", "metric = \"IteratorAge\""),
    ];
    let graph = graph(&format!("{FUNCTION}{}", alarms.concat()), &["function.process.timeout_seconds=100"]);
    let errors = attributes(&graph, "alarm.errors");
    insta::assert_snapshot!(lines(&errors["queries"]), @r#"
    {"expression":null,"id":"calls","label":null,"metric":{"dimensions":{"FunctionName":"acme-test-process"},"name":"Invocations","namespace":"AWS/Lambda","period":300,"statistic":"Sum"},"return_data":false}
    {"expression":null,"id":"errors","label":null,"metric":{"dimensions":{"FunctionName":"acme-test-process"},"name":"Errors","namespace":"AWS/Lambda","period":300,"statistic":"Sum"},"return_data":false}
    {"expression":"100 * errors / calls","id":"result","label":null,"metric":null,"return_data":true}
    "#);
    assert_eq!((&errors["threshold"], &errors["evaluation_periods"]), (&Value::from(5.0), &Value::from(3)));
    assert_eq!(errors["description"], "More than 5 % of the calls of function.process fail");
    let throttles = attributes(&graph, "alarm.throttles");
    assert_eq!((&throttles["threshold"], &throttles["datapoints_to_alarm"]), (&Value::from(0.0), &Value::from(5)));
    assert_eq!(throttles["queries"][2]["expression"], "FILL(reads, 0) + FILL(writes, 0)");
    assert_eq!(attributes(&graph, "alarm.slow")["threshold"], 90_000.0);
    assert_eq!(attributes(&graph, "alarm.behind")["threshold"], 43_200_000.0);
}

#[test]
fn thresholds_follow_from_the_blocks_that_are_watched() {
    let alarm = |name: &str, metric: &str, kind: &str| {
        format!("[alarm.{name}]\nwatches = \"{kind}.clicks\"\nmetric = \"{metric}\"\nnotifies = [\"topic.alerts\"]\n")
    };
    let more = [
        alarm("fresh", "DeliveryToS3.DataFreshness", "firehose"),
        alarm("behind", "KinesisMillisBehindLatest", "firehose"),
        alarm("age", "GetRecords.IteratorAgeMilliseconds", "stream"),
    ];
    let set = ["firehose.clicks.buffering.interval_seconds=600", "stream.clicks.retention_hours=48"];
    let graph = graph(&more.concat(), &set);
    let threshold = |name: &str| attributes(&graph, &format!("alarm.{name}"))["threshold"].to_string();
    assert_eq!(["fresh", "behind", "age"].map(threshold), ["1200.0", "17280000.0", "86400000.0"]);
}

#[test]
fn a_topic_takes_messages_of_this_accounts_alarms_and_by_tls_only() {
    let graph = graph("", &[]);
    insta::assert_snapshot!(lines(&attributes(&graph, "topic.alerts")["policy"]["Statement"]), @r#"
    {"Action":["sns:Publish"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*"]},"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Resource":["arn:aws:sns:eu-west-1:123456789012:acme-test-alerts"],"Sid":"Alarms"}
    {"Action":["sns:Publish"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sns:eu-west-1:123456789012:acme-test-alerts"],"Sid":"TlsOnly"}
    "#);
}

#[test]
fn a_table_is_on_demand_can_be_restored_and_is_protected_as_its_block_is() {
    let more = "[table.sessions]\npartition_key = { name = \"id\" }\n\
        global_indexes = { by-user = { partition_key = { name = \"user\" }, projection = \"keys-only\" } }\n";
    let of = |set: &[&str]| attributes(&graph(more, set), "table.sessions").clone();
    let table = of(&[]);
    assert_eq!((&table["capacity"], &table["recovery_days"]), (&Value::Null, &Value::from(35)));
    assert_eq!((&table["deletion_protection"], &table["stream_view"]), (&Value::Bool(false), &Value::Null));
    assert_eq!(of(&["table.sessions.protect=true"])["deletion_protection"], true);
    assert_eq!(of(&["env.protect=true", "table.sessions.deletion_protection=false"])["deletion_protection"], false);
    assert_eq!(of(&["table.sessions.point_in_time_recovery=false"])["recovery_days"], Value::Null);
    let provisioned = of(&["table.sessions.capacity={ read = 5, write = 3 }"]);
    let index = &provisioned["global_indexes"]["by-user"];
    assert_eq!(index["capacity"], provisioned["capacity"], "an index takes the table's");
    assert_eq!(index["projection"], serde_json::json!({ "type": "KEYS_ONLY", "attributes": [] }));
}

const FUNCTION: &str = r#"
[table.sessions]
name = "sessions-of-${env}"
partition_key = { name = "id" }
[function.process]
code = "functions/process"
runtime = "python3.13"
handler = "app.handler"
environment = { SESSIONS = "${table.sessions.name}", STREAM = "${stream.clicks.name}" }
uses = ["table.sessions:write", "topic.alerts:publish"]
[function.process.source]
from = "stream.clicks"
failures_to = "topic.alerts"
"#;

#[test]
fn a_function_may_log_read_its_source_do_what_it_uses_and_nothing_else() {
    let graph = graph(FUNCTION, &[]);
    let role = &attributes(&graph, "function.process/role")["policies"]["function"]["Statement"];
    insta::assert_snapshot!(lines(role), @r#"
    {"Action":["dynamodb:BatchWriteItem","dynamodb:ConditionCheckItem","dynamodb:DeleteItem","dynamodb:PutItem","dynamodb:UpdateItem"],"Effect":"Allow","Resource":["arn:aws:dynamodb:eu-west-1:123456789012:table/sessions-of-test"]}
    {"Action":["kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards"],"Effect":"Allow","Resource":["arn:aws:kinesis:eu-west-1:123456789012:stream/acme-test-clicks"]}
    {"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/acme-test-process:*"]}
    {"Action":["sns:Publish"],"Effect":"Allow","Resource":["arn:aws:sns:eu-west-1:123456789012:acme-test-alerts"]}
    {"Action":["xray:PutTelemetryRecords","xray:PutTraceSegments"],"Effect":"Allow","Resource":["*"]}
    "#);
}

#[test]
fn a_function_stands_on_what_it_uses_and_gets_its_names() {
    let graph = graph(FUNCTION, &[]);
    let function = &graph.resources[&"function.process".parse().unwrap()];
    let needs: Vec<String> = function.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["function.process/log-group", "function.process/role", "table.sessions", "topic.alerts"]);
    let environment = serde_json::json!({ "SESSIONS": "sessions-of-test", "STREAM": "acme-test-clicks" });
    assert_eq!(function.attributes["environment"], environment);
    let mapping = attributes(&graph, "function.process/source");
    assert_eq!(mapping["role_arn"], function.attributes["role_arn"]);
    assert_eq!(mapping["failure_arn"], "arn:aws:sns:eu-west-1:123456789012:acme-test-alerts");
}

#[test]
fn a_reader_may_use_indexes_and_the_keys_of_customers_through_their_services() {
    let set = [
        "function.process.uses=['table.sessions:read']",
        "table.sessions.kms_key=alias/tables",
        "stream.clicks.kms_key=alias/streams",
        "topic.alerts.kms_key=alias/topics",
        "table.sessions.global_indexes={ by-user = { partition_key = { name = 'user' } } }",
    ];
    let graph = graph(FUNCTION, &set);
    let role = &attributes(&graph, "function.process/role")["policies"]["function"]["Statement"];
    let text = lines(role);
    assert!(text.contains("table/sessions-of-test/index/*") && !text.contains("dynamodb:PutItem"), "{text}");
    for service in ["kinesis", "sns", "dynamodb"] {
        assert!(
            text.contains(&format!("\"kms:ViaService\":[\"{service}.eu-west-1.amazonaws.com\"]")),
            "{service}: {text}"
        );
    }
}

#[test]
fn widgets_of_a_dashboard_lie_side_by_side_and_name_their_region() {
    let more = "[dashboard.all]\n[alarm.age]\nwatches = \"stream.clicks\"\nnotifies = [\"topic.alerts\"]\n";
    let graph = graph(more, &[]);
    let widgets = attributes(&graph, "dashboard.all")["body"]["widgets"].as_array().unwrap().clone();
    let mut cells = std::collections::BTreeSet::new();
    for widget in &widgets {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|side| widget[side].as_u64().unwrap());
        assert!(x + width <= 24, "{widget}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(cells.insert(cell), "{widget} lies on another");
        }
        let regional = ["metric", "log"].contains(&widget["type"].as_str().unwrap());
        assert_eq!(widget["properties"]["region"].is_string(), regional, "{widget}");
    }
    let kinds: Vec<&str> = widgets.iter().map(|widget| widget["type"].as_str().unwrap()).collect();
    assert!(["alarm", "metric", "log", "text"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn a_dashboard_shows_what_it_is_told_to() {
    let graph = graph("[dashboard.topics]\nshows = [\"topic.alerts\"]\n", &[]);
    let body = attributes(&graph, "dashboard.topics")["body"].to_string();
    assert!(
        body.contains("acme-test-alerts") && !body.contains("AWS/Kinesis") && !body.contains("AWS/Firehose"),
        "{body}"
    );
}

fn statements(more: &str, set: &[&str]) -> String {
    let spec = spec(more, set);
    blueprint::sql(&spec, &scope(), "events", &spec.blocks.snowpipe.own()["events"])
}

#[test]
fn the_statements_for_a_user_name_the_parameter_of_its_key_and_not_the_key() {
    insta::assert_snapshot!(statements(USER, &[]), @r#"
    -- Snowflake's side of snowpipe.events in test of acme.
    -- The table "ANALYTICS"."RAW"."CLICKS" must exist; columns are matched by name.

    -- The access key is in the SSM parameter /acme/test/events/access-key; show it with
    --   aws ssm get-parameter --region eu-west-1 --with-decryption --name /acme/test/events/access-key
    CREATE FILE FORMAT IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_FORMAT"
      TYPE = JSON
      COMPRESSION = AUTO
      STRIP_OUTER_ARRAY = TRUE;

    CREATE STAGE IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_STAGE"
      URL = 's3://acme-test-events/events/'
      CREDENTIALS = (AWS_KEY_ID = '<access_key_id>' AWS_SECRET_KEY = '<secret_access_key>')
      FILE_FORMAT = (FORMAT_NAME = '"ANALYTICS"."RAW"."CLICKS_FORMAT"');

    CREATE PIPE IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_PIPE"
      AUTO_INGEST = TRUE
      AS
      COPY INTO "ANALYTICS"."RAW"."CLICKS"
      FROM @"ANALYTICS"."RAW"."CLICKS_STAGE"
      FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)
      MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

    -- Put notification_channel of this into the spec as queue_arn, and apply it.
    SHOW PIPES LIKE 'CLICKS\\_PIPE' IN SCHEMA "ANALYTICS"."RAW";
    "#);
}

#[test]
fn the_statements_for_a_role_make_the_storage_integration_first() {
    insta::assert_snapshot!(statements(USER, &["snowpipe.events.access=role"]), @r#"
    -- Snowflake's side of snowpipe.events in test of acme.
    -- The table "ANALYTICS"."RAW"."CLICKS" must exist; columns are matched by name.

    CREATE STORAGE INTEGRATION IF NOT EXISTS "ACME_TEST_EVENTS"
      TYPE = EXTERNAL_STAGE
      STORAGE_PROVIDER = 'S3'
      ENABLED = TRUE
      STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/acme-test-events'
      STORAGE_ALLOWED_LOCATIONS = ('s3://acme-test-events/events/');

    -- Put STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID of this into the spec as snowflake_user_arn and
    -- external_id, and apply it, before you go on: the stage needs the role.
    DESC STORAGE INTEGRATION "ACME_TEST_EVENTS";

    CREATE FILE FORMAT IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_FORMAT"
      TYPE = JSON
      COMPRESSION = AUTO
      STRIP_OUTER_ARRAY = TRUE;

    CREATE STAGE IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_STAGE"
      URL = 's3://acme-test-events/events/'
      STORAGE_INTEGRATION = "ACME_TEST_EVENTS"
      FILE_FORMAT = (FORMAT_NAME = '"ANALYTICS"."RAW"."CLICKS_FORMAT"');

    CREATE PIPE IF NOT EXISTS "ANALYTICS"."RAW"."CLICKS_PIPE"
      AUTO_INGEST = TRUE
      AS
      COPY INTO "ANALYTICS"."RAW"."CLICKS"
      FROM @"ANALYTICS"."RAW"."CLICKS_STAGE"
      FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)
      MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

    -- Put notification_channel of this into the spec as queue_arn, and apply it.
    SHOW PIPES LIKE 'CLICKS\\_PIPE' IN SCHEMA "ANALYTICS"."RAW";
    "#);
}

#[test]
fn texts_of_a_spec_cannot_break_out_of_the_statements() {
    let odd = r#"
[snowpipe.events]
bucket = "bucket.events"
prefix = "it's \\"
table = '"a;b"."c""d".e'
"#;
    let text = statements(odd, &[]);
    assert!(text.contains(r"URL = 's3://acme-test-events/it''s \\'"), "{text}");
    assert!(text.contains(r#"COPY INTO "a;b"."c""d"."E""#), "{text}");
}
