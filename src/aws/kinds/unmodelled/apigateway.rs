//! Beyond the attributes of API Gateway's APIs, stages, keys and usage plans.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::operation::get_stage::GetStageOutput;
use aws_sdk_apigateway::types::{self, ApiKeySourceType, IntegrationType};

use super::{list, set, statements, text};
use crate::aws::error::failed;
use crate::aws::kinds::apigateway::{PAGE, asks_a_service, by_name, find, id};
use crate::aws::{Aws, Observed, Result};
use crate::catalog::apigateway_api_key::{self as api_key, ApiKey};
use crate::catalog::apigateway_rest_api::{self as rest_api, RestApi};
use crate::catalog::apigateway_stage::{self as stage, Stage};
use crate::catalog::apigateway_usage_plan::{self as usage_plan, UsagePlan};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

/// The one action of all calls that look.
const GET: &str = "apigateway:GET";

const POLICY: Setting = Setting::shown("resource policy", Weight::LetsIn).undone_by("aws apigateway update-rest-api");
const BINARY: Setting =
    Setting::shown("binary media types", Weight::ChangesData).undone_by("aws apigateway update-rest-api");
const COMPRESSION: Setting = Setting::shown("compression", Weight::Other).undone_by("aws apigateway update-rest-api");
const KEY_SOURCE: Setting =
    Setting::shown("source of API keys", Weight::LetsIn).undone_by("aws apigateway update-rest-api");
const CLOSED: Setting =
    Setting::shown("its usual URL is switched off", Weight::ChangesData).undone_by("aws apigateway update-rest-api");
const METHOD: Setting = Setting::shown("settings of a method", Weight::ChangesData)
    .undone_by("aws apigateway update-method, or update-integration")
    .overwritten();
const AUTHORIZERS: Setting =
    Setting::asked("authorizers", Weight::LetsIn, GET).undone_by("aws apigateway delete-authorizer");
const RESPONSES: Setting =
    Setting::asked("gateway responses", Weight::ChangesData, GET).undone_by("aws apigateway delete-gateway-response");
const STAGES: Setting = Setting::asked("other stages", Weight::LetsIn, GET).undone_by("aws apigateway delete-stage");

/// What GetRestApis and GetResources show of an API besides its attributes.
pub(in crate::aws::kinds) fn shown_of_api(live: &types::RestApi, resources: &[types::Resource]) -> Vec<Unmodelled> {
    let source = live.api_key_source().filter(|source| **source != ApiKeySourceType::Header);
    // AWS escapes the policy's quotes once more.
    let policy = text(live.policy()).map(|policy| statements(&policy.replace("\\\"", "\""), |_| false));
    let compression = live.minimum_compression_size.map(|bytes| format!("from {bytes} bytes"));
    let closed = live.disable_execute_api_endpoint.then_some("yes");
    let api = [
        set(&BINARY, list(live.binary_media_types())),
        set(&COMPRESSION, compression),
        set(&KEY_SOURCE, source),
        set(&CLOSED, closed),
    ];
    let policy = policy.into_iter().flatten().map(|one| POLICY.is(one));
    api.into_iter().flatten().chain(policy).chain(resources.iter().flat_map(shown_of_resource)).collect()
}

fn shown_of_resource(resource: &types::Resource) -> Vec<Unmodelled> {
    let path = resource.path().unwrap_or_default();
    let methods = resource.resource_methods().into_iter().flatten();
    let methods =
        methods.filter_map(|(verb, method)| Some(METHOD.is(format!("{verb} {path}: {}", shown_of_method(method)?))));
    let mut methods: Vec<Unmodelled> = methods.collect();
    methods.sort();
    methods
}

