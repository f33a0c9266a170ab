//! What may be applied, and what may not, on MiniStack.

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::emulator;

#[test]
fn what_is_protected_stays() {
    let account = emulator::ministack().account();
    let cli = project(&account, &SMALL.replace("[state]", "protect = true\n[state]"));
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    assert_snapshot!(cli.run(&["destroy", "--env", "dev", "--auto-approve"]), @r"
    --- stdout
    destruction of dev ([ACCOUNT], us-east-1): 3 to delete.

    - delete   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
    - delete   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               ! The records in `acme-dev-clicks` are deleted with it.
    - delete   topic.alerts   AWS::SNS::Topic  acme-dev-alerts
               ! the subscriptions of the topic acme-dev-alerts are deleted with it; those by mail would
               have to be confirmed again

    IAM statements
      topic.alerts policy
        - Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
        - Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false

    Cost
      USD 11.08 → 0.00 a month (-11.08), at the prices of 2026-11-29

    Refused
      alarm.lag would be deleted, but is protected by `[env] protect = true`: set it to false and apply
        that first
      stream.clicks would be deleted, but is protected by `[env] protect = true`: set it to false and
        apply that first
      topic.alerts would be deleted, but is protected by `[env] protect = true`: set it to false and
        apply that first
    --- stderr
    error: refused: 3 changes may not be made, for the reasons given
    --- exit code 6
    ");
    assert_snapshot!(cli.run(&["destroy", "--env", "dev", "--plan-only"]), @r"
    --- stdout
    destruction of dev ([ACCOUNT], us-east-1): 3 to delete.

    - delete   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
    - delete   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               ! The records in `acme-dev-clicks` are deleted with it.
    - delete   topic.alerts   AWS::SNS::Topic  acme-dev-alerts
               ! the subscriptions of the topic acme-dev-alerts are deleted with it; those by mail would
               have to be confirmed again

    IAM statements
      topic.alerts policy
        - Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
        - Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false

    Cost
      USD 11.08 → 0.00 a month (-11.08), at the prices of 2026-11-29

    Refused
      alarm.lag would be deleted, but is protected by `[env] protect = true`: set it to false and apply
        that first
      stream.clicks would be deleted, but is protected by `[env] protect = true`: set it to false and
        apply that first
      topic.alerts would be deleted, but is protected by `[env] protect = true`: set it to false and
        apply that first
    --- stderr
    error: refused: 3 changes may not be made, for the reasons given
    --- exit code 6
    ");
    let output = cli.run(&["destroy", "--env", "dev", "--plan-only", "--json"]).fails(6);
    assert_eq!(output.json()["refusals"].as_array().unwrap().len(), 3);
    assert_eq!(cli.run(&["destroy", "--env", "dev", "--json"]).fails(6).json()["error"]["exit_code"], 6);
    assert!(!cli.path("plan.json").exists());
}

#[test]
fn nobody_is_asked_where_nobody_can_answer() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    assert_snapshot!(cli.run(&["apply", "--env", "dev", "--json"]), @r#"
    --- stdout
    {
      "error": {
        "exit_code": 1,
        "message": "nobody is there to ask: add `--auto-approve`, or save a plan and apply that file",
        "next": null
      }
    }
    --- stderr
    error: nobody is there to ask: add `--auto-approve`, or save a plan and apply that file
    --- exit code 1
    "#);
    assert_snapshot!(cli.answer(&["apply", "--env", "dev"], "dev\n").stderr, @"error: nobody is there to ask: add `--auto-approve`, or save a plan and apply that file");
}

#[test]
fn a_plan_is_applied_once() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    let _ = cli.run(&["apply", "plan.json"]).success();
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stderr
    error: the plan is stale: this very plan was applied at [TIME] by [WHO]
    what now: make a new plan and look at it: `pipectl plan --env ENV`
    --- exit code 3
    ");
    let _ = cli.run(&["plan", "--env", "dev", "--set", "stream.clicks.shards=2"]).success();
    cli.write("plan.json", &cli.read("plan.json").replace("acme-dev-clicks", "acme-dev-others"));
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stderr
    error: `plan.json` cannot be used as a plan: it was changed after it was made: its contents do not match its digest
    what now: make a new one: `pipectl plan --env ENV`
    --- exit code 1
    ");
    let _ = cli.run(&["plan", "--env", "dev"]).success();
    cli.write("envs/dev.toml", &SMALL.replace("shards = 1", "shards = 2"));
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stderr
    error: the plan is stale: `envs/dev.toml` says something else now
    what now: make a new plan and look at it: `pipectl plan --env ENV`
    --- exit code 3
    ");
}
