//! Coming from another tool: what exists becomes a spec whose plan holds adoptions alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pipectl::aws::kinds;
use pipectl::model::kind::{Owner, StepContext};
use serde_json::{Value, json};

use super::terraform::Terraform;
use crate::support::cli::Cli;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account, Emulator};
use crate::support::folder::copy;
use crate::support::proxy::Proxy;
use crate::support::sqs;

/// What stands for a secret in the recorded state.
const SECRET: &str = "SECRET-OF-THE-STATE";

/// An account with something in it that pipectl did not make, and a project that begins.
struct Newcomer {
    cli: Cli,
    account: Account,
    proxy: Proxy,
}

impl Newcomer {
    async fn new(emulator: &'static Emulator) -> Self {
        let account = emulator.account();
        let (behind_proxy, proxy) = account.behind_proxy();
        let cli = Cli::new().against(&behind_proxy);
        let cli = cli.env("S3_BUCKET_SSM", "/acme/state-bucket").env("S3_FOLDER_SSM", "/acme/state-folder");
        let snowflake = emulator.account_of("012345678901").in_region(account.region);
        sqs::create_queue(&snowflake, "sf-snowpipe-AIDACKCEVSQ6C2EXAMPLE-abcDEF").await;
        Self { cli, account, proxy }
    }

    /// A recorded text for this account. The names of buckets are the emulator's: they get the account's number.
    fn moved(&self, text: &str) -> String {
        let bucket = self.account.unique("acme-clickstream-dev");
        text.replace("acme-clickstream-dev", &bucket).replace("123456789012", &self.account.id)
    }

    /// Makes what the recorded state names, in the order of the file.
    async fn make_recorded(&self) {
        let registry = kinds::registry(&self.account.aws());
        let owner = Owner { project: "other".into(), env: "other".into(), address: "stream.other".parse().unwrap() };
        let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
        let resources: toml::Table = self.moved(&file("import/resources.toml")).parse().unwrap();
        let resources = serde_json::to_value(&resources["resource"]).unwrap();
        for mut resource in resources.as_array().unwrap().iter().cloned() {
            let kind = resource.as_object_mut().unwrap().remove("kind").unwrap();
            let kind = registry.get(kind.as_str().unwrap()).unwrap();
            let want = kind.with_files(&resource).unwrap();
            kind.create(&want, &step).await.unwrap();
            let live = kind.read(&kind.key(&want).unwrap(), Some(&want)).await.unwrap().unwrap();
            kind.update(&live.attributes, &want, &step).await.unwrap();
        }
    }

    /// Lets the bucket have public ACLs again.
    async fn open_bucket(&self) {
        use aws_sdk_s3::types::PublicAccessBlockConfiguration;
        let client = self.account.aws().client(aws_sdk_s3::Client::new).await;
        let bucket = self.moved("acme-clickstream-dev-p000");
        let block = PublicAccessBlockConfiguration::builder().block_public_acls(false).ignore_public_acls(true);
        let block = block.block_public_policy(true).restrict_public_buckets(true).build();
        let put = client.put_public_access_block().bucket(bucket).public_access_block_configuration(block);
        put.send().await.unwrap();
    }

    /// Streams have the tags that they are made with, but for moto's: it drops those of CreateStream.
    async fn tag_stream_as_aws_does(&self) {
        let client = self.account.aws().client(aws_sdk_kinesis::Client::new).await;
        let add = client.add_tags_to_stream().stream_name("clickstream-dev-p000");
        add.tags("Project", "clickstream").tags("Environment", "dev").send().await.unwrap();
    }

    /// Imports a state that is in the folder.
    fn import(&self, state: &str) -> crate::support::cli::Output {
        let region = self.account.region;
        self.cli.run(&[
            "import",
            "--env",
            "dev",
            "--project",
            "acme-clickstream",
            "--region",
            region,
            "--from-tfstate",
            state,
        ])
    }

    /// Plans the imported spec: everything is adopted, and nothing changes but ownership tags.
    fn plan_adopts_only(&self, blocks: usize) {
        self.cli.run(&["bootstrap", "--env", "dev"]).success();
        let plan = self.cli.run(&["plan", "--env", "dev", "--adopt", "all", "--json"]).success().json();
        adopts_only(&plan);
        let addresses: BTreeSet<&str> = changes(&plan).map(block_of).collect();
        assert_eq!(addresses.len(), blocks, "{addresses:?}");
    }
}

pub(super) fn changes(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["changes"].as_array().unwrap().iter()
}

fn block_of(change: &Value) -> &str {
    change["address"].as_str().unwrap().split('/').next().unwrap()
}

