//! Taking over what exists, on MiniStack.

use insta::assert_snapshot;

use super::{SMALL, project};
use crate::support::emulator;

#[tokio::test]
async fn what_exists_is_shown_and_taken_over_by_itself() {
    let account = emulator::ministack().account();
    let cli = project(&account, SMALL);
    let aws = account.aws();
    let sns = aws.client(aws_sdk_sns::Client::new).await;
    sns.create_topic().name("acme-dev-alerts").send().await.unwrap();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("acme-dev-clicks").shard_count(2).send().await.unwrap();
    let tag = kinesis.add_tags_to_stream().stream_name("acme-dev-clicks");
    tag.tags("pipectl:project", "acme").tags("pipectl:env", "live").send().await.unwrap();

    assert_snapshot!(cli.run(&["adopt", "--env", "dev"]), @r#"
    --- stdout
    adoption in dev ([ACCOUNT], us-east-1): 2 in the way.

    ? adopt?   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               `acme-dev-clicks` belongs to environment `live` of project `acme`, as its tags say; only
               `--adopt stream.clicks` takes it over, another `name` leaves it alone
               kms_key               (none) → "alias/aws/kinesis"
               shards                2 → 1
               tags.pipectl:address  (none) → "stream.clicks"
               tags.pipectl:env      "live" → "dev"
    ? adopt?   topic.alerts   AWS::SNS::Topic  acme-dev-alerts
               `acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over, another
               `name` leaves it alone
               policy                (none) → {"Statement":[{"Action":["sns:Publish"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:us-east-1:[ACCOUNT]:alarm:*"]},"StringEquals":{"aws:SourceAccount":["[ACCOUNT]"]}},"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Resource":["arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts"],"Sid":"Alarms"},{"Action":["sns:Publish"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sns:us-east-1:[ACCOUNT]:acme-dev-alerts"],"Sid":"TlsOnly"}],"Version":"2012-10-17"}
               tags.pipectl:address  (none) → "topic.alerts"
               tags.pipectl:env      (none) → "dev"
               tags.pipectl:project  (none) → "acme"
    --- stderr

    `pipectl adopt --env dev ADDRESS…` (or `all`) saves a plan that takes them over
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["adopt", "--env", "dev", "all"]), @r#"
    --- stdout
    adoption in dev ([ACCOUNT], us-east-1): 1 to adopt.

    & adopt    topic.alerts  AWS::SNS::Topic  acme-dev-alerts
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
    --- stderr
    warning: stream.clicks is left alone: `acme-dev-clicks` belongs to environment `live` of project `acme`, as its tags say; only `--adopt stream.clicks` takes it over, another `name` leaves it alone

    saved as plan.json; `pipectl apply plan.json --adopt all --approve-broadening` does exactly this, and widens access
    --- exit code 0
    "#);
    assert_snapshot!(cli.run(&["adopt", "--env", "dev", "stream.click"]), @r"
    --- stderr
    error: the spec has no `stream.click` that could be adopted
    what now: `pipectl adopt --env ENV` shows what can be
    --- exit code 1
    ");
    let plan = cli.run(&["adopt", "--env", "dev", "alarm.lag", "stream.clicks"]).success();
    assert_snapshot!(plan, @r#"
    --- stdout
    adoption in dev ([ACCOUNT], us-east-1): 1 to adopt.

    & adopt    stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               adoption was asked for
               kms_key               (none) → "alias/aws/kinesis"
               shards                2 → 1
               tags.pipectl:address  (none) → "stream.clicks"
               tags.pipectl:env      "live" → "dev"
               ! It takes 1 MB or 1,000 records a second from then on, and no longer 2: more are
               throttled.
               ! Records are encrypted otherwise from then on: who writes and reads new records needs
               their key.
    --- stderr
    warning: there is nothing to adopt of alarm.lag: it does not exist yet, and `plan` makes it

    saved as plan.json; `pipectl apply plan.json --adopt alarm.lag --adopt stream.clicks` does exactly this
    --- exit code 0
    "#);
    assert!(!cli.run(&["show", "plan.json", "--markdown"]).success().stdout.contains("topic.alerts"));
    let applied =
        cli.run(&["apply", "plan.json", "--adopt", "alarm.lag", "--adopt", "stream.clicks", "--json"]).success();
    assert_eq!(applied.json()["summary"]["adopt"], 1, "{applied}");
    assert_eq!(cli.run(&["output", "--env", "dev", "--json"]).json()["stream.clicks.name"], "acme-dev-clicks");

    // Another plan does the rest.
    let rest = cli.run(&["plan", "--env", "dev", "--adopt", "all", "--json"]).success().json();
    assert_eq!((&rest["summary"]["unchanged"], &rest["summary"]["adopt"]), (&1.into(), &1.into()), "{rest:#}");
    assert_snapshot!(cli.run(&["adopt", "--env", "dev", "stream.clicks"]), @r"
    --- stdout
    dev ([ACCOUNT], us-east-1): nothing to adopt.
    --- stderr
    warning: there is nothing to adopt of stream.clicks: it is ours already

    saved as plan.json
    --- exit code 0
    ");
}

#[tokio::test]
async fn what_would_have_to_be_replaced_is_refused() {
    let account = emulator::ministack().account();
    let cli = project(
        &account,
        &format!(
            "{SMALL}[snowpipe.events]\nbucket = \"bucket.events\"\nprefix = \"e/\"\naccess = \"role\"\ntable = \"A.B.C\"\nsnowflake_user_arn = \"arn:aws:iam::{0}:user/snow\"\nexternal_id = \"X_SFCRole=1\"\n[bucket.events]\nname = \"{1}\"\n",
            account.id,
            account.unique("events")
        ),
    );
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = iam.create_role().role_name("acme-dev-events").path("/legacy/").assume_role_policy_document(trust);
    role.send().await.unwrap();
    assert_snapshot!(cli.run(&["adopt", "--env", "dev", "snowpipe.events"]), @r#"
    --- stdout
    adoption in dev ([ACCOUNT], us-east-1): 1 in the way.

    ? adopt?   snowpipe.events/role  AWS::IAM::Role  acme-dev-events
               `acme-dev-events` exists and differs in path, which cannot be changed in place; nothing
               is replaced that is not ours: give the block what it has, or another `name`
               description                       "" → "Lets Snowflake read bucket.events of dev"
               path                              "/legacy/" → "/"  forces the replacement
               policies.read                     (none) → {"Statement":[{"Action":["s3:GetBucketLocation"],"Effect":"Allow","Resource":["arn:aws:s3:::events-[ACCOUNT]"]},{"Action":["s3:GetObject","s3:GetObjectVersion"],"Effect":"Allow","Resource":["arn:aws:s3:::events-[ACCOUNT]/e/*"]},{"Action":["s3:ListBucket"],"Condition":{"StringLike":{"s3:prefix":["e/*"]}},"Effect":"Allow","Resource":["arn:aws:s3:::events-[ACCOUNT]"]}],"Version":"2012-10-17"}
               tags.pipectl:address              (none) → "snowpipe.events/role"
               tags.pipectl:env                  (none) → "dev"
               tags.pipectl:project              (none) → "acme"
               trust.Statement[0].Condition      (none) → {"StringEquals":{"sts:ExternalId":["X_SFCRole=1"]}}
               trust.Statement[0].Principal.AWS  (none) → ["arn:aws:iam::[ACCOUNT]:user/snow"]
               trust.Statement[0].Principal.Service  ["ec2.amazonaws.com"] → (none)
    --- stderr
    error: 1 resource in the way: what exists already is not ours
      snowpipe.events/role: `acme-dev-events` exists and differs in path, which cannot be changed in place; nothing is replaced that is not ours: give the block what it has, or another `name`
    what now: `pipectl adopt --env ENV` shows them; take them over with `--adopt ADDRESS` (or `--adopt all`), or give the blocks another `name`
    --- exit code 1
    "#);
}
