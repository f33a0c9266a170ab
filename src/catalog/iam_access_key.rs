//! Access keys of IAM users, whose secret goes straight into an SSM SecureString.
//!
//! A key counts as made only when its parameter names it: one whose secret nobody has is of no use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing, Opens};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;

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
    /// Whether AWS accepts it.
    #[serde(default = "yes")]
    pub(crate) active: bool,
    /// Tags of the parameter; keys have none.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// Id of the key (`AKIA…`); no secret.
    pub(crate) access_key_id: String,
    /// ARN of the parameter.
    pub(crate) parameter_arn: String,
    /// `Active` or `Inactive`.
    pub(crate) status: String,
    /// When it was made, in RFC 3339.
    pub(crate) created: Option<String>,
}

/// Access keys of IAM users, whose secret goes straight into an SSM SecureString.
pub(crate) struct AccessKey;

pub(crate) const USER: On = On::Arns(&["arn:{partition}:iam::{account}:user/{user}"]);

pub(crate) const PARAMETER: On = On::Arns(&["arn:{partition}:ssm:{region}:{account}:parameter/{parameter}"]);

/// The KMS key of a SecureString without one of its own.
pub(crate) const DEFAULT_KMS_KEY: &str = "alias/aws/ssm";

impl ResourceType for AccessKey {
    const KIND: &'static str = "iam_access_key";
    const AWS_TYPE: &'static str = "AWS::IAM::AccessKey";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["iam:ListAccessKeys"], USER),
        Grant::plan(&["ssm:DescribeParameters"], On::All),
        Grant::plan(&["ssm:ListTagsForResource"], PARAMETER),
        Grant::apply(&["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"], USER),
        Grant::apply(
            &["ssm:PutParameter", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", "ssm:DeleteParameter"],
            PARAMETER,
        ),
        Grant::apply(&["kms:Encrypt"], On::Key("kms_key")).only_if("kms:ViaService", "ssm.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        // IAM's by the user, SSM's by the parameter.
        named_by: &[0, 1],
        create: &["iam:CreateAccessKey"],
        delete: &["iam:DeleteAccessKey", "ssm:DeleteParameter", "ssm:DeleteParameters"],
        update: &[
            Update::new("active", &["iam:UpdateAccessKey"]),
            Update::new("tags", &["ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[(Opens, &["active"]), (Bound("key"), &["kms_key"]), (Nothing, &["user", "parameter", "tags"])],
    };
    const PRICE: Price = Price::None("IAM is free, and so is a standard parameter");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("CloudWatch has none of IAM");
    const EXAMPLES: &'static str = r#"
[[needs]]
kind = "iam_user"
name = "pipectl-example-key-user"

[first]
user = "pipectl-example-key-user"
parameter = "/pipectl/example/access-key"
tags = { "pipectl:project" = "acme", "pipectl:env" = "test", team = "growth" }

[second]
user = "pipectl-example-key-user"
parameter = "/pipectl/example/access-key"
active = false
tags = { "pipectl:project" = "acme", "pipectl:env" = "test", owner = "data + platform" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.user, spec.parameter)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        // In a SecureString, if only with `aws/ssm`.
        AtRest::ByKms
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("a user has at most two, and AWS says so at once")
    }

    fn align(now: &mut Spec, want: &Spec) {
        if now.kms_key.is_none() && want.kms_key.as_deref() == Some(DEFAULT_KMS_KEY) {
            now.kms_key.clone_from(&want.kms_key);
        }
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let same = |now: &Spec, want: &Spec| Self::key(now) == Self::key(want) && now.kms_key == want.kms_key;
        match (now, want) {
            (Some(now), None) => vec![format!("whoever uses the access key of {} loses access at once", now.user)],
            (Some(now), Some(want)) if !same(now, want) => vec![format!(
                "whoever uses the access key of {} loses access at once, until given the new one in {}",
                now.user, want.parameter
            )],
            (Some(now), Some(want)) if now.active && !want.active => {
                vec![format!("whoever uses the access key of {} loses access until it is active again", now.user)]
            }
            _ => Vec::new(),
        }
    }
}
