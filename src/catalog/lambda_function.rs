//! Lambda functions whose code is a folder of the project.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::files::package::pack;
use crate::model::access::Access::{Brake, Grants, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A Lambda function whose code is a folder of the project.
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
    /// `python3.13`, `nodejs22.x` …
    pub(crate) runtime: String,
    /// What is called: `app.handler`.
    pub(crate) handler: String,
    /// Memory in MB; 128–10,240. Processor time comes in proportion.
    pub(crate) memory_mb: u32,
    /// The longest that one call takes, in seconds; 1–900.
    pub(crate) timeout_seconds: u32,
    /// Environment variables.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: String,
    /// Whether X-Ray follows its calls.
    #[serde(default)]
    pub(crate) tracing: bool,
    /// Name of the log group that it writes to.
    pub(crate) log_group: String,
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

/// The part of a VPC that a function runs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vpc {
    /// Ids of subnets; 1–16, all of one VPC.
    pub(crate) subnet_ids: BTreeSet<String>,
    /// Ids of security groups; 1–5, of that VPC.
    pub(crate) security_group_ids: BTreeSet<String>,
}

/// The code of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// The folder, from the project's own.
    #[schemars(extend("x-unread" = true))]
    pub(crate) path: String,
    /// SHA-256, in base64, of the folder as a zip file; absent where the folder was not looked at: then it is not compared.
    #[serde(default)]
    #[schemars(extend("x-computed" = true, "x-files" = true))]
    pub(crate) sha256: Option<String>,
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
            Update::new("handler", CONFIGURED).saying("handler"),
            Update::new("log_group", CONFIGURED).saying("loggingConfig"),
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
            // What it reaches, and who it is to the rules of others.
            (Grants, &["vpc.security_group_ids", "vpc.subnet_ids"]),
            (
                Nothing,
                &[
                    "name",
                    "description",
                    "code",
                    "runtime",
                    "handler",
                    "memory_mb",
                    "timeout_seconds",
                    "environment",
                    "architecture",
                    "tracing",
                    "log_group",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Lambda", dimension: "FunctionName" };
    const EXAMPLES: &'static str = include_str!("lambda_function.toml");
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
    }
}

impl Spec {
    /// What UpdateFunctionConfiguration sets.
    pub(crate) fn configuration(&self) -> Spec {
        Spec {
            code: Code { path: String::new(), sha256: None },
            architecture: String::new(),
            reserved_concurrency: None,
            tags: Tags::new(),
            ..self.clone()
        }
    }
}

impl Spec {
    /// What it can do no more, or less of.
    pub(crate) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let calls = want.reserved_concurrency.filter(|want| self.reserved_concurrency.is_none_or(|now| *want < now));
        let calls = calls.map(|calls| match calls {
            0 => "It is no longer called at all: every call is throttled.".to_owned(),
            calls => format!("More than {calls} calls at a time are throttled from then on."),
        });
        let freed = self.reserved_concurrency.filter(|_| want.reserved_concurrency.is_none());
        let freed = freed
            .map(|calls| format!("No calls are kept for it any more, which were {calls}: others may take them all."));
        let time = want.timeout_seconds < self.timeout_seconds;
        let time =
            time.then(|| format!("A call that takes longer than {} s is cut off from then on.", want.timeout_seconds));
        let memory = want.memory_mb < self.memory_mb;
        let memory = memory.then(|| format!("It has {} MB from then on, and the less CPU.", want.memory_mb));
        let gone: Vec<&str> =
            self.environment.keys().filter(|name| !want.environment.contains_key(*name)).map(String::as_str).collect();
        let gone =
            (!gone.is_empty()).then(|| format!("It finds the environment variable {} no more.", gone.join(", ")));
        let logs = self.log_group != want.log_group;
        let logs = logs.then(|| format!("It logs to {} from then on.", want.log_group));
        let moved = (self.vpc != want.vpc).then(|| match &want.vpc {
            Some(_) => {
                "From then on it reaches what its subnets and security groups let it reach, and nothing else: AWS's \
                        services too, by a NAT gateway or endpoints."
                    .to_owned()
            }
            None => format!("It reaches nothing in its VPC any more. {LINGERS}"),
        });
        [calls, freed, time, memory, gone, logs, moved].into_iter().flatten().collect()
    }
}
