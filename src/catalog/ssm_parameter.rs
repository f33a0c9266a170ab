//! Parameters of SSM that hold a name or an ARN for others to read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A parameter of SSM, of the standard tier. Its value is read and shown: it is a name or an ARN, and no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region: 1–1011 of `[A-Za-z0-9_.-/]`; one with a `/` begins with it.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// `String`; `StringList` and `SecureString` are what somebody else has made of it.
    #[serde(default = "string")]
    pub(crate) value_type: String,
    /// What it says, at most 4,096 characters; absent for the URL of an API, and where it is encrypted.
    #[serde(default)]
    pub(crate) value: Option<String>,
    /// In place of `value`, the stage of an API whose URL it says: AWS makes up the id in it.
    #[serde(default)]
    pub(crate) stage: Option<StageUrl>,
    /// What it is for, at most 1,024 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// A stage of a REST API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageUrl {
    /// Name of the API.
    pub(crate) api: String,
    /// Name of the stage.
    pub(crate) name: String,
}

/// The type of a parameter that holds one text.
pub(crate) fn string() -> String {
    "String".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// What it says, the URL of an API included; absent where it is encrypted.
    pub(crate) value: Option<String>,
}

/// Parameters of SSM.
pub(crate) struct Parameter;

/// IAM writes the name behind `parameter` without a second slash
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html>).
const PARAMETER: On = On::Arns(&["arn:{partition}:ssm:{region}:{account}:parameter/{name}"]);

impl ResourceType for Parameter {
    const KIND: &'static str = "ssm_parameter";
    const AWS_TYPE: &'static str = "AWS::SSM::Parameter";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["ssm:GetParameters", "ssm:ListTagsForResource"], PARAMETER),
        Grant::plan(&["ssm:DescribeParameters"], On::All),
        Grant::plan(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/restapis"])).given("stage"),
        Grant::apply(
            &["ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"],
            PARAMETER,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["ssm:PutParameter"],
        delete: &["ssm:DeleteParameter", "ssm:DeleteParameters"],
        update: &[
            Update::new("value_type", PUT),
            Update::new("value", PUT),
            Update::new("stage", PUT),
            Update::new("description", PUT),
            Update::new("tags", &["ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(Nothing, &["name", "value_type", "value", "stage", "description", "tags"])],
    };
    const PRICE: Price = Price::None("parameters of the standard tier cost nothing");
    const IMPORT: Import = Import::None("a parameter does not tell which block it speaks of: write a `publish` block");
    const STATUS: Status = Status::Exists("it is a name that others read");
    const METRICS: Metrics = Metrics::None("SSM counts nothing of one parameter");
    const EXAMPLES: &'static str = r#"
[first]
name = "/pipectl-example/dev/clicks"
value = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
description = "Where clicks go"
tags = { "pipectl:env" = "dev", team = "growth" }

[second]
name = "/pipectl-example/dev/clicks"
value = "visits"
tags = { "pipectl:env" = "dev", owner = "data + platform" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps a name, which is no secret")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows 10,000 of them, far more than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!("whoever reads the parameter {} finds nothing there any more", now.name)];
        };
        let other = (now.value_type != want.value_type).then(|| {
            format!(
                "the parameter {} is a {}: what it holds is overwritten, and cannot be brought back",
                now.name, now.value_type
            )
        });
        other.into_iter().collect()
    }
}

/// The one call that writes.
const PUT: &[&str] = &["ssm:PutParameter"];
