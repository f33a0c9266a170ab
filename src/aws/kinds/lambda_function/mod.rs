//! Lambda functions.

mod calls;
mod code;
mod rebind;
mod request;
#[cfg(test)]
mod tests;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{
    Architecture, FunctionConfiguration, ImageConfigResponse, LogFormat, LoggingConfig, PackageType, State, TracingMode,
};

use self::calls::{Change, get, gone, updated};
use self::request::{environment, image_config, logging, storage, tracing, vpc};
use super::unmodelled::lambda::shown_of_function;
use crate::aws::error::{absent_is_done, failed, present};
use crate::aws::role::Service;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::lambda_function::{
    Code, Function, IMAGE, ImageConfig, LogLevels, Outputs, Spec, USUAL_STORAGE, Vpc, ZIP,
};
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
        if live.environment().is_some_and(|environment| environment.error().is_some()) {
            return Err(CallError::own(
                Class::Denied,
                "lambda GetFunction",
                "its environment variables are left out: allow kms:Decrypt with the key that encrypts them",
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
            .code(code::of(want, "lambda CreateFunction")?)
            .package_type(PackageType::from(want.package_type.as_str()))
            .set_image_config(want.image_config.as_ref().map(|_| image_config(want)))
            .set_runtime(request::runtime(want))
            .set_handler(request::handler(want))
            .set_layers(Some(want.layers.clone()).filter(|layers| !layers.is_empty()))
            .set_ephemeral_storage(storage(want))
            .set_kms_key_arn(want.kms_key.clone())
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
        code::settled(&updated(&client, &want.name).await?, want).map(|()| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        updated(&aws.client(Client::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let change = Change::begin(&client, want).await?;
        if code::differs(now, want) {
            change.code(code::of(want, "lambda UpdateFunctionCode")?).await?;
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

/// The VPC that a function is in; AWS says empty lists of one that is in none.
fn live_vpc(live: &FunctionConfiguration) -> Option<Vpc> {
    let vpc = live.vpc_config().filter(|vpc| !vpc.subnet_ids().is_empty())?;
    let subnet_ids = vpc.subnet_ids().iter().cloned().collect();
    Some(Vpc { subnet_ids, security_group_ids: vpc.security_group_ids().iter().cloned().collect() })
}

/// What it runs: AWS tells the digest of a zip file, and not where that came from; of an image the URI with its digest.
fn code(live: &FunctionConfiguration, reply: &GetFunctionOutput) -> Code {
    let path = String::new();
    if live.package_type.as_ref().is_none_or(|kind| kind.as_str() != IMAGE) {
        return Code { path, sha256: live.code_sha256.clone(), object: None, image: None };
    }
    let location = reply.code();
    let image = location.and_then(|it| it.resolved_image_uri.clone().or_else(|| it.image_uri.clone()));
    Code { path, sha256: None, object: None, image: Some(image.unwrap_or_default()) }
}

/// What overrides the settings of an image; nothing where AWS says none, or an empty one.
fn live_image_config(live: &ImageConfigResponse) -> Option<ImageConfig> {
    let live = live.image_config()?;
    let config = ImageConfig {
        entry_point: live.entry_point().to_vec(),
        command: live.command().to_vec(),
        working_directory: live.working_directory().unwrap_or_default().to_owned(),
    };
    (config != ImageConfig::default()).then_some(config)
}

/// The levels of a log in JSON; AWS leaves out those that are as usual.
fn live_levels(live: &LoggingConfig) -> Option<LogLevels> {
    let json = live.log_format() == Some(&LogFormat::Json);
    let application = live.application_log_level().map_or("INFO", |level| level.as_str()).to_owned();
    let system = live.system_log_level().map_or("INFO", |level| level.as_str()).to_owned();
    json.then_some(LogLevels { application, system })
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
        code: code(live, reply),
        package_type: live.package_type.as_ref().map_or(ZIP, PackageType::as_str).to_owned(),
        image_config: live.image_config_response().and_then(live_image_config),
        layers: live.layers().iter().filter_map(|layer| layer.arn.clone()).collect(),
        ephemeral_storage_mb: live.ephemeral_storage().map_or(USUAL_STORAGE, |it| it.size.cast_unsigned()),
        kms_key: live.kms_key_arn.clone().filter(|key| !key.is_empty()),
        log_levels: live.logging_config().and_then(live_levels),
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
