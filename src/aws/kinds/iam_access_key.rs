//! Access keys of IAM users, whose secret goes straight into an SSM SecureString.

use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

/// An access key of an IAM user, and the SSM parameter that keeps its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the user.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) user: String,
    /// Name of the SSM parameter (SecureString) that gets the key: JSON with `access_key_id` and `secret_access_key`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) parameter: String,
    /// KMS key of the parameter; absent: `alias/aws/ssm`.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Tags of the parameter; keys have none.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// Id of the key (`AKIA…`); no secret.
    pub(crate) access_key_id: String,
    /// ARN of the parameter.
    pub(crate) parameter_arn: String,
    /// `Active` or `Inactive`.
    pub(crate) status: String,
}

/// Access keys of IAM users, whose secret goes straight into an SSM SecureString.
pub(crate) struct AccessKey;

impl Resource for AccessKey {
    const KIND: &'static str = "iam_access_key";
    const AWS_TYPE: &'static str = "AWS::IAM::AccessKey";
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.user, spec.parameter)
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
