//! Entries of a bucket's notification configuration.
//!
//! Both tools manage the whole configuration, never one entry: Terraform as a resource of its own, CloudFormation as a
//! property of the bucket.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, items, text};
use crate::catalog::s3_notification::{Notification, Outputs, Spec};
use crate::catalog::{Actual, Type};
use crate::export::parts::cloudformation::{self, properties, verbatim};
use crate::export::parts::terraform::{self, Fields, Term, blocks, fields};
use crate::export::{Estate, Target};
use crate::model::address::Address;
use crate::model::scope::Scope;

/// Why nothing is exported of a configuration that holds more than pipectl's entries.
const SHARED: &str = "the bucket's notification configuration has entries of others too, and the other tool manages only the whole of it";

/// Why nothing is exported where the bucket of an entry is not known.
const UNREADABLE: &str =
    "the attributes of another entry do not fit its type, and the other tool manages only a whole configuration";

impl Exported for Notification {
    const TERRAFORM_TYPE: &'static str = "aws_s3_bucket_notification";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_s3_bucket_notification", |it| {
        let bucket = text(&it["bucket"]);
        let entries = items(&it["queue"]).chain(items(&it["lambda_function"]));
        entries.map(|entry| format!("{bucket}|{}", text(&entry["id"]))).collect()
    })];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[Stays {
        attribute: attribute!(Spec.id),
        target: Target::CloudFormation,
        reason: "CloudFormation does not know the ids of entries, and gives an entry of several events one for each",
    }];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let bucket = &it.spec.bucket;
        let entries = of_bucket(it.estate, bucket)?;
        // All entries of a bucket are one resource: that of the first.
        if entries.first().is_none_or(|first| first.address != it.address) {
            return Ok(Vec::new());
        }
        let of = |kind| {
            let entries = entries.iter().map(|entry| entry_block(&entry.spec));
            blocks(entries.filter(|(of, _)| *of == kind).map(|(_, block)| block))
        };
        let notification =
            fields([("bucket", Term::named(Type::Bucket, bucket)), (QUEUE, of(QUEUE)), (FUNCTION, of(FUNCTION))]);
        Ok(vec![terraform::Part::new("aws_s3_bucket_notification", bucket, notification)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        of_bucket(it.estate, &it.spec.bucket).map(|_| Vec::new())
    }
}

const QUEUE: &str = "queue";
const FUNCTION: &str = "lambda_function";

/// An entry, and the kind of block that it is.
fn entry_block(entry: &Spec) -> (&'static str, Fields) {
    // The bucket is the whole resource's.
    let Spec { bucket: _, id, queue_arn, function_arn, events, prefix, suffix } = entry;
    let kind = if function_arn.is_some() { FUNCTION } else { QUEUE };
    let block = fields([
        ("id", id.into()),
        ("queue_arn", queue_arn.into()),
        ("lambda_function_arn", function_arn.into()),
        ("events", events.into()),
        ("filter_prefix", filled(prefix).into()),
        ("filter_suffix", filled(suffix).into()),
    ]);
    (kind, block)
}

/// The bucket's `NotificationConfiguration`; null where it has no entries, or not only ours.
pub(super) fn configuration(estate: &Estate, bucket: &str) -> Value {
    let entries = of_bucket(estate, bucket).unwrap_or_default();
    if entries.is_empty() {
        return Value::Null;
    }
    let (functions, queues): (Vec<&Entry<'_>>, _) = entries.iter().partition(|entry| entry.spec.function_arn.is_some());
    let of = |entries: Vec<&Entry<'_>>| {
        let all: Vec<Value> = entries.into_iter().flat_map(|entry| entry_properties(&entry.spec)).collect();
        (!all.is_empty()).then_some(all)
    };
    properties([("QueueConfigurations", json!(of(queues))), ("LambdaConfigurations", json!(of(functions)))])
}

/// One for each event of an entry.
fn entry_properties(entry: &Spec) -> Vec<Value> {
    // The bucket is the whole property's, and an id CloudFormation does not know.
    let Spec { bucket: _, id: _, queue_arn, function_arn, events, prefix, suffix } = entry;
    let rule = |(name, text): (&str, &String)| (!text.is_empty()).then(|| json!({ "Name": name, "Value": text }));
    let rules: Vec<Value> = [("prefix", prefix), ("suffix", suffix)].into_iter().filter_map(rule).collect();
    let filter = (!rules.is_empty()).then(|| json!({ "S3Key": { "Rules": rules } }));
    let told = |event| {
        properties([
            ("Event", json!(event)),
            ("Queue", json!(queue_arn)),
            // Its role names the bucket.
            ("Function", json!(function_arn.as_deref().map(verbatim))),
            ("Filter", json!(filter)),
        ])
    };
    events.iter().map(told).collect()
}

/// An entry, and where it stands in the spec.
struct Entry<'a> {
    address: &'a Address,
    spec: Box<Spec>,
}

/// The entries of a bucket, or why its configuration does not go along.
fn of_bucket<'a>(estate: &'a Estate, bucket: &str) -> Result<Vec<Entry<'a>>, &'static str> {
    let mut entries = Vec::new();
    for subject in estate.of_type(Type::Notification) {
        let address = subject.address;
        // Of another type there is none.
        let Ok(Actual::Notification(spec, outputs)) = subject.actual else { return Err(UNREADABLE) };
        let Outputs { others } = *outputs;
        if spec.bucket != bucket {
            continue;
        }
        if others > 0 {
            return Err(SHARED);
        }
        entries.push(Entry { address, spec });
    }
    Ok(entries)
}