pub(super) fn adopts_only(plan: &Value) {
    for change in changes(plan) {
        assert_eq!(change["action"], "adopt", "{}: {}", change["address"], change["reason"]);
        for field in change["fields"].as_array().into_iter().flatten() {
            let path = field["path"].as_str().unwrap();
            assert!(path.starts_with("tags.pipectl:"), "{}: {field}", change["address"]);
        }
    }
}

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap()
}

#[tokio::test]
async fn a_state_of_terraform_s_becomes_a_spec_on_ministack() {
    let newcomer = a_state_becomes_a_spec(emulator::ministack()).await;
    insta::assert_snapshot!("imported_spec", newcomer.cli.shown("envs/dev.toml"));
}

#[tokio::test]
async fn a_state_of_terraform_s_becomes_a_spec_on_moto() {
    let newcomer = a_state_becomes_a_spec(emulator::moto()).await;
    insta::assert_snapshot!("imported_spec", newcomer.cli.shown("envs/dev.toml"));
}

async fn a_state_becomes_a_spec(emulator: &'static Emulator) -> Newcomer {
    let newcomer = Newcomer::new(emulator).await;
    newcomer.make_recorded().await;
    newcomer.cli.write("terraform.tfstate", &newcomer.moved(&file("import/terraform.tfstate")));
    let imported = newcomer.import("terraform.tfstate").success();
    // What cannot be looked at is what the one emulator or the other has no call for.
    insta::with_settings!({ filters => vec![(r"not looked at:\n(?:  .*\n)+\n", "")] }, {
        insta::assert_snapshot!("imported", imported);
    });
    newcomer.plan_adopts_only(7);
    let refused = newcomer.cli.run(&["plan", "--env", "dev", "--json"]).success().json();
    let marked = |change: &&Value| change["action"] != "conflict";
    let parts: Vec<&str> = changes(&refused).filter(marked).map(|change| change["address"].as_str().unwrap()).collect();
    assert_eq!(parts, [""; 0], "taken over without being asked to");
    newcomer.cli.run(&["apply", "--env", "dev", "--adopt", "all", "--auto-approve"]).success();
    newcomer.cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();

    let again = newcomer.import("terraform.tfstate").fails(1);
    assert!(again.stderr.contains("envs/dev.toml exists, and is not overwritten"), "{again}");
    for (what, text) in [("spec", newcomer.cli.read("envs/dev.toml")), ("output", imported.stdout + &imported.stderr)] {
        assert!(!text.contains(SECRET), "the {what} has a secret of the state");
    }
    newcomer
}

#[tokio::test]
async fn what_pipectl_would_change_is_left_out_with_all_that_stands_on_it() {
    let newcomer = Newcomer::new(emulator::ministack()).await;
    newcomer.make_recorded().await;
    newcomer.open_bucket().await;
    newcomer.cli.write("terraform.tfstate", &newcomer.moved(&file("import/terraform.tfstate")));
    let imported = newcomer.import("terraform.tfstate").success();
    for said in [
        "aws_s3_bucket.this: pipectl would change `public_access_block.block_public_acls` from false to true",
        "aws_s3_bucket_notification.snowpipe: it needs `bucket.p000`, which is not taken over",
        "aws_kinesis_firehose_delivery_stream.this: it needs `bucket.p000`, which is not taken over",
        "aws_cloudwatch_metric_alarm.delivery: it needs `firehose.clickstream-firehose-p000`, which is not taken over",
    ] {
        assert!(imported.stdout.contains(said), "`{said}` is not said:\n{imported}");
    }
    newcomer.plan_adopts_only(3);
}

