//! Lambda functions whose code is a folder of the project.

mod calls;
mod rebind;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, LoggingConfig, Runtime, State, TracingConfig,
    TracingMode, VpcConfig,
};

use self::calls::{Change, get, gone, updated};
use super::unmodelled::lambda::shown_of_function;
use crate::aws::error::{absent_is_done, failed, present};
use crate::aws::role::Service;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::lambda_function::{Code, Function, Outputs, Spec, Vpc};
use crate::files::package::pack;
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;

/// What the name of a function's log group begins with, where nobody has chosen another.
const LOG_GROUPS: &str = "/aws/lambda/";

/// Who the roles of functions have to trust.
pub(in crate::aws::kinds) const LAMBDA: Service = Service { principal: "lambda.amazonaws.com" };

impl Calls for Function {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let Some(reply) = get(&client, key).await? else { return Ok(None) };
        let live = present("lambda GetFunction", "configuration", reply.configuration.as_ref())?;
        if live.state == Some(State::Deleting) {
            return Ok(None);
        }
        if reply.tags_error.is_some() {
            return Err(CallError::own(
                Class::Denied,
                "lambda GetFunction",
                "its tags are left out: allow lambda:ListTags",
            ));
        }
        Ok(Some((spec(key, live, &reply), outputs(live), shown_of_function(live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
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
            .set_vpc_config(want.vpc.as_ref().map(|_| vpc(want)))
            .set_tags(Some(want.tags.clone().into_iter().collect()));
        // Boxed: the request is large, and every future around it would be.
        let sent = async { Box::pin(call.send()).await.map(drop).map_err(failed("lambda CreateFunction")) };
        LAMBDA.known(&[&want.role_arn], sent).await?;
        updated(&client, &want.name).await.map(drop).map(|()| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        updated(&aws.client(Client::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let change = Change::begin(&client, want).await?;
        if (&now.code.sha256, &now.architecture) != (&want.code.sha256, &want.architecture) {
            change.code(zip(want, "lambda UpdateFunctionCode")?).await?;
        }
        if now.role_arn.is_empty() {
            rebind::rebound(aws, &change, &want.role_arn).await?;
        } else if now.configuration() != want.configuration() {
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

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let call = client.delete_function().function_name(key).send();
        absent_is_done(call.await.map_err(failed("lambda DeleteFunction")))?;
        gone(&client, key).await
    }
}

/// The code as a zip file; never any other than the one that was planned.
fn zip(want: &Spec, call: &str) -> Result<Blob> {
    let package = pack(&want.code.path).map_err(|error| CallError::own(Class::Invalid, call, error.to_string()))?;
    if want.code.sha256.as_ref() != Some(&package.sha256) {
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

/// Empty lists take a function out of its VPC.
fn vpc(want: &Spec) -> VpcConfig {
    let ids = |of: fn(&Vpc) -> &BTreeSet<String>| Some(want.vpc.iter().flat_map(of).cloned().collect());
    let config = VpcConfig::builder().set_subnet_ids(ids(|vpc| &vpc.subnet_ids));
    config.set_security_group_ids(ids(|vpc| &vpc.security_group_ids)).build()
}

/// The VPC that a function is in; AWS says empty lists of one that is in none.
fn live_vpc(live: &FunctionConfiguration) -> Option<Vpc> {
    let vpc = live.vpc_config().filter(|vpc| !vpc.subnet_ids().is_empty())?;
    let subnet_ids = vpc.subnet_ids().iter().cloned().collect();
    Some(Vpc { subnet_ids, security_group_ids: vpc.security_group_ids().iter().cloned().collect() })
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
        code: Code { path: String::new(), sha256: live.code_sha256.clone() },
        runtime: live.runtime.as_ref().map(ToString::to_string).unwrap_or_default(),
        handler: live.handler.clone().unwrap_or_default(),
        memory_mb: number(live.memory_size),
        timeout_seconds: number(live.timeout),
        environment: environment.into_iter().collect(),
        architecture: live.architectures().first().unwrap_or(&Architecture::X8664).to_string(),
        tracing: live.tracing_config().and_then(|it| it.mode.as_ref()) == Some(&TracingMode::Active),
        log_group: log_group.unwrap_or_else(|| format!("{LOG_GROUPS}{name}")),
        reserved_concurrency: concurrency.map(i32::cast_unsigned),
        vpc: live_vpc(live),
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
