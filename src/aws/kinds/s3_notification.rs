//! One entry of a bucket's notification configuration; entries of others survive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Ownership, Step};

/// An entry of a bucket's notification configuration that tells an SQS queue of new objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the bucket.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) bucket: String,
    /// Id of the entry, unique in the bucket: `pipectl-<env>-<block>`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) id: String,
    /// ARN of the queue.
    pub(crate) queue_arn: String,
    /// Events: `s3:ObjectCreated:*` …
    pub(crate) events: BTreeSet<String>,
    /// Only keys that begin with this; empty: all.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Only keys that end with this; empty: all.
    #[serde(default)]
    pub(crate) suffix: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// Entries of others in the same configuration, which are kept.
    pub(crate) others: usize,
}

/// One entry of a bucket's notification configuration; entries of others survive.
pub(crate) struct Notification;

impl Resource for Notification {
    const KIND: &'static str = "s3_notification";
    const AWS_TYPE: &'static str = "Custom::S3BucketNotification";
    const OWNERSHIP: Ownership = Ownership::Key;
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.bucket, spec.id)
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        todo!()
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        todo!()
    }
}
