use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use time::macros::datetime;

use super::*;
use crate::engine::plan::likely::LikelyRename;
use crate::engine::plan::selection::WHOLE;
use crate::engine::plan::{Changes, Refusal};
use crate::engine::planfile::StateRef;
use crate::model::acting::Acting;
use crate::model::diff::FieldChange;
use crate::model::left_alone::LeftAlone;
use crate::model::scope::Scope;
use crate::report::style::plain;

pub(in crate::report) fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        made_by: "pipectl 0.1.0".into(),
        project: "acme".into(),
        env: "dev".into(),
        purpose: Purpose::Apply,
        scope: Scope::new("123456789012", "eu-west-1"),
        caller: "arn:aws:iam::123456789012:user/ann".into(),
        acts_as: Acting::default(),
        created: datetime!(2026-11-21 02:05 UTC),
        expires: datetime!(2026-12-21 02:05 UTC),
        state: StateRef { location: "s3://b/f/dev/state.json".into(), lineage: None, serial: 0, etag: None },
        spec: None,
        protect: false,
        changes: Changes(changes),
        flows: BTreeSet::new(),
        refusals: Vec::new(),
        broadens: Vec::new(),
        externals: BTreeMap::new(),
        likely_renames: Vec::new(),
        selection: WHOLE.clone(),
        left_out: Vec::new(),
        notes: Vec::new(),
        cost: None,
        outputs: serde_json::Map::new(),
    }
}

pub(in crate::report) fn change(action: Action, address: &str, aws_type: &str, key: &str) -> Change {
    Change { action, ..Change::blank(address.parse().unwrap(), "", aws_type, key.into()) }
}

pub(in crate::report) fn stream(action: Action) -> Change {
    change(action, "stream.clicks", "AWS::Kinesis::Stream", "acme-dev-clicks")
}

pub(in crate::report) fn role(action: Action) -> Change {
    change(action, "firehose.clicks/role", "AWS::IAM::Role", "acme-dev-clicks-firehose")
}

pub(in crate::report) fn field(path: &str, before: Value, after: Value) -> FieldChange {
    FieldChange { path: path.into(), before, after, replaces: false, drifted: false }
}

fn shown(plan: &Plan, width: usize) -> String {
    plain(&text(plan, Detail { full: false, width }))
}

#[test]
fn a_plan_without_changes_says_so() {
    insta::assert_snapshot!(shown(&plan(vec![stream(Action::None)]), 80), @"dev (123456789012, eu-west-1): no changes. AWS is as the spec says.");
    let nothing = Plan { purpose: Purpose::Destroy, ..plan(Vec::new()) };
    insta::assert_snapshot!(shown(&nothing, 80), @"dev (123456789012, eu-west-1): nothing to destroy.");
}

