//! Permissions to call a Lambda function: statements of its policy, by which an AWS service may call it.

use aws_sdk_lambda::Client;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apigateway;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::{Ownership, Step};
use crate::engine::trail::{Update, Writes};

/// A permission to call a Lambda function: a service may call it for one thing, a rule of EventBridge or an API's method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the function.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) function: String,
    /// Id of the statement in the function's policy; 1–100 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) statement_id: String,
    /// The service: `events.amazonaws.com`, `apigateway.amazonaws.com`.
    pub(crate) principal: String,
    /// ARN of what the service may call it for.
    #[serde(default)]
    pub(crate) source_arn: Option<String>,
    /// In place of `source_arn`, what an API may call it for: AWS makes up the id in the ARN of an API.
    #[serde(default)]
    pub(crate) api: Option<Api>,
}

/// What a REST API calls a function for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// Name of the API.
    pub(crate) name: String,
    /// Stage, method and path: `*/POST/events`, with `*` for any.
    pub(crate) calls: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of what the service may call it for, with the id of the API.
    pub(crate) source_arn: Option<String>,
}

/// Permissions to call functions.
pub(crate) struct Permission;

const FUNCTION: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:function:{function}"]);
const ADD: &str = "lambda AddPermission";
const ACTION: &str = "lambda:InvokeFunction";
/// They are taken away and added anew; Lambda's events have the date of the API's version in their names.
const CHANGED: &[&str] = &["lambda:AddPermission20150331v2", "lambda:RemovePermission20150331v2"];

impl Resource for Permission {
    const KIND: &'static str = "lambda_permission";
    const AWS_TYPE: &'static str = "AWS::Lambda::Permission";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["lambda:GetPolicy"], FUNCTION),
        Grant::plan(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/restapis"])).given("api"),
        Grant::apply(&["lambda:AddPermission", "lambda:RemovePermission"], FUNCTION),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["lambda:AddPermission20150331v2"],
        delete: &["lambda:RemovePermission20150331v2"],
        update: &[Update::new("principal", CHANGED), Update::new("source_arn", CHANGED), Update::new("api", CHANGED)],
    };
    const EXAMPLES: &'static str = r#"
        [first]
        function = "conformance-called"
        statement_id = "schedule"
        principal = "events.amazonaws.com"
        source_arn = "arn:aws:events:us-east-1:123456789012:rule/conformance-hourly"

        [second]
        function = "conformance-called"
        statement_id = "schedule"
        principal = "apigateway.amazonaws.com"
        source_arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*/POST/events"

        [[needs]]
        kind = "iam_role"
        name = "conformance-called"
        trust = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }

        [[needs]]
        kind = "lambda_function"
        name = "conformance-called"
        role_arn = "arn:aws:iam::123456789012:role/conformance-called"
        code = { path = "examples/analytics/functions/process" }
        runtime = "python3.13"
        handler = "app.handler"
        memory_mb = 256
        timeout_seconds = 60
        architecture = "x86_64"
        log_group = "/aws/lambda/conformance-called"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.function, spec.statement_id)
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        let (function, statement_id) = parts(key);
        let Some(statement) = statement(&client, function, statement_id).await? else { return Ok(None) };
        let source_arn = statement.pointer("/Condition/ArnLike/AWS:SourceArn").and_then(Value::as_str);
        let api = match (source_arn, hint.and_then(|hint| hint.api.as_ref())) {
            (Some(arn), Some(api)) => named(aws, arn, &api.name).await?,
            _ => None,
        };
        let service = statement.pointer("/Principal/Service").unwrap_or(&statement["Principal"]);
        let spec = Spec {
            function: function.to_owned(),
            statement_id: statement_id.to_owned(),
            // Whoever else may call it shows as AWS has it.
            principal: service.as_str().map_or_else(|| service.to_string(), str::to_owned),
            source_arn: source_arn.filter(|_| api.is_none()).map(str::to_owned),
            api,
        };
        Ok(Some((spec, Outputs { source_arn: source_arn.map(str::to_owned) })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        if statement(&client, &want.function, &want.statement_id).await?.is_some() {
            let taken = format!("the policy of {} has a statement {}", want.function, want.statement_id);
            return Err(CallError::own(Class::InUse, ADD, taken));
        }
        add(aws, &client, want).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let client = aws.client(Client::new).await;
        remove(&client, &want.function, &want.statement_id).await?;
        add(aws, &client, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
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
    let policy: Value = serde_json::from_str(reply.policy().unwrap_or("{}"))
        .map_err(|error| CallError::own(Class::Other, CALL, format!("no policy: {error}")))?;
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
        .set_source_arn(source_arn);
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
