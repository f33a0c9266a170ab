//! Drift in what instances of a group have made.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::deployment::Deployment;
use crate::support::emulator;

const GROUP: &str = r#"
[group.feed.param]
hours = { type = "integer", default = 24, max = 100 }

[group.feed.stream.events]
mode = "on-demand"
retention_hours = "${param.hours}"

[group.feed.topic.told]
display_name = "Told of ${instance}"

[instances.feed.orders]
"#;

/// A group is that of other instances as well: what differs in one is written below that one.
#[tokio::test]
async fn drift_of_an_instance_is_accepted_into_the_instance_and_its_group_stays() {
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    let base = deployment.cli.read("envs/base.toml") + GROUP;
    deployment.cli.write("envs/base.toml", &base);
    let own = deployment.cli.read("envs/dev.toml");
    deployment.cli.write("envs/dev.toml", &format!("{own}\n[instances.feed]\nvisits = {{ hours = 48 }}\n"));
    let deployment = deployment.apply();
    let nothing = deployment.changes();
    // A parameter that is given, one that is not, one beyond what it may be, and what no parameter says.
    deployment.change("stream.visits-events", |live| live["retention_hours"] = json!(72)).await;
    deployment.change("stream.orders-events", |live| live["retention_hours"] = json!(200)).await;
    deployment.change("stream.orders-events", |live| live["tags"]["owner"] = json!("ann")).await;
    deployment.change("topic.visits-told", |live| live["display_name"] = json!("Theirs")).await;
    let accepted = deployment.run(&["drift", "--accept", "--auto-approve"]).fails(5);
    assert_eq!(deployment.cli.read("envs/base.toml"), base, "other instances have it too");
    let written = deployment.cli.read("envs/dev.toml");
    assert_snapshot!(written.strip_prefix(&own).unwrap().trim_start(), @r#"
    [instances.feed]
    visits = { hours = 72 }

    [instances.feed.orders.stream.events]
    retention_hours = 200
    tags = { owner = "ann" }
    "#);
    let left = accepted.stderr.replace(|letter: char| letter.is_ascii_digit(), "0");
    assert_snapshot!(left, @r#"
    warning: `display_name` of topic.visits-told is not accepted: it would take the place of a value with `${…}`
      --> envs/base.toml:00:00
       |
    00 | [group.feed.topic.told]
       |                   ^^^^
       |
       = help: write `display_name = "Theirs"` in `[instances.feed.visits.topic.told]` if that is meant
       = note: it is so for the instance `visits` of the group `feed`

    written: envs/dev.toml; the plan has nothing to do about what it accepts, and the next apply remembers it
    "#);
    let mut left = nothing.clone();
    left.insert("topic.visits-told display_name".to_owned());
    assert_eq!(deployment.changes(), left);
}
