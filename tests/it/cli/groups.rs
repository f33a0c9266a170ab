//! One definition, many pipelines: what a plan, an apply and `show --spec` make of a group and its instances.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use super::project;
use crate::support::cli::Cli;
use crate::support::emulator::{self, Account};

const HEAD: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
local = "state"
[topic.alerts]
emails = ["a@example.com"]
"#;

fn lake(account: &Account) -> String {
    format!("{HEAD}[bucket.lake]\nname = \"{}\"\n", account.unique("lake"))
}

/// A stream, its delivery and an alarm of each event type.
const GROUP: &str = r#"
[values]
team = "growth"

[group.feed]
description = "One event type, from its stream to the lake"

[group.feed.param]
shards = { type = "integer", default = 1, min = 1, max = 20, description = "Open shards." }
format = { type = "string", one_of = ["gzip", "none"], default = "gzip" }

[group.feed.stream.events]
mode = "provisioned"
shards = "${param.shards}"
tags = { team = "${values.team}" }

[group.feed.firehose.raw]
source = "stream.events"
destination = "bucket.lake"
prefix = "${instance}/!{timestamp:yyyy/MM/dd}/"
error_prefix = "errors/${instance}/!{firehose:error-output-type}/"
compression = "${param.format}"

[group.feed.alarm.stalled]
watches = "firehose.raw"
notifies = ["topic.alerts"]

[instances.feed]
clicks = { shards = 2 }
visits = { format = "none" }
"#;

/// The same for one event type, as a person would write it.
fn by_hand(name: &str, shards: u32, format: &str) -> String {
    format!(
        r#"
[stream.{name}-events]
mode = "provisioned"
shards = {shards}
tags = {{ team = "growth" }}
[firehose.{name}-raw]
source = "stream.{name}-events"
destination = "bucket.lake"
prefix = "{name}/!{{timestamp:yyyy/MM/dd}}/"
error_prefix = "errors/{name}/!{{firehose:error-output-type}}/"
compression = "{format}"
[alarm.{name}-stalled]
watches = "firehose.{name}-raw"
notifies = ["topic.alerts"]
"#
    )
}

/// A saved plan without what tells one making of it from another.
fn planned(cli: &Cli) -> Value {
    cli.run(&["plan", "--env", "dev"]).success();
    let mut plan: Value = serde_json::from_str(&cli.read("plan.json")).unwrap();
    for own in ["created", "expires", "digest"] {
        plan.as_object_mut().unwrap().remove(own);
    }
    plan
}

/// Where two plans differ.
fn apart(one: &Value, other: &Value) -> Vec<String> {
    let (Some(own), Some(others)) = (one.as_object(), other.as_object()) else { return vec![format!("{one} {other}")] };
    own.keys()
        .chain(others.keys())
        .filter(|key| one[*key] != other[*key])
        .map(|key| format!("{key}: {}", one[key]))
        .collect()
}

