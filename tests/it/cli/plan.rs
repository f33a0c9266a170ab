//! Plans, and what comes of them, on MiniStack.

use aws_sdk_kinesis::Client as Kinesis;
use insta::assert_snapshot;

use super::{SMALL, pipeline, project};
use crate::support::emulator;

#[test]
fn a_first_plan_creates_everything() {
    let account = emulator::ministack().account();
    let cli = project(&account, &pipeline(&account));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): 10 to create.

    + create   alarm.lag                   AWS::CloudWatch::Alarm  acme-dev-lag
    + create   bucket.events               AWS::S3::Bucket  events-[ACCOUNT]
    + create   firehose.clicks             AWS::KinesisFirehose::DeliveryStream  acme-dev-clicks
               ! Firehose starts at the end of its Kinesis stream: records put before it is ACTIVE are
               not delivered.
    + create   firehose.clicks/log-group   AWS::Logs::LogGroup  /aws/kinesisfirehose/acme-dev-clicks
    + create   firehose.clicks/log-stream  AWS::Logs::LogStream  /aws/kinesisfirehose/acme-dev-clicks|DestinationDelivery
    + create   firehose.clicks/role        AWS::IAM::Role  acme-dev-clicks-firehose
    + create   snowpipe.events/key         AWS::IAM::AccessKey  acme-dev-events|/acme/dev/events/access-key
    + create   snowpipe.events/user        AWS::IAM::User  acme-dev-events
    + create   stream.clicks               AWS::Kinesis::Stream  acme-dev-clicks
    + create   topic.alerts                AWS::SNS::Topic  acme-dev-alerts

    IAM statements
      bucket.events policy
        + Deny   s3:*
          on     arn:aws:s3:::events-[ACCOUNT]
                 arn:aws:s3:::events-[ACCOUNT]/*
          by     *
          if     Bool aws:SecureTransport = false
      firehose.clicks/role policies.delivery
        + Allow  kinesis:DescribeStream, kinesis:GetRecords, kinesis:GetShardIterator,
                 kinesis:ListShards
          on     arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/acme-dev-clicks
        + Allow  logs:PutLogEvents
          on     arn:aws:logs:us-east-1:[ACCOUNT]:log-group:/aws/kinesisfirehose/acme-dev-clicks:log-stream:DestinationDelivery
        + Allow  s3:AbortMultipartUpload, s3:GetObject, s3:PutObject
          on     arn:aws:s3:::events-[ACCOUNT]/*
        + Allow  s3:GetBucketLocation, s3:ListBucket, s3:ListBucketMultipartUploads
          on     arn:aws:s3:::events-[ACCOUNT]
      firehose.clicks/role trust
        + Allow  sts:AssumeRole
          by     Service firehose.amazonaws.com
          if     StringEquals sts:ExternalId = [ACCOUNT]
      snowpipe.events/user policies.read
        + Allow  s3:GetBucketLocation
          on     arn:aws:s3:::events-[ACCOUNT]
        + Allow  s3:GetObject, s3:GetObjectVersion
          on     arn:aws:s3:::events-[ACCOUNT]/events/*
        + Allow  s3:ListBucket
          on     arn:aws:s3:::events-[ACCOUNT]
          if     StringLike s3:prefix = events/*
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

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES

    Cost
      at least USD 0.00 → 11.10 a month (+11.10), at the prices of 2026-11-29, without the traffic of
        stream.clicks
    --- stderr

    saved as plan.json; `pipectl apply plan.json` does exactly this
    --- exit code 0
    ");
    let first = cli.run(&["show"]).success();
    assert_eq!(first.stdout, cli.run(&["plan", "--env", "dev"]).success().stdout, "a saved plan is shown as it was");
    let json = cli.run(&["plan", "--env", "dev", "--json"]).success().json();
    assert_eq!(json["format"], "pipectl/plan");
    assert_eq!(json, serde_json::from_str::<serde_json::Value>(&cli.read("plan.json")).unwrap());
    assert_eq!(json["digest"], cli.run(&["show", "--json"]).success().json()["digest"]);
    let _ = cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).fails(2);
    let _ = cli.run(&["show", "--detailed-exitcode"]).fails(2);
    let full = cli.run(&["show", "--full"]).success().stdout;
    assert!(full.contains("retention_hours") && !full.contains("--full shows all"), "{full}");
}

#[tokio::test]
async fn changes_and_drift_share_a_plan() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    assert_snapshot!(cli.run(&["apply", "--env", "dev", "--json", "--auto-approve"]).json()["summary"], @r#"{"adopt":0,"conflict":0,"create":3,"delete":0,"drifted":0,"forget":0,"rename":0,"replace":0,"unchanged":0,"update":0}"#);
    let kinesis = account.aws().client(Kinesis::new).await;
    let longer = kinesis.increase_stream_retention_period().stream_name("acme-dev-clicks").retention_period_hours(72);
    longer.send().await.unwrap();
    cli.write("envs/dev.toml", &SMALL.replace("shards = 1", "shards = 2").replace("60000", "90000"));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 2 to update, 1 unchanged.

    ~ update   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
               description  "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 60000" → "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 90000"
               threshold    60000.0 → 90000.0
    ~ update   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               retention_hours  72 → 24  changed outside pipectl
               shards           1 → 2
               ! Records older than 24 hours are lost: retention shrinks from 72 hours.

    Changed outside pipectl since the last apply
      stream.clicks (this plan makes it as the spec says)
               retention_hours  24 → 72

    Cost
      at least USD 25.68 → 22.03 a month (-3.65), at the prices of 2026-11-29, without the traffic of
        stream.clicks
    --- stderr

    saved as plan.json; `pipectl apply plan.json` does exactly this
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["drift", "--env", "dev"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): 1 resource changed outside pipectl.

      stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
          retention_hours  24 → 72

    `pipectl plan` shows what the next apply would change back. `drift --revert` undoes this alone, `drift --accept`
    writes it into the spec.
    --- exit code 5
    ");
    assert_eq!(cli.run(&["drift", "--env", "dev", "--json"]).fails(5).json()["drifted"][0]["address"], "stream.clicks");
    let _ = cli.run(&["apply", "plan.json"]).success();
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): no changes. AWS is as the spec says.
    --- stderr

    saved as plan.json
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stdout
    done: dev is as the spec says; there was nothing to do.
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["drift", "--env", "dev"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): no drift. Everything is as pipectl left it.
    --- exit code 0
    ");
}

#[test]
fn a_replacement_carries_on_to_what_depends_on_it() {
    let account = emulator::ministack().account();
    let spec = pipeline(&account);
    let cli = project(&account, &spec);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    cli.write("envs/dev.toml", &spec.replace("shards = 1", "shards = 1\nname = \"other\""));
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 2 to replace, 2 to update, 6 unchanged.

    ± replace  firehose.clicks       AWS::KinesisFirehose::DeliveryStream  acme-dev-clicks
               source.stream_arn  "arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/acme-dev-clicks" → "arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/other"  forces the replacement
               ! Firehose starts at the end of its Kinesis stream: records put between the deletion of
               the old one and the new one's being ACTIVE are not delivered.
    ± replace  stream.clicks         AWS::Kinesis::Stream  other
               `other` is made first, then `acme-dev-clicks` is deleted
               name  "acme-dev-clicks" → "other"  forces the replacement
               ! The records in `acme-dev-clicks` are deleted with it.
    ~ update   alarm.lag             AWS::CloudWatch::Alarm  acme-dev-lag
               metric.dimensions.StreamName  "acme-dev-clicks" → "other"
    ~ update   firehose.clicks/role  AWS::IAM::Role  acme-dev-clicks-firehose
               policies.delivery.Statement  see IAM statements

    IAM statements
      firehose.clicks/role policies.delivery
        ~ Allow  changed: kinesis:DescribeStream, kinesis:GetRecords, kinesis:GetShardIterator,
                 kinesis:ListShards
          on     - arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/acme-dev-clicks
                 + arn:aws:kinesis:us-east-1:[ACCOUNT]:stream/other
          ! widens access: it allows more than before

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES
    --- stderr

    saved as plan.json; `pipectl apply plan.json --approve-broadening` does exactly this, and widens access
    --- exit code 0
    "#);
}

#[test]
fn what_the_spec_no_longer_wants_is_deleted() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    let _ = cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    cli.write("envs/dev.toml", SMALL.split("[topic").next().unwrap());
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): 2 to delete, 1 unchanged.

    - delete   alarm.lag     AWS::CloudWatch::Alarm  acme-dev-lag
    - delete   topic.alerts  AWS::SNS::Topic  acme-dev-alerts
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
      at least USD 11.08 → 10.98 a month (-0.10), at the prices of 2026-11-29, without the traffic of
        stream.clicks
    --- stderr

    saved as plan.json; `pipectl apply plan.json` does exactly this
    --- exit code 0
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
    --- stderr

    saved as plan.json; `pipectl apply plan.json --destroy` does exactly this
    --- exit code 0
    ");
    assert_snapshot!(cli.run(&["destroy", "--env", "dev", "--auto-approve"]).code, @"0");
    assert_snapshot!(cli.run(&["destroy", "--env", "dev", "--auto-approve"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): nothing to destroy.
    done: dev owns nothing; there was nothing to do.
    --- exit code 0
    ");
}

#[tokio::test]
async fn what_is_not_ours_is_in_the_way() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    let sns = account.aws().client(aws_sdk_sns::Client::new).await;
    sns.create_topic().name("acme-dev-alerts").send().await.unwrap();
    assert_snapshot!(cli.run(&["plan", "--env", "dev"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 1 in the way, 2 to create.

    ? adopt?   topic.alerts   AWS::SNS::Topic  acme-dev-alerts
               `acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over, another
               `name` leaves it alone
               policy                (none) → {"Statement":[{"Action":["sns:Publish"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*"]},"StringEquals":{"aws:SourceAccount":["[ACCOUNT]"]}},"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Resource":["arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts"],"Sid":"Alarms"},{"Action":["sns:Publish"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts"],"Sid":"TlsOnly"}],"Version":"2012-10-17"}
               tags.pipectl:address  (none) → "topic.alerts"
               tags.pipectl:env      (none) → "dev"
               tags.pipectl:project  (none) → "acme"
    + create   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
    + create   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks

    Cost
      at least USD 0.00 → 11.08 a month (+11.08), at the prices of 2026-11-29, without the traffic of
        stream.clicks
    --- stderr

    saved as plan.json; it cannot be applied while something is in the way
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["apply", "plan.json"]), @r"
    --- stderr
    error: 1 resource in the way: what exists already is not ours
      topic.alerts: `acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over, another `name` leaves it alone
    what now: `pipectl adopt --env ENV` shows them; take them over with `--adopt ADDRESS` (or `--adopt all`), or give the blocks another `name`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["apply", "plan.json", "--adopt", "all"]), @r"
    --- stderr
    error: the plan does not take over 1 resource in the way: it was made without that
      topic.alerts: `acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over, another `name` leaves it alone
    what now: make a new one, which does: `pipectl plan --env dev --adopt all`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["plan", "--env", "dev", "--adopt", "topic.alerts"]), @r#"
    --- stdout
    dev ([ACCOUNT], us-east-1): 2 to create, 1 to adopt.

    + create   alarm.lag      AWS::CloudWatch::Alarm  acme-dev-lag
    + create   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
    & adopt    topic.alerts   AWS::SNS::Topic  acme-dev-alerts
               adoption was asked for
               policy                see IAM statements
               tags.pipectl:address  (none) → "topic.alerts"
               tags.pipectl:env      (none) → "dev"
               tags.pipectl:project  (none) → "acme"

    IAM statements
      topic.alerts policy
        + Allow  sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*
                 StringEquals aws:SourceAccount = [ACCOUNT]
          ! widens access: it allows more than before
        + Deny   sns:Publish
          on     arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts
          by     *
          if     Bool aws:SecureTransport = false

    Cost
      at least USD 0.00 → 11.08 a month (+11.08), at the prices of 2026-11-29, without the traffic of
        stream.clicks
    --- stderr

    saved as plan.json; `pipectl apply plan.json --adopt topic.alerts --approve-broadening` does exactly this, and widens access
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["plan", "--env", "dev", "--adopt", "no address"]), @r"
    --- stderr
    error: `no address` is not an address: expected `kind.name` or `kind.name/part`
    --- exit code 1
    ");
}
