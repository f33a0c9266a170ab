//! Where output goes: colours, closed pipes, full disks, and text that would steer a terminal.

use std::fs;

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::cli::{Cli, closed_pipe, full_disk};
use crate::support::emulator;

#[test]
fn colours_come_where_they_are_wanted() {
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    let plain = cli.run(&["validate", "--env", "dev"]).success().stdout;
    let coloured = cli.run(&["validate", "--env", "dev", "--color", "always"]).success().stdout;
    assert_eq!(plain, "valid dev: 3 resources of 3 types.\n");
    assert!(coloured.contains("\u{1b}[32mvalid\u{1b}[0m"), "{coloured:?}");
    let wrong = Cli::new().file("envs/dev.toml", "x = 1");
    assert!(!wrong.run(&["validate", "--env", "dev"]).fails(1).stderr.contains('\u{1b}'));
    assert!(wrong.run(&["validate", "--env", "dev", "--color", "always"]).fails(1).stderr.contains('\u{1b}'));
    let json = cli.run(&["validate", "--env", "dev", "--color", "always", "--json"]).success().stdout;
    assert!(!json.contains('\u{1b}'), "{json:?}");
}

#[test]
fn errors_are_json_where_json_is_wanted() {
    let cli = Cli::new().file(".gitlab-ci.yml", "mine");
    let of_env = [
        "validate",
        "plan",
        "apply",
        "destroy",
        "output",
        "drift",
        "send",
        "verify",
        "status",
        "logs",
        "state list",
        "state show stream.clicks",
        "state pull",
        "state push file",
        "state history",
        "state restore 1",
        "state rebuild",
        "forget stream.clicks",
        "unlock",
        "bootstrap",
        "snowflake-sql",
        "graph",
    ];
    let others = [
        "apply plan.json",
        "show",
        "graph plan.json",
        "init --name x",
        "sandbox --home /dev/null/x true",
        "completions tcsh",
        "x",
    ];
    for command in of_env.map(|command| format!("{command} --env dev")).iter().map(String::as_str).chain(others) {
        let arguments: Vec<&str> = ["--json"].into_iter().chain(command.split(' ')).collect();
        let error = &cli.run(&arguments).fails(1).json()["error"];
        assert!(error["message"].is_string() && error["exit_code"] == 1, "{command}: {error}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let output = Cli::new().run_into(closed_pipe(), &["schema"]).success();
    assert_eq!(output.stderr, "");
}

#[test]
fn a_full_disk_is_an_error() {
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    for arguments in [&["schema"][..], &["validate", "--env", "dev"], &["completions", "bash"]] {
        let output = cli.run_into(full_disk(), arguments).fails(1);
        let expected = "error: standard output cannot be written: No space left on device (os error 28)\n";
        assert_eq!(output.stderr, expected, "{arguments:?}");
    }
}

#[test]
fn a_plan_is_saved_whole_or_not_at_all() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL).file("plan.json", "the one before");
    cli.run_into(full_disk(), &["plan", "--env", "dev"]).fails(1);
    assert_eq!(cli.read("plan.json"), "the one before");
    assert_snapshot!(cli.run(&["plan", "--env", "dev", "--out", "/dev/full"]).stderr, @"error: `/dev/full` cannot be written: No space left on device (os error 28)");
    assert!(!fs::metadata("/dev/full").unwrap().is_file(), "a device stays a device");
    assert_snapshot!(cli.run(&["plan", "--env", "dev", "--out", "no/such/folder/plan.json"]).stderr, @"error: `no/such/folder/plan.json` cannot be written: No such file or directory (os error 2)");
    assert_eq!(fs::read_dir(cli.path(".")).unwrap().count(), 3, "envs, home and the plan before: no leftovers");
}

#[test]
fn nothing_in_a_plan_steers_the_terminal() {
    let account = emulator::ministack().account();
    let hostile = "\\u001b[31mred\\u202e\\u0007";
    let spec = SMALL.replace("threshold", &format!("description = \"{hostile}\"\nthreshold"));
    let cli = project(&account, &spec);
    for arguments in [&["plan", "--env", "dev", "--full"][..], &["show", "--full"], &["apply", "plan.json"]] {
        let output = cli.run(arguments);
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
}