fn shown_of_method(method: &types::Method) -> Option<String> {
    let integration = method.method_integration();
    // What answers by itself has templates of pipectl's, and what asks a service has them as attributes.
    let said = integration.is_some_and(|it| it.r#type() == Some(&IntegrationType::Mock) || asks_a_service(it));
    let foreign = integration.filter(|_| !said);
    let templates = foreign.and_then(|it| it.request_templates()).is_some_and(|all| !all.is_empty());
    let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let parts = [
        ("a request validator", given(method.request_validator_id())),
        ("request models", method.request_models().is_some_and(|all| !all.is_empty())),
        ("request parameters", method.request_parameters().is_some_and(|all| !all.is_empty())),
        ("credentials", given(foreign.and_then(|it| it.credentials()))),
        ("a VPC link", given(integration.and_then(|it| it.connection_id()))),
        ("mapped parameters", foreign.and_then(|it| it.request_parameters()).is_some_and(|all| !all.is_empty())),
        ("mapping templates", templates),
        ("content handling", integration.is_some_and(|it| it.content_handling().is_some())),
        ("cache key parameters", integration.is_some_and(|it| !it.cache_key_parameters().is_empty())),
    ];
    list(parts.into_iter().filter(|(_, given)| *given).map(|(name, _)| name))
}

impl Observed for RestApi {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&POLICY, &BINARY, &COMPRESSION, &KEY_SOURCE, &CLOSED, &METHOD, &AUTHORIZERS, &RESPONSES, &STAGES],
        not_looked_at: &[
            ("models, request validators and documentation", "they do nothing before a method names them"),
            ("custom domain names", "they belong to the account; a deletion looks at their mappings"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &rest_api::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Client::new).await;
        let Some(api) = look.answer(&AUTHORIZERS, find(aws, &now.name).await).flatten() else { return look };
        let api = id(&api);
        let (authorizers, responses, stages) = tokio::join!(
            client.get_authorizers().rest_api_id(api).limit(PAGE).send(),
            client.get_gateway_responses().rest_api_id(api).limit(PAGE).send(),
            client.get_stages().rest_api_id(api).send(),
        );
        let authorizers = look.answer(&AUTHORIZERS, authorizers.map_err(failed("apigateway GetAuthorizers")));
        let authorizers = authorizers.and_then(|reply| reply.items).into_iter().flatten().filter_map(|one| one.name);
        let authorizers = authorizers.filter(|name| !now.authorizers.contains_key(name));
        look.found(authorizers.map(|name| AUTHORIZERS.is(name)).collect::<Vec<_>>());
        let responses = look.answer(&RESPONSES, responses.map_err(failed("apigateway GetGatewayResponses")));
        let responses = responses.and_then(|reply| reply.items).into_iter().flatten();
        let responses = responses.filter(|one| !one.default_response).filter_map(|one| one.response_type);
        look.found(responses.map(|one| RESPONSES.is(one)).collect::<Vec<_>>());
        let stages = look.answer(&STAGES, stages.map_err(failed("apigateway GetStages")));
        let stages = stages.and_then(|reply| reply.item).into_iter().flatten().filter_map(|one| one.stage_name);
        let foreign = stages.filter(|stage| !owned.has("apigateway_stage", &format!("{}|{stage}", now.name)));
        look.found(foreign.map(|stage| STAGES.is(stage)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(aws: &Aws, now: &rest_api::Spec, _empty: bool) -> Vec<String> {
        let mappings = mappings(aws, &now.name).await.unwrap_or_default();
        let held = |domain| format!("the custom domain name {domain} maps to it: delete that base path mapping first");
        mappings.into_iter().map(held).collect()
    }
}

/// The custom domain names that map to an API.
async fn mappings(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let client = aws.client(Client::new).await;
    let Some(api) = find(aws, name).await? else { return Ok(Vec::new()) };
    let domains = client.get_domain_names().limit(PAGE).into_paginator().items().send();
    let domains: Vec<_> = domains.try_collect().await.map_err(failed("apigateway GetDomainNames"))?;
    let mut found = Vec::new();
    for domain in domains.into_iter().filter_map(|domain| domain.domain_name) {
        let mappings = client.get_base_path_mappings().domain_name(&domain).limit(PAGE).into_paginator().items().send();
        let mappings: Vec<_> = mappings.try_collect().await.map_err(failed("apigateway GetBasePathMappings"))?;
        if mappings.iter().any(|mapping| mapping.rest_api_id() == Some(id(&api))) {
            found.push(domain);
        }
    }
    Ok(found)
}

const CACHE: Setting = Setting::shown("cache", Weight::ChangesData).undone_by("aws apigateway update-stage");
const TRACE: Setting =
    Setting::shown("logging of whole requests", Weight::TakesOut).undone_by("aws apigateway update-stage");
const LOGGING: Setting = Setting::shown("execution logging", Weight::Costs).undone_by("aws apigateway update-stage");
const THROTTLES: Setting =
    Setting::shown("throttles of single methods", Weight::ChangesData).undone_by("aws apigateway update-stage");
const VARIABLES: Setting =
    Setting::shown("stage variables", Weight::ChangesData).undone_by("aws apigateway update-stage");
const CANARY: Setting = Setting::shown("canary release", Weight::ChangesData).undone_by("aws apigateway update-stage");
const CERTIFICATE: Setting =
    Setting::shown("client certificate", Weight::Other).undone_by("aws apigateway update-stage");
const FIREWALL: Setting = Setting::shown("web ACL", Weight::Other).undone_by("aws wafv2 disassociate-web-acl");

/// The settings of all methods.
const ALL_METHODS: &str = "*/*";

/// What GetStage shows of a stage besides its attributes.
pub(in crate::aws::kinds) fn shown_of_stage(live: &GetStageOutput) -> Vec<Unmodelled> {
    let settings = live.method_settings();
    let of = |on: fn(&types::MethodSetting) -> bool| {
        let mut methods: Vec<&str> =
            settings.into_iter().flatten().filter(|(_, one)| on(one)).map(|(method, _)| method.as_str()).collect();
        methods.sort_unstable();
        methods
    };
    let all = |methods: Vec<&str>| list(methods).map(|methods| methods.replace(ALL_METHODS, "all methods"));
    let throttled = of(|one| one.throttling_rate_limit > 0.0 || one.throttling_burst_limit > 0);
    let single = throttled.into_iter().filter(|method| *method != ALL_METHODS).collect();
    let cached = all(of(|one| one.caching_enabled)).map(|methods| format!("of {methods}"));
    let size = live.cache_cluster_enabled.then(|| live.cache_cluster_size().map_or("?", |size| size.as_str()));
    let cache = list([size.map(|size| format!("{size} GB")), cached].into_iter().flatten());
    let mut variables: Vec<&String> = live.variables().into_iter().flatten().map(|(name, _)| name).collect();
    variables.sort_unstable();
    let canary = live.canary_settings().map(|canary| format!("{} % of requests", canary.percent_traffic));
    [
        set(&CACHE, cache),
        set(&TRACE, all(of(|one| one.data_trace_enabled))),
        set(&LOGGING, all(of(|one| !matches!(one.logging_level().unwrap_or_default(), "" | "OFF")))),
        set(&THROTTLES, all(single)),
        set(&VARIABLES, list(variables)),
        set(&CANARY, canary),
        set(&CERTIFICATE, text(live.client_certificate_id())),
        set(&FIREWALL, text(live.web_acl_arn())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for Stage {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&CACHE, &TRACE, &LOGGING, &THROTTLES, &VARIABLES, &CANARY, &CERTIFICATE, &FIREWALL],
        not_looked_at: &[("values of stage variables", "they may be secrets: their names are said")],
    };

    async fn look_closer(_aws: &Aws, _now: &stage::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &stage::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

const CUSTOMER: Setting =
    Setting::shown("customer of AWS Marketplace", Weight::Other).undone_by("aws apigateway update-api-key");
const OLD_STAGES: Setting =
    Setting::shown("stages without a usage plan", Weight::LetsIn).undone_by("aws apigateway update-api-key");
const PLANS: Setting =
    Setting::asked("other usage plans", Weight::LetsIn, GET).undone_by("aws apigateway delete-usage-plan-key");

/// What GetApiKeys shows of a key besides its attributes.
pub(in crate::aws::kinds) fn shown_of_key(live: &types::ApiKey) -> Vec<Unmodelled> {
    [set(&CUSTOMER, text(live.customer_id())), set(&OLD_STAGES, list(live.stage_keys()))]
        .into_iter()
        .flatten()
        .collect()
}

impl Observed for ApiKey {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&CUSTOMER, &OLD_STAGES, &PLANS],
        not_looked_at: &[("its value", "pipectl reads no secret")],
    };

    async fn look_closer(aws: &Aws, now: &api_key::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let plans = look.answer(&PLANS, plans_of(aws, &now.name).await);
        let foreign = plans.into_iter().flatten().filter(|plan| !owned.has("apigateway_usage_plan", plan));
        look.found(foreign.map(|plan| PLANS.is(plan)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &api_key::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

/// The names of the usage plans that a key is in.
async fn plans_of(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let client = aws.client(Client::new).await;
    let Some(key) = by_name::<types::ApiKey>(aws, name).await?.and_then(|key| key.id) else { return Ok(Vec::new()) };
    let plans = client.get_usage_plans().key_id(key).limit(PAGE).into_paginator().items().send();
    let plans: Vec<_> = plans.try_collect().await.map_err(failed("apigateway GetUsagePlans"))?;
    Ok(plans.into_iter().filter_map(|plan| plan.name).collect())
}

const SINGLE: Setting =
    Setting::shown("throttles of single methods", Weight::ChangesData).undone_by("aws apigateway update-usage-plan");
const PRODUCT: Setting =
    Setting::shown("product of AWS Marketplace", Weight::Other).undone_by("aws apigateway update-usage-plan");

/// What GetUsagePlans shows of a plan besides its attributes.
pub(in crate::aws::kinds) fn shown_of_plan(live: &types::UsagePlan) -> Vec<Unmodelled> {
    let methods = live.api_stages().iter().filter_map(|stage| stage.throttle()).flatten().map(|(method, _)| method);
    let mut methods: Vec<&String> = methods.collect();
    methods.sort_unstable();
    [set(&SINGLE, list(methods)), set(&PRODUCT, text(live.product_code()))].into_iter().flatten().collect()
}

impl Observed for UsagePlan {
    const COVERAGE: &'static Coverage = &Coverage { named: &[&SINGLE, &PRODUCT], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &usage_plan::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &usage_plan::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
