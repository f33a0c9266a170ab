//! What the role of a function may do by `uses`, `allow` and `policies`.

use serde_json::json;

use super::{about, attributes, graph};

const FUNCTIONS: &str = r#"
[key.data]
external = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"
[role.partner]
external = "arn:aws:iam::123456789012:role/partner"
[table.sessions]
partition_key = { name = "id" }
[bucket.code]
[workflow.nightly]
[job.clean]
script = "jobs/clean.py"
code_bucket = "bucket.code"
workflow = "workflow.nightly"
[function.call]
code = "functions/call"
runtime = "python3.13"
handler = "app.handler"
uses = [
  "function.back:invoke", "key.data:encrypt", "key.data:decrypt", "role.partner:assume", "table.sessions:query",
  "workflow.nightly:start",
]
policies = ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]
[[function.call.allow]]
sid = "Index"
actions = ["dynamodb:Query"]
resources = ["${table.sessions.arn}/index/*"]
conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["a", "b"] }, Bool = { "aws:SecureTransport" = "true" } }
[[function.call.allow]]
actions = ["ses:SendEmail"]
resources = ["*"]
[function.back]
code = "functions/back"
runtime = "python3.13"
handler = "app.handler"
uses = ["function.call:invoke"]
"#;

#[test]
fn each_use_allows_its_actions_on_its_block_and_no_more() {
    let graph = graph(FUNCTIONS, &[]);
    let policy = &attributes(&graph, "function.call/role")["policies"]["function"]["Statement"];
    for service in ["lambda:", "kms:", "sts:", "dynamodb:", "glue:"] {
        let text = about(policy, service);
        let (actions, resource) = match service {
            "lambda:" => {
                ("[\"lambda:InvokeFunction\"]", "arn:aws:lambda:eu-west-1:123456789012:function:acme-test-back")
            }
            "kms:" => {
                ("[\"kms:Decrypt\"]", "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000")
            }
            "sts:" => ("[\"sts:AssumeRole\"]", "arn:aws:iam::123456789012:role/partner"),
            "dynamodb:" => (
                "[\"dynamodb:DescribeTable\",\"dynamodb:Query\"]",
                "arn:aws:dynamodb:eu-west-1:123456789012:table/acme-test-sessions",
            ),
            _ => {
                let workflow = "arn:aws:glue:eu-west-1:123456789012:workflow/acme-test-nightly";
                ("[\"glue:GetWorkflowRun\",\"glue:StartWorkflowRun\"]", workflow)
            }
        };
        let expected = format!("{{\"Action\":{actions},\"Effect\":\"Allow\",\"Resource\":[\"{resource}\"]}}");
        assert!(text.contains(&expected), "{expected}\n{text}");
    }
    assert!(about(policy, "kms:").contains("[\"kms:Encrypt\",\"kms:GenerateDataKey\"]"));
}

#[test]
fn an_image_and_an_object_are_code_as_well_and_settings_come_to_lambda_s_words() {
    let digest = "a".repeat(64);
    let graph = graph(
        &format!(
            "[bucket.code]\n[function.image]\nimage = \"123456789012.dkr.ecr.eu-west-1.amazonaws.com/clean@sha256:{digest}\"\n\
             image_config = {{ command = [\"app.handler\"] }}\nephemeral_storage_mb = 1024\nlog_format = \"json\"\n\
             log_level = \"warn\"\nkms_key = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\n[function.object]\n\
             code = {{ bucket = \"bucket.code\", key = \"a.zip\", version = \"v\", sha256 = \"{}=\" }}\n\
             runtime = \"python3.13\"\nhandler = \"app.handler\"\n",
            "a".repeat(43)
        ),
        &[],
    );
    let image = &attributes(&graph, "function.image");
    assert_eq!(
        (&image["package_type"], &image["runtime"], &image["code"]["path"]),
        (&json!("Image"), &json!(null), &json!(""))
    );
    assert_eq!(image["image_config"]["command"], json!(["app.handler"]));
    assert_eq!(image["log_levels"], json!({ "application": "WARN", "system": "INFO" }));
    assert_eq!(image["kms_key"], "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    let object = &attributes(&graph, "function.object");
    assert_eq!(object["code"]["object"], json!({ "bucket": "acme-test-code", "key": "a.zip", "version": "v" }));
    assert_eq!((&object["package_type"], &object["ephemeral_storage_mb"]), (&json!(null), &json!(null)));
}

#[test]
fn functions_that_call_each_other_wait_for_neither() {
    let graph = graph(FUNCTIONS, &[]);
    let needs = |name: &str| {
        let resource = graph.resources.values().find(|one| one.address.to_string() == name).unwrap();
        resource
            .depends_on
            .iter()
            .map(ToString::to_string)
            .filter(|one| one == "function.call" || one == "function.back")
            .count()
    };
    assert_eq!((needs("function.call"), needs("function.back")), (0, 0));
}

#[test]
fn statements_of_one_s_own_are_a_policy_by_themselves_and_managed_ones_are_attached() {
    let graph = graph(FUNCTIONS, &[]);
    let role = &attributes(&graph, "function.call/role");
    assert_eq!(role["managed_policies"], json!(["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]));
    assert!(attributes(&graph, "function.back/role")["policies"]["own"].is_null());
    let statement = |sid: bool| {
        let own = role["policies"]["own"]["Statement"].as_array().unwrap().iter();
        own.clone().find(|one| one["Sid"].is_string() == sid).cloned().unwrap()
    };
    // No account is known where this spec is loaded.
    let index = "arn:aws:dynamodb:eu-west-1:000000000000:table/acme-test-sessions/index/*";
    assert_eq!(
        statement(true),
        json!({
            "Sid": "Index", "Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": [index],
            "Condition": {
                "Bool": { "aws:SecureTransport": ["true"] },
                "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a", "b"] },
            },
        })
    );
    assert_eq!(statement(false), json!({ "Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": ["*"] }));
}

#[test]
fn whom_lambda_tells_of_asynchronous_calls_the_role_may_tell() {
    let graph = graph(
        "[queue.failed]\n[bucket.given-up]\n[function.take]\ncode = \"functions/take\"\nruntime = \"python3.13\"\n\
         handler = \"app.handler\"\nasynchronous = { retries = 0, failures_to = \"bucket.given-up\", successes_to = \"queue.failed\" }\n\
         [function.bus]\ncode = \"functions/bus\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n\
         asynchronous = { failures_to = { bus = \"arn:aws:events:eu-west-1:123456789012:event-bus/default\" } }\n",
        &[],
    );
    let config = &attributes(&graph, "function.take/asynchronous");
    assert_eq!((&config["retries"], &config["max_age_seconds"]), (&json!(0), &json!(21_600)));
    assert_eq!(config["failure_arn"], "arn:aws:s3:::acme-test-given-up");
    assert_eq!(config["success_arn"], "arn:aws:sqs:eu-west-1:123456789012:acme-test-failed");
    let policy = &attributes(&graph, "function.take/role")["policies"]["function"]["Statement"];
    assert!(about(policy, "sqs:").contains("sqs:SendMessage"));
    assert!(
        about(policy, "s3:PutObject").contains("arn:aws:s3:::acme-test-given-up/aws/lambda/async/acme-test-take/*")
    );
    let policy = &attributes(&graph, "function.bus/role")["policies"]["function"]["Statement"];
    assert!(about(policy, "events:PutEvents").contains("event-bus/default"));
}
