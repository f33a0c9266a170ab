//! What becomes of events that reach a Lambda function asynchronously.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function_event_invoke_config::GetFunctionEventInvokeConfigOutput as Live;
use aws_sdk_lambda::types::{DestinationConfig, OnFailure, OnSuccess};

use super::lambda_function::LAMBDA;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::lambda_event_invoke_config::{InvokeConfig, Outputs, Spec, most_retries, six_hours};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const PUT: &str = "lambda PutFunctionEventInvokeConfig";

impl Calls for InvokeConfig {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let Some(live) = get(&client, key).await? else { return Ok(None) };
        present("lambda GetFunctionEventInvokeConfig", "function_arn", live.function_arn())?;
        let to = live.destination_config();
        let arn = |arn: Option<&str>| arn.filter(|arn| !arn.is_empty()).map(str::to_owned);
        let spec = Spec {
            function: key.to_owned(),
            role_arn: hint.map(|hint| hint.role_arn.clone()).unwrap_or_default(),
            retries: live.maximum_retry_attempts.map_or_else(most_retries, i32::cast_unsigned),
            max_age_seconds: live.maximum_event_age_in_seconds.map_or_else(six_hours, i32::cast_unsigned),
            success_arn: arn(to.and_then(DestinationConfig::on_success).and_then(OnSuccess::destination)),
            failure_arn: arn(to.and_then(DestinationConfig::on_failure).and_then(OnFailure::destination)),
        };
        Ok(Some((spec, Outputs {}, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        // AWS's call would overwrite it.
        if get(&client, &want.function).await?.is_some() {
            let taken = format!("{} has settings of asynchronous calls already", want.function);
            return Err(CallError::own(Class::InUse, PUT, taken));
        }
        put(&client, want).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if *now == (Spec { role_arn: now.role_arn.clone(), ..want.clone() }) {
            return Ok(());
        }
        put(&aws.client(Client::new).await, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let call = client.delete_function_event_invoke_config().function_name(key).send();
        absent_is_done(call.await.map_err(failed("lambda DeleteFunctionEventInvokeConfig")))
    }
}

async fn get(client: &Client, function: &str) -> Result<Option<Live>> {
    let call = client.get_function_event_invoke_config().function_name(function).send();
    absent_is_none(call.await.map_err(failed("lambda GetFunctionEventInvokeConfig")))
}

/// What is left out of the call, AWS takes away.
async fn put(client: &Client, want: &Spec) -> Result<()> {
    let success = want.success_arn.as_ref().map(|arn| OnSuccess::builder().destination(arn).build());
    let failure = want.failure_arn.as_ref().map(|arn| OnFailure::builder().destination(arn).build());
    let to = DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build();
    let call = client
        .put_function_event_invoke_config()
        .function_name(&want.function)
        .maximum_retry_attempts(want.retries.cast_signed())
        .maximum_event_age_in_seconds(want.max_age_seconds.cast_signed())
        .destination_config(to);
    let sent = async { call.send().await.map(drop).map_err(failed(PUT)) };
    LAMBDA.known(&[&want.role_arn], sent).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, ok, refused, step};

    const GET: &str = "GET /2019-09-25/functions/f/event-invoke-config";
    const SET: &str = "PUT /2019-09-25/functions/f/event-invoke-config";

    fn wanted() -> Spec {
        let failure_arn = Some("arn:aws:sqs:eu-west-1:123456789012:q".to_owned());
        let (function, role_arn) = ("f".to_owned(), "arn:aws:iam::123456789012:role/r".to_owned());
        Spec { function, role_arn, retries: 0, max_age_seconds: 60, success_arn: None, failure_arn }
    }

    #[tokio::test(start_paused = true)]
    async fn settings_that_somebody_else_has_made_are_not_overwritten() {
        let service = Scripted::new([ok(GET, json!({ "MaximumRetryAttempts": 1 }))]);
        let error = InvokeConfig::create(&service.aws().await, &wanted(), &step()).await.unwrap_err();
        assert_eq!((error.class, service.operations()), (Class::InUse, vec![GET.to_owned()]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_may_not_tell_yet_is_waited_for() {
        let none = refused(GET, "ResourceNotFoundException", "no config");
        let young = "The function's execution role does not have permissions to call SendMessage on arn:q";
        let young = refused(SET, "InvalidParameterValueException", young);
        let service = Scripted::new([none, young, ok(SET, json!({}))]);
        InvokeConfig::create(&service.aws().await, &wanted(), &step()).await.unwrap();
        assert_eq!(service.operations(), [GET, SET, SET]);
        let asked = service.last(SET);
        assert_eq!((&asked["MaximumRetryAttempts"], &asked["MaximumEventAgeInSeconds"]), (&json!(0), &json!(60)));
        let to = json!({ "OnFailure": { "Destination": "arn:aws:sqs:eu-west-1:123456789012:q" } });
        assert_eq!(asked["DestinationConfig"], to);
    }

    #[tokio::test(start_paused = true)]
    async fn what_aws_leaves_out_is_as_usual() {
        let service = Scripted::new([ok(
            GET,
            json!({ "FunctionArn": "arn:f", "DestinationConfig": { "OnSuccess": {}, "OnFailure": {} } }),
        )]);
        let (live, _, _) = InvokeConfig::read(&service.aws().await, "f", None).await.unwrap().unwrap();
        assert_eq!((live.retries, live.max_age_seconds, live.success_arn, live.failure_arn), (2, 21_600, None, None));
    }
}
