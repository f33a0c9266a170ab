//! Alarms and dashboards, and what they watch and show.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, Dimension, MetricAlarm};

use super::each;
use crate::aws::error::{absent_is_none, failed, garbled};
use crate::aws::{Aws, Result};
use crate::model::discovery::{Alarm, Dashboard, Inventory, Note};

/// All alarms. AWS gives composite ones only to who asks for them.
pub(super) async fn alarms(aws: &Aws) -> Result<Vec<Alarm>> {
    let client = aws.client(Client::new).await;
    let kinds = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm].to_vec();
    let mut pages = client.describe_alarms().set_alarm_types(Some(kinds)).max_records(100).into_paginator().send();
    let mut alarms = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("cloudwatch DescribeAlarms"))?;
        alarms.extend(page.metric_alarms.into_iter().flatten().map(of_metrics));
        alarms.extend(page.composite_alarms.into_iter().flatten().map(of_alarms));
    }
    Ok(alarms)
}

fn of_metrics(alarm: MetricAlarm) -> Alarm {
    let mut watches = seen(alarm.namespace.as_deref(), alarm.dimensions());
    for metric in alarm.metrics().iter().filter_map(|query| query.metric_stat.as_ref()?.metric.as_ref()) {
        watches.extend(seen(metric.namespace(), metric.dimensions()));
    }
    let actions = [alarm.alarm_actions, alarm.ok_actions, alarm.insufficient_data_actions];
    let actions = actions.into_iter().flatten().flatten().collect();
    Alarm { name: alarm.alarm_name.unwrap_or_default(), watches, actions, rule: None }
}

fn of_alarms(alarm: CompositeAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        rule: Some(alarm.alarm_rule.unwrap_or_default()),
        ..Alarm::default()
    }
}

fn seen(namespace: Option<&str>, dimensions: &[Dimension]) -> BTreeSet<(String, String, String)> {
    let namespace = namespace.unwrap_or_default();
    let pairs = dimensions.iter().filter_map(|dimension| Some((dimension.name()?, dimension.value()?)));
    pairs.map(|(name, value)| (namespace.to_owned(), name.to_owned(), value.to_owned())).collect()
}

/// All dashboards. What they show stands only in their bodies, which have to be read one by one.
pub(super) async fn dashboards(aws: &Aws, note: Note<'_>) -> Result<Inventory<Dashboard>> {
    let client = aws.client(Client::new).await;
    let pages = client.list_dashboards().into_paginator().items().send();
    let entries =
        pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(failed("cloudwatch ListDashboards"))?;
    let names = entries.into_iter().filter_map(|entry| entry.dashboard_name).collect();
    each(names, "dashboards", note, |name| dashboard(client.clone(), name)).await
}

async fn dashboard(client: Client, name: String) -> Result<Option<Dashboard>> {
    let call = "cloudwatch GetDashboard";
    let reply = absent_is_none(client.get_dashboard().dashboard_name(&name).send().await.map_err(failed(call)))?;
    let Some(body) = reply.and_then(|reply| reply.dashboard_body) else { return Ok(None) };
    let body = serde_json::from_str(&body).map_err(|error| garbled(call, &format!("body of {name}"), &body, &error))?;
    Ok(Some(Dashboard { name, body }))
}
