//! IAM roles with their inline policies.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use super::iam::{BOUNDARY, Shared};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Grants, Nothing, Statements};
use crate::model::access::Rules;
use crate::model::account::Quota;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::policy::Policy;
use crate::model::tags::Tags;

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

pub(crate) fn one_hour() -> u32 {
    3600
}

impl Spec {
    /// A role that this trust alone describes.
    pub(crate) fn new(name: &str, trust: Policy) -> Self {
        Self {
            name: name.to_owned(),
            path: root(),
            description: String::new(),
            trust,
            max_session_seconds: one_hour(),
            policies: BTreeMap::new(),
            managed_policies: BTreeSet::new(),
            permissions_boundary: None,
            tags: Tags::new(),
        }
    }
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the role.
    pub(crate) arn: String,
    /// Id, which no other role of the same ARN will have: `AROA…`.
    pub(crate) id: String,
}

/// IAM roles with their inline policies.
pub(crate) struct Role;

pub(crate) const ROLE: On = On::Arns(&["arn:{partition}:iam::{account}:role{path}{name}"]);

const STAND_IN: On = On::Arns(&["arn:{partition}:iam::{account}:role{path}{name}-again"]);

impl ResourceType for Role {
    const KIND: &'static str = "iam_role";
    const AWS_TYPE: &'static str = "AWS::IAM::Role";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const PRINCIPAL: Option<&'static str> = Some("role");
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"],
            ROLE,
        ),
        // Whether a machine works as it.
        Grant::plan(&["iam:ListInstanceProfilesForRole"], ROLE),
        Grant::apply(
            &[
                "iam:UpdateRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
            ],
            ROLE,
        ),
        // Of a function's role, which is lent another for a moment: see `lambda_function/rebind.rs`.
        Grant::apply(&["iam:CreateRole"], STAND_IN).held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:DeleteRole"], STAND_IN),
        // Where the spec has a boundary, who applies gives none more than that leaves, and takes it from none.
        Grant::apply(&["iam:CreateRole", "iam:PutRolePolicy"], ROLE).held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:AttachRolePolicy"], ROLE)
            .given("managed_policies")
            .held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:PutRolePermissionsBoundary"], ROLE)
            .given("permissions_boundary")
            .held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:DeleteRolePermissionsBoundary"], ROLE).unless("permissions_boundary"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["iam:CreateRole"],
        delete: &["iam:DeleteRole"],
        update: &[
            Update::new("description", &["iam:UpdateRole", "iam:UpdateRoleDescription"]).saying("description"),
            Update::new("trust", &["iam:UpdateAssumeRolePolicy"]),
            Update::new("max_session_seconds", &["iam:UpdateRole"]).saying("maxSessionDuration"),
            Update::new("policies", &["iam:DeleteRolePolicy", "iam:PutRolePolicy"]),
            Update::new("managed_policies", &["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
            Update::new(
                "permissions_boundary",
                &["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
            ),
            Update::new("tags", &["iam:TagRole", "iam:UntagRole"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Statements, &["trust", "policies"]),
            (Grants, &["managed_policies"]),
            (Bound("boundary"), &["permissions_boundary"]),
            (Nothing, &["name", "path", "description", "max_session_seconds", "tags"]),
        ],
    };
    const PRICE: Price = Price::None("IAM is free");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("AWS has no state of it");
    const METRICS: Metrics = Metrics::None("CloudWatch has none of IAM");
    const EXAMPLES: &'static str = r#"
# Both have a description: MiniStack does not take an empty one, with which IAM clears it.
[first]
name = "pipectl-example-role"
path = "/pipectl/"
description = "Lets Firehose deliver"
max_session_seconds = 7200
managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
permissions_boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
tags = { "pipectl:env" = "dev", team = "growth" }

[first.trust]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Principal = { Service = "firehose.amazonaws.com" }, Action = "sts:AssumeRole" }]

[first.policies.deliver]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = ["s3:PutObject", "s3:AbortMultipartUpload"], Resource = "arn:aws:s3:::a/*" }]

[first.policies.log]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }]

[second]
name = "pipectl-example-role"
path = "/pipectl/"
description = "Lets a partner read"
managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
tags = { "pipectl:env" = "dev", owner = "data + platform" }

[second.trust]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "sts:ExternalId" = "a/b+c%" } } }]

[second.policies.deliver]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::b/*" }]

[second.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "kinesis:GetRecords", Resource = "*" }]
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it holds permissions")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::Of(Quota::Roles, 1)
    }

    fn unbind(live: &mut Spec) {
        live.trust = Policy::new(&serde_json::Value::Null);
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), Some(want)) if (&now.name, &now.path) != (&want.name, &want.path) => vec![format!(
                "policies elsewhere that name the role {} lose it for good: they keep the old role's internal id and \
                 must be written again",
                now.name
            )],
            (Some(now), Some(want)) if want.max_session_seconds < now.max_session_seconds => {
                vec![format!("who asks for a session of more than {} s is refused", want.max_session_seconds)]
            }
            _ => Vec::new(),
        }
    }
}

impl Spec {
    pub(crate) fn shared(&self) -> Shared<'_> {
        Shared {
            policies: &self.policies,
            managed_policies: &self.managed_policies,
            permissions_boundary: self.permissions_boundary.as_deref(),
            tags: &self.tags,
        }
    }
}
