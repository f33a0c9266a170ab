//! Lifecycle rules of buckets. A rule that says more than pipectl writes cannot be in a spec, so `other` is never set.

use serde_json::{Value, json};

use super::{filled, items};
use crate::export::parts::cloudformation::properties;
use crate::export::parts::terraform::{Fields, Term, block, blocks, fields};

/// The `rule` blocks of `aws_s3_bucket_lifecycle_configuration`.
pub(super) fn rule_blocks(rules: &Value) -> Term {
    blocks(items(rules).map(rule_block))
}

fn rule_block(rule: &Value) -> Fields {
    let one = |name, value: &Value| if value.is_null() { Term::none() } else { block([(name, value.clone().into())]) };
    let transitions = items(&rule["transitions"]).map(|transition| {
        fields([("days", transition["days"].clone().into()), ("storage_class", transition["class"].clone().into())])
    });
    fields([
        ("id", rule["id"].clone().into()),
        ("status", status(rule).into()),
        ("filter", block([("prefix", rule["prefix"].clone().into())])),
        ("expiration", expiration(rule)),
        ("noncurrent_version_expiration", one("noncurrent_days", &rule["noncurrent_days"])),
        ("abort_incomplete_multipart_upload", one("days_after_initiation", &rule["abort_multipart_days"])),
        ("transition", blocks(transitions)),
    ])
}

fn expiration(rule: &Value) -> Term {
    let (days, markers) = (&rule["expire_days"], markers(rule));
    if days.is_null() && markers.is_null() {
        return Term::none();
    }
    block([("days", days.clone().into()), ("expired_object_delete_marker", markers.into())])
}

/// True or nothing.
fn markers(rule: &Value) -> Value {
    if rule["expired_delete_markers"] == true { json!(true) } else { Value::Null }
}

/// The `LifecycleConfiguration` of a bucket; null where it has no rules.
pub(super) fn configuration(bucket: &Value) -> Value {
    let rules: Vec<Value> = items(&bucket["lifecycle"]).map(rule_properties).collect();
    if rules.is_empty() {
        return Value::Null;
    }
    let minimum = bucket["transition_minimum"].clone();
    properties([("Rules", rules.into()), ("TransitionDefaultMinimumObjectSize", minimum)])
}

fn rule_properties(rule: &Value) -> Value {
    let days = |name: &str, value: &Value| if value.is_null() { Value::Null } else { json!({ name: value }) };
    let transitions = items(&rule["transitions"])
        .map(|transition| json!({ "StorageClass": transition["class"], "TransitionInDays": transition["days"] }));
    properties([
        ("Id", rule["id"].clone()),
        ("Status", status(rule)),
        ("Prefix", rule["prefix"].clone()),
        ("ExpirationInDays", rule["expire_days"].clone()),
        ("ExpiredObjectDeleteMarker", markers(rule)),
        ("NoncurrentVersionExpiration", days("NoncurrentDays", &rule["noncurrent_days"])),
        ("AbortIncompleteMultipartUpload", days("DaysAfterInitiation", &rule["abort_multipart_days"])),
        ("Transitions", filled(&transitions.collect())),
    ])
}

fn status(rule: &Value) -> Value {
    json!(if rule["enabled"] == true { "Enabled" } else { "Disabled" })
}
