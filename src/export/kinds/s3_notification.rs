//! Entries of a bucket's notification configuration.
//!
//! Both tools manage the whole configuration, never one entry: Terraform as a resource of its own, CloudFormation as a
//! property of the bucket.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, filled, items, text};
use crate::export::Target;
use crate::export::parts::cloudformation::properties;
use crate::export::parts::terraform::{self, Term, blocks, fields};

/// Why nothing is exported of a configuration that holds more than pipectl's entries.
const SHARED: &str = "the bucket's notification configuration has entries of others too, and the other tool manages only the whole of it";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "s3_notification",
    arn: None,
    terraform_type: "aws_s3_bucket_notification",
    terraform_keys: &[("aws_s3_bucket_notification", |it| {
        let bucket = text(&it["bucket"]);
        items(&it["queue"]).map(|queue| format!("{bucket}|{}", text(&queue["id"]))).collect()
    })],
    terraform: |it| {
        let bucket = it.text("bucket");
        let entries: Vec<Subject<'_>> = of_bucket(it, bucket).collect();
        if entries.iter().any(has_others) {
            return Err(SHARED);
        }
        // All entries of a bucket are one resource: that of the first.
        if entries.first().is_none_or(|first| first.address != it.address) {
            return Ok(Vec::new());
        }
        let queues = entries.iter().map(|entry| {
            fields([
                ("id", entry["id"].clone().into()),
                ("queue_arn", entry["queue_arn"].clone().into()),
                ("events", entry["events"].clone().into()),
                ("filter_prefix", filled(&entry["prefix"]).into()),
                ("filter_suffix", filled(&entry["suffix"]).into()),
            ])
        });
        let notification = fields([("bucket", Term::named("s3_bucket", bucket)), ("queue", blocks(queues))]);
        Ok(vec![terraform::Part::new("aws_s3_bucket_notification", bucket, notification)])
    },
    get_att: None,
    cloudformation: |it| {
        let shared = of_bucket(it, it.text("bucket")).any(|entry| has_others(&entry));
        if shared { Err(SHARED) } else { Ok(Vec::new()) }
    },
    stays: &[Stays {
        attribute: "id",
        target: Target::CloudFormation,
        reason: "CloudFormation does not know the ids of entries, and gives an entry of several events one for each",
    }],
};

/// The bucket's `NotificationConfiguration`; null where it has no entries, or not only ours.
pub(super) fn configuration(it: &Subject<'_>, bucket: &str) -> Value {
    let entries: Vec<Subject<'_>> = of_bucket(it, bucket).collect();
    if entries.is_empty() || entries.iter().any(has_others) {
        return Value::Null;
    }
    let queues = entries.iter().flat_map(|entry| items(&entry["events"]).map(|event| queue(entry, event)));
    json!({ "QueueConfigurations": queues.collect::<Vec<_>>() })
}

fn queue(entry: &Subject<'_>, event: &Value) -> Value {
    let rule = |name: &str| match filled(&entry[name]) {
        Value::Null => None,
        text => Some(json!({ "Name": name, "Value": text })),
    };
    let rules: Vec<Value> = ["prefix", "suffix"].into_iter().filter_map(rule).collect();
    let filter = (!rules.is_empty()).then(|| json!({ "S3Key": { "Rules": rules } }));
    properties([("Event", event.clone()), ("Queue", entry["queue_arn"].clone()), ("Filter", json!(filter))])
}

fn of_bucket<'a>(it: &Subject<'a>, bucket: &str) -> impl Iterator<Item = Subject<'a>> {
    it.others("s3_notification").filter(move |entry| entry["bucket"] == bucket)
}

fn has_others(entry: &Subject<'_>) -> bool {
    entry.outputs["others"].as_u64().is_some_and(|others| others > 0)
}
