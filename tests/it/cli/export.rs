//! `export`: what it says and writes, without AWS.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

fn cli() -> Cli {
    Cli::new().file("envs/dev.toml", SMALL)
}

const OFFLINE: [&str; 5] = ["--env", "dev", "--offline", "--account", "123456789012"];

fn terraform(more: &[&'static str]) -> Vec<&'static str> {
    [&["export", "terraform"][..], &OFFLINE, more].concat()
}

#[test]
fn terraform_gets_a_folder_and_the_commands_to_run_in_it() {
    let cli = cli();
    assert_snapshot!(cli.run(&terraform(&[])), @"");
    assert_snapshot!(cli.read("export/terraform/dev/imports.tf"), @"");
    assert_snapshot!(cli.read("export/terraform/dev/versions.tf"), @"");
    assert_snapshot!(cli.read("export/terraform/dev/README.md"), @"");
}

#[test]
fn cloudformation_gets_a_folder_and_the_commands_to_run_in_it() {
    let cli = cli();
    assert_snapshot!(cli.run(&[&["export", "cloudformation"][..], &OFFLINE].concat()), @"");
    assert_snapshot!(cli.read("export/cloudformation/dev/resources-to-import.json"), @"");
}

#[test]
fn what_somebody_else_wrote_is_not_overwritten() {
    let cli = cli();
    cli.run(&terraform(&["--out", "tf"])).success();
    cli.run(&terraform(&["--out", "tf", "--set", "stream.clicks.shards=2"])).success();
    assert!(cli.read("tf/main.tf").contains("shard_count      = 2"));
    cli.write("tf/main.tf", "# mine\n");
    assert_snapshot!(cli.run(&terraform(&["--out", "tf"])), @"");
    assert_eq!(cli.read("tf/main.tf"), "# mine\n");
    cli.run(&terraform(&["--out", "tf", "--force"])).success();
    assert!(cli.read("tf/main.tf").contains("shard_count      = 1"));
}

#[test]
fn json_holds_the_files_and_writes_none_unless_told_to() {
    let cli = cli();
    let json = cli.run(&terraform(&["--json"])).success().json();
    let names: Vec<&String> = json["files"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["README.md", "imports.tf", "main.tf", "versions.tf"]);
    assert!(json["files"]["main.tf"].as_str().unwrap().contains("aws_kinesis_stream"));
    assert!(json["folder"].is_null() && !cli.path("export").exists());
    let json = cli.run(&terraform(&["--json", "--out", "tf"])).success().json();
    assert_eq!(json["files"]["main.tf"], cli.read("tf/main.tf"));
}

#[test]
fn whose_account_it_is_must_be_known() {
    let cli = cli();
    assert_snapshot!(cli.run(&["export", "terraform", "--env", "dev", "--offline"]), @"");
    assert_snapshot!(cli.run(&["export", "terraform", "--env", "dev", "--offline", "--account", "12345"]), @"");
}
