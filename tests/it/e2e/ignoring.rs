//! `ignore`: what somebody else decides on is left alone by everything, and the rest is not.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn shards_that_somebody_else_decides_on_are_left_alone_on_ministack() {
    shards_that_somebody_else_decides_on_are_left_alone(emulator::ministack()).await;
}

#[tokio::test]
async fn shards_that_somebody_else_decides_on_are_left_alone_on_moto() {
    shards_that_somebody_else_decides_on_are_left_alone(emulator::moto()).await;
}

async fn shards_that_somebody_else_decides_on_are_left_alone(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 1\nignore = [\"shards\", \"tags.stage\"]");
    let deployment = deployment.apply();
    assert_eq!(deployment.shards().await, 1, "a creation takes what the spec says");
    let lost = deployment.lost();
    deployment.change("stream.clicks", |live| live["shards"] = json!(2)).await;
    deployment.change("stream.clicks", |live| live["tags"]["stage"] = json!("theirs")).await;

    // Neither a change nor drift, for no command.
    assert_eq!(deployment.drift(), lost);
    let plan = deployment.run(&["plan", "--detailed-exitcode", "--json"]).json();
    let left_alone = |plan: &serde_json::Value| {
        let stream = plan["changes"].as_array().unwrap().iter().find(|one| one["address"] == "stream.clicks").unwrap();
        assert_eq!((&stream["action"], &stream["drift"]), (&json!("none"), &json!(null)));
        stream["left_alone"].clone()
    };
    let expected = json!([
        {"path": ["shards"], "live": 2, "spec": 1},
        {"path": ["tags", "stage"], "live": "theirs", "spec": null},
    ]);
    assert_eq!(left_alone(&plan), expected);
    let shown = deployment.cli.run(&["show"]).success().stdout;
    let (_, section) = shown.split_once("Left alone").unwrap();
    let (section, _) = section.split_once("\nStill missing").unwrap();
    assert_eq!(shown.matches("stream.clicks").count(), 1, "shown once: {shown}");
    insta::allow_duplicates! {
        assert_snapshot!(section, @r#"
        , as the spec asks
          stream.clicks
                   shards      2 (the spec says 1)
                   tags.stage  "theirs" (the spec says (none))
        "#);
    }

    // A plan of before somebody has gone on is no stale one.
    deployment.edit("envs/dev.toml", "[stream.clicks]", "[stream.clicks]\nretention_hours = 48");
    deployment.run(&["plan"]).success();
    deployment.change("stream.clicks", |live| live["shards"] = json!(4)).await;
    deployment.proxy.take_calls();
    deployment.cli.run(&["apply", "plan.json"]).success();
    let calls = deployment.proxy.take_calls();
    assert_eq!((calls.of("kinesis:UpdateShardCount"), calls.of("kinesis:IncreaseStreamRetentionPeriod")), (0, 1));
    deployment.run(&["drift", "--revert", "--auto-approve"]).success();
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;
    deployment.run(&["drift", "--accept", "--auto-approve"]).success();
    let spec = deployment.cli.read("envs/dev.toml");
    assert!(spec.contains("shards = 1\n") && spec.contains("retention_hours = 72"), "{spec}");
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(deployment.shards().await, 4);

    let exported = deployment.run(&["export", "terraform", "--out", "tf"]).success();
    let main = deployment.cli.read("tf/main.tf");
    assert!(main.contains("[enforce_consumer_deletion, shard_count, tags[\"stage\"]]"), "{exported} {main}");

    // Whoever takes it out again has the spec's word.
    deployment.edit("envs/dev.toml", "ignore = [\"shards\", \"tags.stage\"]\n", "");
    let changes = deployment.changes();
    assert!(changes.contains("stream.clicks shards") && changes.contains("stream.clicks tags.stage"), "{changes:?}");
}

#[tokio::test]
async fn what_is_left_alone_takes_no_further_call() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.run(&["plan"]).success();
    let before = deployment.proxy.take_calls().total();
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 1\nignore = [\"shards\"]");
    deployment.takes_round_trips(3, "with something that is left alone");
    deployment.run(&["plan"]).success();
    assert_eq!(deployment.proxy.take_calls().total(), before);
}

impl Deployment {
    async fn shards(&self) -> i32 {
        let kinesis = self.aws().client(aws_sdk_kinesis::Client::new).await;
        let name = format!("{}-{}-clicks", self.project, self.env);
        let summary = kinesis.describe_stream_summary().stream_name(name).send().await.unwrap();
        summary.stream_description_summary.unwrap().open_shard_count
    }
}
