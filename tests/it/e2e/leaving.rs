//! Leaving for another tool: what was applied is exported with the ids that AWS made up, and Terraform takes it over
//! without a change.

use std::collections::BTreeSet;

use serde_json::Value;

use super::externals::{delivery, head};
use super::terraform::Terraform;
use crate::prices;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn the_export_holds_the_ids_that_aws_made_up() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.run(&["export", "terraform", "--out", "tf"]).success();
    let imports = deployment.cli.read("tf/imports.tf");
    let records = deployment.records();
    let output = |address: &str, name: &str| {
        let outputs = &records[&address.parse().unwrap()].outputs;
        outputs[name].as_str().unwrap_or_else(|| panic!("{address} {outputs}")).to_owned()
    };
    assert!(imports.contains(&format!("\"{}\"", output("snowpipe.events/key", "access_key_id"))), "{imports}");
    assert!(imports.contains(&format!("\"{}\"", output("firehose.clicks", "arn"))), "{imports}");

    let changed = deployment.run(&["export", "cloudformation", "--set", "stream.clicks.shards=2", "--json"]).success();
    assert_eq!(changed.json()["pending_changes"], 1);
    assert!(changed.stderr.contains("1 change of an apply is pending"), "{changed}");
}

#[tokio::test]
async fn what_was_never_applied_cannot_be_exported() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    insta::assert_snapshot!(deployment.run(&["export", "terraform"]), @r#"
    --- stderr
    error: there is nothing to export: nothing of dev was applied yet
    what now: apply it first; `--offline` shows what an export will look like
    --- exit code 1
    "#);
}

#[tokio::test]
async fn terraform_imports_dev_and_changes_nothing() {
    imports_without_a_change(emulator::moto(), "dev").await;
}

#[tokio::test]
async fn terraform_imports_staging_and_changes_nothing() {
    imports_without_a_change(emulator::moto(), "staging").await;
}

#[tokio::test]
async fn terraform_imports_prod_and_changes_nothing() {
    imports_without_a_change(emulator::moto(), "prod").await;
}

/// What MiniStack does not tell of what it was told: Terraform would write it again.
const UNTOLD: [(&str, &str); 8] = [
    ("aws_api_gateway_stage", "access_log_settings"),
    ("aws_glue_job", "execution_class"),
    ("aws_glue_job", "execution_property"),
    ("aws_glue_trigger", "predicate"),
    ("aws_kinesis_firehose_delivery_stream", "extended_s3_configuration.0.custom_time_zone"),
    ("aws_lambda_function", "last_modified"),
    ("aws_lambda_function", "logging_config.0.log_format"),
    ("aws_lambda_function", "source_code_hash"),
];

/// Alarms aside, which it tells as a whole in another way than by CBOR.
#[tokio::test]
async fn terraform_imports_all_of_prices_in_the_sandbox_and_changes_what_that_does_not_tell() {
    let Some(mut terraform) = Terraform::here() else { return };
    let prices = prices::example(emulator::stand_in().account()).apply();
    let mut changed = BTreeSet::new();
    for change in imports(&mut terraform, &prices) {
        let kind = change["type"].as_str().unwrap().to_owned();
        let mut paths = Vec::new();
        differing(&change["change"]["before"], &change["change"]["after"], "", &mut paths);
        changed.extend(paths.into_iter().map(|path| (kind.clone(), path)));
    }
    changed.retain(|(kind, _)| kind != "aws_cloudwatch_metric_alarm");
    assert_eq!(changed, UNTOLD.map(|(kind, path)| (kind.to_owned(), path.to_owned())).into());
}

/// The paths at which two values differ.
fn differing(one: &Value, other: &Value, path: &str, found: &mut Vec<String>) {
    let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                differing(&of(one), &of(other), &under(key), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                differing(one, other, &under(&at.to_string()), found);
            }
        }
        _ if one == other => {}
        _ => found.push(path.to_owned()),
    }
}

