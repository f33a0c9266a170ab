//! What AWS is asked before an apply, on MiniStack.

use insta::assert_snapshot;
use serde_json::json;

use super::{SMALL, project};
use crate::support::emulator;
use crate::support::witness::Recording;

#[tokio::test]
async fn a_plan_says_whether_aws_would_let_it_be_applied() {
    let _sends = Recording::of("cli::preflight::a_plan_says_whether_aws_would_let_it_be_applied");
    let account = emulator::ministack().account();
    assert_snapshot!(project(&account, SMALL).run(&["plan", "--env", "dev", "--preflight"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): 3 to create.

    + create   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
    + create   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
    + create   topic.alerts   AWS::SNS::Topic  acme-dev-alerts

    IAM statements
      topic.alerts policy
        + Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
        + Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false

    Cost
      at least USD 0.00 → 11.08 a month (+11.08), at the prices of 2026-11-29, without the traffic of
        stream.clicks

    Preflight
      permissions were not looked at: IAM simulates users and roles only, and the caller is neither

      quota         used   the plan adds   limit
    ─────────────────────────────────────────────────────────────────────────────────────────────
      open shards   ?      1               ? by default   not known: kinesis DescribeLimits:
                                                          InvalidAction: Unknown action:
                                                          DescribeLimits (request id
                                                          [UUID])

    Not seen by any of this
      policies of the organization that have conditions, and its resource control policies
      policies on resources: those of KMS keys, of the state's bucket, of queues in other accounts
      a session's own policy, and conditions that depend on the request, such as its network or MFA
      what the roles that the plan makes may do for Firehose, once they act
      names of buckets that somebody else has, and all that changes between this and the apply
      rates, quotas of CloudWatch, CloudWatch Logs, SNS and SSM, and daily limits on changes of a stream
    --- stderr

    saved as plan.json; `pipectl apply plan.json` does exactly this
    --- exit code 0
    ");

    // MiniStack allows all that is simulated; that a denial is told as one is proved with scripted replies.
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let user = account.as_user("ci", &[everything]).await;
    let found = project(&user, SMALL).run(&["plan", "--env", "dev", "--preflight", "--json"]).success().json();
    let found = &found["preflight"];
    assert_eq!(found["principal"], format!("arn:aws:iam::{}:user/ci", account.id));
    assert_eq!((&found["passes"], &found["denied"]), (&json!(true), &json!([])));
    assert!(found["simulated"].as_u64() > Some(5), "{found:#}");
    assert_eq!(found["quotas"][0]["adds"], 1, "{found:#}");
}

#[tokio::test]
async fn who_may_not_simulate_gets_the_plan_and_an_error() {
    let account = emulator::ministack().account();
    let looks = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"},
    ]});
    let cli = project(&account.as_user("ci", &[looks]).await, SMALL);
    let output = cli.run(&["plan", "--env", "dev", "--preflight"]).fails(1);
    assert!(output.stdout.contains("the simulation failed: iam SimulatePrincipalPolicy"), "{output}");
    assert!(output.stderr.contains("saved as plan.json") && output.stderr.contains("deploy-policy"), "{output}");
    assert!(cli.path("plan.json").exists());
}
