//! `drift --revert`: what somebody else did is undone, and nothing else is done.

use pipectl::model::kind::{Kind, StepContext};
use pipectl::state::{Record, State};
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn drift_is_undone_and_what_the_spec_has_come_to_say_stays_pending_on_ministack() {
    drift_is_undone_and_what_the_spec_has_come_to_say_stays_pending(emulator::ministack()).await;
}

#[tokio::test]
async fn drift_is_undone_and_what_the_spec_has_come_to_say_stays_pending_on_moto() {
    drift_is_undone_and_what_the_spec_has_come_to_say_stays_pending(emulator::moto()).await;
}

async fn drift_is_undone_and_what_the_spec_has_come_to_say_stays_pending(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    let lost = deployment.lost();
    // Of the very resource that drifts, and of another.
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.edit("envs/dev.toml", "expire_days = 14", "expire_days = 7");
    let pending = deployment.changes();
    assert!(pending.contains("stream.clicks shards") && pending.contains("bucket.events lifecycle"), "{pending:?}");

    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;
    deployment.change("stream.clicks", |live| live["tags"]["owner"] = json!("somebody")).await;
    deployment.change("firehose.clicks/log-group", |live| live["retention_days"] = json!(3)).await;
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    deployment.delete("alarm.delivery").await;
    let theirs = [
        "alarm.delivery missing",
        "firehose.clicks/log-group retention_days",
        "stream.clicks retention_hours",
        "stream.clicks tags.owner",
        "topic.alerts display_name",
    ];
    assert_eq!(deployment.drift().difference(&lost).collect::<Vec<_>>(), theirs.iter().collect::<Vec<_>>());

    let before = deployment.state();
    deployment.proxy.take_calls();
    let reverted = deployment.run(&["drift", "--revert", "--auto-approve"]).success();
    assert!(reverted.stdout.contains("drift in dev is undone"), "{reverted}");
    assert_eq!(deployment.proxy.take_calls().of("kinesis:UpdateShardCount"), 0);
    assert_eq!(deployment.drift(), lost);
    // What is remembered is what was: nothing of the spec has come in.
    assert_eq!(remembered(deployment.state()), remembered(before));
    assert_eq!(deployment.changes(), pending);
}

#[tokio::test]
async fn what_is_named_is_reverted_and_a_saved_plan_does_the_same() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    deployment.change("firehose.clicks/log-group", |live| live["retention_days"] = json!(3)).await;
    // A block's name stands for its parts.
    deployment.run(&["drift", "--revert", "--auto-approve", "firehose.clicks"]).success();
    let left = ["stream.clicks retention_hours", "topic.alerts display_name"];
    assert_eq!(deployment.drift().into_iter().collect::<Vec<_>>(), left);

    let saved = deployment.run(&["drift", "--revert", "stream.clicks", "--out", "revert.json"]).success();
    insta::assert_snapshot!(saved, @r"
    --- stdout
    revert of drift in dev ([ACCOUNT], eu-west-1): 1 to update, 11 unchanged.

    ~ update   stream.clicks  AWS::Kinesis::Stream  acme-clickstream-dev-clicks
               retention_hours  72 → 24  changed outside pipectl
               ! Records older than 24 hours are lost: retention shrinks from 72 hours.

    Changed outside pipectl since the last apply
      stream.clicks (this plan makes it as the last apply left it)
               retention_hours  24 → 72
    --- stderr

    saved as revert.json; `pipectl apply revert.json --revert stream.clicks` does exactly this
    --- exit code 0
    ");
    assert_eq!(deployment.drift().into_iter().collect::<Vec<_>>(), left, "saving a plan changes nothing");
    deployment.cli.run(&["apply", "revert.json", "--revert", "stream.clicks"]).success();
    assert_eq!(deployment.drift().into_iter().collect::<Vec<_>>(), left[1..]);
    deployment.cli.run(&["apply", "revert.json", "--revert", "stream.clicks"]).fails(3);
    deployment.run(&["drift", "--revert", "--auto-approve"]).success();
    let none = deployment.run(&["drift", "--revert", "--auto-approve"]).success();
    assert!(none.stdout.contains("nothing to revert. AWS is as the last apply left it."), "{none}");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_plan_of_a_revert_is_refused_once_somebody_has_gone_on() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    deployment.run(&["drift", "--revert", "--out", "revert.json"]).success();
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs again")).await;
    let stale = deployment.cli.run(&["apply", "revert.json", "--revert"]).fails(3);
    assert!(stale.stderr.contains("display_name"), "{stale}");
    // Neither looking nor undoing asks whether the spec keeps its rules by now.
    deployment.edit("envs/base.toml", "require_tags = [", "require_tags = [\"nobody-has-it\", ");
    deployment.run(&["plan"]).fails(6);
    assert_eq!(deployment.drift().len(), 1);
    let unknown = deployment.run(&["drift", "--revert", "topic.other"]).fails(1);
    assert!(unknown.stderr.contains("pipectl owns nothing at `topic.other`"), "{unknown}");
    let unasked = deployment.run(&["drift", "--revert"]).fails(1);
    assert!(unasked.stderr.contains("nobody is there to ask"), "{unasked}");
}

/// A state as far as it is about what pipectl wrote, and not about what AWS made up.
fn remembered(state: State) -> impl PartialEq + std::fmt::Debug {
    let records = state.resources.into_iter();
    let records: Vec<_> =
        records.map(|(address, record)| (address, Record { outputs: Value::Null, ..record })).collect();
    (records, state.outputs, state.protect)
}

impl Deployment {
    /// Does to a live resource what somebody without pipectl would do.
    pub(super) async fn change(&self, address: &str, change: impl FnOnce(&mut Value)) {
        let (registry, records) = (self.registry(), self.records());
        let address = address.parse().unwrap();
        let record = &records[&address];
        let kind: &dyn Kind = registry.get(&record.kind).unwrap();
        let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
        let mut want = Value::clone(&live);
        change(&mut want);
        let owner = self.owner(&address);
        let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
        kind.update(&live, &kind.with_files(&want).unwrap(), &step).await.unwrap();
    }

    /// Deletes a live resource behind pipectl's back.
    pub(super) async fn delete(&self, address: &str) {
        let (registry, records) = (self.registry(), self.records());
        let address = address.parse().unwrap();
        let owner = self.owner(&address);
        let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
        registry.get(&records[&address].kind).unwrap().delete(&records[&address].key, &step).await.unwrap();
    }
}
