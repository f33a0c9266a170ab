//! Lifecycle rules of buckets. A rule that says more than pipectl writes cannot be in a spec, so `other` is never set.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::filled;
use crate::catalog::s3_bucket::{LifecycleRule, Transition};
use crate::export::parts::cloudformation::properties;
use crate::export::parts::terraform::{Fields, Term, block, blocks, fields};

/// The `rule` blocks of `aws_s3_bucket_lifecycle_configuration`.
pub(super) fn rule_blocks(rules: &BTreeSet<LifecycleRule>) -> Term {
    blocks(rules.iter().map(rule_block))
}

fn rule_block(rule: &LifecycleRule) -> Fields {
    let LifecycleRule {
        id,
        enabled,
        prefix,
        expire_days,
        noncurrent_days,
        abort_multipart_days,
        expired_delete_markers,
        transitions,
        other: _,
    } = rule;
    let one = |name, days: &Option<u32>| days.map_or_else(Term::none, |days| block([(name, days.into())]));
    let transitions = transitions
        .iter()
        .map(|Transition { days, class }| fields([("days", days.into()), ("storage_class", class.into())]));
    fields([
        ("id", id.into()),
        ("status", status(*enabled).into()),
        ("filter", block([("prefix", prefix.into())])),
        ("expiration", expiration(*expire_days, *expired_delete_markers)),
        ("noncurrent_version_expiration", one("noncurrent_days", noncurrent_days)),
        ("abort_incomplete_multipart_upload", one("days_after_initiation", abort_multipart_days)),
        ("transition", blocks(transitions)),
    ])
}

fn expiration(days: Option<u32>, delete_markers: bool) -> Term {
    if days.is_none() && !delete_markers {
        return Term::none();
    }
    block([("days", days.into()), ("expired_object_delete_marker", or_nothing(delete_markers).into())])
}

/// True or nothing.
fn or_nothing(switch: bool) -> Option<bool> {
    switch.then_some(true)
}

/// The `LifecycleConfiguration` of a bucket; null where it has no rules.
pub(super) fn configuration(rules: &BTreeSet<LifecycleRule>, transition_minimum: Option<&str>) -> Value {
    if rules.is_empty() {
        return Value::Null;
    }
    let rules: Vec<Value> = rules.iter().map(rule_properties).collect();
    properties([("Rules", rules.into()), ("TransitionDefaultMinimumObjectSize", json!(transition_minimum))])
}

fn rule_properties(rule: &LifecycleRule) -> Value {
    let LifecycleRule {
        id,
        enabled,
        prefix,
        expire_days,
        noncurrent_days,
        abort_multipart_days,
        expired_delete_markers,
        transitions,
        other: _,
    } = rule;
    let one = |name: &str, days: &Option<u32>| json!(days.map(|days| json!({ name: days })));
    let transitions =
        transitions.iter().map(|Transition { days, class }| json!({ "StorageClass": class, "TransitionInDays": days }));
    properties([
        ("Id", json!(id)),
        ("Status", json!(status(*enabled))),
        ("Prefix", json!(prefix)),
        ("ExpirationInDays", json!(expire_days)),
        ("ExpiredObjectDeleteMarker", json!(or_nothing(*expired_delete_markers))),
        ("NoncurrentVersionExpiration", one("NoncurrentDays", noncurrent_days)),
        ("AbortIncompleteMultipartUpload", one("DaysAfterInitiation", abort_multipart_days)),
        ("Transitions", filled(transitions.collect::<Vec<_>>())),
    ])
}

fn status(enabled: bool) -> &'static str {
    if enabled { "Enabled" } else { "Disabled" }
}
