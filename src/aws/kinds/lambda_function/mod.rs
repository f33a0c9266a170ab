//! Lambda functions whose code is a folder of the project.

mod calls;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, LoggingConfig, Runtime, State, TracingConfig,
    TracingMode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calls::{Change, get, gone, settled, updated};
use crate::aws::error::{absent_is_done, failed};
use crate::aws::role::Service;
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::package::pack;
use crate::engine::trail::{Update, Writes};

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
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// The code of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// The folder, from the project's own.
    #[schemars(extend("x-unread" = true))]
    pub(crate) path: String,
    /// SHA-256, in base64, of the folder as a zip file.
    #[serde(default)]
    pub(crate) sha256: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the function.
    pub(crate) arn: String,
    /// `Active`, `Pending` …; that of its last update where that has not succeeded.
    pub(crate) status: String,
    /// Size of its code in bytes.
    pub(crate) code_bytes: i64,
}

/// Lambda functions.
pub(crate) struct Function;

/// What Lambda says of a role that IAM has not made known to it yet.
pub(in crate::aws::kinds) const LAMBDA: Service = Service {
    principal: "lambda.amazonaws.com",
    not_known: &[
        "cannot be assumed",
        "execution role does not have permissions",
        "is not authorized to perform",
        "please ensure the role can perform",
    ],
};

/// What the name of a function's log group begins with, where nobody has chosen another.
const LOG_GROUPS: &str = "/aws/lambda/";

const FUNCTION: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:function:{name}"]);

/// Lambda's events have the date of the API's version in their names.
const CONFIGURED: &[&str] = &["lambda:UpdateFunctionConfiguration20150331v2"];

