//! The environments of the project itself: they are valid, and become what the resource kinds take.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::model::graph::Graph;
use pipectl::model::kind::{Ownership, Registry};
use pipectl::model::scope::Scope;
use pipectl::policy;
use pipectl::spec::{Loaded, Options, Source, load};
use serde_json::Value;

/// The names of the environments.
pub(crate) const ENVS: [&str; 3] = ["dev", "staging", "prod"];

fn env(name: &str) -> Loaded {
    let options = Options { root: Path::new(env!("CARGO_MANIFEST_DIR")).to_owned(), ..Options::default() };
    load(&Source::Env(name.to_owned()), &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120)))
}

/// The resources of an environment.
pub(crate) fn graph(name: &str) -> Graph {
    blueprint::build(&env(name).spec, &Scope::new("123456789012", "eu-west-1"))
}

fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(Some("eu-west-1".into()))))
}

fn addresses(graph: &Graph) -> Vec<String> {
    graph.resources.keys().map(ToString::to_string).collect()
}

#[test]
fn every_environment_is_valid_without_a_warning() {
    for name in ENVS {
        let warnings = env(name).warnings();
        assert!(warnings.is_empty(), "{}", warnings.render(false, 120));
    }
}

#[test]
fn every_environment_keeps_its_own_rules() {
    for name in ENVS {
        assert_eq!(policy::violations(&env(name).spec, &graph(name)), []);
    }
}

#[test]
fn every_resource_has_the_attributes_of_its_kind() {
    let registry = registry();
    for resource in ENVS.iter().flat_map(|name| graph(name).resources.into_values()) {
        let address = &resource.address;
        let kind = registry.get(&resource.kind).unwrap_or_else(|| panic!("{address}: {}", resource.kind));
        kind.with_files(&resource.attributes).unwrap_or_else(|error| panic!("{address}: {error}"));
    }
}

#[test]
fn every_resource_that_can_be_marked_says_whose_it_is() {
    let registry = registry();
    for name in ENVS {
        for resource in graph(name).resources.values() {
            if registry.get(&resource.kind).unwrap().ownership() == Ownership::Tags {
                let tags = &resource.attributes["tags"];
                assert_eq!(tags["pipectl:address"], resource.address.to_string());
                assert_eq!((&tags["pipectl:env"], &tags["team"]), (&Value::from(name), &Value::from("growth")));
            }
        }
    }
}

#[test]
fn no_two_resources_have_one_key() {
    let registry = registry();
    for name in ENVS {
        let mut keys = BTreeSet::new();
        for resource in graph(name).resources.values() {
            let key = registry.get(&resource.kind).unwrap().key(&resource.attributes).unwrap();
            assert!(keys.insert((resource.kind.clone(), key)), "{}", resource.address);
        }
    }
}

#[test]
fn every_edge_leads_to_a_resource() {
    for graph in ENVS.map(graph) {
        for resource in graph.resources.values() {
            for needed in &resource.depends_on {
                assert!(graph.resources.contains_key(needed), "{} needs {needed}", resource.address);
            }
        }
    }
}

#[test]
fn dev_is_the_whole_pipeline_but_for_the_notification_that_it_asks_for() {
    let graph = graph("dev");
    insta::assert_snapshot!(addresses(&graph).join("\n"), @r#"
    alarm.delivery
    alarm.freshness
    bucket.events
    dashboard.clickstream
    firehose.clicks
    firehose.clicks/log-group
    firehose.clicks/log-stream
    firehose.clicks/role
    snowpipe.events/key
    snowpipe.events/user
    stream.clicks
    topic.alerts
    topic.alerts/email:data-oncall@example.com
    "#);
    insta::assert_snapshot!(format!("{:#?}", graph.notes), @r#"
    [
        Note {
            address: Address {
                block: "snowpipe.events",
                part: None,
            },
            message: "Snowpipe is not told of new objects: the ARN of its queue is missing",
            help: "run the statements of `pipectl snowflake-sql --env dev` in Snowflake; set `queue_arn` to the `notification_channel` of SHOW PIPES",
        },
    ]
    "#);
}

#[test]
fn staging_reads_as_a_role_and_prod_as_a_user_that_is_told_of_new_objects() {
    assert!(addresses(&graph("staging")).contains(&"snowpipe.events/role".to_owned()));
    let prod = graph("prod");
    assert!(prod.notes.is_empty());
    assert!(prod.resources.values().all(|resource| resource.protect));
    for part in ["user", "key", "notification"] {
        assert!(addresses(&prod).contains(&format!("snowpipe.events/{part}")), "{part}");
    }
}

#[test]
fn outputs_say_what_was_made_and_hold_no_secret() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&graph("dev").outputs).unwrap(), @r#"
    {
      "alarm.delivery.arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-dev-delivery",
      "alarm.delivery.name": "acme-clickstream-dev-delivery",
      "alarm.freshness.arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:acme-clickstream-dev-freshness",
      "alarm.freshness.name": "acme-clickstream-dev-freshness",
      "bucket.events.arn": "arn:aws:s3:::acme-clickstream-events-dev",
      "bucket.events.name": "acme-clickstream-events-dev",
      "dashboard.clickstream.name": "acme-clickstream-dev-clickstream",
      "dashboard.clickstream.url": "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/acme-clickstream-dev-clickstream",
      "firehose.clicks.arn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/acme-clickstream-dev-clicks",
      "firehose.clicks.log_group": "/aws/kinesisfirehose/acme-clickstream-dev-clicks",
      "firehose.clicks.name": "acme-clickstream-dev-clicks",
      "firehose.clicks.role_arn": "arn:aws:iam::123456789012:role/acme-clickstream-dev-clicks-firehose",
      "snowpipe.events.parameter": "/acme-clickstream/dev/events/access-key",
      "snowpipe.events.user_arn": "arn:aws:iam::123456789012:user/acme-clickstream-dev-events",
      "stream.clicks.arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/acme-clickstream-dev-clicks",
      "stream.clicks.name": "acme-clickstream-dev-clicks",
      "topic.alerts.arn": "arn:aws:sns:eu-west-1:123456789012:acme-clickstream-dev-alerts",
      "topic.alerts.name": "acme-clickstream-dev-alerts"
    }
    "#);
}

#[test]
fn nothing_exceeds_what_iam_allows() {
    for graph in ENVS.map(graph) {
        assert_eq!(blueprint::over_limits(&graph), []);
    }
}
