//! SNS subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Ownership, Step};

/// A subscription to an SNS topic; pending or confirmed, it is the same to a diff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// ARN of the topic.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) topic_arn: String,
    /// `email`, `sqs` … in lower case.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) protocol: String,
    /// Mail address, queue ARN …
    #[schemars(extend("x-replaces" = true))]
    pub(crate) endpoint: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the subscription; absent while it is pending.
    pub(crate) arn: Option<String>,
    /// Whether the receiver has yet to confirm.
    pub(crate) pending: bool,
}

/// SNS subscriptions.
pub(crate) struct Subscription;

impl Resource for Subscription {
    const KIND: &'static str = "sns_subscription";
    const AWS_TYPE: &'static str = "AWS::SNS::Subscription";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}|{}", spec.topic_arn, spec.protocol, spec.endpoint)
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