#[tokio::test]
async fn where_nothing_is_found_nothing_is_written() {
    let newcomer = Newcomer::new(emulator::ministack()).await;
    newcomer.cli.write("gone.tfstate", &newcomer.moved(&file("import/terraform.tfstate")));
    let gone = newcomer.import("gone.tfstate").fails(1);
    assert!(gone.stdout.contains("aws_kinesis_stream.this: it does not exist (any more)"), "{gone}");
    assert!(gone.stderr.contains("nothing was found that can be taken over, and nothing was written"), "{gone}");
    newcomer.cli.write("old.tfstate", r#"{ "version": 3, "lineage": "x", "modules": [] }"#);
    insta::assert_snapshot!(newcomer.import("old.tfstate"), @r"
    --- stderr
    error: `old.tfstate` is no state: it is a state of version 3, and pipectl reads version 4
    what now: let the Terraform of that project write it anew, or give what `terraform show -json` prints
    --- exit code 1
    ");
    insta::assert_snapshot!(newcomer.import("missing.tfstate"), @r"
    --- stderr
    error: `missing.tfstate` cannot be read: No such file or directory (os error 2)
    --- exit code 1
    ");
    assert!(!newcomer.cli.path("envs").exists());
}

#[tokio::test]
async fn what_terraform_applied_is_taken_over_and_terraform_sees_tags_alone() {
    let Some(mut terraform) = Terraform::here() else { return };
    let newcomer = Newcomer::new(emulator::moto()).await;
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/terraform"), &newcomer.cli.path("tf"));
    let tfvars = newcomer.moved(&newcomer.cli.read("tf/dev.tfvars"));
    newcomer.cli.write("tf/dev.auto.tfvars", &format!("{tfvars}emulator = true\n"));
    terraform.begin(&newcomer.cli, "tf", &newcomer.account.through(&newcomer.proxy));
    terraform.run(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    newcomer.tag_stream_as_aws_does().await;
    let state = terraform.run(&["show", "-json"]);
    let secrets = secrets(&serde_json::from_str(&state).unwrap());
    newcomer.cli.write("state.json", &state);

    let imported = newcomer.import("state.json").success();
    let written = newcomer.cli.read("envs/dev.toml");
    assert!(!secrets.is_empty());
    for secret in secrets {
        assert!(!format!("{written}{}{}", imported.stdout, imported.stderr).contains(&secret));
    }
    newcomer.plan_adopts_only(7);
    newcomer.cli.run(&["apply", "--env", "dev", "--adopt", "all", "--auto-approve"]).success();

    terraform.run(&["plan", "-input=false", "-no-color", "-out=plan.bin"]);
    let plan: Value = serde_json::from_str(&terraform.run(&["show", "-json", "plan.bin"])).unwrap();
    let managed = plan["resource_changes"].as_array().unwrap().iter().filter(|change| change["mode"] == "managed");
    let marked = managed.filter(|change| differs_in_marks_alone(change)).count();
    assert_eq!(marked, 6, "stream, bucket, log group, delivery stream, topic and alarm bear marks");

    // As docs/moving.md says, for as long as both tools are there.
    let ignoring = "provider \"aws\" {\n  ignore_tags {\n    key_prefixes = [\"pipectl:\"]\n  }\n}\n";
    newcomer.cli.write("tf/ignore_override.tf", ignoring);
    let plan = terraform.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    assert!(plan.contains("No changes."), "{plan}");
}

/// Whether Terraform would take ownership tags off a resource; nothing else that it knows may change.
fn differs_in_marks_alone(change: &Value) -> bool {
    let change_of = &change["change"];
    let mut attributes = [without_marks(&change_of["before"]), without_marks(&change_of["after"])];
    for unknown in
        change_of["after_unknown"].as_object().into_iter().flatten().filter(|(_, value)| **value == json!(true))
    {
        for side in &mut attributes {
            side.as_object_mut().unwrap().remove(unknown.0);
        }
    }
    assert_eq!(attributes[0], attributes[1], "{}", change["address"]);
    change_of["before"]["tags_all"] != change_of["after"]["tags_all"]
}

/// Attributes without pipectl's ownership tags.
fn without_marks(attributes: &Value) -> Value {
    let mut attributes = attributes.clone();
    for name in ["tags", "tags_all"] {
        if let Some(tags) = attributes[name].as_object_mut() {
            tags.retain(|key, _| !key.starts_with("pipectl:"));
        }
    }
    // What has no tags of its own but the provider's is null before they are set.
    attributes.as_object_mut().unwrap().retain(|_, value| !value.is_null() && *value != json!({}));
    attributes
}

/// The secrets in a state.
fn secrets(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = ["secret", "ses_smtp_password_v4"].iter().filter_map(|key| map.get(*key)?.as_str());
            own.map(str::to_owned).chain(map.values().flat_map(secrets)).collect()
        }
        Value::Array(items) => items.iter().flat_map(secrets).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn dev_comes_back_from_what_it_made_on_ministack() {
    comes_back(emulator::ministack(), "dev").await;
}

#[tokio::test]
async fn dev_comes_back_from_what_it_made_on_moto() {
    comes_back(emulator::moto(), "dev").await;
}

#[tokio::test]
async fn staging_comes_back_from_what_it_made_on_ministack() {
    comes_back(emulator::ministack(), "staging").await;
}

#[tokio::test]
async fn staging_comes_back_from_what_it_made_on_moto() {
    comes_back(emulator::moto(), "staging").await;
}

#[tokio::test]
async fn prod_comes_back_from_what_it_made_on_ministack() {
    comes_back(emulator::ministack(), "prod").await;
}

#[tokio::test]
async fn prod_comes_back_from_what_it_made_on_moto() {
    comes_back(emulator::moto(), "prod").await;
}

/// Applies an environment, and imports what it made as if nobody remembered it: at the same addresses, and as it is.
async fn comes_back(emulator: &'static Emulator, env: &'static str) {
    let deployment = Deployment::applied(emulator, env).await;
    let lost = deployment.lost();
    deployment.cli.write("state.json", &state_of(&deployment).to_string());
    let region = deployment.account.region;
    let arguments = ["import", "--from-tfstate", "state.json", "--region", region, "--out", "imported.toml", "--json"];
    let imported = deployment.run(&arguments).success().json();
    // What an emulator has lost of an alarm no spec can bring back.
    let lost: BTreeSet<String> =
        lost.iter().filter_map(|line| line.strip_suffix(" queries")).map(str::to_owned).collect();
    assert_eq!(imported["left_out"].as_array().unwrap().len(), lost.len(), "{env}: {}", imported["left_out"]);
    let spec = deployment.cli.read("imported.toml");
    deployment.cli.write("imported.toml", &format!("{spec}\n[state]\nlocal = \"elsewhere\"\n"));
    let plan =
        deployment.cli.run(&["plan", "--env-file", "imported.toml", "--adopt", "all", "--json"]).success().json();
    adopts_only(&plan);
    let planned: BTreeSet<String> =
        changes(&plan).map(|change| change["address"].as_str().unwrap().to_owned()).collect();
    let made: BTreeSet<String> = deployment.records().keys().map(ToString::to_string).collect();
    assert_eq!(planned, made.difference(&lost).cloned().collect(), "{env}: {spec}");
}

/// A state of Terraform's that names all that was made.
pub(super) fn state_of(deployment: &Deployment) -> Value {
    let resource = |(number, (_, record)): (usize, (_, pipectl::state::Record))| {
        let attributes = &record.attributes;
        let (kind, named) = match record.kind.as_str() {
            "kinesis_stream" => ("aws_kinesis_stream", json!({ "name": record.key })),
            "s3_bucket" => ("aws_s3_bucket", json!({ "bucket": record.key })),
            "s3_notification" => (
                "aws_s3_bucket_notification",
                json!({ "bucket": attributes["bucket"], "queue": [{ "id": attributes["id"] }] }),
            ),
            "firehose_delivery_stream" => ("aws_kinesis_firehose_delivery_stream", json!({ "name": record.key })),
            "iam_role" => ("aws_iam_role", json!({ "name": record.key })),
            "iam_user" => ("aws_iam_user", json!({ "name": record.key })),
            "iam_access_key" => ("aws_iam_access_key", json!({ "user": attributes["user"], "secret": SECRET })),
            "logs_group" => ("aws_cloudwatch_log_group", json!({ "name": record.key })),
            "logs_stream" => (
                "aws_cloudwatch_log_stream",
                json!({ "log_group_name": attributes["group"], "name": attributes["name"] }),
            ),
            "sns_topic" => ("aws_sns_topic", json!({ "name": record.key })),
            "sns_subscription" => ("aws_sns_topic_subscription", Value::clone(attributes)),
            "cloudwatch_alarm" => ("aws_cloudwatch_metric_alarm", json!({ "alarm_name": record.key })),
            "cloudwatch_dashboard" => ("aws_cloudwatch_dashboard", json!({ "dashboard_name": record.key })),
            "dynamodb_table" => ("aws_dynamodb_table", json!({ "name": record.key })),
            "sqs_queue" => ("aws_sqs_queue", json!({ "name": record.key })),
            "secretsmanager_secret" => ("aws_secretsmanager_secret", json!({ "name": record.key })),
            "lambda_function" => ("aws_lambda_function", json!({ "function_name": record.key })),
            "lambda_event_source_mapping" => (
                "aws_lambda_event_source_mapping",
                json!({ "function_name": attributes["function"], "event_source_arn": attributes["source_arn"] }),
            ),
            "lambda_permission" => (
                "aws_lambda_permission",
                json!({ "function_name": attributes["function"], "statement_id": attributes["statement_id"] }),
            ),
            "events_rule" => ("aws_cloudwatch_event_rule", json!({ "name": record.key })),
            "apigateway_rest_api" => {
                ("aws_api_gateway_rest_api", json!({ "name": record.key, "id": record.outputs["id"] }))
            }
            "apigateway_stage" => (
                "aws_api_gateway_stage",
                json!({ "rest_api_id": record.outputs["api_id"], "stage_name": attributes["name"] }),
            ),
            "apigateway_api_key" => ("aws_api_gateway_api_key", json!({ "name": record.key, "value": SECRET })),
            "apigateway_usage_plan" => ("aws_api_gateway_usage_plan", json!({ "name": record.key })),
            other => panic!("{other}: say what it is in Terraform"),
        };
        json!({
            "mode": "managed", "type": kind, "name": format!("this_{number}"),
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "schema_version": 0, "attributes": named }],
        })
    };
    let resources: Vec<Value> = deployment.records().into_iter().enumerate().map(resource).collect();
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": resources })
}
