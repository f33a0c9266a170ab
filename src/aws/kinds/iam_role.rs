//! IAM roles with their inline policies.

use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

/// An IAM role with its inline policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account whatever the path or case; 1–64 of `[\w+=,.@-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Path; `/` or `/…/`.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default = "root")]
    pub(crate) path: String,
    /// Description; at most 1,000 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Who may assume the role.
    pub(crate) trust: Policy,
    /// Longest session, in seconds; 3600–43200.
    #[serde(default = "one_hour")]
    pub(crate) max_session_seconds: u32,
    /// Inline policies, by name.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, Policy>,
    /// ARNs of the managed policies attached.
    #[serde(default)]
    pub(crate) managed_policies: BTreeSet<String>,
    /// ARN of the permissions boundary.
    #[serde(default)]
    pub(crate) permissions_boundary: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn root() -> String {
    "/".to_owned()
}

fn one_hour() -> u32 {
    3600
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the role.
    pub(crate) arn: String,
}

/// IAM roles with their inline policies.
pub(crate) struct Role;

impl Resource for Role {
    const KIND: &'static str = "iam_role";
    const AWS_TYPE: &'static str = "AWS::IAM::Role";
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