impl Resource for Function {
    const KIND: &'static str = "lambda_function";
    const AWS_TYPE: &'static str = "AWS::Lambda::Function";
    const GRANTS: &'static [Grant] = &[
        // Without the second the tags are missing in what the first returns.
        Grant::plan(&["lambda:GetFunction", "lambda:ListTags"], FUNCTION),
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
        Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}"]))
            .only_if("iam:PassedToService", "lambda.amazonaws.com"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const WRITES: &'static Writes = &Writes {
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
        ],
    };
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn gather(spec: &mut Spec) -> std::result::Result<(), String> {
        spec.code.sha256 = pack(&spec.code.path).map_err(|error| error.to_string())?.sha256;
        Ok(())
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        let Some(reply) = get(&client, key).await? else { return Ok(None) };
        let Some(live) = reply.configuration.as_ref().filter(|live| live.state != Some(State::Deleting)) else {
            return Ok(None);
        };
        if reply.tags_error.is_some() {
            return Err(CallError::own(
                Class::Denied,
                "lambda GetFunction",
                "its tags are left out: allow lambda:ListTags",
            ));
        }
        Ok(Some((spec(key, live, &reply), outputs(live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let call = client
            .create_function()
            .function_name(&want.name)
            .description(&want.description)
            .role(&want.role_arn)
            .code(FunctionCode::builder().zip_file(zip(want, "lambda CreateFunction")?).build())
            .runtime(Runtime::from(want.runtime.as_str()))
            .handler(&want.handler)
            .memory_size(want.memory_mb.cast_signed())
            .timeout(want.timeout_seconds.cast_signed())
            .environment(environment(want))
            .architectures(Architecture::from(want.architecture.as_str()))
            .tracing_config(tracing(want))
            .logging_config(logging(want))
            .set_tags(Some(want.tags.clone().into_iter().collect()));
        // Boxed: the request is large, and every future around it would be.
        let send = || async { Box::pin(call.clone().send()).await.map(drop).map_err(failed("lambda CreateFunction")) };
        LAMBDA.once_known(&[&want.role_arn], send).await?;
        updated(&client, &want.name).await.map(drop)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        updated(&aws.client(Client::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let change = Change::begin(&client, want).await?;
        if (&now.code.sha256, &now.architecture) != (&want.code.sha256, &want.architecture) {
            change.code(zip(want, "lambda UpdateFunctionCode")?).await?;
        }
        if now.configuration() != want.configuration() {
            change.configuration().await?;
        }
        if now.reserved_concurrency != want.reserved_concurrency {
            change.concurrency().await?;
        }
        if now.tags != want.tags {
            let arn = aws.scope().await?.arn("lambda", &format!("function:{}", want.name));
            set_tags(&client, &arn, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let delete = || async {
            let call = client.delete_function().function_name(key).send();
            call.await.map(drop).map_err(failed("lambda DeleteFunction"))
        };
        absent_is_done(settled(delete).await)?;
        gone(&client, key).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        // Where the code came from is nothing that AWS knows.
        now.code.path.clone_from(&want.code.path);
    }
}

impl Spec {
    /// What UpdateFunctionConfiguration sets.
    fn configuration(&self) -> Spec {
        Spec {
            code: Code { path: String::new(), sha256: String::new() },
            architecture: String::new(),
            reserved_concurrency: None,
            tags: Tags::new(),
            ..self.clone()
        }
    }
}

/// The code as a zip file; never any other than the one that was planned.
fn zip(want: &Spec, call: &str) -> Result<Blob> {
    let package = pack(&want.code.path).map_err(|error| CallError::own(Class::Invalid, call, error.to_string()))?;
    if package.sha256 != want.code.sha256 {
        let message = format!("the files in `{}` have changed since they were planned", want.code.path);
        return Err(CallError::own(Class::Conflict, call, message));
    }
    Ok(Blob::new(package.zip))
}

fn environment(want: &Spec) -> Environment {
    Environment::builder().set_variables(Some(want.environment.clone().into_iter().collect())).build()
}

fn tracing(want: &Spec) -> TracingConfig {
    let mode = if want.tracing { TracingMode::Active } else { TracingMode::PassThrough };
    TracingConfig::builder().mode(mode).build()
}

fn logging(want: &Spec) -> LoggingConfig {
    LoggingConfig::builder().log_group(&want.log_group).build()
}

/// The spec that the live function is equal to.
fn spec(name: &str, live: &FunctionConfiguration, reply: &GetFunctionOutput) -> Spec {
    let number = |value: Option<i32>| value.unwrap_or_default().cast_unsigned();
    let environment = live.environment().and_then(|environment| environment.variables()).cloned().unwrap_or_default();
    let log_group = live.logging_config().and_then(LoggingConfig::log_group).map(str::to_owned);
    let concurrency = reply.concurrency().and_then(|it| it.reserved_concurrent_executions);
    Spec {
        name: name.to_owned(),
        description: live.description.clone().unwrap_or_default(),
        role_arn: live.role.clone().unwrap_or_default(),
        code: Code { path: String::new(), sha256: live.code_sha256.clone().unwrap_or_default() },
        runtime: live.runtime.as_ref().map(ToString::to_string).unwrap_or_default(),
        handler: live.handler.clone().unwrap_or_default(),
        memory_mb: number(live.memory_size),
        timeout_seconds: number(live.timeout),
        environment: environment.into_iter().collect(),
        architecture: live.architectures().first().unwrap_or(&Architecture::X8664).to_string(),
        tracing: live.tracing_config().and_then(|it| it.mode.as_ref()) == Some(&TracingMode::Active),
        log_group: log_group.unwrap_or_else(|| format!("{LOG_GROUPS}{name}")),
        reserved_concurrency: concurrency.map(i32::cast_unsigned),
        tags: tags::own(reply.tags().cloned().unwrap_or_default()),
    }
}

fn outputs(live: &FunctionConfiguration) -> Outputs {
    let state = live.state.as_ref().map_or("Active", State::as_str);
    let status = match live.last_update_status.as_ref().map(aws_sdk_lambda::types::LastUpdateStatus::as_str) {
        Some(update) if update != "Successful" => format!("update {update}"),
        _ => state.to_owned(),
    };
    Outputs { arn: live.function_arn.clone().unwrap_or_default(), status, code_bytes: live.code_size }
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_resource().resource(arn).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("lambda UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().resource(arn).set_tags(Some(write.into_iter().collect())).send();
        call.await.map_err(failed("lambda TagResource"))?;
    }
    Ok(())
}
