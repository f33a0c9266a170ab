//! What a reader of a merge request sees.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::engine::plan::Refusal;
use crate::model::graph::Note;
use crate::report::plan::tests::{change as bare, field, plan, role, stream};

pub(super) fn replacing(change: FieldChange) -> FieldChange {
    FieldChange { replaces: true, ..change }
}

fn topic(action: Action) -> Change {
    bare(action, "topic.alerts", "AWS::SNS::Topic", "acme-dev-alerts")
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": [resource]})
}

fn policy(statements: &[Value]) -> Value {
    json!({"policies": {"delivery": {"Statement": statements}}})
}

fn note() -> Note {
    Note {
        address: "snowpipe.events".parse().unwrap(),
        message: "Snowpipe is not told of new objects: the ARN of its queue is missing".into(),
        help: "run the statements of `pipectl snowflake-sql --env dev` in Snowflake".into(),
    }
}

#[test]
fn a_first_plan() {
    let log = "/aws/kinesisfirehose/acme-dev-clicks|DestinationDelivery";
    let made = vec![
        bare(Action::Create, "firehose.clicks/log-stream", "AWS::Logs::LogStream", log),
        Change {
            after: Some(policy(&[allow(&["kinesis:GetRecords", "kinesis:ListShards"], "arn:aws:kinesis:x")]).into()),
            ..role(Action::Create)
        },
        Change { after: Some(json!({"shards": 1, "mode": "PROVISIONED"}).into()), ..stream(Action::Create) },
    ];
    let plan = Plan { notes: vec![note()], ..plan(made) };
    assert_snapshot!(markdown(&plan, false), @r"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **3 to create**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### Create (3)

    - **`firehose.clicks/log-stream`** AWS::Logs::LogStream `/aws/kinesisfirehose/acme-dev-clicks|DestinationDelivery`
    - **`firehose.clicks/role`** AWS::IAM::Role `acme-dev-clicks-firehose`
    - **`stream.clicks`** AWS::Kinesis::Stream `acme-dev-clicks`

    #### IAM statements

    - **`firehose.clicks/role`** `policies.delivery`: 1 added

      <details><summary>1 statement</summary>

      - added: Allow `kinesis:GetRecords`, `kinesis:ListShards`
        - on `arn:aws:kinesis:x`

      </details>

    #### Still missing

    - **`snowpipe.events`** Snowpipe is not told of new objects: the ARN of its queue is missing
      - run the statements of `pipectl snowflake-sql --env dev` in Snowflake
    ");
    let full = markdown(&plan, true);
    assert!(full.contains("2 attributes</summary>\n\n  - `mode` `\"PROVISIONED\"`\n  - `shards` `1`\n"), "{full}");
}

#[test]
fn a_replacement() {
    let arn = |name: &str| json!(format!("arn:aws:kinesis:eu-west-1:123456789012:stream/{name}"));
    let firehose = Change {
        fields: vec![replacing(field("source.stream_arn", arn("acme-dev-clicks"), arn("other")))],
        warnings: vec![
            "Firehose starts at the end of its Kinesis stream: records put meanwhile are not delivered.".into(),
        ],
        ..bare(Action::Replace, "firehose.clicks", "AWS::KinesisFirehose::DeliveryStream", "acme-dev-clicks")
    };
    let source = Change {
        key: "other".into(),
        previous_key: Some("acme-dev-clicks".into()),
        fields: vec![replacing(field("name", json!("acme-dev-clicks"), json!("other")))],
        warnings: vec!["The records in `acme-dev-clicks` are deleted with it.".into()],
        ..stream(Action::Replace)
    };
    let renamed = Change {
        previous_address: Some("topic.alerts".parse().unwrap()),
        ..bare(Action::Rename, "topic.alarms", "AWS::SNS::Topic", "acme-dev-alerts")
    };
    assert_snapshot!(markdown(&plan(vec![firehose, source, renamed, role(Action::None)]), false), @r#"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **2 to replace, 1 to rename, 1 unchanged**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### Replace (2)

    - **`firehose.clicks`** AWS::KinesisFirehose::DeliveryStream `acme-dev-clicks`
      - :warning: Firehose starts at the end of its Kinesis stream: records put meanwhile are not delivered.

      <details open><summary>1 field</summary>

      - `source.stream_arn` `"arn:aws:kinesis:eu-west-1:123456789012:stream/acme-dev-clicks" → "arn:aws:kinesis:eu-west-1:123456789012:stream/other"` **forces the replacement**

      </details>

    - **`stream.clicks`** AWS::Kinesis::Stream `other`
      - `other` is made first, then `acme-dev-clicks` is deleted
      - :warning: The records in `acme-dev-clicks` are deleted with it.

      <details open><summary>1 field</summary>

      - `name` `"acme-dev-clicks" → "other"` **forces the replacement**

      </details>

    #### Rename (1)

    - **`topic.alarms`** AWS::SNS::Topic `acme-dev-alerts`
      - was `topic.alerts`
    "#);
}

#[test]
fn a_destruction_that_is_refused() {
    let refusal = Refusal {
        address: "stream.clicks".parse().unwrap(),
        message: "would be deleted, but is protected by `[env] protect = true`: set it to false and apply that first"
            .into(),
    };
    let plan = Plan {
        purpose: Purpose::Destroy,
        refusals: vec![refusal],
        ..plan(vec![stream(Action::Delete), topic(Action::Delete)])
    };
    assert_snapshot!(markdown(&plan, false), @r"
    ### Destruction of `dev` of `acme` in `123456789012`, `eu-west-1`

    **2 to delete**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### Refused

    - **`stream.clicks`** would be deleted, but is protected by `[env] protect = true`: set it to false and apply that first

    #### Delete (2)

    - **`stream.clicks`** AWS::Kinesis::Stream `acme-dev-clicks`
    - **`topic.alerts`** AWS::SNS::Topic `acme-dev-alerts`
    ");
    let nothing = Plan {
        purpose: Purpose::Destroy,
        refusals: Vec::new(),
        changes: crate::engine::plan::Changes::default(),
        ..plan
    };
    assert_snapshot!(markdown(&nothing, false), @r"
    ### Destruction of `dev` of `acme` in `123456789012`, `eu-west-1`

    **nothing to destroy.**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.
    ");
}

#[test]
fn drift() {
    let drifted = Change {
        fields: vec![FieldChange { drifted: true, ..field("retention_hours", json!(72), json!(24)) }],
        drift: vec![field("retention_hours", json!(24), json!(72))],
        warnings: vec!["Records older than 24 hours are lost: retention shrinks from 72 hours.".into()],
        ..stream(Action::Update)
    };
    let kept = Change { drift: vec![field("tags.team", json!("growth"), json!("sales"))], ..topic(Action::None) };
    assert_snapshot!(markdown(&plan(vec![drifted, kept]), false), @r#"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **1 to update, 1 unchanged**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### Update (1)

    - **`stream.clicks`** AWS::Kinesis::Stream `acme-dev-clicks`
      - :warning: Records older than 24 hours are lost: retention shrinks from 72 hours.

      <details><summary>1 field</summary>

      - `retention_hours` `72 → 24` **changed outside pipectl**

      </details>

    #### Changed outside pipectl since the last apply

    - **`stream.clicks`** (this plan makes it as the spec says)

      <details><summary>1 field</summary>

      - `retention_hours` `24 → 72`

      </details>

    - **`topic.alerts`** (the spec says the same: kept)

      <details><summary>1 field</summary>

      - `tags.team` `"growth" → "sales"`

      </details>
    "#);
}

#[test]
fn adoption_and_what_is_in_the_way() {
    let tags = vec![field("tags.pipectl:env", json!(null), json!("dev"))];
    let conflict = Change {
        reason: Some("`acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over".into()),
        fields: tags.clone(),
        ..topic(Action::Conflict)
    };
    let adopted = Change { reason: Some("adoption was asked for".into()), fields: tags, ..stream(Action::Adopt) };
    assert_snapshot!(markdown(&plan(vec![conflict, adopted]), false), @r#"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **1 in the way, 1 to adopt**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### In the way (1)

    - **`topic.alerts`** AWS::SNS::Topic `acme-dev-alerts`
      - `acme-dev-alerts` exists and is not ours; `--adopt topic.alerts` takes it over

      <details open><summary>1 field</summary>

      - `tags.pipectl:env` `(none) → "dev"`

      </details>

    #### Adopt (1)

    - **`stream.clicks`** AWS::Kinesis::Stream `acme-dev-clicks`
      - adoption was asked for

      <details><summary>1 field</summary>

      - `tags.pipectl:env` `(none) → "dev"`

      </details>
    "#);
}

#[test]
fn statements_are_told_in_words() {
    let mut bound = allow(&["s3:ListBucket"], "arn:aws:s3:::b");
    let unbound = bound.clone();
    bound["Condition"] = json!({"StringLike": {"s3:prefix": ["events/*"]}});
    let trust = |service: &str| json!({"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}}]});
    let mut before = policy(&[bound, allow(&["s3:GetObject"], "arn:aws:s3:::b/x/*")]);
    let mut after = policy(&[unbound, allow(&["s3:GetObject"], "arn:aws:s3:::b/*")]);
    (before["trust"], after["trust"]) = (trust("firehose.amazonaws.com"), trust("lambda.amazonaws.com"));
    let fields = vec![field("policies.delivery.Statement", json!([1]), json!([2]))];
    let changed = Change { fields, before: Some(before.into()), after: Some(after.into()), ..role(Action::Update) };
    assert_snapshot!(markdown(&plan(vec![changed]), false), @r"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **1 to update**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### Update (1)

    - **`firehose.clicks/role`** AWS::IAM::Role `acme-dev-clicks-firehose`

      <details><summary>1 field</summary>

      - `policies.delivery.Statement` `see IAM statements`

      </details>

    #### IAM statements

    - **`firehose.clicks/role`** `policies.delivery`: 2 **broadened**

      <details open><summary>2 statements</summary>

      - **broadened**: Allow `s3:ListBucket`
        - on `arn:aws:s3:::b`
        - if no longer: `StringLike s3:prefix = events/*`
      - **broadened**: Allow `s3:GetObject`
        - on new: `arn:aws:s3:::b/*`; no longer: `arn:aws:s3:::b/x/*`

      </details>

    - **`firehose.clicks/role`** `trust`: 1 added, 1 removed

      <details><summary>2 statements</summary>

      - added: Allow `sts:AssumeRole`
        - by `Service lambda.amazonaws.com`
      - removed: Allow `sts:AssumeRole`
        - by `Service firehose.amazonaws.com`

      </details>
    ");
}

#[test]
fn what_is_left_alone_and_what_was_probably_renamed_is_told() {
    insta::assert_snapshot!(markdown(&crate::report::plan::tests::left_and_renamed(), false), @r#"
    ### Plan of `dev` of `acme` in `123456789012`, `eu-west-1`

    **no changes. AWS is as the spec says.**

    Made `2026-11-21T02:05:00Z` by `pipectl 0.1.0`, good until `2026-12-21T02:05:00Z`.

    #### :warning: Renamed, perhaps

    - stream.orders is deleted, with what it holds, and stream.sales is made just like it.
    - topic.alerts is deleted, with what it holds, and topic.alarms is made just like it.
    - If that is one block under another name, write `moved` above the first table of the spec, and `name` into the block's:
      - `moved = [`
      - <code>  &#123; from = "stream.orders", to = "stream.sales" &#125;,</code>
      - <code>  &#123; from = "topic.alerts", to = "topic.alarms" &#125;,</code>
      - `]`
      - `[stream.sales]`
      - `name = "acme-dev-\\u{1b}orders"`
      - `[topic.alarms]`
      - `name = "acme-dev-alerts"`

    #### Left alone, as the spec asks

    - **`stream.clicks`**

      <details><summary>2 fields</summary>

      - `shards` `4 (the spec says 1)`
      - `tags.st\u{1b}age` `"x"`

      </details>
    "#);
}
