//! Where the state is, and what is in it, on MiniStack.

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::emulator;

#[test]
fn the_state_can_be_looked_at() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    assert_snapshot!(cli.run(&["state", "list", "--env", "dev"]), @r"
    --- stderr
    0 resources in state/dev/state.json
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["state", "pull", "--env", "dev"]), @r"
    --- stderr
    error: there is no state yet at state/dev/state.json
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["output", "--env", "dev"]), @r"
    --- stderr
    There are no outputs: nothing is deployed.
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["drift", "--env", "dev"]), @r"
    --- stderr
    error: there is no state at state/dev/state.json, so nothing says what was left how
    what now: if it was lost, `pipectl state rebuild` finds what is there; else nothing was applied yet
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["status", "--env", "dev"]), @r"
    --- stderr
    error: nothing has been applied to dev yet: `pipectl plan` shows what would be
    --- exit code 1
    ");
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    assert_snapshot!(cli.run(&["state", "list", "--env", "dev"]), @r"
    --- stdout
      address         type               key
    ──────────────────────────────────────────────────────
      alarm.lag       cloudwatch_alarm   acme-dev-lag
      stream.clicks   kinesis_stream     acme-dev-clicks
      topic.alerts    sns_topic          acme-dev-alerts
    --- stderr
    3 resources in state/dev/state.json
    --- exit code 0
    ");
    assert_eq!(cli.run(&["state", "list", "--env", "dev", "--json"]).success().json().as_array().unwrap().len(), 3);
    assert_eq!(cli.run(&["state", "show", "--env", "dev", "stream.clicks"]).success().json()["key"], "acme-dev-clicks");
    assert_snapshot!(cli.run(&["state", "show", "--env", "dev", "stream.click"]), @r"
    --- stderr
    error: the state has no `stream.click`: `pipectl state list` lists what it has
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["output", "--env", "dev"]), @r"
    --- stdout
    alarm.lag.arn       arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:acme-dev-lag
    alarm.lag.name      acme-dev-lag
    stream.clicks.arn   arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/acme-dev-clicks
    stream.clicks.name  acme-dev-clicks
    topic.alerts.arn    arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
    topic.alerts.name   acme-dev-alerts
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["output", "--env", "dev", "stream.clicks.name"]), @r"
    --- stdout
    acme-dev-clicks
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["output", "--env", "dev", "stream.clicks.nam"]), @r"
    --- stderr
    error: there is no output `stream.clicks.nam`: without a name, `pipectl output` lists them all
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["state", "history", "--env", "dev"]), @r"
    --- stderr
    error: state/dev/state.json keeps no earlier versions: only a bucket with versioning does
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["unlock", "--env", "dev"]), @r"
    --- stdout
    There is no lock.
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["forget", "--env", "dev", "topic.alert"]), @r"
    --- stderr
    error: the state has no `topic.alert`: `pipectl state list` lists what it has
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["forget", "--env", "dev", "topic.alerts"]), @r"
    --- stdout
    forgotten topic.alerts
    --- stderr
    Take the block out of the spec as well, or the next plan offers to adopt it again.
    --- exit code 0
    ");
}

#[test]
fn credentials_and_accounts_that_do_not_fit_are_told() {
    let account = emulator::ministack().account();
    let cli = project(&account, &SMALL.replace("[state]", "account_id = \"999999999999\"\n[state]"));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stderr
    error: these credentials are of account [ACCOUNT], and `[env] account_id` of dev allows only 999999999999
    --- exit code 1
    ");
    let cli = project(&account, SMALL).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let output = cli.run(&["plan", "--env", "dev"]).fails(1);
    assert!(output.stderr.contains("what now: the endpoint did not answer"), "{}", output.stderr);
    let cli = project(&account, &SMALL.replace("local = \"state\"", ""));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stderr
    error: `state` must say in exactly one way where the state is
     --> envs/dev.toml:6:2
      |
    6 | [state]
      |  ^^^^^
      |
      = help: give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`

    1 mistake.
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["plan", "--env", "dev", "--json"]), @r#"
    --- stdout
    {
      "error": {
        "diagnostics": [
          {
            "column": 2,
            "end_column": 7,
            "end_line": 6,
            "file": "envs/dev.toml",
            "help": "give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`",
            "line": 6,
            "message": "`state` must say in exactly one way where the state is",
            "severity": "error"
          }
        ],
        "exit_code": 1,
        "message": "the spec has mistakes",
        "next": null
      }
    }
    --- stderr
    error: `state` must say in exactly one way where the state is
     --> envs/dev.toml:6:2
      |
    6 | [state]
      |  ^^^^^
      |
      = help: give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`

    1 mistake.
    --- exit code 1
    "#);
}
