//! What a workgroup of Athena becomes, and what those may do who query in it.

use insta::assert_snapshot;
use serde_json::json;

use super::{about, attributes, graph};

const LAKE: &str = r#"
[catalog.lake]
[athena.lake]
results = "bucket.events"
scan_limit_mib = 10
kms_key = "alias/lake"
[athena.lake.queries.clicks-by-page]
catalog = "catalog.lake"
sql = "SELECT page, count(*) FROM clicks GROUP BY page"
description = "How often each page was seen"
[athena.lake.statements.by_day]
sql = "SELECT page FROM clicks WHERE day = ?"
description = "Of a day"
[athena.other]
results = "bucket.events"
results_prefix = "others/"
[function.report]
code = "functions/report"
runtime = "python3.13"
handler = "app.handler"
tracing = false
environment = { WORKGROUP = "${athena.lake.name}" }
uses = ["athena.lake:query"]
[function.other]
code = "functions/report"
runtime = "python3.13"
handler = "app.handler"
tracing = false
uses = ["athena.other:query"]
"#;

#[test]
fn it_says_where_results_go_and_whose_the_bucket_has_to_be() {
    let graph = graph(LAKE, &[]);
    let workgroup = attributes(&graph, "athena.lake");
    let location = "s3://acme-test-events/athena/lake/";
    assert_eq!(workgroup["result_location"], location);
    assert_eq!(
        (&workgroup["expected_bucket_owner"], &workgroup["bytes_limit"]),
        (&json!("123456789012"), &json!(10_485_760))
    );
    assert_eq!((&workgroup["encryption"], &workgroup["kms_key"]), (&json!("SSE_KMS"), &json!("alias/lake")));
    assert_eq!(
        (&workgroup["enforce"], &workgroup["metrics"], &workgroup["engine"]),
        (&json!(true), &json!(true), &json!("AUTO"))
    );
    let other = attributes(&graph, "athena.other");
    assert_eq!(
        (&other["result_location"], &other["encryption"]),
        (&json!("s3://acme-test-events/others/"), &json!(null))
    );
    let query = attributes(&graph, "athena.lake/query-clicks-by-page");
    assert_eq!((&query["workgroup"], &query["database"]), (&json!("acme-test-lake"), &json!("acme_test_lake")));
    let statement = attributes(&graph, "athena.lake/statement-by_day");
    assert_eq!(
        (&statement["workgroup"], &statement["name"], &statement["query"], &statement["description"]),
        (
            &json!("acme-test-lake"),
            &json!("by_day"),
            &json!("SELECT page FROM clicks WHERE day = ?"),
            &json!("Of a day")
        )
    );
    assert_eq!(graph.outputs["athena.lake.results"], location);
    assert_eq!(
        graph.outputs["athena.lake.url"],
        "https://eu-west-1.console.aws.amazon.com/athena/home?region=eu-west-1#/workgroups/details/acme-test-lake"
    );
}

#[test]
fn who_queries_may_do_so_in_that_workgroup_and_with_its_results_alone() {
    let graph = graph(LAKE, &[]);
    assert_eq!(attributes(&graph, "function.report")["environment"]["WORKGROUP"], "acme-test-lake");
    let policy = &attributes(&graph, "function.report/role")["policies"]["function"]["Statement"];
    assert_snapshot!(about(policy, "athena:"), @r#"{"Action":["athena:GetPreparedStatement","athena:GetQueryExecution","athena:GetQueryResults","athena:StartQueryExecution","athena:StopQueryExecution"],"Effect":"Allow","Resource":["arn:aws:athena:eu-west-1:123456789012:workgroup/acme-test-lake"]}"#);
    assert_snapshot!(about(policy, "acme-test-events"), @r#"
    {"Action":["kms:Decrypt","kms:GenerateDataKey"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/lake"]},"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::acme-test-events","arn:aws:s3:::acme-test-events/*"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/*"]}
    {"Action":["s3:AbortMultipartUpload","s3:GetObject","s3:ListMultipartUploadParts","s3:PutObject"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events/athena/lake/*"]}
    {"Action":["s3:GetBucketLocation"],"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events"]}
    {"Action":["s3:ListBucket"],"Condition":{"StringLike":{"s3:prefix":["athena/lake/*"]}},"Effect":"Allow","Resource":["arn:aws:s3:::acme-test-events"]}
    "#);
    // Where nothing is prepared there is nothing to execute.
    let policy = &attributes(&graph, "function.other/role")["policies"]["function"]["Statement"];
    assert!(!about(policy, "athena:").contains("GetPreparedStatement"));
}
