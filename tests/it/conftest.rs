//! Rules that were written for Terraform plans read ours.

use std::path::Path;

use crate::support::cli::Cli;
use crate::support::emulator;
use crate::support::rego::denied;

const SPEC: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
tags = { team = "growth" }
[state]
local = "state"
[stream.clicks]
shards = 1
[topic.alerts]
"#;

fn failures(cli: &Cli) -> Vec<String> {
    denied_by("plan.rego", cli)
}

fn denied_by(rules: &str, cli: &Cli) -> Vec<String> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/conftest/policy").join(rules);
    denied(&rules, &cli.path("plan.json"))
}

#[test]
fn a_destruction_of_prod_is_denied_and_a_plan_that_deletes_nothing_passes() {
    let account = emulator::ministack().account();
    let cli = Cli::new().against(&account).file("envs/prod.toml", SPEC);
    let _ = cli.run(&["plan", "--env", "prod"]).success();
    assert_eq!(failures(&cli), [""; 0]);
    let _ = cli.run(&["apply", "plan.json"]).success();
    let _ = cli.run(&["destroy", "--env", "prod", "--plan-only"]).success();
    assert_eq!(failures(&cli), ["stream.clicks would be deleted", "topic.alerts would be deleted"]);
}

#[test]
fn a_tag_that_is_missing_is_denied() {
    let account = emulator::ministack().account();
    let cli = Cli::new().against(&account).file("envs/dev.toml", &SPEC.replace("team", "owner"));
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    assert_eq!(failures(&cli), ["stream.clicks has no tag `team`", "topic.alerts has no tag `team`"]);
}

#[test]
fn rules_that_name_terraforms_types_and_attributes_judge_what_a_plan_makes() {
    let account = emulator::ministack().account();
    let own = r#"policy = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}]}'"#;
    let bad = format!("{SPEC}{own}\n[bucket.events]\n[stream.plain]\nshards = 1\nencrypted = false\n[queue.work]\n");
    let cli = Cli::new().against(&account).file("envs/dev.toml", &bad);
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    assert_eq!(
        denied_by("encryption.rego", &cli),
        [
            "bucket.events is not encrypted by a key in KMS",
            "stream.plain is not encrypted by a key in KMS",
            "topic.alerts lets everybody in"
        ]
    );
    let good = format!("{SPEC}[bucket.events]\nkms_key = \"alias/aws/s3\"\n[queue.work]\n");
    let cli = Cli::new().against(&account).file("envs/dev.toml", &good);
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    assert_eq!(denied_by("encryption.rego", &cli), [""; 0]);
    // What is as it should be is no change, in whatever parts Terraform has it.
    let _ = cli.run(&["apply", "plan.json"]).success();
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(cli.path("plan.json")).unwrap()).unwrap();
    for entry in plan["resource_changes"].as_array().unwrap() {
        assert_eq!(entry["change"]["actions"], serde_json::json!(["no-op"]), "{entry:#}");
    }
}
