//! IAM users with their inline policies; programmatic access only.

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

/// An IAM user with its inline policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account whatever the path or case; 1–64 of `[\w+=,.@-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Path; `/` or `/…/`.
    #[serde(default = "root")]
    pub(crate) path: String,
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

impl Spec {
    /// A user who may do nothing.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: root(),
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
    /// ARN of the user.
    pub(crate) arn: String,
    /// Id, which no other user of the same ARN will have: `AIDA…`.
    pub(crate) id: String,
}

/// IAM users with their inline policies; programmatic access only.
pub(crate) struct User;

pub(crate) const USER: On = On::Arns(&["arn:{partition}:iam::{account}:user{path}{name}"]);

impl ResourceType for User {
    const KIND: &'static str = "iam_user";
    const AWS_TYPE: &'static str = "AWS::IAM::User";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const PRINCIPAL: Option<&'static str> = Some("user");
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["iam:GetUser", "iam:ListUserPolicies", "iam:GetUserPolicy", "iam:ListAttachedUserPolicies"],
            USER,
        ),
        // What else somebody could sign in with, or be allowed by.
        Grant::plan(
            &[
                "iam:GetLoginProfile",
                "iam:ListAccessKeys",
                "iam:ListGroupsForUser",
                "iam:ListServiceSpecificCredentials",
                "iam:ListSigningCertificates",
                "iam:ListSSHPublicKeys",
            ],
            USER,
        ),
        Grant::apply(
            &[
                "iam:UpdateUser",
                "iam:DeleteUser",
                "iam:DeleteUserPolicy",
                "iam:DetachUserPolicy",
                "iam:TagUser",
                "iam:UntagUser",
                "iam:DeleteAccessKey",
                "iam:ListMFADevices",
                "iam:DeleteLoginProfile",
            ],
            USER,
        ),
        // Where the spec has a boundary, who applies gives none more than that leaves, and takes it from none.
        Grant::apply(&["iam:CreateUser", "iam:PutUserPolicy"], USER).held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:AttachUserPolicy"], USER)
            .given("managed_policies")
            .held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:PutUserPermissionsBoundary"], USER)
            .given("permissions_boundary")
            .held_to(BOUNDARY, "permissions_boundary"),
        Grant::apply(&["iam:DeleteUserPermissionsBoundary"], USER).unless("permissions_boundary"),
        // Whichever somebody has put the user into: it must leave before it can be deleted.
        Grant::apply(&["iam:RemoveUserFromGroup"], On::Arns(&["arn:{partition}:iam::{account}:group/*"])),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["iam:CreateUser"],
        delete: &["iam:DeleteUser"],
        update: &[
            Update::new("path", &["iam:UpdateUser"]),
            Update::new("policies", &["iam:DeleteUserPolicy", "iam:PutUserPolicy"]),
            Update::new("managed_policies", &["iam:AttachUserPolicy", "iam:DetachUserPolicy"]),
            Update::new(
                "permissions_boundary",
                &["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
            ),
            Update::new("tags", &["iam:TagUser", "iam:UntagUser"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Statements, &["policies"]),
            (Grants, &["managed_policies"]),
            (Bound("boundary"), &["permissions_boundary"]),
            (Nothing, &["name", "path", "tags"]),
        ],
    };
    const PRICE: Price = Price::None("IAM is free");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("AWS has no state of it");
    const METRICS: Metrics = Metrics::None("CloudWatch has none of IAM");
    const EXAMPLES: &'static str = r#"
# Without a permissions boundary: moto answers PutUserPermissionsBoundary with an HTML page and status 500.
# With one path: MiniStack does not know UpdateUser, and moto forgets the tags of a user that it moves.
[first]
name = "pipectl-example-user"
path = "/pipectl/"
managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
tags = { "pipectl:env" = "dev", team = "growth" }

[first.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = "arn:aws:s3:::a/*" }]

[first.policies.list]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::a" }]

[second]
name = "pipectl-example-user"
path = "/pipectl/"
managed_policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
tags = { "pipectl:env" = "dev", owner = "data + platform" }

[second.policies.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }]
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
        Takes::Of(Quota::Users, 1)
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!(
                "every access key of the user {} is deleted with it and stops working at once",
                now.name
            )];
        };
        // Its ARN has the path in it.
        let moved = format!("policies elsewhere that name the user {} by its ARN name nobody any more", now.name);
        Some(moved).filter(|_| now.path != want.path).into_iter().collect()
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