/// What a plan changes, by address.
fn changed(cli: &Cli) -> Vec<String> {
    let plan = cli.run(&["plan", "--env", "dev", "--json"]).success().json();
    let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] != "none");
    changes
        .map(|change| format!("{} {}", change["action"].as_str().unwrap(), change["address"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_group_plans_what_is_planned_of_the_same_written_by_hand_and_of_what_it_is_shown_as() {
    let account = emulator::moto().account();
    let lake = lake(&account);
    let made = project(&account, &format!("{lake}{GROUP}"));
    let hand = format!("{lake}{}{}", by_hand("clicks", 2, "gzip"), by_hand("visits", 1, "none"));
    let plan = planned(&made);
    assert_eq!(apart(&plan, &planned(&project(&account, &hand))), [""; 0]);
    let shown = made.run(&["show", "--spec", "--env", "dev"]).success().stdout;
    assert_eq!(apart(&plan, &planned(&project(&account, &shown))), [""; 0], "{shown}");

    // Applied, one is the other; and another instance changes nothing of those that are there.
    made.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    assert_eq!(changed(&made), [""; 0]);
    made.write("envs/dev.toml", &hand);
    assert_eq!(changed(&made), [""; 0]);
    made.write("envs/dev.toml", &shown);
    assert_eq!(changed(&made), [""; 0]);
    let more = format!("{lake}{GROUP}").replace("visits =", "orders = {}\nvisits =");
    made.write("envs/dev.toml", &more);
    let changes = changed(&made);
    assert!(changes.iter().all(|change| change.starts_with("create ") && change.contains("orders-")), "{changes:?}");
    let only = made.run(&["plan", "--env", "dev", "--only", "stream.orders-events", "--json"]).success().json();
    assert!(only.to_string().contains("acme-dev-orders-events"), "{only}");
    // One that is switched off is deleted, and nothing else.
    made.write("envs/dev.toml", &format!("{lake}{GROUP}").replace("format = \"none\" }\n", "off = true }\n"));
    let changes = changed(&made);
    assert!(!changes.is_empty(), "{changes:?}");
    assert!(changes.iter().all(|change| change.starts_with("delete ") && change.contains("visits-")), "{changes:?}");
}

#[test]
fn what_a_spec_comes_to_is_shown_with_its_places() {
    let cli =
        Cli::new().file("envs/base.toml", &format!("{HEAD}[bucket.lake]\nname = \"lake-${{account}}\"\n{GROUP}")).file(
            "envs/dev.toml",
            "extends = \"base.toml\"\n[instances.feed.clicks]\nshards = 4\n[topic.alerts]\noff = false\n",
        );
    let set =
        ["show", "--spec", "--env", "dev", "--set", "instances.feed.visits.off=true", "--set", "values.team=data"];
    assert_snapshot!(cli.run(&set), @r#"
    --- stdout
    # dev as it comes to be, each value with its place.
    [project]  # envs/base.toml:2
    name = "acme"  # envs/base.toml:3

    [env]  # envs/base.toml:4
    name = "dev"  # envs/base.toml:4
    region = "us-east-1"  # envs/base.toml:5

    [state]  # envs/base.toml:6
    local = "state"  # envs/base.toml:7

    [stream.clicks-events]  # envs/base.toml:23 for clicks of feed
    mode = "provisioned"  # envs/base.toml:24 for clicks of feed
    shards = 4  # envs/dev.toml:3 for clicks of feed
    tags.team = "data"  # --set for clicks of feed

    [bucket.lake]  # envs/base.toml:10
    name = "lake-${account}"  # envs/base.toml:11

    [firehose.clicks-raw]  # envs/base.toml:28 for clicks of feed
    compression = "gzip"  # envs/base.toml:21 for clicks of feed
    destination = "bucket.lake"  # envs/base.toml:30 for clicks of feed
    error_prefix = "errors/clicks/!{firehose:error-output-type}/"  # envs/base.toml:32 for clicks of feed
    prefix = "clicks/!{timestamp:yyyy/MM/dd}/"  # envs/base.toml:31 for clicks of feed
    source = "stream.clicks-events"  # envs/base.toml:29 for clicks of feed

    [topic.alerts]  # envs/dev.toml:4
    emails = ["a@example.com"]  # envs/base.toml:9

    [alarm.clicks-stalled]  # envs/base.toml:35 for clicks of feed
    notifies = ["topic.alerts"]  # envs/base.toml:37 for clicks of feed
    watches = "firehose.clicks-raw"  # envs/base.toml:36 for clicks of feed

    # alarm.visits-stalled is switched off by --set
    # firehose.visits-raw is switched off by --set
    # stream.visits-events is switched off by --set
    --- exit code 0
    "#);
    let json = cli.run(&[&set[..], &["--json"]].concat()).success().json();
    assert_snapshot!(serde_json::to_string(&json["places"]["stream.clicks-events.shards"]).unwrap(), @r#"{"file":"envs/dev.toml","group":"feed","instance":"clicks","line":3}"#);
    assert_eq!(json["spec"]["stream"]["clicks-events"]["shards"], 4);
    assert_eq!(json["env"], "dev");
    assert_snapshot!(cli.run(&["show", "--env", "dev"]), @"
    --- stderr
    error: `--env`, `--env-file` and `--set` say of which spec: a saved plan says that itself
    what now: add `--spec` to print what a spec comes to
    --- exit code 1
    ");
    assert_eq!(cli.run(&["show", "--spec", "plan.json"]).code, 1);
    // Nothing of a spec acts on the terminal on which it is shown.
    let hostile = format!("{HEAD}display_name = \"\\u001b[31m\\u202E\"\n");
    cli.write("envs/dev.toml", &hostile);
    let shown = cli.run(&["show", "--spec", "--env", "dev"]).success().stdout;
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    fs::write(cli.path("envs/dev.toml"), &shown).unwrap();
    cli.run(&["validate", "--env", "dev"]).success();
}

#[test]
fn mistakes_know_instances() {
    let text =
        format!("{HEAD}[bucket.lake]\n{GROUP}orders = {{ shards = 40 }}\n").replace("mode = ", "shrads = 1\nmode = ");
    let cli = Cli::new().file("envs/dev.toml", &text);
    assert_snapshot!(cli.run(&["validate", "--env", "dev"]), @"
    --- stderr
    error: unknown key `shrads` in `stream.clicks-events`
      --> envs/dev.toml:23:1
       |
    23 | shrads = 1
       | ^^^^^^
       |
       = help: did you mean `shards`?
       = note: it is so for the instance `clicks` of the group `feed`, and the same for `orders`, `visits`

    error: `instances.feed.orders.shards` must be between 1 and 20, not 40
      --> envs/dev.toml:42:21
       |
    42 | orders = { shards = 40 }
       |                     ^^
       |
       = help: Open shards.

    2 mistakes.
    --- exit code 1
    ");
    let json = cli.run(&["validate", "--env", "dev", "--json"]).fails(1).json();
    let instances = &json["error"]["diagnostics"][0]["instances"];
    assert_eq!(*instances, serde_json::json!(["feed.clicks", "feed.orders", "feed.visits"]));
}
