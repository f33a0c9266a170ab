//! SNS topics.

use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

/// A standard SNS topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–256 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Name shown to receivers.
    #[serde(default)]
    pub(crate) display_name: String,
    /// Who may publish; absent: AWS's default policy (the owner's account).
    #[serde(default)]
    pub(crate) policy: Option<Policy>,
    /// KMS key that encrypts messages at rest; absent: not encrypted.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the topic.
    pub(crate) arn: String,
}

/// SNS topics.
pub(crate) struct Topic;

impl Resource for Topic {
    const KIND: &'static str = "sns_topic";
    const AWS_TYPE: &'static str = "AWS::SNS::Topic";
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
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
