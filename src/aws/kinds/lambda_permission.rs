//! Permissions to call a Lambda function: statements of its policy, by which an AWS service may call it.

use aws_sdk_lambda::Client;
use serde_json::Value;

use super::apigateway;
use super::unmodelled::lambda::shown_of_permission;
use crate::aws::error::{absent_is_done, absent_is_none, failed, garbled, present};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::lambda_permission::{Api, Outputs, Permission, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const ADD: &str = "lambda AddPermission";

const ACTION: &str = "lambda:InvokeFunction";

impl Calls for Permission {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let (function, statement_id) = parts(key);
        let Some(statement) = statement(&client, function, statement_id).await? else { return Ok(None) };
        let source_arn = statement.pointer("/Condition/ArnLike/AWS:SourceArn").and_then(Value::as_str);
        let api = match (source_arn, hint.and_then(|hint| hint.api.as_ref())) {
            (Some(arn), Some(api)) => named(aws, arn, &api.name).await?,
            _ => None,
        };
        let account = statement.pointer("/Condition/StringEquals/AWS:SourceAccount").and_then(Value::as_str);
        let unmodelled = shown_of_permission(&statement);
        let service = statement.pointer("/Principal/Service").unwrap_or(&statement["Principal"]);
        let spec = Spec {
            function: function.to_owned(),
            statement_id: statement_id.to_owned(),
            // Whoever else may call it shows as AWS has it.
            principal: service.as_str().map_or_else(|| service.to_string(), str::to_owned),
            source_arn: source_arn.filter(|_| api.is_none()).map(str::to_owned),
            source_account: account.map(str::to_owned),
            api,
        };
        Ok(Some((spec, Outputs { source_arn: source_arn.map(str::to_owned) }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        if statement(&client, &want.function, &want.statement_id).await?.is_some() {
            let taken = format!("the policy of {} has a statement {}", want.function, want.statement_id);
            return Err(CallError::own(Class::InUse, ADD, taken));
        }
        add(aws, &client, want).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let client = aws.client(Client::new).await;
        remove(&client, &want.function, &want.statement_id).await?;
        add(aws, &client, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (function, statement_id) = parts(key);
        remove(&aws.client(Client::new).await, function, statement_id).await
    }
}

fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}

/// A statement of a function's policy.
async fn statement(client: &Client, function: &str, id: &str) -> Result<Option<Value>> {
    const CALL: &str = "lambda GetPolicy";
    let call = client.get_policy().function_name(function).send();
    // Without any statement there is no policy either.
    let Some(reply) = absent_is_none(call.await.map_err(failed(CALL)))? else { return Ok(None) };
    let text = present(CALL, "policy", reply.policy())?;
    let policy: Value = serde_json::from_str(text).map_err(|error| garbled(CALL, "policy", text, &error))?;
    Ok(policy["Statement"].as_array().into_iter().flatten().find(|statement| statement["Sid"] == id).cloned())
}

async fn add(aws: &Aws, client: &Client, want: &Spec) -> Result<()> {
    let source_arn = match &want.api {
        Some(api) => Some(arn(aws, apigateway::id(&apigateway::found(aws, &api.name).await?), &api.calls).await?),
        None => want.source_arn.clone(),
    };
    let call = client
        .add_permission()
        .function_name(&want.function)
        .statement_id(&want.statement_id)
        .action(ACTION)
        .principal(&want.principal)
        .set_source_arn(source_arn)
        .set_source_account(want.source_account.clone());
    call.send().await.map(drop).map_err(failed(ADD))
}

async fn remove(client: &Client, function: &str, statement_id: &str) -> Result<()> {
    let call = client.remove_permission().function_name(function).statement_id(statement_id).send();
    absent_is_done(call.await.map_err(failed("lambda RemovePermission")))
}

/// What a REST API of that id calls, as IAM names it.
async fn arn(aws: &Aws, id: &str, calls: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("execute-api", &format!("{id}/{calls}")))
}

/// What the API of that name calls, where this ARN is of it.
async fn named(aws: &Aws, live: &str, name: &str) -> Result<Option<Api>> {
    let Some(api) = apigateway::find(aws, name).await? else { return Ok(None) };
    let all = arn(aws, apigateway::id(&api), "").await?;
    Ok(live.strip_prefix(&all).map(|calls| Api { name: name.to_owned(), calls: calls.to_owned() }))
}
