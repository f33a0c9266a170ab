//! CloudWatch metric alarms, metric math included.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::{Client, types};
use aws_smithy_types::date_time::Format;

use super::cloudwatch_metrics::{from_dimensions, from_query, to_dimensions, to_query};
use super::unmodelled::cloudwatch::shown_of_alarm;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::cloudwatch_alarm::{Alarm, Outputs, Spec, missing};
use crate::catalog::cloudwatch_metrics::Metric;
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;

impl Calls for Alarm {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, key).await?);
        let (alarm, tags) = tokio::try_join!(describe(aws, key), read_tags(&client, &arn))?;
        Ok(alarm.map(|alarm| {
            let state = alarm.state_value().map(|state| state.as_str().to_owned()).unwrap_or_default();
            let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
            let since = since.and_then(|since| since.fmt(Format::DateTime).ok());
            let unmodelled = shown_of_alarm(&alarm);
            (from_alarm(alarm, tags), Outputs { arn, state, since }, unmodelled)
        }))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        // PutMetricAlarm overwrites an alarm that exists.
        if describe(aws, &want.name).await?.is_some() {
            let message = format!("the alarm {} exists", want.name);
            return Err(CallError::own(Class::InUse, "cloudwatch PutMetricAlarm", message));
        }
        put(&client, want).await?;
        // What every new alarm is in until it is first evaluated (PutMetricAlarm's documentation).
        let (arn, state) = (arn(aws, &want.name).await?, "INSUFFICIENT_DATA".to_owned());
        Ok(Some((want.clone(), Outputs { arn, state, since: None }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        if (Spec { tags: want.tags.clone(), ..now.clone() }) != *want {
            put(&client, want).await?;
        }
        let (write, remove) = tags::changes(&now.tags, &want.tags);
        if !write.is_empty() {
            let tag = client.tag_resource().resource_arn(arn(aws, &want.name).await?).set_tags(Some(to_tags(&write)));
            tag.send().await.map_err(failed("cloudwatch TagResource"))?;
        }
        if !remove.is_empty() {
            let untag = client.untag_resource().resource_arn(arn(aws, &want.name).await?).set_tag_keys(Some(remove));
            untag.send().await.map_err(failed("cloudwatch UntagResource"))?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let delete = async |names: Vec<String>| {
            let delete = client.delete_alarms().set_alarm_names(Some(names)).send().await;
            delete.map_err(failed("cloudwatch DeleteAlarms")).map(|_| BTreeMap::new())
        };
        // If one of them is not there, none is deleted.
        absent_is_done(aws.batch::<Deleted>().ask(key, AT_ONCE, delete).await)
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("cloudwatch", &format!("alarm:{name}")))
}

/// Names that DescribeAlarms and DeleteAlarms take in one call.
const AT_ONCE: usize = 100;

/// That an alarm is deleted.
#[derive(Clone, Default)]
struct Deleted;

/// At 9 calls a second, a thousand alarms take 10 calls instead of 111 seconds.
async fn describe(aws: &Aws, name: &str) -> Result<Option<types::MetricAlarm>> {
    let client = aws.client(Client::new).await;
    let describe = async |names: Vec<String>| {
        let describe = client.describe_alarms().set_alarm_names(Some(names)).max_records(100);
        let pages = describe.alarm_types(types::AlarmType::MetricAlarm).into_paginator().send();
        let pages = pages.try_collect().await.map_err(failed("cloudwatch DescribeAlarms"))?;
        let alarms = pages.into_iter().flat_map(|page| page.metric_alarms.unwrap_or_default());
        Ok(alarms.map(|alarm| (alarm.alarm_name.clone().unwrap_or_default(), Some(alarm))).collect())
    };
    aws.batch().ask(name, AT_ONCE, describe).await
}

/// The alarm's tags; none where there is no alarm, as both are asked for at once.
async fn read_tags(client: &Client, arn: &str) -> Result<Tags> {
    let reply = client.list_tags_for_resource().resource_arn(arn).send().await;
    let reply = absent_is_none(reply.map_err(failed("cloudwatch ListTagsForResource")))?;
    let pairs = reply.and_then(|reply| reply.tags).into_iter().flatten();
    Ok(tags::own(pairs.filter_map(|tag| Some((tag.key?, tag.value?)))))
}

/// PutMetricAlarm writes the whole alarm, and takes tags for a new one only.
async fn put(client: &Client, want: &Spec) -> Result<()> {
    let some = |list: &BTreeSet<String>| Some(list.iter().cloned().collect::<Vec<_>>()).filter(|list| !list.is_empty());
    let put = client
        .put_metric_alarm()
        .alarm_name(&want.name)
        .set_alarm_description(Some(want.description.clone()).filter(|text| !text.is_empty()))
        .comparison_operator(types::ComparisonOperator::from(want.comparison.as_str()))
        .threshold(want.threshold)
        .evaluation_periods(want.evaluation_periods.cast_signed())
        .set_datapoints_to_alarm(want.datapoints_to_alarm.map(u32::cast_signed))
        .treat_missing_data(&want.missing_data)
        .actions_enabled(want.actions_enabled)
        .set_alarm_actions(some(&want.alarm_actions))
        .set_ok_actions(some(&want.ok_actions))
        .set_insufficient_data_actions(some(&want.insufficient_data_actions))
        .set_tags(Some(to_tags(&want.tags)).filter(|tags| !tags.is_empty()));
    let call = "cloudwatch PutMetricAlarm";
    let put = match (&want.metric, want.queries.as_slice()) {
        (Some(metric), []) => watch(put, metric),
        (None, [_, ..]) => put.set_metrics(Some(want.queries.iter().map(to_query).collect())),
        _ => {
            let message = format!("the alarm {} needs either one metric or queries", want.name);
            return Err(CallError::own(Class::Invalid, call, message));
        }
    };
    put.send().await.map_err(failed(call)).map(drop)
}

/// An alarm on one metric.
fn watch(put: PutMetricAlarmFluentBuilder, metric: &Metric) -> PutMetricAlarmFluentBuilder {
    let put = put
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(to_dimensions(&metric.dimensions))
        .period(metric.period.cast_signed());
    // What is none of the five statistics is a percentile or another extended one.
    match types::Statistic::try_parse(&metric.statistic) {
        Ok(statistic) => put.statistic(statistic),
        Err(_) => put.extended_statistic(&metric.statistic),
    }
}

fn from_alarm(alarm: types::MetricAlarm, tags: Tags) -> Spec {
    let statistic = alarm.statistic.map(|statistic| statistic.as_str().to_owned());
    let metric = alarm.metric_name.map(|name| Metric {
        namespace: alarm.namespace.unwrap_or_default(),
        name,
        dimensions: from_dimensions(alarm.dimensions),
        statistic: statistic.or(alarm.extended_statistic).unwrap_or_default(),
        period: alarm.period.unwrap_or_default().unsigned_abs(),
    });
    let set = |list: Option<Vec<String>>| list.into_iter().flatten().collect();
    Spec {
        name: alarm.alarm_name.unwrap_or_default(),
        description: alarm.alarm_description.unwrap_or_default(),
        metric,
        queries: alarm.metrics.into_iter().flatten().map(from_query).collect(),
        comparison: alarm.comparison_operator.map(|operator| operator.as_str().to_owned()).unwrap_or_default(),
        threshold: alarm.threshold.unwrap_or_default(),
        evaluation_periods: alarm.evaluation_periods.unwrap_or_default().unsigned_abs(),
        datapoints_to_alarm: alarm.datapoints_to_alarm.map(i32::unsigned_abs),
        missing_data: alarm.treat_missing_data.filter(|rule| !rule.is_empty()).unwrap_or_else(missing),
        actions_enabled: alarm.actions_enabled.unwrap_or(true),
        alarm_actions: set(alarm.alarm_actions),
        ok_actions: set(alarm.ok_actions),
        insufficient_data_actions: set(alarm.insufficient_data_actions),
        tags,
    }
}

fn to_tags(tags: &Tags) -> Vec<types::Tag> {
    tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ResourceType as _;
    use crate::catalog::cloudwatch_metrics::Query;

    fn queries() -> Vec<Query> {
        let query = |id: &str, expression: &str| Query {
            id: id.into(),
            metric: None,
            expression: Some(expression.into()),
            label: None,
            return_data: id == "blocked",
        };
        vec![query("quiet", "FILL(m1,0)==0"), query("blocked", "IF(quiet,1,0)")]
    }

    fn spec(queries: Vec<Query>, evaluation_periods: u32, datapoints_to_alarm: Option<u32>) -> Spec {
        let alarm = types::MetricAlarm::builder().alarm_name("blocked").build();
        Spec { queries, evaluation_periods, datapoints_to_alarm, ..from_alarm(alarm, Tags::new()) }
    }

    #[test]
    fn queries_in_another_order_are_the_same() {
        let want = spec(queries(), 1, None);
        let mut now = spec(queries().into_iter().rev().collect(), 1, None);
        Alarm::align(&mut now, &want);
        assert_eq!(now, want);
    }

    #[test]
    fn all_periods_are_the_default_number_of_datapoints() {
        let want = spec(queries(), 3, Some(3));
        let mut now = spec(queries(), 3, None);
        Alarm::align(&mut now, &want);
        assert_eq!(now, want);
        let mut fewer = spec(queries(), 3, Some(2));
        Alarm::align(&mut fewer, &want);
        assert_ne!(fewer, want);
    }

    #[test]
    fn an_alarm_without_a_rule_for_missing_data_treats_it_as_missing() {
        assert_eq!(spec(queries(), 1, None).missing_data, "missing");
    }
}
