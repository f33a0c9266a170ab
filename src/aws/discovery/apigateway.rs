//! REST APIs, which functions answer for them, and who has keys: AWS makes up the ids by which they name one another.

use aws_sdk_apigateway::{Client, types};
use futures_util::future::try_join_all;

use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result};
use crate::model::discovery::{Named, RestApi, UsagePlan};

/// The most that one page holds.
const PAGE: i32 = 500;

/// All REST APIs.
pub(super) async fn rest_apis(aws: &Aws) -> Result<Vec<Named>> {
    let client = aws.client(Client::new).await;
    let pages = client.get_rest_apis().limit(PAGE).into_paginator().items().send();
    let all: Vec<types::RestApi> = pages.try_collect().await.map_err(failed("apigateway GetRestApis"))?;
    Ok(all.into_iter().filter_map(|live| named(live.id, live.name)).collect())
}

/// All API keys, without their values.
pub(super) async fn api_keys(aws: &Aws) -> Result<Vec<Named>> {
    let client = aws.client(Client::new).await;
    let pages = client.get_api_keys().limit(PAGE).into_paginator().items().send();
    let all: Vec<types::ApiKey> = pages.try_collect().await.map_err(failed("apigateway GetApiKeys"))?;
    Ok(all.into_iter().filter_map(|live| named(live.id, live.name)).collect())
}

/// All usage plans, with their keys.
pub(super) async fn usage_plans(aws: &Aws) -> Result<Vec<UsagePlan>> {
    let client = aws.client(Client::new).await;
    let pages = client.get_usage_plans().limit(PAGE).into_paginator().items().send();
    let all: Vec<types::UsagePlan> = pages.try_collect().await.map_err(failed("apigateway GetUsagePlans"))?;
    try_join_all(all.into_iter().map(|live| plan(&client, live))).await
}

async fn plan(client: &Client, live: types::UsagePlan) -> Result<UsagePlan> {
    let pages = client.get_usage_plan_keys().set_usage_plan_id(live.id.clone()).limit(PAGE).into_paginator().items();
    let keys: std::result::Result<Vec<_>, _> = pages.send().try_collect().await;
    let keys = absent_is_none(keys.map_err(failed("apigateway GetUsagePlanKeys")))?.unwrap_or_default();
    Ok(UsagePlan {
        apis: live.api_stages.into_iter().flatten().filter_map(|stage| stage.api_id).collect(),
        keys: keys.into_iter().filter_map(|key| named(key.id, key.name)).collect(),
        plan: named(live.id, live.name).unwrap_or_default(),
    })
}

fn named(id: Option<String>, name: Option<String>) -> Option<Named> {
    Some(Named { id: id?, name: name.unwrap_or_default() })
}

/// One API.
pub(super) async fn rest_api(aws: &Aws, id: &str) -> Result<RestApi> {
    let client = aws.client(Client::new).await;
    let stages = async {
        let call = client.get_stages().rest_api_id(id).send().await;
        absent_is_none(call.map_err(failed("apigateway GetStages")))
    };
    let resources = async {
        let pages = client.get_resources().rest_api_id(id).limit(PAGE).embed("methods").into_paginator().items();
        let all: std::result::Result<Vec<types::Resource>, _> = pages.send().try_collect().await;
        absent_is_none(all.map_err(failed("apigateway GetResources")))
    };
    let (stages, resources) = tokio::try_join!(stages, resources)?;
    let stages = stages.and_then(|reply| reply.item).unwrap_or_default();
    let logs = stages.iter().filter_map(|stage| stage.access_log_settings()?.destination_arn());
    let methods = resources.into_iter().flatten().filter_map(|resource| resource.resource_methods).flatten();
    let integrations: Vec<types::Integration> = methods.filter_map(|(_, method)| method.method_integration).collect();
    Ok(RestApi {
        log_groups: logs.filter_map(|arn| Some(arn.split(":log-group:").nth(1)?.to_owned())).collect(),
        functions: integrations.iter().filter_map(|one| function(one.uri()?)).collect(),
        roles: integrations.iter().filter_map(|one| one.credentials.clone()).collect(),
        stages: stages.into_iter().filter_map(|stage| stage.stage_name).collect(),
    })
}

/// The ARN of the function in `arn:…:lambda:path/2015-03-31/functions/<ARN>/invocations`.
fn function(uri: &str) -> Option<String> {
    Some(uri.split_once("/functions/")?.1.strip_suffix("/invocations")?.to_owned())
}
