//! Where the state is, and what is in it, on MiniStack.

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::cli::Cli;
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
fn a_state_of_another_account_is_refused_before_anything_is_said_of_it() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let cli = cli.against(&emulator::ministack().account());
    for command in [&["status"][..], &["forget", "topic.alerts"], &["plan"], &["drift"]] {
        let refused = cli.run(&[command, &["--env", "dev"]].concat()).fails(1);
        let said = format!("is of account {}", account.id);
        assert!(refused.stderr.contains(&said) && refused.stderr.contains("what now: use that account's"), "{refused}");
        assert_eq!(refused.stdout, "", "{command:?}");
    }
}

#[test]
fn credentials_and_accounts_that_do_not_fit_are_told() {
    let account = emulator::ministack().account();
    let cli = project(&account, &SMALL.replace("[state]", "account_id = \"999999999999\"\n[state]"));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stderr
    error: these credentials are of account [ACCOUNT], and `[env] account_id` of dev allows only 999999999999
    what now: use credentials of 999999999999: another AWS_PROFILE, or the job's role there
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
        "count": {
          "errors": 1,
          "warnings": 0
        },
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

#[test]
fn an_endpoint_that_is_no_url_and_a_profile_that_is_not_there_are_named() {
    let own = "[default]\nregion = us-east-1\n[profile data]\nregion = us-east-1\n";
    let cli = || Cli::new().file("envs/dev.toml", SMALL).file("home/.aws/config", own);
    let endpoint = cli().env("AWS_ENDPOINT_URL", "127.0.0.1:9").run(&["plan", "--env", "dev"]).fails(1);
    let said = "AWS_ENDPOINT_URL is `127.0.0.1:9`, and must be a URL: http://… or https://…";
    assert!(endpoint.stderr.contains(said), "{endpoint}");
    let empty = cli().env("AWS_ENDPOINT_URL_S3", "").run(&["plan", "--env", "dev"]).fails(1);
    assert!(empty.stderr.contains("AWS_ENDPOINT_URL_S3 is empty: unset it"), "{empty}");
    let parameters = SMALL.replace("local = \"state\"", "bucket_ssm = \"/a\"\nfolder_ssm = \"/b\"");
    let cli = || cli().file("envs/dev.toml", &parameters);
    let empty = cli().env("AWS_ENDPOINT_URL", "").run(&["plan", "--env", "dev"]).fails(1);
    assert!(empty.stderr.contains("AWS_ENDPOINT_URL is empty: unset it"), "{empty}");
    // Also beside keys, which would be used in its place.
    let cli = cli().env("AWS_PROFILE", "dtaa").env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let profile = cli.run(&["plan", "--env", "dev"]).fails(1);
    let said = "AWS_PROFILE is `dtaa`, and no profile has that name; there are: data, default";
    assert!(profile.stderr.contains(said), "{profile}");
}
