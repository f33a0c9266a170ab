//! Stages of REST APIs: what serves, under a URL of its own. Each has the deployment that it serves, a copy of the API.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::operation::get_stage::GetStageOutput as Live;
use aws_sdk_apigateway::types::{Deployment, Op, PatchOperation};

use super::apigateway;
use super::apigateway::{found, id, patch, patient, set_tags, whole};
use super::unmodelled::apigateway::shown_of_stage;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::apigateway_stage::{AccessLog, Outputs, Spec, Stage};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

/// The settings of all methods.
const ALL_METHODS: &str = "*/*";

const CREATE: &str = "apigateway CreateStage";

/// What the description of a deployment of pipectl's begins with; the digest of its methods comes behind it.
const DIGEST: &str = "pipectl ";

/// What AWS says where nobody has given it a role for logs.
const NO_ROLE: &str = "CloudWatch Logs role ARN must be set";

/// What AWS calls "as many as the account".
const ACCOUNTS: &str = "-1";

impl Calls for Stage {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (api_name, name) = parts(key);
        let Some(api) = apigateway::find(aws, api_name).await? else { return Ok(None) };
        let client = aws.client(Client::new).await;
        // All deployments, beside the stage: to ask for its own would be to wait for the stage first.
        let (live, all) = tokio::try_join!(get(&client, id(&api), name), deployments(&client, id(&api)))?;
        let Some(live) = live else { return Ok(None) };
        let deployment_id = live.deployment_id.clone().unwrap_or_default();
        let deployment = all.into_iter().find(|one| one.id() == Some(&deployment_id));
        let description = deployment.and_then(|it| it.description).unwrap_or_default();
        let scope = aws.scope().await?;
        let url = apigateway::url(scope, id(&api), name);
        let spec = spec(key, &live, description.strip_prefix(DIGEST).unwrap_or(&description));
        Ok(Some((spec, Outputs { url, api_id: id(&api).to_owned(), deployment_id }, shown_of_stage(&live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let (client, api) = (aws.client(Client::new).await, found(aws, &want.api).await?);
        if get(&client, id(&api), &want.name).await?.is_some() {
            let taken = format!("the API {} has a stage {}", want.api, want.name);
            return Err(CallError::own(Class::InUse, CREATE, taken));
        }
        let deployment = deploy(&client, id(&api), &want.deployment).await?;
        let call = client
            .create_stage()
            .rest_api_id(id(&api))
            .stage_name(&want.name)
            .deployment_id(deployment)
            .tracing_enabled(want.tracing)
            .set_tags(Some(want.tags.clone().into_iter().collect()));
        call.send().await.map(drop).map_err(failed(CREATE)).map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let (client, api) = (aws.client(Client::new).await, found(aws, &want.api).await?);
        let mut patches = patches(now, want);
        let mut served = None;
        if now.deployment != want.deployment {
            served = get(&client, id(&api), &want.name).await?.and_then(|live| live.deployment_id);
            let deployment = deploy(&client, id(&api), &want.deployment).await?;
            patches.push(patch(Op::Replace, "/deploymentId", Some(&deployment)));
        }
        if !patches.is_empty() {
            let call = client.update_stage().rest_api_id(id(&api)).stage_name(&want.name);
            let call = call.set_patch_operations(Some(patches)).send();
            call.await.map_err(failed("apigateway UpdateStage")).map_err(without_role)?;
        }
        if let Some(served) = served {
            discard(&client, id(&api), &served).await?;
        }
        set_tags(aws, &format!("/restapis/{}/stages/{}", id(&api), want.name), &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (api, name) = parts(key);
        let Some(api) = apigateway::find(aws, api).await? else { return Ok(()) };
        let client = aws.client(Client::new).await;
        let Some(live) = get(&client, id(&api), name).await? else { return Ok(()) };
        let call = client.delete_stage().rest_api_id(id(&api)).stage_name(name).send();
        absent_is_done(call.await.map_err(failed("apigateway DeleteStage")))?;
        match live.deployment_id {
            Some(deployment) => discard(&client, id(&api), &deployment).await,
            None => Ok(()),
        }
    }
}

/// The deployments of an API; none where it is gone. A page holds them all: pipectl keeps one for each stage.
async fn deployments(client: &Client, api: &str) -> Result<Vec<Deployment>> {
    let pages = client.get_deployments().rest_api_id(api).limit(apigateway::PAGE).into_paginator().items().send();
    let all = pages.collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(absent_is_none(all.map_err(failed("apigateway GetDeployments")))?.unwrap_or_default())
}

async fn get(client: &Client, api: &str, name: &str) -> Result<Option<Live>> {
    let call = client.get_stage().rest_api_id(api).stage_name(name).send();
    absent_is_none(call.await.map_err(failed("apigateway GetStage")))
}

/// Says what is missing where API Gateway has no role to write logs with. It is one for all APIs of an account and region,
/// so that no pipeline can own it.
fn without_role(error: CallError) -> CallError {
    if !error.message.contains(NO_ROLE) {
        return error;
    }
    let message = format!(
        "{}: make a role for apigateway.amazonaws.com with the policy AmazonAPIGatewayPushToCloudWatchLogs, and name it once \
         with `aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value=<its ARN>`",
        error.message
    );
    CallError { message, ..error }
}

/// Makes a deployment of the API as it is, and returns its id.
async fn deploy(client: &Client, api: &str, digest: &str) -> Result<String> {
    const CALL: &str = "apigateway CreateDeployment";
    let call = client.create_deployment().rest_api_id(api).description(format!("{DIGEST}{digest}"));
    let deploy = || async { call.clone().send().await.map_err(failed(CALL)) };
    let id = patient(deploy).await?.id;
    present(CALL, "id", id)
}

/// Deletes a deployment, unless another stage serves it.
async fn discard(client: &Client, api: &str, deployment: &str) -> Result<()> {
    let call = client.delete_deployment().rest_api_id(api).deployment_id(deployment).send();
    match call.await.map_err(failed("apigateway DeleteDeployment")) {
        Err(error) if error.class == Class::Invalid => Ok(()),
        result => absent_is_done(result),
    }
}

/// What has to change in place, but for the deployment.
fn patches(now: &Spec, want: &Spec) -> Vec<PatchOperation> {
    let mut patches = Vec::new();
    let mut set = |path: &str, value: String| patches.push(patch(Op::Replace, path, Some(&value)));
    let limit = |limit: Option<u32>| limit.map_or_else(|| ACCOUNTS.to_owned(), |limit| limit.to_string());
    if now.rate != want.rate {
        set("/*/*/throttling/rateLimit", limit(want.rate));
    }
    if now.burst != want.burst {
        set("/*/*/throttling/burstLimit", limit(want.burst));
    }
    if now.detailed_metrics != want.detailed_metrics {
        set("/*/*/metrics/enabled", want.detailed_metrics.to_string());
    }
    if now.tracing != want.tracing {
        set("/tracingEnabled", want.tracing.to_string());
    }
    match &want.access_log {
        log if *log == now.access_log => {}
        Some(log) => {
            set("/accessLogSettings/destinationArn", log.log_group_arn.clone());
            set("/accessLogSettings/format", log.format.clone());
        }
        None => patches.push(patch(Op::Remove, "/accessLogSettings", None)),
    }
    patches
}

/// The spec that the live stage is equal to.
fn spec(key: &str, live: &Live, digest: &str) -> Spec {
    let (api, name) = parts(key);
    let methods = live.method_settings().and_then(|all| all.get(ALL_METHODS));
    let log = live.access_log_settings().and_then(|log| {
        let log_group_arn = log.destination_arn.clone().filter(|arn| !arn.is_empty())?;
        Some(AccessLog { log_group_arn, format: log.format.clone().unwrap_or_default() })
    });
    Spec {
        api: api.to_owned(),
        name: name.to_owned(),
        deployment: digest.to_owned(),
        rate: methods.and_then(|it| whole(it.throttling_rate_limit)),
        burst: methods.and_then(|it| u32::try_from(it.throttling_burst_limit).ok()),
        detailed_metrics: methods.is_some_and(|it| it.metrics_enabled),
        tracing: live.tracing_enabled,
        access_log: log,
        tags: tags::own(live.tags.clone().unwrap_or_default()),
    }
}

fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}
