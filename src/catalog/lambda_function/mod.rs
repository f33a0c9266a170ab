//! Lambda functions.

mod narrowing;
mod settings;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::files::package::pack;
use crate::model::access::Access::{Bound, Brake, Grants, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;
pub(crate) use settings::{Code, CodeObject, IMAGE, ImageConfig, LogLevels, USUAL_STORAGE, Vpc, ZIP};

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–64 of `[a-zA-Z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 256 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// ARN of the role that it works as.
    pub(crate) role_arn: String,
    /// What it runs.
    pub(crate) code: Code,
    /// What its code comes as: `Zip` or `Image`.
    #[serde(default = "settings::zip", skip_serializing_if = "settings::is_zip")]
    #[schemars(extend("x-replaces" = true))]
    pub(crate) package_type: String,
    /// What overrides the settings of its image; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image_config: Option<ImageConfig>,
    /// `python3.13`, `nodejs22.x` …; none of an image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) runtime: String,
    /// What is called: `app.handler`; none of an image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) handler: String,
    /// ARNs of versions of layers, in the order in which they are laid over each other; at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<String>,
    /// Memory in MB; 128–10,240. Processor time comes in proportion.
    pub(crate) memory_mb: u32,
    /// MB that `/tmp` has; 512–10,240.
    #[serde(default = "settings::usual_storage", skip_serializing_if = "settings::is_usual_storage")]
    pub(crate) ephemeral_storage_mb: u32,
    /// The longest that one call takes, in seconds; 1–900.
    pub(crate) timeout_seconds: u32,
    /// Environment variables.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// ARN of the customer's KMS key that encrypts the environment variables; absent: AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key: Option<String>,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: String,
    /// Whether X-Ray follows its calls.
    #[serde(default)]
    pub(crate) tracing: bool,
    /// Name of the log group that it writes to.
    pub(crate) log_group: String,
    /// From what levels on it logs in JSON; absent: it logs text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_levels: Option<LogLevels>,
    /// Calls at a time that are kept for it, and the most that it gets; absent: whatever the account has left.
    #[serde(default)]
    pub(crate) reserved_concurrency: Option<u32>,
    /// The part of a VPC that it runs in; absent: none.
    #[serde(default)]
    pub(crate) vpc: Option<Vpc>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the function.
    pub(crate) arn: String,
    /// `Active`, `Pending` …; that of its last update where that has not succeeded.
    pub(crate) status: String,
    /// Size of its code in bytes.
    pub(crate) code_bytes: i64,
}

/// What is to be known of the interfaces of a function that leaves a VPC
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>).
const LINGERS: &str = "Its network interfaces stay for up to 45 minutes, and keep their subnets and security groups from being deleted. Lambda \
    removes them by the function's role; once that is deleted, or may do so no more, `aws ec2 delete-network-interface` does.";

/// Lambda functions.
pub(crate) struct Function;

pub(crate) const FUNCTION: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:function:{name}"]);

/// Lambda's events have the date of the API's version in their names.
const CONFIGURED: &[&str] = &["lambda:UpdateFunctionConfiguration20150331v2"];

impl ResourceType for Function {
    const KIND: &'static str = "lambda_function";
    const AWS_TYPE: &'static str = "AWS::Lambda::Function";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        // Without the second the tags are missing in what the first returns.
        Grant::plan(&["lambda:GetFunction", "lambda:ListTags"], FUNCTION),
        // Who else may call it, and what else calls it.
        Grant::plan(
            &[
                "lambda:GetPolicy",
                "lambda:ListFunctionEventInvokeConfigs",
                "lambda:ListFunctionUrlConfigs",
                "lambda:ListProvisionedConcurrencyConfigs",
            ],
            FUNCTION,
        ),
        Grant::plan(&["lambda:ListEventSourceMappings"], On::All),
        Grant::apply(
            &[
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:DeleteFunctionConcurrency",
                "lambda:PutFunctionConcurrency",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ],
            FUNCTION,
        ),
        // Lambda looks with the caller's permissions whether these are there.
        Grant::apply(&["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"], On::All).given("vpc"),
        // Lambda takes layers and code with the caller's permissions.
        Grant::apply(&["lambda:GetLayerVersion"], On::Arns(&["arn:{partition}:lambda:{region}:*:layer:*"]))
            .given("layers"),
        Grant::apply(
            &["s3:GetObject", "s3:GetObjectVersion"],
            On::Arns(&["arn:{partition}:s3:::{code.object.bucket}/{code.object.key}"]),
        )
        .given("code.object"),
        Grant::apply(
            &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy"],
            On::Arns(&["arn:{partition}:ecr:{region}:{account}:repository/*"]),
        )
        .given("code.image"),
        // Without it the environment is left out of the answer.
        Grant::plan(&["kms:Decrypt"], On::Key("kms_key")).given("kms_key"),
        Grant::apply(&["kms:CreateGrant", "kms:Encrypt"], On::Key("kms_key")).given("kms_key"),
        // The second stands in while a function is bound anew to a role that was made again.
        Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}", "{role_arn}-again"]))
            .only_if("iam:PassedToService", "lambda.amazonaws.com"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["lambda:CreateFunction20150331"],
        delete: &["lambda:DeleteFunction20150331"],
        update: &[
            Update::new("architecture", &["lambda:UpdateFunctionCode20150331v2"]).saying("architectures"),
            Update::new("code", &["lambda:UpdateFunctionCode20150331v2"]),
            Update::new("description", CONFIGURED).saying("description"),
            Update::new("environment", CONFIGURED).saying("environment"),
            Update::new("ephemeral_storage_mb", CONFIGURED).saying("ephemeralStorage"),
            Update::new("handler", CONFIGURED).saying("handler"),
            Update::new("image_config", CONFIGURED).saying("imageConfig"),
            Update::new("kms_key", CONFIGURED).saying("kMSKeyArn"),
            Update::new("layers", CONFIGURED).saying("layers"),
            Update::new("log_group", CONFIGURED).saying("loggingConfig"),
            Update::new("log_levels", CONFIGURED).saying("loggingConfig"),
            Update::new("memory_mb", CONFIGURED).saying("memorySize"),
            Update::new(
                "reserved_concurrency",
                &["lambda:DeleteFunctionConcurrency20171031", "lambda:PutFunctionConcurrency20171031"],
            ),
            Update::new("role_arn", CONFIGURED).saying("role"),
            Update::new("runtime", CONFIGURED).saying("runtime"),
            Update::new("tags", &["lambda:TagResource20170331v2", "lambda:UntagResource20170331v2"]),
            Update::new("timeout_seconds", CONFIGURED).saying("timeout"),
            Update::new("tracing", CONFIGURED).saying("tracingConfig"),
            Update::new("vpc", CONFIGURED).saying("vpcConfig"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Names, &["role_arn"]),
            (Brake, &["reserved_concurrency"]),
            (Bound("key"), &["kms_key"]),
            // What it reaches, and who it is to the rules of others.
            (Grants, &["vpc.security_group_ids", "vpc.subnet_ids"]),
            (
                Nothing,
                &[
                    "name",
                    "description",
                    "code",
                    "package_type",
                    "image_config",
                    "runtime",
                    "handler",
                    "layers",
                    "memory_mb",
                    "ephemeral_storage_mb",
                    "timeout_seconds",
                    "environment",
                    "architecture",
                    "tracing",
                    "log_group",
                    "log_levels",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Lambda", dimension: "FunctionName" };
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        // Code and environment always are, if only with `aws/lambda`.
        AtRest::ByKms
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS counts the size of all code, and not functions")
    }

    fn resolve_local_files(spec: &mut Spec) -> std::result::Result<(), String> {
        if spec.code.path.is_empty() {
            return Ok(());
        }
        spec.code.sha256 = Some(pack(&spec.code.path).map_err(|error| error.to_string())?.sha256);
        Ok(())
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match now.zip(want) {
            Some((now, want)) if now.name != want.name => {
                vec![format!("Who calls `{}` by its name has to call `{}`.", now.name, want.name)]
            }
            Some((now, want)) => now.narrowed_by(want),
            None => {
                let leaving = now.filter(|now| now.vpc.is_some() && want.is_none());
                leaving.map(|_| LINGERS.to_owned()).into_iter().collect()
            }
        }
    }

    fn bound_to(want: &Spec) -> Option<String> {
        Some(want.role_arn.clone())
    }

    fn unbind(live: &mut Spec) {
        live.role_arn.clear();
    }

    fn align(now: &mut Spec, want: &Spec) {
        // Where the code came from is nothing that AWS knows.
        now.code.path.clone_from(&want.code.path);
        now.code.object.clone_from(&want.code.object);
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }
}

impl Spec {
    /// What UpdateFunctionConfiguration sets.
    pub(crate) fn configuration(&self) -> Spec {
        Spec {
            code: Code { path: String::new(), sha256: None, object: None, image: None },
            architecture: String::new(),
            reserved_concurrency: None,
            tags: Tags::new(),
            ..self.clone()
        }
    }
}
