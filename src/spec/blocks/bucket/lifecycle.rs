//! Lifecycle rules of one's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bucket, Transition, check_transitions};
use crate::spec::check::Checks;

/// A lifecycle rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id, unique in the bucket.
    #[schemars(length(min = 1, max = 255))]
    pub id: String,
    /// Whether it is carried out.
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// Only objects whose keys begin with this; empty: all.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub prefix: String,
    /// Days after which objects expire.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub expire_days: Option<u32>,
    /// Days after which a version that was overwritten or deleted expires.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub noncurrent_days: Option<u32>,
    /// Days after which an unfinished multipart upload is given up.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub abort_multipart_days: Option<u32>,
    /// Whether a delete marker with nothing behind it expires; not together with `expire_days`.
    #[serde(default)]
    pub expired_delete_markers: bool,
    /// Moves of objects to cheaper storage, in order of days.
    #[serde(default)]
    pub transitions: Vec<Transition>,
}

impl Rule {
    fn does_something(&self) -> bool {
        let days = [self.expire_days, self.noncurrent_days, self.abort_multipart_days];
        days.iter().any(Option::is_some) || self.expired_delete_markers || !self.transitions.is_empty()
    }
}

/// Checks the rules of a bucket, and that nothing else says what they say.
pub(super) fn check(bucket: &Bucket, checks: &mut Checks<'_>) {
    let Some(rules) = &bucket.lifecycle else { return };
    if bucket.expire_days.is_some() || !bucket.transitions.is_empty() {
        let field = if bucket.expire_days.is_some() { "expire_days" } else { "transitions" };
        checks.error(field, "this counts for nothing beside `lifecycle`").help("write it into one of the rules");
    }
    for (i, rule) in rules.iter().enumerate() {
        if rules[..i].iter().any(|other| other.id == rule.id) {
            checks.error(&format!("lifecycle.{i}.id"), format!("another rule has the id `{}` already", rule.id));
        }
        if !rule.does_something() {
            checks.error(&format!("lifecycle.{i}"), "this rule does nothing").help("write `expire_days`, for example");
        }
        if rule.expired_delete_markers && rule.expire_days.is_some() {
            checks.error(&format!("lifecycle.{i}"), "S3 wants a rule of its own for `expired_delete_markers`");
        }
        check_transitions(&format!("lifecycle.{i}.transitions"), &rule.transitions, rule.expire_days, checks);
    }
}
