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
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/conftest/policy/plan.rego");
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