#[tokio::test]
async fn terraform_looks_up_what_others_own_and_imports_the_rest() {
    let Some(mut terraform) = Terraform::here() else { return };
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    let bucket = format!("{{ name = \"{}\" }}", deployment.their_things().await);
    let spec = head(&deployment) + &delivery("{ name = \"orders\" }", &bucket, "{ name = \"oncall\" }");
    deployment.cli.write("envs/dev.toml", &spec);
    deployment.run(&["apply", "--auto-approve"]).success();
    takes_over_without_a_change(&mut terraform, &deployment);
    let data = deployment.cli.read("tf/data.tf");
    assert_eq!(data.matches("\ndata \"").count(), 3, "{data}");
    let main = deployment.cli.read("tf/main.tf");
    assert!(main.contains("= data.aws_kinesis_stream.stream_orders.arn"), "{main}");
}

/// Plans the imports with Terraform, where there is one.
async fn imports_without_a_change(emulator: &'static Emulator, env: &'static str) {
    let Some(mut terraform) = Terraform::here() else { return };
    let deployment = Deployment::applied(emulator, env).await;
    encrypt_as_aws_does(&deployment).await;
    takes_over_without_a_change(&mut terraform, &deployment);
}

/// Exports what was applied, and plans its import: nothing may change.
pub(super) fn takes_over_without_a_change(terraform: &mut Terraform, deployment: &Deployment) {
    for change in imports(terraform, deployment) {
        let (before, after) = (filled(&change["change"]["before"]), &change["change"]["after"]);
        assert_eq!(before, *after, "{} changes", change["address"]);
    }
}

/// What Terraform would do with each resource of an export: each is imported.
fn imports(terraform: &mut Terraform, deployment: &Deployment) -> Vec<Value> {
    let export = deployment.run(&["export", "terraform", "--out", "tf", "--json"]).success().json();
    // Buckets of emulators are in the path of a request, and none of them knows a machine's role.
    deployment.cli.write(
        "tf/provider_override.tf",
        "provider \"aws\" {\n  s3_use_path_style       = true\n  skip_metadata_api_check = true\n}\n",
    );
    terraform.begin(&deployment.cli, "tf", &deployment.account.through(&deployment.proxy));
    terraform.run(&["fmt", "-check", "-diff"]);
    terraform.run(&["plan", "-input=false", "-no-color", "-out=plan.bin"]);
    let plan: Value = serde_json::from_str(&terraform.run(&["show", "-json", "plan.bin"])).unwrap();
    let changes = plan["resource_changes"].as_array().unwrap();
    assert_eq!(changes.len() as u64, export["imports"].as_u64().unwrap());
    for change in changes {
        assert!(change["change"]["importing"].is_object(), "{} is not imported", change["address"]);
    }
    changes.clone()
}

/// What was read, with what AWS returns of a delivery stream and moto does not: that it keeps no backup.
fn filled(read: &Value) -> Value {
    let mut read = read.clone();
    if let Some(mode) = read.pointer_mut("/extended_s3_configuration/0/s3_backup_mode") {
        assert!(mode.as_str().unwrap_or_default().is_empty(), "moto returns it by now");
        *mode = "Disabled".into();
    }
    read
}

/// Buckets encrypt with AES256 from birth, but for moto's: it returns no encryption until one is put.
async fn encrypt_as_aws_does(deployment: &Deployment) {
    use aws_sdk_s3::types::{
        ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
        ServerSideEncryptionRule,
    };
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256).build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default);
    let rule = rule.bucket_key_enabled(false).build();
    let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let client = deployment.aws().client(aws_sdk_s3::Client::new).await;
    for bucket in deployment.records().into_values().filter(|record| record.kind == "s3_bucket") {
        let put = client.put_bucket_encryption().bucket(bucket.key);
        put.server_side_encryption_configuration(configuration.clone()).send().await.unwrap();
    }
}
