//! What a preflight asks AWS: what the caller may do, and how much the account may hold.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::error::CallError;
use crate::model::kind::BoxFuture;

/// Calls that are simulated together: each action on each resource, in one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `kinesis:CreateStream` …
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
    /// What is known of the conditions under which they are made.
    pub context: Vec<ContextValue>,
}

/// The value of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextValue {
    /// `iam:PassedToService` …
    pub key: String,
    /// Its value.
    pub value: String,
    /// Whether the key has a list of values, of which this is one.
    pub listed: bool,
}

/// What IAM would say to one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The action.
    pub action: String,
    /// The resource, as it was asked about.
    pub resource: String,
    /// The answer.
    pub verdict: Answer,
    /// Condition keys that policies ask for and that nobody could say: the answer may be another with them.
    pub missing: BTreeSet<String>,
}

/// Whether a call is allowed, and if not, by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is.
    Allowed,
    /// Nothing allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
    /// The permissions boundary of the caller does not allow it.
    Boundary,
    /// A policy of the organization does not allow it.
    Organization,
}

/// A quota that what pipectl makes counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quota {
    /// Open shards of provisioned streams, in the region.
    Shards,
    /// On-demand streams, in the region.
    OnDemandStreams,
    /// Delivery streams, in the region.
    DeliveryStreams,
    /// Buckets of the account.
    Buckets,
    /// Roles of the account.
    Roles,
    /// Users of the account.
    Users,
}

/// How far a quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// How many there are.
    pub used: u64,
    /// How many there may be; absent where the service does not say.
    pub limit: Option<u64>,
}

/// The caller and its account.
pub trait Account: Send + Sync {
    /// The user or role that a caller's ARN stands for, as IAM names it; `None` for one that cannot be simulated (the
    /// account's root, a federated user).
    fn principal<'a>(&'a self, caller: &'a str) -> BoxFuture<'a, Result<Option<String>, CallError>>;
    /// What IAM would say if the principal made these calls: a decision for each action on each resource.
    fn simulate<'a>(
        &'a self,
        principal: &'a str,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<Vec<Decision>, CallError>>;
    /// How far a quota is used.
    fn usage(&self, quota: Quota) -> BoxFuture<'_, Result<Usage, CallError>>;
}
