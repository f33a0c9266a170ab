//! Every kind and each of its attributes goes along, or is named with the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use pipectl::export::kinds::{Stays, stays};
use pipectl::export::{Estate, Managed, Target, export};
use pipectl::model::kind::Kind;
use serde_json::{Value, json};

use super::{outputs, registry, scope};

const TARGETS: [Target; 2] = [Target::Terraform, Target::CloudFormation];

/// Kinds that a tool cannot import at all.
const LEFT_OUT: [(Target, &str); 4] = [
    (Target::CloudFormation, "iam_access_key"),
    (Target::CloudFormation, "lambda_function"),
    (Target::CloudFormation, "s3_object"),
    (Target::Terraform, "apigateway_api_key"),
];

/// Attributes that no example sets, because emulators cannot change them there and back.
fn more(kind: &str) -> Value {
    match kind {
        "firehose_delivery_stream" => json!({
            "dynamic_partitioning": { "retry_seconds": 300 },
            "encrypted": true, "buffer_key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        }),
        "glue_crawler" => json!({ "catalog_targets": [{ "database": "lake", "tables": ["clicks"] }] }),
        "glue_job" => json!({ "max_capacity": 4.0 }),
        "glue_schema" => json!({ "file": "tests/files/gitlab/terraform.schema.json" }),
        "glue_trigger" => json!({ "schedule": "cron(0 3 * * ? *)", "workflow": "lake" }),
        "iam_access_key" | "logs_group" => json!({ "kms_key": "alias/events" }),
        "lambda_event_source_mapping" => json!({ "max_concurrency": 5, "stream_view": "NEW_IMAGE" }),
        "glue_table" => json!({ "indexes": { "day": ["day"] } }),
        "s3_bucket" => json!({ "transition_minimum": "varies_by_storage_class" }),
        "iam_user" => json!({ "permissions_boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
        "lambda_function" => json!({
            "package_type": "Image", "layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:one:1"],
            "image_config": { "command": ["a"], "entry_point": ["b"], "working_directory": "/c" },
            "kms_key": "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000",
        }),
        "lambda_permission" => json!({ "api": { "name": "events", "calls": "*/POST/events" } }),
        "ssm_parameter" => json!({ "stage": { "api": "events", "name": "live" } }),
        _ => json!({}),
    }
}

/// The examples of a kind, in canonical form and with what they do not set.
fn examples(kind: &dyn Kind) -> Vec<Value> {
    let examples: Value = toml::from_str(kind.examples()).unwrap();
    let whole = |name: &str| {
        let mut example = examples[name].clone();
        example.as_object_mut().unwrap().extend(more(kind.name()).as_object().unwrap().clone());
        // Without rules there is nothing that the size is of.
        if kind.name() == "s3_bucket" && example["lifecycle"].as_array().is_none_or(Vec::is_empty) {
            example.as_object_mut().unwrap().remove("transition_minimum");
        }
        kind.with_files(&example).unwrap()
    };
    vec![whole("first"), whole("second")]
}

/// A resource alone, but for the bucket that a notification is a property of.
fn alone(kind: &str, attributes: &Value) -> Estate {
    let managed = |kind: &str, attributes: Value| Managed {
        kind: kind.to_owned(),
        attributes: attributes.into(),
        outputs: outputs().into(),
        left_alone: Vec::new(),
    };
    let mut resources = vec![("kind.example".parse().unwrap(), managed(kind, attributes.clone()))];
    if kind == "s3_notification" {
        let bucket = json!({ "name": attributes["bucket"] });
        let bucket = registry().get("s3_bucket").unwrap().with_files(&bucket).unwrap();
        resources.push(("bucket.example".parse().unwrap(), managed("s3_bucket", bucket)));
    }
    let resources = resources.into_iter().collect();
    Estate { project: "acme".into(), env: "test".into(), scope: scope(), resources, externals: BTreeMap::new() }
}

/// What the other tool gets to read; the README is for people.
fn text(kind: &str, attributes: &Value, target: Target) -> String {
    let files = export(&alone(kind, attributes), target).unwrap().files;
    files.into_iter().filter(|(name, _)| *name != "README.md").map(|(_, text)| text).collect()
}

/// The paths of all leaves.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            leaves(value, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{path}/{index}"), found));
        }
        Value::Null => {}
        _ => found.push(path.to_owned()),
    }
}

/// The same with another value at a path.
fn changed(attributes: &Value, path: &str) -> Value {
    let mut attributes = attributes.clone();
    let leaf = attributes.pointer_mut(path).unwrap();
    *leaf = match &*leaf {
        Value::String(text) => json!(format!("{text}-changed")),
        Value::Bool(switch) => json!(!switch),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
        other => panic!("{path} is no leaf: {other}"),
    };
    attributes
}

#[test]
fn every_kind_is_exported_or_named_with_a_reason() {
    for kind in registry().iter() {
        for target in TARGETS {
            assert!(stays(kind.name(), target).is_some(), "src/export/kinds has no {}", kind.name());
            let export = export(&alone(kind.name(), &examples(kind)[0]), target).unwrap();
            let whole: Vec<_> = export.left_out.iter().filter(|one| one.attribute.is_none()).collect();
            assert_eq!(!whole.is_empty(), LEFT_OUT.contains(&(target, kind.name())), "{target}: {whole:?}");
            assert_eq!(export.imports == 0, LEFT_OUT.contains(&(target, kind.name())), "{target}: {}", kind.name());
        }
    }
}

#[test]
fn every_attribute_is_set_somewhere() {
    for kind in registry().iter() {
        let examples = examples(kind);
        let all = kind.schema()["properties"].as_object().unwrap().keys();
        let empty = |value: &Value| value.is_null() || *value == json!([]) || *value == json!({});
        let unset: Vec<_> = all.filter(|name| examples.iter().all(|example| empty(&example[*name]))).collect();
        assert!(unset.is_empty(), "{} {unset:?}: set them in `more`", kind.name());
    }
}

#[test]
fn every_attribute_goes_along_or_is_named_with_a_reason() {
    let registry = registry();
    for (kind, target) in registry.iter().flat_map(|kind| TARGETS.map(|target| (kind, target))) {
        if LEFT_OUT.contains(&(target, kind.name())) {
            continue;
        }
        let mut dropped = BTreeSet::new();
        for attributes in examples(kind) {
            let mut paths = Vec::new();
            leaves(&attributes, "", &mut paths);
            let before = text(kind.name(), &attributes, target);
            let lost =
                paths.into_iter().filter(|path| text(kind.name(), &changed(&attributes, path), target) == before);
            dropped.extend(lost.map(|path| path.split('/').nth(1).unwrap().to_owned()));
        }
        let named = stays(kind.name(), target).unwrap();
        let named: BTreeSet<String> = named.iter().map(|Stays { attribute, .. }| (*attribute).to_owned()).collect();
        assert_eq!(dropped, named, "{target}: what {} loses, and what it says that it loses", kind.name());
    }
}

#[test]
fn no_secret_can_be_in_an_export() {
    let key = registry();
    let key = key.get("iam_access_key").unwrap();
    for target in TARGETS {
        let mut estate = alone("iam_access_key", &examples(key)[0]);
        for managed in estate.resources.values_mut() {
            std::sync::Arc::make_mut(&mut managed.outputs)["secret_access_key"] = json!("wJalrXUtnFEMI");
        }
        let files = export(&estate, target).unwrap().files;
        assert!(files.values().all(|text| !text.contains("wJalrXUtnFEMI")));
        assert!(files.values().all(|text| !text.contains("aws_ssm_parameter")), "it would be read into the state");
    }
}
