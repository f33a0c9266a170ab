//! CloudWatch log groups.

use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

/// A CloudWatch log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–512 of `[.\-_/#A-Za-z0-9]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Days that events are kept: one of AWS's list; absent: for ever.
    #[serde(default)]
    pub(crate) retention_days: Option<u32>,
    /// ARN of the KMS key; absent: CloudWatch's own encryption.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the group, without `:*`.
    pub(crate) arn: String,
}

/// CloudWatch log groups.
pub(crate) struct LogGroup;

impl Resource for LogGroup {
    const KIND: &'static str = "logs_group";
    const AWS_TYPE: &'static str = "AWS::Logs::LogGroup";
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
