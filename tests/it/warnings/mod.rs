//! Whatever makes something unusable for a while, or loses data or capacity, is said before it happens: for each attribute of
//! each type there is a decision, and those that warn do.

mod decisions;

use std::collections::BTreeSet;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::kind::{Kind, Registry};
use serde_json::{Value, json};

use decisions::Decision::{Access, Harmless, Warns};
use decisions::decisions;

fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(Some("us-east-1".to_owned()))))
}

/// The first example of a type with an attribute set to this.
fn with(kind: &dyn Kind, attribute: &str, value: &Value) -> Value {
    let examples: Value = toml::from_str(kind.examples()).unwrap();
    let mut example = examples["first"].clone();
    example[attribute] = value.clone();
    if value.is_null() {
        example.as_object_mut().unwrap().remove(attribute);
    }
    // What belongs to one only of these is of no use for the other.
    match (kind.name(), attribute) {
        ("kinesis_stream", "mode") if value == "ON_DEMAND" => example["shards"] = Value::Null,
        ("s3_notification", "function_arn") => example["queue_arn"] = Value::Null,
        ("sns_subscription", "topic_arn" | "endpoint") => example["protocol"] = "email".into(),
        ("lambda_event_source_mapping", "source_arn" | "stream_view" | "function" | "starting_position")
            if attribute != "starting_position" =>
        {
            example["starting_position"] = "LATEST".into();
        }
        ("dynamodb_table", "global_indexes" | "capacity") => {
            example["capacity"] = if attribute == "capacity" { value.clone() } else { Value::Null };
        }
        _ => {}
    }
    kind.canonical(&example).unwrap_or_else(|error| panic!("{} {attribute}: {error}", kind.name()))
}

#[test]
fn every_attribute_of_every_type_has_a_decision_and_those_that_warn_do() {
    let mut silent = Vec::new();
    for kind in registry().iter() {
        let decisions = decisions(kind.name());
        let attributes: BTreeSet<&str> =
            kind.schema()["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(decisions.keys().copied().collect::<BTreeSet<_>>(), attributes, "{}", kind.name());
        for (attribute, decision) in decisions {
            match decision {
                Warns(now, want, says) => {
                    let (now, want) = (with(kind, attribute, &now), with(kind, attribute, &want));
                    let said = kind.warnings(Some(&now), Some(&want)).join(" ");
                    if !said.contains(says) {
                        silent.push(format!("{} {attribute}: `{said}` does not say `{says}`", kind.name()));
                    }
                }
                Harmless(because) => assert!(because.len() > 10, "{} {attribute}", kind.name()),
                Access => {}
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn a_change_of_nothing_warns_of_nothing() {
    for kind in registry().iter() {
        let examples: Value = toml::from_str(kind.examples()).unwrap();
        for example in ["first", "second"] {
            let same = kind.canonical(&examples[example]).unwrap();
            assert_eq!(kind.warnings(Some(&same), Some(&same)), [""; 0], "{}", kind.name());
        }
    }
}

#[test]
fn a_lifecycle_rule_that_is_about_more_objects_than_before_warns() {
    let registry = registry();
    let bucket = registry.get("s3_bucket").unwrap();
    let rule = |prefix: &str| {
        bucket
            .canonical(&json!({ "name": "a", "lifecycle": [{ "id": "x", "prefix": prefix, "expire_days": 7 }] }))
            .unwrap()
    };
    let warns = |now, want| !bucket.warnings(Some(&rule(now)), Some(&rule(want))).is_empty();
    assert!(warns("raw/", "") && warns("raw/", "events/"));
    assert!(!warns("", "raw/") && !warns("raw/", "raw/"));
}

#[test]
fn a_policy_that_shuts_out_everybody_is_told_for_every_type_that_has_one() {
    let shut = json!({ "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }] });
    let mut told = Vec::new();
    for kind in registry().iter().filter(|kind| kind.schema()["properties"].get("policy").is_some()) {
        let (open, closed) = (with(kind, "policy", &Value::Null), with(kind, "policy", &shut));
        let says = |now, want| {
            kind.warnings(now, want).iter().any(|warning| warning.contains("denies everybody what it is managed by"))
        };
        assert!(says(Some(&open), Some(&closed)) && says(None, Some(&closed)), "{}", kind.name());
        assert!(!says(Some(&closed), Some(&closed)) && !says(Some(&closed), Some(&open)), "{}", kind.name());
        told.push(kind.name());
    }
    assert_eq!(told, ["s3_bucket", "sns_topic", "sqs_queue"]);
}
