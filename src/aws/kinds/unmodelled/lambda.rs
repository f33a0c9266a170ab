//! Beyond the attributes of Lambda's functions, permissions and event source mappings.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration, FunctionConfiguration, ProvisionedPollerConfig, SnapStartApplyOn,
    VpcConfigResponse,
};
use serde_json::Value;

use super::{list, set, statements, text};
use crate::aws::error::failed;
use crate::aws::{Aws, Observed};
use crate::catalog::lambda_event_invoke_config::{self as invoke_config, InvokeConfig};
use crate::catalog::lambda_event_source_mapping::{self as mapping, Mapping};
use crate::catalog::lambda_function::{self as function, Function};
use crate::catalog::lambda_permission::{self as permission, Permission};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const IPV6: Setting =
    Setting::shown("IPv6 in its VPC", Weight::Other).undone_by("aws lambda update-function-configuration");
const DEAD_LETTERS: Setting =
    Setting::shown("dead-letter target", Weight::TakesOut).undone_by("aws lambda update-function-configuration");
const FILES: Setting =
    Setting::shown("file systems", Weight::ChangesData).undone_by("aws lambda update-function-configuration");
const SNAP: Setting = Setting::shown("SnapStart", Weight::Costs).undone_by("aws lambda update-function-configuration");
const SIGNED: Setting =
    Setting::shown("code signing", Weight::Other).undone_by("aws lambda delete-function-code-signing-config");
const URL: Setting = Setting::asked("function URL", Weight::LetsIn, "lambda:ListFunctionUrlConfigs")
    .undone_by("aws lambda delete-function-url-config");
const POLICY: Setting = Setting::asked("statements of its policy", Weight::LetsIn, "lambda:GetPolicy")
    .undone_by("aws lambda remove-permission");
const SOURCES: Setting = Setting::asked("other event sources", Weight::ChangesData, "lambda:ListEventSourceMappings")
    .undone_by("aws lambda delete-event-source-mapping");
const DESTINATIONS: Setting =
    Setting::asked("asynchronous invocation", Weight::TakesOut, "lambda:ListFunctionEventInvokeConfigs")
        .undone_by("aws lambda delete-function-event-invoke-config");
const PROVISIONED: Setting =
    Setting::asked("provisioned concurrency", Weight::Costs, "lambda:ListProvisionedConcurrencyConfigs")
        .undone_by("aws lambda delete-provisioned-concurrency-config");

