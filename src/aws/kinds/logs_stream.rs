//! CloudWatch log streams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Ownership, Step};

/// A CloudWatch log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the log group that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) group: String,
    /// Name, unique in the group; 1–512 characters, neither `:` nor `*`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the stream.
    pub(crate) arn: String,
}

/// CloudWatch log streams.
pub(crate) struct LogStream;

impl Resource for LogStream {
    const KIND: &'static str = "logs_stream";
    const AWS_TYPE: &'static str = "AWS::Logs::LogStream";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.group, spec.name)
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
