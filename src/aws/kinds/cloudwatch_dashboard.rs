//! CloudWatch dashboards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Ownership, Step};

/// A CloudWatch dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account; 1–255 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Its body, compared as JSON.
    pub(crate) body: serde_json::Value,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the dashboard.
    pub(crate) arn: String,
}

/// CloudWatch dashboards.
pub(crate) struct Dashboard;

impl Resource for Dashboard {
    const KIND: &'static str = "cloudwatch_dashboard";
    const AWS_TYPE: &'static str = "AWS::CloudWatch::Dashboard";
    const OWNERSHIP: Ownership = Ownership::Unmarked;
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