/// What GetFunction shows of a function besides its attributes.
pub(in crate::aws::kinds) fn shown_of_function(live: &FunctionConfiguration) -> Vec<Unmodelled> {
    let ipv6 = live.vpc_config().and_then(VpcConfigResponse::ipv6_allowed_for_dual_stack).filter(|allowed| *allowed);
    let dead = live.dead_letter_config().and_then(|it| text(it.target_arn()));
    let snap = live.snap_start().and_then(|it| it.apply_on()).filter(|on| **on != SnapStartApplyOn::None);
    [
        set(&IPV6, ipv6.map(|_| "allowed")),
        set(&DEAD_LETTERS, dead),
        set(&FILES, list(live.file_system_configs().iter().map(|it| format!("{} at {}", it.arn, it.local_mount_path)))),
        set(&SNAP, snap),
        set(&SIGNED, text(live.signing_profile_version_arn())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for Function {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&IPV6, &DEAD_LETTERS, &FILES, &SNAP, &SIGNED, &URL, &POLICY, &SOURCES, &DESTINATIONS, &PROVISIONED],
        not_looked_at: &[
            ("policies of versions and aliases", "pipectl publishes no version"),
            ("runtime update mode", "AWS's own updates of a runtime are not compared"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &function::Spec, owned: &Owned) -> Look {
        let client = aws.client(Client::new).await;
        let name = &now.name;
        let (urls, policy, sources, invocation, provisioned) = tokio::join!(
            client.list_function_url_configs().function_name(name).into_paginator().items().send().try_collect(),
            client.get_policy().function_name(name).send(),
            client.list_event_source_mappings().function_name(name).into_paginator().items().send().try_collect(),
            client
                .list_function_event_invoke_configs()
                .function_name(name)
                .into_paginator()
                .items()
                .send()
                .try_collect(),
            client
                .list_provisioned_concurrency_configs()
                .function_name(name)
                .into_paginator()
                .items()
                .send()
                .try_collect(),
        );
        let mut look = Look::default();
        let urls = look.answer(&URL, urls.map_err(failed("lambda ListFunctionUrlConfigs")));
        let urls =
            urls.into_iter().flatten().map(|url| format!("{} with {} authentication", url.function_url, url.auth_type));
        look.found(urls.map(|url| URL.is(url)).collect::<Vec<_>>());
        let policy = look.answer(&POLICY, policy.map_err(failed("lambda GetPolicy")));
        let ours = |sid: &str| owned.has("lambda_permission", &format!("{name}|{sid}"));
        let policy = policy.and_then(|reply| reply.policy).map(|policy| statements(&policy, ours));
        look.found(policy.into_iter().flatten().map(|one| POLICY.is(one)).collect::<Vec<_>>());
        let sources = look.answer(&SOURCES, sources.map_err(failed("lambda ListEventSourceMappings")));
        let sources =
            sources.into_iter().flatten().filter_map(|one: EventSourceMappingConfiguration| one.event_source_arn);
        let own = |arn: &str| owned.has("lambda_event_source_mapping", &format!("{name}|{}", mapping::found_by(arn)));
        let sources = sources.filter(|arn| !own(arn));
        look.found(sources.map(|arn| SOURCES.is(arn)).collect::<Vec<_>>());
        let invocation =
            look.answer(&DESTINATIONS, invocation.map_err(failed("lambda ListFunctionEventInvokeConfigs")));
        // That of a version or an alias is nobody's here.
        let ours = |arn: Option<&str>| {
            let own = arn.is_none_or(|arn| arn.ends_with(&format!(":{name}")) || arn.ends_with(":$LATEST"));
            own && owned.has("lambda_event_invoke_config", name)
        };
        let others = invocation.into_iter().flatten().filter(|one| !ours(one.function_arn()));
        look.found(others.map(|one| DESTINATIONS.is(asynchronous(&one))).collect::<Vec<_>>());
        let provisioned =
            look.answer(&PROVISIONED, provisioned.map_err(failed("lambda ListProvisionedConcurrencyConfigs")));
        let provisioned = provisioned.into_iter().flatten();
        let provisioned = provisioned.map(|one| one.requested_provisioned_concurrent_executions.unwrap_or_default());
        look.found(provisioned.map(|count| PROVISIONED.is(count)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &function::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

/// Where asynchronous calls go, and how often they are tried.
fn asynchronous(config: &aws_sdk_lambda::types::FunctionEventInvokeConfig) -> String {
    let to = config.destination_config();
    let success = to.and_then(|to| to.on_success()).and_then(|to| to.destination());
    let failure = to.and_then(|to| to.on_failure()).and_then(|to| to.destination());
    let parts = [
        success.map(|arn| format!("successes to {arn}")),
        failure.map(|arn| format!("failures to {arn}")),
        config.maximum_retry_attempts().map(|count| format!("{count} retries")),
        config.maximum_event_age_in_seconds().map(|age| format!("for {age} s")),
    ];
    list(parts.into_iter().flatten()).unwrap_or_else(|| "as usual".to_owned())
}

const FILTER_KEY: Setting =
    Setting::shown("KMS key of the filter", Weight::Other).undone_by("aws lambda update-event-source-mapping");
const POLLERS: Setting =
    Setting::shown("provisioned pollers", Weight::Costs).undone_by("aws lambda update-event-source-mapping");

/// What ListEventSourceMappings shows of a mapping besides its attributes.
pub(in crate::aws::kinds) fn shown_of_mapping(live: &EventSourceMappingConfiguration) -> Vec<Unmodelled> {
    // With a key of its own that AWS cannot use the filter does not show.
    let hidden = live.filter_criteria_error().map(|_| "which hides it");
    let key = list(text(live.kms_key_arn()).into_iter().chain(hidden));
    let pollers = live.provisioned_poller_config().and_then(ProvisionedPollerConfig::minimum_pollers);
    [set(&FILTER_KEY, key), set(&POLLERS, pollers)].into_iter().flatten().collect()
}

impl Observed for Mapping {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&FILTER_KEY, &POLLERS],
        not_looked_at: &[("metrics of the mapping", "they change nothing that is processed")],
    };

    async fn look_closer(_aws: &Aws, _now: &mapping::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &mapping::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

const ACTION: Setting = Setting::shown("actions beyond lambda:InvokeFunction", Weight::LetsIn)
    .undone_by("aws lambda remove-permission")
    .overwritten();
const CONDITIONS: Setting = Setting::shown("conditions of its statement", Weight::Other)
    .undone_by("aws lambda remove-permission")
    .overwritten();

/// What a statement of a function's policy says besides what it was made with.
pub(in crate::aws::kinds) fn shown_of_permission(statement: &Value) -> Vec<Unmodelled> {
    let action = super::words(&statement["Action"]);
    let mut conditions = statement["Condition"].clone();
    for (operator, modelled) in [("ArnLike", "AWS:SourceArn"), ("StringEquals", "AWS:SourceAccount")] {
        if let Some(keys) = conditions.get_mut(operator).and_then(Value::as_object_mut) {
            // Several accounts are no attribute.
            keys.retain(|key, value| !(key.eq_ignore_ascii_case(modelled) && value.is_string()));
        }
    }
    let conditions = conditions.as_object().into_iter().flatten().filter(|(_, keys)| **keys != serde_json::json!({}));
    let conditions = list(conditions.map(|(operator, keys)| format!("{operator} {keys}")));
    [set(&ACTION, Some(action).filter(|action| action != "lambda:InvokeFunction")), set(&CONDITIONS, conditions)]
        .into_iter()
        .flatten()
        .collect()
}

impl Observed for InvokeConfig {
    const COVERAGE: &'static Coverage = &Coverage { named: &[], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &invoke_config::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &invoke_config::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

impl Observed for Permission {
    const COVERAGE: &'static Coverage = &Coverage { named: &[&ACTION, &CONDITIONS], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &permission::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &permission::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