#[test]
fn losses_come_first_and_every_action_has_its_sign() {
    let all = [
        Action::Forget,
        Action::Rename,
        Action::Update,
        Action::Adopt,
        Action::Create,
        Action::Conflict,
        Action::Replace,
        Action::Delete,
        Action::None,
    ];
    let named =
        |(index, action)| change(action, &format!("stream.s{index}"), "AWS::Kinesis::Stream", &format!("s{index}"));
    insta::assert_snapshot!(shown(&plan(all.into_iter().enumerate().map(named).collect()), 80), @r"
    dev (123456789012, eu-west-1): 1 to delete, 1 to replace, 1 in the way, 1 to create, 1 to adopt, 1 to update, 1 to rename, 1 to forget, 1 unchanged.

    - delete   stream.s7  AWS::Kinesis::Stream  s7
    ± replace  stream.s6  AWS::Kinesis::Stream  s6
    ? adopt?   stream.s5  AWS::Kinesis::Stream  s5
    + create   stream.s4  AWS::Kinesis::Stream  s4
    & adopt    stream.s3  AWS::Kinesis::Stream  s3
    ~ update   stream.s2  AWS::Kinesis::Stream  s2
    > rename   stream.s1  AWS::Kinesis::Stream  s1
    x forget   stream.s0  AWS::Kinesis::Stream  s0
    ");
}

#[test]
fn a_change_tells_its_fields_its_reason_and_its_warnings() {
    let update = Change {
        fields: vec![
            FieldChange { drifted: true, ..field("retention_hours", json!(72), json!(24)) },
            field("tags.team", json!(null), json!("growth")),
        ],
        drift: vec![field("retention_hours", json!(24), json!(72))],
        warnings: vec!["Records that are older than 24 hours are gone at once, and nobody brings them back.".into()],
        ..stream(Action::Update)
    };
    let replacement = Change {
        fields: vec![FieldChange { replaces: true, ..field("name", json!("old"), json!("acme-dev-clicks-firehose")) }],
        previous_key: Some("old".into()),
        reason: Some("its name changes".into()),
        ..role(Action::Replace)
    };
    let renamed = Change {
        previous_address: Some("topic.alerts".parse().unwrap()),
        ..change(Action::Rename, "topic.alarms", "AWS::SNS::Topic", "acme-dev-alerts")
    };
    insta::assert_snapshot!(shown(&plan(vec![update, replacement, renamed]), 80), @r#"
    dev (123456789012, eu-west-1): 1 to replace, 1 to update, 1 to rename.

    ± replace  firehose.clicks/role  AWS::IAM::Role  acme-dev-clicks-firehose
               `acme-dev-clicks-firehose` is made first, then `old` is deleted
               its name changes
               name  "old" → "acme-dev-clicks-firehose"  forces the replacement
    ~ update   stream.clicks         AWS::Kinesis::Stream  acme-dev-clicks
               retention_hours  72 → 24  changed outside pipectl
               tags.team        (none) → "growth"
               ! Records that are older than 24 hours are gone at once, and nobody
               brings them back.
    > rename   topic.alarms          AWS::SNS::Topic  acme-dev-alerts
               was topic.alerts

    Changed outside pipectl since the last apply
      stream.clicks (this plan makes it as the spec says)
               retention_hours  24 → 72
    "#);
}

#[test]
fn statements_stand_under_their_policy_and_say_how_they_change() {
    let statement =
        |actions: Value, resource: &str| json!({"Effect": "Allow", "Action": actions, "Resource": [resource]});
    let read = json!(["s3:GetObject", "s3:GetObjectVersion"]);
    let new = json!({
        "trust": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "firehose.amazonaws.com"},
            "Condition": {"StringEquals": {"sts:ExternalId": ["1", "2"]}}}]},
        "policies": {"delivery": {"Statement": [
            statement(json!(["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]),
                "arn:aws:kinesis:eu-west-1:123456789012:stream/acme-dev-clicks"),
            {"Effect": "Deny", "NotAction": ["s3:GetObject"], "NotResource": "*", "NotPrincipal": "*"},
        ]}},
    });
    let created = Change { after: Some(new.into()), ..role(Action::Create) };
    let policy = |statements: Value| Some(json!({"policies": {"read": {"Statement": statements}}}).into());
    let changed = Change {
        before: policy(json!([
            statement(read.clone(), "arn:aws:s3:::b/x/*"),
            statement(json!(["s3:ListBucket"]), "arn:aws:s3:::b"),
            statement(json!(["s3:DeleteObject"]), "arn:aws:s3:::b/*")
        ])),
        after: policy(json!([
            statement(read, "arn:aws:s3:::b/*"),
            statement(json!(["s3:ListBucket", "s3:GetBucketLocation"]), "arn:aws:s3:::b")
        ])),
        ..change(Action::Update, "snowpipe.events/user", "AWS::IAM::User", "acme-dev-events")
    };
    let plan = plan(vec![created, changed]);
    insta::assert_snapshot!(shown(&plan, 80), @r"
    dev (123456789012, eu-west-1): 1 to create, 1 to update.

    + create   firehose.clicks/role  AWS::IAM::Role  acme-dev-clicks-firehose
    ~ update   snowpipe.events/user  AWS::IAM::User  acme-dev-events

    IAM statements
      firehose.clicks/role policies.delivery
        + Allow  kinesis:DescribeStream, kinesis:GetRecords,
                 kinesis:GetShardIterator, kinesis:ListShards
          on     arn:aws:kinesis:eu-west-1:123456789012:stream/acme-dev-clicks
        + Deny   all but s3:GetObject
          on     all but *
          by     all but *
      firehose.clicks/role trust
        + Allow  sts:AssumeRole
          by     Service firehose.amazonaws.com
          if     StringEquals sts:ExternalId = 1 or 2
      snowpipe.events/user policies.read
        ~ Allow  broadened: s3:GetObject, s3:GetObjectVersion
          on     - arn:aws:s3:::b/x/*
                 + arn:aws:s3:::b/*
        ~ Allow  broadened: s3:ListBucket, + s3:GetBucketLocation
          on     arn:aws:s3:::b
        - Allow  s3:DeleteObject
          on     arn:aws:s3:::b/*
    ");
    assert!(shown(&plan, 140).contains("kinesis:GetRecords, kinesis:GetShardIterator, kinesis:ListShards"));
}

#[test]
fn what_is_missing_and_what_is_refused_comes_last() {
    let note = Note {
        address: "snowpipe.events".parse().unwrap(),
        message: "Snowpipe is not told of new objects: the ARN of its queue is missing".into(),
        help: "run the statements of `pipectl snowflake-sql --env dev` in Snowflake".into(),
    };
    let refusal =
        Refusal { address: "stream.clicks".parse().unwrap(), message: "would be deleted, but is protected".into() };
    let plan = Plan { notes: vec![note], refusals: vec![refusal], ..plan(vec![stream(Action::Delete)]) };
    insta::assert_snapshot!(shown(&plan, 60), @r"
    dev (123456789012, eu-west-1): 1 to delete.

    - delete   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks

    Still missing
      snowpipe.events: Snowpipe is not told of new objects: the
        ARN of its queue is missing
        run the statements of `pipectl snowflake-sql --env dev`
        in Snowflake

    Refused
      stream.clicks would be deleted, but is protected
    ");
}

#[test]
fn in_full_every_attribute_of_what_is_made_is_shown() {
    let created = Change {
        after: Some(json!({"mode": "PROVISIONED", "shards": 1, "kms_key": null}).into()),
        ..stream(Action::Create)
    };
    insta::assert_snapshot!(plain(&text(&plan(vec![created]), Detail { full: true, width: 80 })), @r#"
    dev (123456789012, eu-west-1): 1 to create.

    + create   stream.clicks  AWS::Kinesis::Stream  acme-dev-clicks
               mode    "PROVISIONED"
               shards  1
    "#);
}

#[test]
fn nothing_in_a_plan_steers_a_terminal() {
    const BAD: &str = "\u{1b}[31mred\u{202e}\u{7}\r\n";
    let hostile = Change {
        reason: Some(BAD.into()),
        previous_key: Some(BAD.into()),
        fields: vec![field(BAD, json!(BAD), json!({BAD: [BAD]}))],
        drift: vec![field(BAD, json!(BAD), json!(BAD))],
        before: Some(
            json!({"p": {"Statement": [{"Effect": BAD, "Action": [BAD], "Condition": {BAD: {BAD: BAD}}}]}}).into(),
        ),
        after: Some(
            json!({BAD: BAD, "p": {"Statement": [{"Effect": BAD, "Resource": BAD, "Principal": {BAD: BAD}}]}}).into(),
        ),
        warnings: vec![BAD.into()],
        ..change(Action::Update, "stream.clicks", "AWS::Kinesis::Stream", BAD)
    };
    let note = Note { address: "stream.clicks".parse().unwrap(), message: BAD.into(), help: BAD.into() };
    let refusal = Refusal { address: "stream.clicks".parse().unwrap(), message: BAD.into() };
    let plan = Plan { env: BAD.into(), notes: vec![note], refusals: vec![refusal], ..plan(vec![hostile]) };
    for full in [false, true] {
        let text = plain(&text(&plan, Detail { full, width: 80 }));
        let raw = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
        assert!(!text.contains(raw), "{text:?}");
    }
}

#[test]
fn what_a_creation_opens_is_shown_in_every_format() {
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let anybody = json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}, "Action": ["sts:AssumeRole"]});
    let made = json!({
        "name": "r", "managed_policies": [policy], "permissions_boundary": "arn:aws:iam::123456789012:policy/edge",
        "trust": {"Version": "2012-10-17", "Statement": [anybody]},
        "public_access_block": {"block_public_acls": true, "block_public_policy": false}, "object_ownership": "ObjectWriter",
    });
    let plan = plan(vec![Change { after: Some(made.into()), ..role(Action::Create) }]);
    let json = serde_json::to_string(&crate::engine::planfile::PlanFile::new(&plan).unwrap()).unwrap();
    let markdown = crate::report::markdown::markdown(&plan, false);
    let page = crate::report::html::page(&plan);
    for (format, text) in [("text", shown(&plan, 100)), ("json", json), ("markdown", markdown), ("html", page)] {
        for said in [policy, "policy/edge", "block_public_policy", "ObjectWriter", "arn:aws:iam::111122223333:root"] {
            assert!(text.contains(said), "{format} hides {said}:\n{text}");
        }
    }
    assert!(shown(&plan, 100).contains("+ \"arn:aws:iam::aws:policy/AdministratorAccess\"\n"));
}

/// A stream whose shards others decide on, beside one that was renamed; names that would mean something to a terminal.
pub(in crate::report) fn left_and_renamed() -> Plan {
    let alone = |path: &[&str], live: Value, spec: Value| LeftAlone {
        path: path.iter().map(ToString::to_string).collect(),
        live,
        spec,
    };
    let kept = Change {
        left_alone: vec![
            alone(&["shards"], json!(4), json!(1)),
            alone(&["tags", "st\u{1b}age"], json!("x"), json!("x")),
        ],
        ..stream(Action::None)
    };
    let rename = |from: &str, to: &str, name: &str| LikelyRename {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        name: name.to_owned(),
    };
    let likely_renames = vec![
        rename("stream.orders", "stream.sales", "acme-dev-\u{1b}orders"),
        rename("topic.alerts", "topic.alarms", "acme-dev-alerts"),
    ];
    Plan { likely_renames, ..plan(vec![kept]) }
}

#[test]
fn what_is_left_alone_and_what_was_probably_renamed_is_told() {
    insta::assert_snapshot!(shown(&left_and_renamed(), 80), @r#"
    dev (123456789012, eu-west-1): no changes. AWS is as the spec says.

    Renamed, perhaps
      stream.orders is deleted, with what it holds, and stream.sales is made just
        like it.
      topic.alerts is deleted, with what it holds, and topic.alarms is made just
        like it.
      If that is one block under another name, write `moved` above the first table
        of the spec, and `name` into the block's:
        moved = [
          { from = "stream.orders", to = "stream.sales" },
          { from = "topic.alerts", to = "topic.alarms" },
        ]
        [stream.sales]
        name = "acme-dev-\\u{1b}orders"
        [topic.alarms]
        name = "acme-dev-alerts"

    Left alone, as the spec asks
      stream.clicks
               shards            4 (the spec says 1)
               tags.st\u{1b}age  "x"
    "#);
}
