//! CloudWatch metric alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, pairs, tag_list};
use crate::catalog::cloudwatch_alarm::{Alarm, Spec};
use crate::catalog::cloudwatch_metrics::{Metric, Query};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, blocks, fields};
use crate::model::scope::Scope;

/// Any other statistic is an extended one: a percentile.
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

impl Exported for Alarm {
    const TERRAFORM_TYPE: &'static str = "aws_cloudwatch_metric_alarm";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_cloudwatch_metric_alarm", |it| named_by(it, "alarm_name"))];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("cloudwatch", &format!("alarm:{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        Ok(vec![terraform::Part::new("aws_cloudwatch_metric_alarm", &it.spec.name, alarm_fields(it.spec))])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let identifier = [("AlarmName", it.spec.name.as_str())];
        Ok(vec![cloudformation::Part::new("AWS::CloudWatch::Alarm", identifier, alarm_properties(it.spec))])
    }
}

fn alarm_fields(spec: &Spec) -> Fields {
    let Spec {
        name,
        description,
        metric,
        queries,
        comparison,
        threshold,
        evaluation_periods,
        datapoints_to_alarm,
        missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    } = spec;
    let of_metric = Words::of(metric.as_ref());
    fields([
        ("alarm_name", name.into()),
        ("alarm_description", filled(description).into()),
        ("namespace", of_metric.namespace.into()),
        ("metric_name", of_metric.name.into()),
        ("dimensions", filled(of_metric.dimensions).into()),
        ("statistic", of_metric.statistic.into()),
        ("extended_statistic", of_metric.extended_statistic.into()),
        ("period", of_metric.period.into()),
        ("comparison_operator", comparison.into()),
        ("threshold", threshold.into()),
        ("evaluation_periods", evaluation_periods.into()),
        ("datapoints_to_alarm", datapoints_to_alarm.into()),
        ("treat_missing_data", missing_data.into()),
        ("actions_enabled", actions_enabled.into()),
        ("alarm_actions", filled(alarm_actions).into()),
        ("ok_actions", filled(ok_actions).into()),
        ("insufficient_data_actions", filled(insufficient_data_actions).into()),
        ("metric_query", blocks(queries.iter().map(query_block))),
        ("tags", tags.into()),
    ])
}

fn alarm_properties(spec: &Spec) -> Value {
    let Spec {
        name,
        description,
        metric,
        queries,
        comparison,
        threshold,
        evaluation_periods,
        datapoints_to_alarm,
        missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    } = spec;
    let of_metric = Words::of(metric.as_ref());
    properties([
        ("AlarmName", json!(name)),
        ("AlarmDescription", filled(description)),
        ("Namespace", json!(of_metric.namespace)),
        ("MetricName", json!(of_metric.name)),
        ("Dimensions", of_metric.dimensions.map_or(Value::Null, |all| pairs(all, "Name", "Value"))),
        ("Statistic", json!(of_metric.statistic)),
        ("ExtendedStatistic", json!(of_metric.extended_statistic)),
        ("Period", json!(of_metric.period)),
        ("ComparisonOperator", json!(comparison)),
        ("Threshold", json!(threshold)),
        ("EvaluationPeriods", json!(evaluation_periods)),
        ("DatapointsToAlarm", json!(datapoints_to_alarm)),
        ("TreatMissingData", json!(missing_data)),
        ("ActionsEnabled", json!(actions_enabled)),
        ("AlarmActions", filled(alarm_actions)),
        ("OKActions", filled(ok_actions)),
        ("InsufficientDataActions", filled(insufficient_data_actions)),
        ("Metrics", filled(queries.iter().map(data_query).collect::<Vec<_>>())),
        ("Tags", tag_list(tags)),
    ])
}

/// What an alarm says of the one metric that it watches; all absent where it watches several.
#[derive(Default)]
struct Words<'a> {
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    dimensions: Option<&'a BTreeMap<String, String>>,
    statistic: Option<&'a str>,
    extended_statistic: Option<&'a str>,
    period: Option<u32>,
}

impl<'a> Words<'a> {
    fn of(metric: Option<&'a Metric>) -> Self {
        let Some(Metric { namespace, name, dimensions, statistic, period }) = metric else { return Self::default() };
        let plain = STATISTICS.contains(&statistic.as_str());
        Self {
            namespace: Some(namespace),
            name: Some(name),
            dimensions: Some(dimensions),
            statistic: Some(statistic.as_str()).filter(|_| plain),
            extended_statistic: Some(statistic.as_str()).filter(|_| !plain),
            period: Some(*period),
        }
    }
}

/// A `metric_query` block.
fn query_block(query: &Query) -> Fields {
    let Query { id, metric, expression, label, return_data } = query;
    let metric = metric.as_ref().map(|Metric { namespace, name, dimensions, statistic, period }| {
        fields([
            ("namespace", namespace.into()),
            ("metric_name", name.into()),
            ("dimensions", filled(dimensions).into()),
            ("stat", statistic.into()),
            ("period", period.into()),
        ])
    });
    fields([
        ("id", id.into()),
        ("expression", expression.into()),
        ("label", label.into()),
        ("return_data", return_data.into()),
        ("metric", Term::Blocks(metric.into_iter().collect())),
    ])
}

/// A `MetricDataQuery`.
fn data_query(query: &Query) -> Value {
    let Query { id, metric, expression, label, return_data } = query;
    let metric = metric.as_ref().map(|Metric { namespace, name, dimensions, statistic, period }| {
        let what = properties([
            ("Namespace", json!(namespace)),
            ("MetricName", json!(name)),
            ("Dimensions", pairs(dimensions, "Name", "Value")),
        ]);
        json!({ "Metric": what, "Period": period, "Stat": statistic })
    });
    properties([
        ("Id", json!(id)),
        ("Expression", json!(expression)),
        ("Label", json!(label)),
        ("ReturnData", json!(return_data)),
        ("MetricStat", json!(metric)),
    ])
}
