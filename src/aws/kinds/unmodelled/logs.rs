//! Beyond the attributes of CloudWatch's log groups and log streams.

use aws_sdk_cloudwatchlogs::types::{DataProtectionStatus, LogGroup as Live, LogGroupClass};

use super::set;
use crate::aws::error::failed;
use crate::aws::kinds::logs::describe;
use crate::aws::{Aws, Observed, retry};
use crate::catalog::logs_group::{self as group, LogGroup};
use crate::catalog::logs_stream::{self as stream, LogStream};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const CLASS: Setting = Setting::shown("log class", Weight::Costs).undone_by("a log group of another name");
const MASKED: Setting =
    Setting::shown("data protection policy", Weight::ChangesData).undone_by("aws logs delete-data-protection-policy");
const KEPT: Setting =
    Setting::shown("deletion protection", Weight::Other).undone_by("aws logs put-log-group-deletion-protection");
const TOKENS: Setting =
    Setting::shown("bearer token authentication", Weight::LetsIn).undone_by("the console of CloudWatch");
const METRICS: Setting = Setting::shown("metric filters", Weight::Costs).undone_by("aws logs delete-metric-filter");
const SUBSCRIPTIONS: Setting =
    Setting::asked("subscription filters", Weight::TakesOut, "logs:DescribeSubscriptionFilters")
        .undone_by("aws logs delete-subscription-filter");

/// What DescribeLogGroups shows of a group besides its attributes.
pub(in crate::aws::kinds) fn shown_of_group(live: &Live) -> Vec<Unmodelled> {
    let class = live.log_group_class().filter(|class| **class != LogGroupClass::Standard);
    let masked = live.data_protection_status().filter(|status| **status == DataProtectionStatus::Activated);
    let on = |flag: Option<bool>| flag.filter(|flag| *flag).map(|_| "on");
    [
        set(&CLASS, class),
        set(&MASKED, masked),
        set(&KEPT, on(live.deletion_protection_enabled)),
        set(&TOKENS, on(live.bearer_token_authentication_enabled)),
        set(&METRICS, live.metric_filter_count.filter(|count| *count > 0)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for LogGroup {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&CLASS, &MASKED, &KEPT, &TOKENS, &METRICS, &SUBSCRIPTIONS],
        not_looked_at: &[
            ("policies of the account", "they are no setting of the group"),
            ("transformers and field indexes", "they take nothing out and add no reader"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &group::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(retry::logs).await;
        let filters = client.describe_subscription_filters().log_group_name(&now.name).into_paginator().items().send();
        let filters = filters.try_collect().await.map_err(failed("logs DescribeSubscriptionFilters"));
        let filters = look.answer(&SUBSCRIPTIONS, filters).into_iter().flatten();
        let to = filters.map(|filter| filter.destination_arn.unwrap_or_default());
        look.found(to.map(|arn| SUBSCRIPTIONS.is(format!("to {arn}"))).collect::<Vec<_>>());
        look
    }

    async fn obstacles(aws: &Aws, now: &group::Spec, _empty: bool) -> Vec<String> {
        let live = describe(aws, &now.name).await.ok().flatten();
        let kept = live.is_some_and(|live| live.deletion_protection_enabled == Some(true));
        let held = "its deletion protection is on: `aws logs put-log-group-deletion-protection` switches it off";
        kept.then(|| held.to_owned()).into_iter().collect()
    }
}

impl Observed for LogStream {
    const COVERAGE: &'static Coverage = &Coverage { named: &[], not_looked_at: &[] };

    async fn look_closer(_aws: &Aws, _now: &stream::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &stream::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
