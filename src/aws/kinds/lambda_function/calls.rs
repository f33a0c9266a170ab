//! What several steps ask of a Lambda function: how it is, to change, and to get where it is awaited.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{Architecture, FunctionCode, FunctionConfiguration, LastUpdateStatus, State};
use std::time::Duration;

use super::request::{environment, handler, image_config, logging, runtime, storage, tracing, vpc};
use super::{LAMBDA, code};
use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Result, wait};
use crate::catalog::lambda_function::{IMAGE, Spec};
use crate::model::error::{CallError, Class};

/// AWS takes seconds to make or change one.
const LIMIT: Duration = Duration::from_mins(5);

/// The function as it is, or `None` where there is none.
pub(super) async fn get(client: &Client, name: &str) -> Result<Option<GetFunctionOutput>> {
    let call = Box::pin(client.get_function().function_name(name).send());
    absent_is_none(call.await.map_err(failed("lambda GetFunction")))
}

/// Waits until it is made and its last change is in effect: AWS takes no other before.
pub(super) async fn updated(client: &Client, name: &str) -> Result<FunctionConfiguration> {
    let what = format!("lambda function {name} to become Active");
    let look = || async {
        let Some(live) = get(client, name).await?.and_then(|reply| reply.configuration) else {
            return Err(CallError::own(Class::Absent, &what, "it does not exist"));
        };
        let stuck = |status: &str, reason: Option<&str>| {
            Err(CallError::own(Class::Stuck, &what, format!("{status}: {}", reason.unwrap_or("AWS does not say why"))))
        };
        match (live.state.as_ref(), live.last_update_status.as_ref()) {
            (Some(State::Failed), _) => stuck("it is Failed", live.state_reason()),
            (_, Some(LastUpdateStatus::Failed)) => {
                stuck("its last update has Failed", live.last_update_status_reason())
            }
            (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => Ok(None),
            // Inactive is one that nobody has called for weeks: the next call wakes it.
            _ => Ok(Some(live)),
        }
    };
    wait::until(&what, LIMIT, look).await
}

/// Waits until its name is free.
pub(super) async fn gone(client: &Client, name: &str) -> Result<()> {
    let look = || async { Ok(get(client, name).await?.is_none().then_some(())) };
    wait::until(&format!("lambda function {name} to be gone"), LIMIT, look).await
}

/// A function under change: every method makes one aspect right, and returns when that is in effect.
pub(super) struct Change<'a> {
    client: &'a Client,
    want: &'a Spec,
}

impl<'a> Change<'a> {
    /// Waits until the function takes changes. One whose last change has failed takes another.
    pub(super) async fn begin(client: &'a Client, want: &'a Spec) -> Result<Self> {
        match updated(client, &want.name).await {
            Err(error) if error.class != Class::Stuck => Err(error),
            _ => Ok(Self { client, want }),
        }
    }

    async fn effective(&self) -> Result<()> {
        updated(self.client, &self.want.name).await.map(drop)
    }

    /// The code, and what it is made for: AWS takes the two together.
    pub(super) async fn code(&self, code: FunctionCode) -> Result<()> {
        let call = self.client.update_function_code().function_name(&self.want.name);
        let call = call.set_zip_file(code.zip_file).set_image_uri(code.image_uri);
        let call = call.set_s3_bucket(code.s3_bucket).set_s3_key(code.s3_key);
        let call = call.set_s3_object_version(code.s3_object_version);
        let call = call.architectures(Architecture::from(self.want.architecture.as_str()));
        Box::pin(call.send()).await.map_err(failed("lambda UpdateFunctionCode"))?;
        code::settled(&updated(self.client, &self.want.name).await?, self.want)
    }

    /// The role that it works as, and nothing else.
    pub(super) async fn role(&self, arn: &str) -> Result<()> {
        let call = self.client.update_function_configuration().function_name(&self.want.name).role(arn);
        let sent =
            async { Box::pin(call.send()).await.map(drop).map_err(failed("lambda UpdateFunctionConfiguration")) };
        LAMBDA.known(&[arn], sent).await?;
        self.effective().await
    }

    /// All else that is not in a call of its own.
    pub(super) async fn configuration(&self) -> Result<()> {
        const CALL: &str = "lambda UpdateFunctionConfiguration";
        let want = self.want;
        let call = self
            .client
            .update_function_configuration()
            .function_name(&want.name)
            .description(&want.description)
            .role(&want.role_arn)
            .set_runtime(runtime(want))
            .set_handler(handler(want))
            .set_image_config((want.package_type == IMAGE).then(|| image_config(want)))
            // An empty list, or key, takes away what there was.
            .set_layers((want.package_type != IMAGE).then(|| want.layers.clone()))
            .kms_key_arn(want.kms_key.as_deref().unwrap_or_default())
            .set_ephemeral_storage(storage(want))
            .memory_size(want.memory_mb.cast_signed())
            .timeout(want.timeout_seconds.cast_signed())
            .environment(environment(want))
            .tracing_config(tracing(want))
            .logging_config(logging(want))
            .vpc_config(vpc(want));
        let sent = async { Box::pin(call.send()).await.map(drop).map_err(failed(CALL)) };
        LAMBDA.known(&[&want.role_arn], sent).await?;
        self.effective().await
    }

    /// The calls at a time that are kept for it.
    pub(super) async fn concurrency(&self) -> Result<()> {
        let name = &self.want.name;
        let Some(calls) = self.want.reserved_concurrency else {
            let call = self.client.delete_function_concurrency().function_name(name).send();
            return call.await.map(drop).map_err(failed("lambda DeleteFunctionConcurrency"));
        };
        let call = self.client.put_function_concurrency().function_name(name);
        let call = call.reserved_concurrent_executions(calls.cast_signed()).send();
        call.await.map(drop).map_err(failed("lambda PutFunctionConcurrency"))
    }
}
