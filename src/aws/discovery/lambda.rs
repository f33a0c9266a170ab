//! Functions, what they read, and who may call them.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionConfiguration};
use serde_json::Value;

use crate::aws::error::{absent_is_none, failed, garbled};
use crate::aws::{Aws, Result};
use crate::catalog::lambda_event_source_mapping::found_by;
use crate::model::discovery::{Caller, EventSource, Function};

/// What the name of a function's log group begins with, where nobody has chosen another.
const LOG_GROUPS: &str = "/aws/lambda/";

/// All functions.
pub(super) async fn functions(aws: &Aws) -> Result<Vec<Function>> {
    let client = aws.client(Client::new).await;
    let pages = client.list_functions().into_paginator().items().send();
    let all: Vec<FunctionConfiguration> = pages.try_collect().await.map_err(failed("lambda ListFunctions"))?;
    let function = |live: FunctionConfiguration| {
        let name = live.function_name.unwrap_or_default();
        let chosen = live.logging_config.and_then(|logging| logging.log_group).filter(|group| !group.is_empty());
        let log_group = chosen.unwrap_or_else(|| format!("{LOG_GROUPS}{name}"));
        Function { name, role: live.role.unwrap_or_default(), log_group }
    };
    Ok(all.into_iter().map(function).collect())
}

/// What all of them read.
pub(super) async fn event_sources(aws: &Aws) -> Result<Vec<EventSource>> {
    let client = aws.client(Client::new).await;
    let pages = client.list_event_source_mappings().into_paginator().items().send();
    let all: Vec<EventSourceMappingConfiguration> =
        pages.try_collect().await.map_err(failed("lambda ListEventSourceMappings"))?;
    let there = all.into_iter().filter(|live| live.state() != Some("Deleting"));
    Ok(there.filter_map(event_source).collect())
}

/// A mapping from something that has an ARN.
fn event_source(live: EventSourceMappingConfiguration) -> Option<EventSource> {
    let failures = live.destination_config.and_then(|it| it.on_failure).and_then(|it| it.destination);
    Some(EventSource {
        id: live.uuid.unwrap_or_default(),
        // `arn:aws:lambda:…:function:take`, and the name of a version or an alias behind it.
        function: live.function_arn?.split(':').nth(6)?.to_owned(),
        source: found_by(&live.event_source_arn?).to_owned(),
        failures: failures.filter(|arn| !arn.is_empty()),
    })
}

/// Who may call one.
pub(super) async fn callers(aws: &Aws, function: &str) -> Result<Vec<Caller>> {
    const CALL: &str = "lambda GetPolicy";
    let call = aws.client(Client::new).await.get_policy().function_name(function).send().await;
    // Without any statement there is no policy either.
    let reply = absent_is_none(call.map_err(failed(CALL)))?;
    let Some(text) = reply.and_then(|reply| reply.policy) else { return Ok(Vec::new()) };
    let policy: Value = serde_json::from_str(&text).map_err(|error| garbled(CALL, "policy", &text, &error))?;
    let caller = |statement: &Value| {
        let source = statement.pointer("/Condition/ArnLike/AWS:SourceArn").and_then(Value::as_str);
        Some(Caller { statement: statement["Sid"].as_str()?.to_owned(), source: source.map(str::to_owned) })
    };
    Ok(policy["Statement"].as_array().into_iter().flatten().filter_map(caller).collect())
}
