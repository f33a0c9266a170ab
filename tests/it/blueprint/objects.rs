//! Functions that a bucket tells of new objects, and buckets that log to another.

use super::{attributes, graph, lines};

const ALERT: &str = r#"
[function.alert]
code = "functions/alert"
runtime = "python3.13"
handler = "app.handler"
source = { from = "bucket.landing", prefix = "ticks/", suffix = ".json" }
[bucket.landing]
kms_key = "alias/landing"
"#;

#[test]
fn a_function_may_read_the_objects_that_it_is_told_of_and_nothing_else() {
    let graph = graph(ALERT, &[]);
    let role = &attributes(&graph, "function.alert/role")["policies"]["function"]["Statement"];
    insta::assert_snapshot!(lines(role), @r#"
    {"Action":["kms:Decrypt"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/landing"]},"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::acme-test-landing","arn:aws:s3:::acme-test-landing/*"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/*"]}
    {"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/acme-test-alert:*"]}
    {"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-landing/ticks/*"]}
    {"Action":["xray:PutTelemetryRecords","xray:PutTraceSegments"],"Effect":"Allow","Resource":["*"]}
    "#);
    let plain = super::graph(&ALERT.replace("kms_key", "# kms_key"), &[]);
    let role = &attributes(&plain, "function.alert/role")["policies"]["function"]["Statement"];
    assert!(!role.to_string().contains("kms:"), "{role}");
}

#[test]
fn s3_alone_calls_the_function_for_this_bucket_of_this_account() {
    let graph = graph(ALERT, &[]);
    insta::assert_snapshot!(attributes(&graph, "function.alert/permission").to_string(), @r#"{"api":null,"function":"acme-test-alert","principal":"s3.amazonaws.com","source_account":"123456789012","source_arn":"arn:aws:s3:::acme-test-landing","statement_id":"bucket-alert"}"#);
    insta::assert_snapshot!(attributes(&graph, "function.alert/notification").to_string(), @r#"{"bucket":"acme-test-landing","events":["s3:ObjectCreated:*"],"function_arn":"arn:aws:lambda:eu-west-1:123456789012:function:acme-test-alert","id":"pipectl-test-function-alert","prefix":"ticks/","queue_arn":null,"suffix":".json"}"#);
    let needs = |address: &str| {
        let needs = &graph.resources[&address.parse().unwrap()].depends_on;
        needs.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(needs("function.alert/permission"), ["function.alert"]);
    assert_eq!(needs("function.alert/notification"), ["bucket.landing", "function.alert", "function.alert/permission"]);
    assert!(!graph.resources.contains_key(&"function.alert/source".parse().unwrap()));
}

#[test]
fn the_bucket_of_a_log_is_there_first_and_lets_s3_write_what_the_other_logs() {
    let logs = "[bucket.landing]\naccess_log = { bucket = 'bucket.logs', prefix = 'landing/' }\n[bucket.logs]\n";
    let graph = graph(logs, &[]);
    let landing = &graph.resources[&"bucket.landing".parse().unwrap()];
    assert_eq!(
        landing.attributes["access_log"],
        serde_json::json!({ "bucket": "acme-test-logs", "prefix": "landing/" })
    );
    assert_eq!(landing.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>(), ["bucket.logs"]);
    let policy = &attributes(&graph, "bucket.logs")["policy"]["Statement"];
    insta::assert_snapshot!(super::about(policy, "logging.s3"), @r#"{"Action":["s3:PutObject"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:s3:::acme-test-landing"]},"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":{"Service":["logging.s3.amazonaws.com"]},"Resource":["arn:aws:s3:::acme-test-logs/landing/*"]}"#);
    assert_eq!(policy.as_array().map(Vec::len), Some(2), "and who comes without TLS is refused");
    let external =
        "[bucket.landing]\naccess_log = { bucket = 'bucket.logs' }\n[bucket.logs]\nexternal = 'arn:aws:s3:::logs'\n";
    let graph = super::graph(external, &[]);
    let note = graph.notes.iter().find(|note| note.message.contains("its owner has to let S3 write the log")).unwrap();
    assert!(note.help.contains("\"aws:SourceArn\":\"arn:aws:s3:::acme-test-landing\""), "{}", note.help);
}
