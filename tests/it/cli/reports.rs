//! Plans and mistakes for merge requests: Markdown, GitLab's reports, and plans from long ago.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{SMALL, project};
use crate::support::cli::Cli;
use crate::support::emulator;
use crate::support::schema::misfit;

/// A plan that 0.1.0 wrote: every action, drift, statements, a note and a refusal.
const GOLDEN: &str = include_str!("../../files/plan/v1.json");

fn golden() -> Cli {
    Cli::new().file("plan.json", GOLDEN)
}

#[test]
fn an_old_plan_is_shown_as_text_and_as_json() {
    assert_snapshot!(golden().run(&["show"]), @r#"
    --- stdout
    dev (123456789012, us-east-1): 1 to delete, 2 to replace, 1 in the way, 2 to create, 1 to adopt, 3 to update, 1 to rename, 3 unchanged.

    - delete   topic.old             AWS::SNS::Topic  acme-dev-old
               ! the subscriptions of the topic acme-dev-old are deleted with it; those by mail would
               have to be confirmed again
    ± replace  firehose.clicks       AWS::KinesisFirehose::DeliveryStream  acme-dev-clicks
               source.stream_arn  "arn:aws:kinesis:us-east-1:123456789012:stream/acme-dev-clicks" → "arn:aws:kinesis:us-east-1:123456789012:stream/other"  forces the replacement
               ! Firehose starts at the end of its Kinesis stream: records put between the deletion of
               the old one and the new one's being ACTIVE are not delivered.
    ± replace  stream.clicks         AWS::Kinesis::Stream  other
               `other` is made first, then `acme-dev-clicks` is deleted
               name  "acme-dev-clicks" → "other"  forces the replacement
               ! The records in `acme-dev-clicks` are deleted with it.
    ? adopt?   topic.taken           AWS::SNS::Topic  acme-dev-taken
               `acme-dev-taken` exists and is not ours; `--adopt topic.taken` takes it over, another
               `name` leaves it alone
               policy                (none) → {"Statement":[{"Action":["sns:Publish"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"]},"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Resource":["arn:aws:sns:us-east-1:123456789012:acme-dev-taken"],"Sid":"Alarms"},{"Action":["sns:Publish"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sns:us-east-1:123456789012:acme-dev-taken"],"Sid":"TlsOnly"}],"Version":"2012-10-17"}
               tags.pipectl:address  (none) → "topic.taken"
               tags.pipectl:env      (none) → "dev"
               tags.pipectl:project  (none) → "acme"
    + create   snowpipe.events/key   AWS::IAM::AccessKey  acme-dev-events|/acme/dev/events/access-key
    + create   snowpipe.events/user  AWS::IAM::User  acme-dev-events
    & adopt    topic.wanted          AWS::SNS::Topic  acme-dev-wanted
               adoption was asked for
               policy                see IAM statements
               tags.pipectl:address  (none) → "topic.wanted"
               tags.pipectl:env      (none) → "dev"
               tags.pipectl:project  (none) → "acme"
    ~ update   alarm.lag             AWS::CloudWatch::Alarm  acme-dev-lag
               description                   "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 60000" → "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 90000"
               metric.dimensions.StreamName  "acme-dev-clicks" → "other"
               threshold                     60000.0 → 90000.0
    ~ update   firehose.clicks/role  AWS::IAM::Role  acme-dev-clicks-firehose
               policies.delivery.Statement  see IAM statements
    ~ update   topic.alerts          AWS::SNS::Topic  acme-dev-alerts
               tags.team  "growth" → (none)  changed outside pipectl
    > rename   topic.renamed         AWS::SNS::Topic  acme-dev-moved
               was topic.moved
               tags.pipectl:address  "topic.moved" → "topic.renamed"

    Changed outside pipectl since the last apply
      topic.alerts (this plan makes it as the spec says)
               tags.team  (none) → "growth"

    IAM statements
      firehose.clicks/role policies.delivery
        ~ Allow  changed: kinesis:DescribeStream, kinesis:GetRecords, kinesis:GetShardIterator,
                 kinesis:ListShards
          on     - arn:aws:kinesis:us-east-1:123456789012:stream/acme-dev-clicks
                 + arn:aws:kinesis:us-east-1:123456789012:stream/other
      snowpipe.events/user policies.read
        + Allow  s3:GetBucketLocation
          on     arn:aws:s3:::acme-golden-events
        + Allow  s3:GetObject, s3:GetObjectVersion
          on     arn:aws:s3:::acme-golden-events/events/*
        + Allow  s3:ListBucket
          on     arn:aws:s3:::acme-golden-events
          if     StringLike s3:prefix = events/*
      topic.old policy
        - Allow  sns:Publish
          on     arn:aws:sns:us-east-1:123456789012:acme-dev-old
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:123456789012:alarm:*
                 StringEquals aws:SourceAccount = 123456789012
        - Deny   sns:Publish
          on     arn:aws:sns:us-east-1:123456789012:acme-dev-old
          by     *
          if     Bool aws:SecureTransport = false
      topic.wanted policy
        + Allow  sns:Publish
          on     arn:aws:sns:us-east-1:123456789012:acme-dev-wanted
          by     Service cloudwatch.amazonaws.com
          if     ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:123456789012:alarm:*
                 StringEquals aws:SourceAccount = 123456789012
        + Deny   sns:Publish
          on     arn:aws:sns:us-east-1:123456789012:acme-dev-wanted
          by     *
          if     Bool aws:SecureTransport = false

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the
        `notification_channel` of SHOW PIPES

    Refused
      topic.old would be deleted, but is protected by `protect = true` on its block: set it to false and
        apply that first
    --- exit code 0
    "#);
    let shown = golden().run(&["show", "--json"]).success().json();
    // In the words of today's version.
    let today = include_str!("../../files/plan/v2.json");
    assert_eq!(shown, serde_json::from_str::<Value>(today).unwrap());
}

#[test]
fn an_old_plan_is_shown_as_markdown() {
    assert_snapshot!(golden().run(&["show", "--markdown"]), @r#"
    --- stdout
    ### Plan of `dev` of `acme` in `123456789012`, `us-east-1`

    **1 to delete, 2 to replace, 1 in the way, 2 to create, 1 to adopt, 3 to update, 1 to rename, 3 unchanged**

    Made `[TIME]` by `pipectl 0.1.0`, good until `[TIME]`.

    #### Refused

    - **`topic.old`** would be deleted, but is protected by `protect = true` on its block: set it to false and apply that first

    #### Delete (1)

    - **`topic.old`** AWS::SNS::Topic `acme-dev-old`
      - :warning: the subscriptions of the topic acme-dev-old are deleted with it; those by mail would have to be confirmed again

    #### Replace (2)

    - **`firehose.clicks`** AWS::KinesisFirehose::DeliveryStream `acme-dev-clicks`
      - :warning: Firehose starts at the end of its Kinesis stream: records put between the deletion of the old one and the new one's being ACTIVE are not delivered.

      <details open><summary>1 field</summary>

      - `source.stream_arn` `"arn:aws:kinesis:us-east-1:123456789012:stream/acme-dev-clicks" → "arn:aws:kinesis:us-east-1:123456789012:stream/other"` **forces the replacement**

      </details>

    - **`stream.clicks`** AWS::Kinesis::Stream `other`
      - `other` is made first, then `acme-dev-clicks` is deleted
      - :warning: The records in `acme-dev-clicks` are deleted with it.

      <details open><summary>1 field</summary>

      - `name` `"acme-dev-clicks" → "other"` **forces the replacement**

      </details>

    #### In the way (1)

    - **`topic.taken`** AWS::SNS::Topic `acme-dev-taken`
      - `acme-dev-taken` exists and is not ours; `--adopt topic.taken` takes it over, another `name` leaves it alone

      <details open><summary>4 fields</summary>

      - `policy` `(none) → {"Statement":[{"Action":["sns:Publish"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"]},"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":{"Service":["cloudwatch.amazonaws.com"]},"Resource":["arn:aws:sns:us-east-1:123456789012:acme-dev-taken"],"Sid":"Alarms"},{"Action":["sns:Publish"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sns:us-east-1:123456789012:acme-dev-taken"],"Sid":"TlsOnly"}],"Version":"2012-10-17"}`
      - `tags.pipectl:address` `(none) → "topic.taken"`
      - `tags.pipectl:env` `(none) → "dev"`
      - `tags.pipectl:project` `(none) → "acme"`

      </details>

    #### Update (3)

    - **`alarm.lag`** AWS::CloudWatch::Alarm `acme-dev-lag`

      <details><summary>3 fields</summary>

      - `description` `"stream.clicks: GetRecords.IteratorAgeMilliseconds is above 60000" → "stream.clicks: GetRecords.IteratorAgeMilliseconds is above 90000"`
      - `metric.dimensions.StreamName` `"acme-dev-clicks" → "other"`
      - `threshold` `60000.0 → 90000.0`

      </details>

    - **`firehose.clicks/role`** AWS::IAM::Role `acme-dev-clicks-firehose`

      <details><summary>1 field</summary>

      - `policies.delivery.Statement` `see IAM statements`

      </details>

    - **`topic.alerts`** AWS::SNS::Topic `acme-dev-alerts`

      <details><summary>1 field</summary>

      - `tags.team` `"growth" → (none)` **changed outside pipectl**

      </details>

    #### Create (2)

    - **`snowpipe.events/key`** AWS::IAM::AccessKey `acme-dev-events|/acme/dev/events/access-key`
    - **`snowpipe.events/user`** AWS::IAM::User `acme-dev-events`

    #### Adopt (1)

    - **`topic.wanted`** AWS::SNS::Topic `acme-dev-wanted`
      - adoption was asked for

      <details><summary>4 fields</summary>

      - `policy` `see IAM statements`
      - `tags.pipectl:address` `(none) → "topic.wanted"`
      - `tags.pipectl:env` `(none) → "dev"`
      - `tags.pipectl:project` `(none) → "acme"`

      </details>

    #### Rename (1)

    - **`topic.renamed`** AWS::SNS::Topic `acme-dev-moved`
      - was `topic.moved`

      <details><summary>1 field</summary>

      - `tags.pipectl:address` `"topic.moved" → "topic.renamed"`

      </details>

    #### IAM statements

    - **`firehose.clicks/role`** `policies.delivery`: 1 changed

      <details><summary>1 statement</summary>

      - changed: Allow `kinesis:DescribeStream`, `kinesis:GetRecords`, `kinesis:GetShardIterator`, `kinesis:ListShards`
        - on new: `arn:aws:kinesis:us-east-1:123456789012:stream/other`; no longer: `arn:aws:kinesis:us-east-1:123456789012:stream/acme-dev-clicks`

      </details>

    - **`snowpipe.events/user`** `policies.read`: 3 added

      <details><summary>3 statements</summary>

      - added: Allow `s3:GetBucketLocation`
        - on `arn:aws:s3:::acme-golden-events`
      - added: Allow `s3:GetObject`, `s3:GetObjectVersion`
        - on `arn:aws:s3:::acme-golden-events/events/*`
      - added: Allow `s3:ListBucket`
        - on `arn:aws:s3:::acme-golden-events`
        - if `StringLike s3:prefix = events/*`

      </details>

    - **`topic.old`** `policy`: 2 removed

      <details><summary>2 statements</summary>

      - removed: Allow `sns:Publish`
        - on `arn:aws:sns:us-east-1:123456789012:acme-dev-old`
        - by `Service cloudwatch.amazonaws.com`
        - if `ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:123456789012:alarm:*`, `StringEquals aws:SourceAccount = 123456789012`
      - removed: Deny `sns:Publish`
        - on `arn:aws:sns:us-east-1:123456789012:acme-dev-old`
        - by `*`
        - if `Bool aws:SecureTransport = false`

      </details>

    - **`topic.wanted`** `policy`: 2 added

      <details><summary>2 statements</summary>

      - added: Allow `sns:Publish`
        - on `arn:aws:sns:us-east-1:123456789012:acme-dev-wanted`
        - by `Service cloudwatch.amazonaws.com`
        - if `ArnLike aws:SourceArn = arn:aws:cloudwatch:us-east-1:123456789012:alarm:*`, `StringEquals aws:SourceAccount = 123456789012`
      - added: Deny `sns:Publish`
        - on `arn:aws:sns:us-east-1:123456789012:acme-dev-wanted`
        - by `*`
        - if `Bool aws:SecureTransport = false`

      </details>

    #### Changed outside pipectl since the last apply

    - **`topic.alerts`** (this plan makes it as the spec says)

      <details><summary>1 field</summary>

      - `tags.team` `(none) → "growth"` **changed outside pipectl**

      </details>

    #### Still missing

    - **`snowpipe.events`** Snowpipe is not told of new objects: the ARN of its queue is missing
      - run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the `notification_channel` of SHOW PIPES
    --- exit code 0
    "#);
    let full = golden().run(&["show", "--markdown", "--full"]).success().stdout;
    assert!(full.contains("attributes</summary>") && full.len() > 1000, "{full}");
}

#[test]
fn gitlab_gets_the_counts_of_a_plan() {
    let cli = golden();
    let printed = cli.run(&["show", "--gitlab-report", "-"]).success().stdout;
    assert_eq!(misfit(&printed, "gitlab/terraform.schema.json"), None);
    let counts: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(counts, json!({"create": 4, "update": 5, "delete": 3}));
    let shown = cli.run(&["show", "--gitlab-report", "counts.json"]).success().stdout;
    assert_eq!(shown, cli.run(&["show"]).success().stdout, "the file comes besides");
    assert_eq!(cli.read("counts.json"), printed);
    for two in [&["--json", "show", "--markdown"][..], &["show", "--markdown", "--gitlab-report", "-"]] {
        let refused = cli.run(two).fails(1).stderr;
        assert!(refused.contains("standard output takes one result"), "{refused}");
    }
}

#[test]
fn plans_of_all_kinds_are_reported() {
    let account = emulator::ministack().account();
    let cli = project(&account, &SMALL.replace("[state]", "protect = true\n[state]"));
    let reports = ["--gitlab-report", "counts.json", "--markdown"];
    let reported = |arguments: &[&str], code| {
        let output = cli.run(&[arguments, &reports].concat()).fails(code);
        let counts = cli.read("counts.json");
        assert_eq!(misfit(&counts, "gitlab/terraform.schema.json"), None);
        (output.stdout, serde_json::from_str::<Value>(&counts).unwrap())
    };
    let (text, counts) = reported(&["plan", "--env", "dev"], 0);
    assert!(text.starts_with("### Plan of `dev`") && text.contains("**3 to create**"), "{text}");
    assert_eq!(counts, json!({"create": 3, "update": 0, "delete": 0}));
    let _ = cli.run(&["apply", "plan.json"]).success();
    let (text, counts) = reported(&["plan", "--env", "dev"], 0);
    assert!(text.contains("**no changes. AWS is as the spec says.**"), "{text}");
    assert_eq!(counts, json!({"create": 0, "update": 0, "delete": 0}));
    // What is refused is reported all the same: that is what has to be talked about.
    let (text, counts) = reported(&["destroy", "--env", "dev", "--plan-only"], 6);
    assert!(text.starts_with("### Destruction of `dev`") && text.contains("#### Refused"), "{text}");
    assert_eq!(counts, json!({"create": 0, "update": 0, "delete": 3}));
}

/// The violations that `validate` writes, and its exit code.
fn violations(cli: &Cli, arguments: &[&str], code: i32) -> Vec<Value> {
    let _ = cli.run(&[&["validate", "--code-quality", "quality.json"], arguments].concat()).fails(code);
    let report = cli.read("quality.json");
    assert_eq!(misfit(&report, "gitlab/code-quality.schema.json"), None);
    let all: Vec<Value> = serde_json::from_str(&report).unwrap();
    let fingerprints: BTreeSet<&str> = all.iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), all.len(), "one of several with the same fingerprint would be lost: {report}");
    all
}

#[test]
fn gitlab_gets_every_mistake_in_a_spec() {
    let wrong = SMALL.replace("shards = 1", "shards = 0\nretention_hour = 48") + "[stream.more]\nshards = 0\n";
    let cli = Cli::new().file("envs/dev.toml", &wrong);
    let all = violations(&cli, &["--env", "dev"], 1);
    let told = cli.run(&["validate", "--env", "dev", "--json"]).fails(1).json();
    assert_eq!(all.len(), told["error"]["diagnostics"].as_array().unwrap().len());
    let mut unknown = all.into_iter().find(|one| one["location"]["lines"]["begin"] == 11).unwrap();
    unknown["fingerprint"].take();
    assert_eq!(
        unknown,
        json!({
            "description": "unknown key `retention_hour` in `stream.clicks` (did you mean `retention_hours`?)",
            "check_name": "pipectl-validate",
            "fingerprint": null,
            "severity": "blocker",
            "location": {"path": "envs/dev.toml", "lines": {"begin": 11}},
        })
    );
}

#[test]
fn a_valid_spec_has_no_violations() {
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    assert_eq!(violations(&cli, &["--env", "dev"], 0), Vec::<Value>::new());
    let missing = "[bucket.events]\n[snowpipe.events]\nbucket = \"bucket.events\"\nprefix = \"events/\"\naccess = \"user\"\ntable = \"A.B.C\"\n";
    cli.write("envs/dev.toml", &format!("{SMALL}{missing}"));
    assert_eq!(violations(&cli, &["--env", "dev"], 0), Vec::<Value>::new(), "what is missing is no mistake");
}

#[test]
fn a_mistake_without_a_file_is_tied_to_the_environments() {
    let path = |cli: &Cli, arguments: &[&str]| violations(cli, arguments, 1)[0]["location"]["path"].clone();
    let cli = Cli::new().file("envs/dev.toml", SMALL);
    assert_eq!(path(&cli, &["--env", "dev", "--set", "stream.clicks.shards=many"]), "envs/dev.toml");
    assert_eq!(path(&cli, &["--env", "prod"]), "envs/base.toml");
    cli.write("infra/envs/dev.toml", "x = 1");
    assert_eq!(path(&cli, &["--env-file", "./infra/envs/../envs/dev.toml"]), "infra/envs/dev.toml");
    let folder = cli.path("x").parent().unwrap().to_owned();
    let (top, name) = (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap());
    let cli = cli.env("CI_PROJECT_DIR", top.to_str().unwrap()).env("CI_COMMIT_REF_NAME", "x");
    assert_eq!(path(&cli, &[]), format!("{name}/envs/base.toml"), "GitLab's paths begin at the top of the repository");
}
