//! `drift --accept`: what is live becomes the spec's word, where one field of it can say so; nothing else changes.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn what_is_accepted_is_in_the_spec_and_the_plan_has_nothing_to_do_on_ministack() {
    what_is_accepted_is_in_the_spec_and_the_plan_has_nothing_to_do(emulator::ministack()).await;
}

#[tokio::test]
async fn what_is_accepted_is_in_the_spec_and_the_plan_has_nothing_to_do_on_moto() {
    what_is_accepted_is_in_the_spec_and_the_plan_has_nothing_to_do(emulator::moto()).await;
}

async fn what_is_accepted_is_in_the_spec_and_the_plan_has_nothing_to_do(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    let lost = deployment.lost();
    let base = deployment.cli.read("envs/base.toml");
    let nothing = deployment.changes();
    // Written in the file itself, in a table on a line, in the file that is extended, and nowhere.
    deployment.change("firehose.clicks/log-group", |live| live["retention_days"] = json!(3)).await;
    deployment.change("firehose.clicks", |live| live["buffer_mib"] = json!(64)).await;
    deployment.change("firehose.clicks", |live| live["compression"] = json!("GZIP")).await;
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;
    deployment.change("stream.clicks", |live| live["tags"]["owner"] = json!("ann")).await;
    // Two fields of one rule in a list, by a name that is not theirs.
    deployment
        .change("bucket.events", |live| {
            let rules = live["lifecycle"].as_array_mut().unwrap();
            let rule = rules.iter_mut().find(|rule| rule["id"] == "objects").unwrap();
            (rule["expire_days"], rule["abort_multipart_days"]) = (json!(21), json!(2));
        })
        .await;
    // Its description names the threshold.
    deployment.change("alarm.delivery", |live| live["threshold"] = json!(0.5)).await;
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Their ${own}")).await;

    let accepted = deployment.run(&["drift", "--accept", "--auto-approve"]).success();
    let (said, _) = accepted.stdout.split_once("--- envs").unwrap();
    assert!(said.contains("9 values can be accepted") && !said.contains("cannot"), "{accepted}");
    assert_eq!(deployment.changes(), nothing);
    assert_eq!(deployment.cli.read("envs/base.toml"), base, "other environments have it too");
    insta::allow_duplicates! {
        assert_snapshot!(deployment.cli.read("envs/dev.toml"), @r#"
        # Small, cheap and quick: one shard, one-minute batches, objects gone after two weeks.
        # Snowpipe's queue is not known yet: `pipectl snowflake-sql --env dev` says how to get its ARN.
        extends = "base.toml"

        [env]
        name = "dev"

        [stream.clicks]
        mode = "provisioned"
        shards = 1
        retention_hours = 72
        tags = { owner = "ann" }

        [bucket.events]
        expire_days = 21
        abort_multipart_days = 2

        [firehose.clicks]
        buffering = { size_mib = 64, interval_seconds = 60 }
        log_retention_days = 3
        compression = "gzip"

        [topic.alerts]
        display_name = "Their $${own}"

        [alarm.delivery]
        threshold = 0.5
        description = "firehose.clicks: DeliveryToS3.Success is below 0.95"
        "#);
    }

    // The next apply remembers it, without a call that changes anything.
    deployment.proxy.take_calls();
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(deployment.proxy.take_calls().changes(), [""; 0]);
    assert_eq!(deployment.drift(), lost);
}

#[tokio::test]
async fn what_no_field_says_alone_is_left_with_what_to_write_instead() {
    let deployment = Deployment::applied(emulator::ministack(), "staging").await;
    let spec = deployment.cli.read("envs/staging.toml");
    // Of a derived policy; of a part whose tags are its block's; of a field on which another block's default stands; of
    // the tags that pipectl keeps itself; and a deletion.
    deployment
        .change("firehose.clicks/role", |live| {
            live["policies"]["more"] = live["policies"]["delivery"].clone();
        })
        .await;
    deployment.change("firehose.clicks/log-group", |live| live["tags"]["owner"] = json!("ann")).await;
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(96)).await;
    deployment.change("topic.alerts", |live| live["tags"]["pipectl:address"] = json!("topic.theirs")).await;
    deployment.delete("alarm.delivery").await;
    let before = deployment.drift();

    let left = deployment.run(&["drift", "--accept", "--auto-approve"]).fails(5);
    assert_snapshot!(left, @r#"
    --- stdout
    staging: 0 values can be accepted, 5 values cannot be.
    --- stderr
    warning: `retention_hours` of stream.clicks is not accepted: alarm.lag would change as well
      --> envs/staging.toml:11:19
       |
    11 | retention_hours = 48
       |                   ^^
       |
       = help: write `retention_hours = 96` in `[stream.clicks]` if that is meant, and look at the plan

    warning: `tags.owner` of firehose.clicks/log-group is not accepted: firehose.clicks, firehose.clicks/role would change as well
      --> envs/staging.toml:16:11
       |
    16 | [firehose.clicks]
       |           ^^^^^^
       |
       = help: write `tags.owner = "ann"` in `[firehose.clicks]` if that is meant, and look at the plan

    warning: `policies.more` of firehose.clicks/role cannot be accepted: no field of `[firehose.clicks]` says it
      --> envs/staging.toml:16:11
       |
    16 | [firehose.clicks]
       |           ^^^^^^
       |
       = help: it follows from how blocks are wired, stands in a file that is extended, or may not be written; `pipectl drift --revert 'firehose.clicks/role'` undoes it

    warning: `tags.pipectl:address` of topic.alerts cannot be accepted: no field of `[topic.alerts]` says it
      --> envs/base.toml:43:8
       |
    43 | [topic.alerts]
       |        ^^^^^^
       |
       = help: it follows from how blocks are wired, stands in a file that is extended, or may not be written; `pipectl drift --revert 'topic.alerts'` undoes it

    warning: alarm.delivery was deleted: no value of it can be accepted
      --> envs/base.toml:47:8
       |
    47 | [alarm.delivery]
       |        ^^^^^^^^
       |
       = help: take out of the spec what makes it, and the next apply forgets it; or `pipectl drift --revert 'alarm.delivery'` undoes it
    --- exit code 5
    "#);
    assert_eq!(deployment.cli.read("envs/staging.toml"), spec);
    assert_eq!(deployment.drift(), before);
}

#[tokio::test]
async fn nothing_is_written_unasked_and_nothing_over_a_value_that_is_worked_out() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.edit(
        "envs/dev.toml",
        "[stream.clicks]",
        "[topic.alerts]\ndisplay_name = \"${project} ${env}\"\n\n[stream.clicks]",
    );
    deployment.run(&["apply", "--auto-approve"]).success();
    let spec = deployment.cli.read("envs/dev.toml");
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;

    let unasked = deployment.run(&["drift", "--accept", "stream.clicks"]).fails(1);
    assert!(unasked.stderr.contains("nothing was written, as nobody is there to ask"), "{unasked}");
    assert!(unasked.stdout.contains("+retention_hours = 72"), "{unasked}");
    let json = deployment.run(&["drift", "--accept", "--json"]).fails(1).json();
    assert_eq!(json["written"], false);
    assert_eq!(json["accepted"], json!([{"address": "stream.clicks", "path": "retention_hours"}]));
    assert_eq!(json["edits"], json!([{"block": "stream.clicks", "line": "retention_hours = 72"}]));
    assert_eq!(json["left"][0]["help"], "write `display_name = \"Theirs\"` in `[topic.alerts]` if that is meant");
    assert_eq!(deployment.cli.read("envs/dev.toml"), spec);
    let set = deployment.run(&["drift", "--accept", "--set", "stream.clicks.shards=2"]).fails(1);
    assert!(set.stderr.contains("leave that out"), "{set}");

    // What the spec has come to say meanwhile of the same resource stays pending.
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    let written = deployment.run(&["drift", "--accept", "--auto-approve", "--json", "stream.clicks"]).success().json();
    assert_eq!((&written["written"], &written["left"]), (&json!(true), &json!([])));
    let plan = deployment.run(&["plan", "--json"]).success().json();
    let stream = plan["changes"].as_array().unwrap().iter().find(|change| change["address"] == "stream.clicks");
    let paths: BTreeSet<&str> = fields(stream.unwrap()).collect();
    assert_eq!(paths, BTreeSet::from(["shards"]));
}

fn fields(change: &Value) -> impl Iterator<Item = &str> {
    change["fields"].as_array().unwrap().iter().filter_map(|field| field["path"].as_str())
}
