//! A part of a plan: what is chosen with what it needs, what is left out, and what is made anew because somebody asks for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::deployment::{Deployment, changed_by};
use crate::support::emulator::{self, Emulator};

fn addresses(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().map(|one| one.as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_chosen_is_applied_and_the_rest_stays_pending_on_ministack() {
    what_is_chosen_is_applied_and_the_rest_stays_pending(emulator::ministack()).await;
}

#[tokio::test]
async fn what_is_chosen_is_applied_and_the_rest_stays_pending_on_moto() {
    what_is_chosen_is_applied_and_the_rest_stays_pending(emulator::moto()).await;
}

async fn what_is_chosen_is_applied_and_the_rest_stays_pending(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    deployment.edit("envs/dev.toml", "shards = 1", "retention_hours = 48\nshards = 1");
    deployment.edit("envs/dev.toml", "expire_days = 14", "expire_days = 7");
    let spec = deployment.cli.read("envs/dev.toml");
    let more = "[topic.more]\n[alarm.more]\nwatches = \"stream.clicks\"\nnotifies = [\"topic.more\"]\n";
    deployment.cli.write("envs/dev.toml", &format!("{spec}\n{more}"));
    let outputs = deployment.state().outputs;

    let plan = deployment.run(&["plan", "--json", "--only", "alarm.more"]).success().json();
    let changed: BTreeSet<String> = changed_by(&plan).into_iter().filter(|line| !line.contains("queries")).collect();
    assert_eq!(changed, ["alarm.more create", "topic.more create"].map(str::to_owned).into(), "with what it needs");
    assert!(
        addresses(&plan["left_out"]).is_superset(&["bucket.events", "stream.clicks"].into()),
        "{}",
        plan["left_out"]
    );
    assert_eq!(plan["selection"], json!({"only": ["alarm.more"]}));
    let shown = deployment.cli.run(&["show"]).success().stdout;
    assert!(shown.contains("Left out, as it was not asked for") && shown.contains("stream.clicks"), "{shown}");

    // The option is given again, or nothing is done.
    for options in [&[][..], &["--only", "topic.more"], &["--except", "bucket.events"]] {
        let refused = deployment.cli.run(&[&["apply", "plan.json"], options].concat()).fails(3);
        assert!(refused.stderr.contains("`pipectl apply plan.json --only alarm.more`"), "{refused}");
    }
    deployment.cli.run(&["apply", "plan.json", "--only", "alarm.more"]).success();
    let records = deployment.records();
    assert!(records.contains_key(&"topic.more".parse().unwrap()));
    let kept = deployment.state().outputs;
    assert!(outputs.keys().all(|name| kept.contains_key(name)) && kept.contains_key("topic.more.arn"), "{kept:?}");
    let left = deployment.changes();
    assert!(left.contains("stream.clicks retention_hours") && left.contains("bucket.events lifecycle"), "{left:?}");

    deployment.run(&["apply", "--auto-approve", "--except", "stream.clicks"]).success();
    let left = deployment.changes();
    assert!(left.contains("stream.clicks retention_hours") && !left.contains("bucket.events lifecycle"), "{left:?}");
    let whole = deployment.run(&["plan"]).success();
    assert!(!whole.stdout.contains("Left out"), "{whole}");
    let refused = deployment.cli.run(&["apply", "plan.json", "--only", "stream.clicks"]).fails(3);
    assert!(refused.stderr.contains("it is the whole plan"), "{refused}");
    insta::allow_duplicates! {
        insta::assert_snapshot!(deployment.run(&["plan", "--only", "stream.click"]), @"
        --- stderr
        error: neither the spec nor the state has `stream.click`
        what now: `pipectl plan` and `pipectl state list` print addresses; `--replace` takes that of one resource, such as `firehose.clicks/role`
        --- exit code 1
        ");
    }
}

#[tokio::test]
async fn what_is_to_be_made_anew_is_and_says_what_goes_with_it_on_ministack() {
    what_is_to_be_made_anew_is_and_says_what_goes_with_it(emulator::ministack()).await;
}

#[tokio::test]
async fn what_is_to_be_made_anew_is_and_says_what_goes_with_it_on_moto() {
    what_is_to_be_made_anew_is_and_says_what_goes_with_it(emulator::moto()).await;
}

async fn what_is_to_be_made_anew_is_and_says_what_goes_with_it(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    let plan = deployment.run(&["plan", "--json", "--replace", "stream.clicks"]).success().json();
    let stream = plan["changes"].as_array().unwrap().iter().find(|one| one["address"] == "stream.clicks").unwrap();
    assert_eq!((&stream["action"], &plan["summary"]["replace"]), (&json!("replace"), &json!(1)));
    assert!(stream["reason"].as_str().unwrap().contains("`--replace`"), "{stream}");
    assert!(stream["warnings"][0].as_str().unwrap().contains("are deleted with it"), "{stream}");
    let refused = deployment.cli.run(&["apply", "plan.json"]).fails(3);
    assert!(refused.stderr.contains("--replace stream.clicks"), "{refused}");
    deployment.proxy.take_calls();
    deployment.cli.run(&["apply", "plan.json", "--replace", "stream.clicks"]).success();
    let calls = deployment.proxy.take_calls();
    assert_eq!((calls.of("kinesis:DeleteStream"), calls.of("kinesis:CreateStream")), (1, 1));

    deployment.edit("envs/dev.toml", "shards = 1", "shards = 1\nprotect = true");
    deployment.run(&["apply", "--auto-approve"]).success();
    let refused = deployment.run(&["plan", "--replace", "stream.clicks"]).fails(6);
    assert!(refused.stdout.contains("is protected by"), "{refused}");
    let missing = deployment.run(&["plan", "--replace", "snowpipe.events"]).fails(1);
    assert!(missing.stderr.contains("neither the spec nor the state has `snowpipe.events`"), "{missing}");
}
