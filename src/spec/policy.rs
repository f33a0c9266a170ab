//! `[policy]`: rules that an environment keeps.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rules that the environment keeps: `validate` and `plan` refuse what breaks one, all at once, with exit code 6.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whether every plan is refused that deletes or replaces anything. Unlike `protect` it holds from the moment it
    /// is written, and ends when it is taken out.
    #[serde(default)]
    pub no_destroy: bool,
    /// How whatever holds events or credentials is at least encrypted at rest: streams, buckets, tables, queues, secrets; with
    /// `"kms"` topics as well, which keep a message until it is delivered. Logs are encrypted by CloudWatch's own keys.
    #[serde(default)]
    pub require_encryption: Option<Encryption>,
    /// Keys of the tags that every resource has which can have tags; what their values are does not matter.
    #[serde(default)]
    pub require_tags: BTreeSet<String>,
    /// Whether no policy may allow an action with a wildcard in it: `*`, `s3:*`, `s3:Get*`.
    #[serde(default)]
    pub no_wildcard_actions: bool,
    /// The most that the environment may cost a month, in USD, as `pipectl cost` reckons. Blocks without prices, and blocks
    /// that do not say what they `expect`, are what the rule cannot judge.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub max_monthly_cost: Option<f64>,
    /// The regions that the environment may be in; empty: any.
    #[serde(default)]
    pub allowed_regions: BTreeSet<String>,
    /// What becomes of what a rule cannot judge: `"refuse"`, as what breaks it, or `"allow"`.
    #[serde(default)]
    pub unknown: Unknown,
}

/// What becomes of what a rule cannot judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It breaks the rule.
    #[default]
    Refuse,
    /// It passes.
    Allow,
}

/// How data is encrypted at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// By any key, also one of S3's or DynamoDB's own.
    Any,
    /// By a key in KMS: AWS's own for the service, or a customer's.
    Kms,
}
