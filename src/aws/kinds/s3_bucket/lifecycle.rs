//! Lifecycle rules, ours and S3's.

use aws_sdk_s3::types;

use crate::aws::Result;
use crate::catalog::s3_bucket::{LifecycleRule, Transition};
use crate::model::error::{CallError, Class};

/// A rule as S3 returned it.
pub(super) fn from_aws(rule: types::LifecycleRule) -> LifecycleRule {
    let expiration = rule.expiration.as_ref();
    let transitions = rule.transitions().iter().filter_map(|transition| {
        Some(Transition { days: days(transition.days)?, class: transition.storage_class()?.as_str().to_owned() })
    });
    LifecycleRule {
        enabled: rule.status == types::ExpirationStatus::Enabled,
        prefix: prefix(&rule).unwrap_or_default().to_owned(),
        expire_days: expiration.and_then(|expiration| days(expiration.days)),
        noncurrent_days: rule.noncurrent_version_expiration().and_then(|rule| days(rule.noncurrent_days)),
        abort_multipart_days: rule
            .abort_incomplete_multipart_upload()
            .and_then(|rule| days(rule.days_after_initiation)),
        expired_delete_markers: expiration.is_some_and(|rule| rule.expired_object_delete_marker == Some(true)),
        transitions: transitions.collect(),
        other: other(&rule),
        id: rule.id.unwrap_or_default(),
    }
}

/// S3 has three places for it; the one beside the filter is that of old rules.
fn prefix(rule: &types::LifecycleRule) -> Option<&str> {
    let filter = rule.filter();
    let and = filter.and_then(types::LifecycleRuleFilter::and);
    #[expect(deprecated, reason = "old rules have it there")]
    let old = rule.prefix();
    filter.and_then(types::LifecycleRuleFilter::prefix).or(and.and_then(|and| and.prefix())).or(old)
}

/// What [`LifecycleRule`] has no field for, in words.
fn other(rule: &types::LifecycleRule) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(filter) = rule.filter() {
        let and = filter.and();
        let tags = and.map(types::LifecycleRuleAndOperator::tags).unwrap_or_default().iter().chain(filter.tag());
        parts.extend(tags.map(|tag| format!("only tagged {}={}", tag.key, tag.value)));
        let larger = filter.object_size_greater_than.or(and.and_then(|and| and.object_size_greater_than));
        parts.extend(larger.map(|bytes| format!("only larger than {bytes} bytes")));
        let smaller = filter.object_size_less_than.or(and.and_then(|and| and.object_size_less_than));
        parts.extend(smaller.map(|bytes| format!("only smaller than {bytes} bytes")));
    }
    let expires = rule.expiration().and_then(|expiration| expiration.date);
    parts.extend(expires.map(|date| format!("expires on {date}")));
    let dated =
        rule.transitions().iter().filter_map(|transition| Some((transition.date?, transition.storage_class()?)));
    parts.extend(dated.map(|(date, class)| format!("to {class} on {date}")));
    let kept = rule.noncurrent_version_expiration().and_then(|rule| rule.newer_noncurrent_versions);
    parts.extend(kept.map(|count| format!("keeps {count} noncurrent versions")));
    for transition in rule.noncurrent_version_transitions() {
        let class = transition.storage_class().map(types::TransitionStorageClass::as_str).unwrap_or_default();
        let kept = transition.newer_noncurrent_versions.map(|count| format!(", keeping {count}")).unwrap_or_default();
        let days = transition.noncurrent_days.unwrap_or_default();
        parts.push(format!("noncurrent versions to {class} after {days} days{kept}"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A rule as S3 takes it.
///
/// # Errors
/// When it holds what only a live rule can.
pub(super) fn to_aws(rule: &LifecycleRule) -> Result<types::LifecycleRule> {
    if let Some(other) = &rule.other {
        return Err(invalid(&rule.id, format!("`other` (here: {other}) is only read, never written")));
    }
    let expiration = types::LifecycleExpiration::builder()
        .set_days(rule.expire_days.map(number))
        .set_expired_object_delete_marker(rule.expired_delete_markers.then_some(true))
        .build();
    let noncurrent = |days| types::NoncurrentVersionExpiration::builder().noncurrent_days(number(days)).build();
    let abort = |days| types::AbortIncompleteMultipartUpload::builder().days_after_initiation(number(days)).build();
    let transitions: Vec<_> = rule.transitions.iter().map(transition).collect();
    types::LifecycleRule::builder()
        .id(&rule.id)
        .status(if rule.enabled { types::ExpirationStatus::Enabled } else { types::ExpirationStatus::Disabled })
        .filter(types::LifecycleRuleFilter::builder().prefix(&rule.prefix).build())
        .set_expiration((rule.expire_days.is_some() || rule.expired_delete_markers).then_some(expiration))
        .set_noncurrent_version_expiration(rule.noncurrent_days.map(noncurrent))
        .set_abort_incomplete_multipart_upload(rule.abort_multipart_days.map(abort))
        .set_transitions((!transitions.is_empty()).then_some(transitions))
        .build()
        .map_err(|error| invalid(&rule.id, error))
}

fn transition(transition: &Transition) -> types::Transition {
    let class = types::TransitionStorageClass::from(transition.class.as_str());
    types::Transition::builder().days(number(transition.days)).storage_class(class).build()
}

fn invalid(id: &str, reason: impl std::fmt::Display) -> CallError {
    CallError::own(Class::Invalid, "s3 PutBucketLifecycleConfiguration", format!("rule `{id}`: {reason}"))
}

/// S3's numbers are signed, ours are not; no count of days comes near the difference.
fn number(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

pub(super) fn days(number: Option<i32>) -> Option<u32> {
    number.and_then(|days| u32::try_from(days).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> LifecycleRule {
        serde_json::from_value(serde_json::json!({
            "id": "raw", "prefix": "events/", "expire_days": 90, "noncurrent_days": 7, "abort_multipart_days": 3,
            "transitions": [{ "days": 60, "class": "GLACIER" }, { "days": 30, "class": "STANDARD_IA" }],
        }))
        .unwrap()
    }

    #[test]
    fn a_rule_comes_back_as_it_was_written() {
        assert_eq!(from_aws(to_aws(&rule()).unwrap()), rule());
    }

    #[test]
    fn the_prefix_is_found_in_each_of_its_places() {
        let and = types::LifecycleRuleAndOperator::builder().prefix("events/").build();
        let filter = types::LifecycleRuleFilter::builder().and(and).build();
        let builder = || types::LifecycleRule::builder().id("raw").status(types::ExpirationStatus::Enabled);
        assert_eq!(from_aws(builder().filter(filter).build().unwrap()).prefix, "events/");
        #[expect(deprecated, reason = "old rules have it there")]
        let old = builder().prefix("events/").build().unwrap();
        assert_eq!(from_aws(old).prefix, "events/");
    }

    #[test]
    fn what_has_no_field_shows_and_cannot_be_written() {
        let mut live = to_aws(&rule()).unwrap();
        let tag = types::Tag::builder().key("tier").value("cold").build().unwrap();
        live.filter = Some(types::LifecycleRuleFilter::builder().tag(tag).object_size_less_than(500).build());
        let read = from_aws(live);
        assert_eq!(read.other.as_deref(), Some("only tagged tier=cold; only smaller than 500 bytes"));
        assert_eq!(to_aws(&read).unwrap_err().class, Class::Invalid);
    }
}
