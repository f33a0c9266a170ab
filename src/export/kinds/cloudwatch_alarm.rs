//! CloudWatch metric alarms.

use serde_json::{Value, json};

use super::{Mapping, filled, items, named_by, pairs, tag_list, text};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, blocks, fields};

/// Any other statistic is an extended one: a percentile.
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

pub(super) const MAPPING: Mapping = Mapping {
    kind: "cloudwatch_alarm",
    arn: Some(|it| it.estate.scope.arn("cloudwatch", &format!("alarm:{}", it.name()))),
    terraform_type: "aws_cloudwatch_metric_alarm",
    terraform_keys: &[("aws_cloudwatch_metric_alarm", |it| named_by(it, "alarm_name"))],
    terraform: |it| {
        let metric = &it["metric"];
        let alarm = fields([
            ("alarm_name", it["name"].clone().into()),
            ("alarm_description", filled(&it["description"]).into()),
            ("namespace", metric["namespace"].clone().into()),
            ("metric_name", metric["name"].clone().into()),
            ("dimensions", filled(&metric["dimensions"]).into()),
            ("statistic", plain_statistic(metric).into()),
            ("extended_statistic", extended_statistic(metric).into()),
            ("period", metric["period"].clone().into()),
            ("comparison_operator", it["comparison"].clone().into()),
            ("threshold", it["threshold"].clone().into()),
            ("evaluation_periods", it["evaluation_periods"].clone().into()),
            ("datapoints_to_alarm", it["datapoints_to_alarm"].clone().into()),
            ("treat_missing_data", it["missing_data"].clone().into()),
            ("actions_enabled", it["actions_enabled"].clone().into()),
            ("alarm_actions", filled(&it["alarm_actions"]).into()),
            ("ok_actions", filled(&it["ok_actions"]).into()),
            ("insufficient_data_actions", filled(&it["insufficient_data_actions"]).into()),
            ("metric_query", blocks(items(&it["queries"]).map(query_block))),
            ("tags", it["tags"].clone().into()),
        ]);
        Ok(vec![terraform::Part::new("aws_cloudwatch_metric_alarm", it.name(), alarm)])
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let metric = &it["metric"];
        let alarm = properties([
            ("AlarmName", it["name"].clone()),
            ("AlarmDescription", filled(&it["description"])),
            ("Namespace", metric["namespace"].clone()),
            ("MetricName", metric["name"].clone()),
            ("Dimensions", pairs(&metric["dimensions"], "Name", "Value")),
            ("Statistic", plain_statistic(metric)),
            ("ExtendedStatistic", extended_statistic(metric)),
            ("Period", metric["period"].clone()),
            ("ComparisonOperator", it["comparison"].clone()),
            ("Threshold", it["threshold"].clone()),
            ("EvaluationPeriods", it["evaluation_periods"].clone()),
            ("DatapointsToAlarm", it["datapoints_to_alarm"].clone()),
            ("TreatMissingData", it["missing_data"].clone()),
            ("ActionsEnabled", it["actions_enabled"].clone()),
            ("AlarmActions", filled(&it["alarm_actions"])),
            ("OKActions", filled(&it["ok_actions"])),
            ("InsufficientDataActions", filled(&it["insufficient_data_actions"])),
            ("Metrics", filled(&items(&it["queries"]).map(data_query).collect())),
            ("Tags", tag_list(&it["tags"])),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::CloudWatch::Alarm", [("AlarmName", it.name())], alarm)])
    },
    stays: &[],
};

fn plain_statistic(metric: &Value) -> Value {
    let plain = STATISTICS.contains(&text(&metric["statistic"]));
    if plain { metric["statistic"].clone() } else { Value::Null }
}

fn extended_statistic(metric: &Value) -> Value {
    let plain = STATISTICS.contains(&text(&metric["statistic"]));
    if plain { Value::Null } else { metric["statistic"].clone() }
}

/// A `metric_query` block.
fn query_block(query: &Value) -> Fields {
    let metric = query["metric"].is_object().then(|| {
        let metric = &query["metric"];
        fields([
            ("namespace", metric["namespace"].clone().into()),
            ("metric_name", metric["name"].clone().into()),
            ("dimensions", filled(&metric["dimensions"]).into()),
            ("stat", metric["statistic"].clone().into()),
            ("period", metric["period"].clone().into()),
        ])
    });
    fields([
        ("id", query["id"].clone().into()),
        ("expression", query["expression"].clone().into()),
        ("label", query["label"].clone().into()),
        ("return_data", query["return_data"].clone().into()),
        ("metric", Term::Blocks(metric.into_iter().collect())),
    ])
}

/// A `MetricDataQuery`.
fn data_query(query: &Value) -> Value {
    let metric = query["metric"].is_object().then(|| {
        let metric = &query["metric"];
        let what = properties([
            ("Namespace", metric["namespace"].clone()),
            ("MetricName", metric["name"].clone()),
            ("Dimensions", pairs(&metric["dimensions"], "Name", "Value")),
        ]);
        json!({ "Metric": what, "Period": metric["period"], "Stat": metric["statistic"] })
    });
    properties([
        ("Id", query["id"].clone()),
        ("Expression", query["expression"].clone()),
        ("Label", query["label"].clone()),
        ("ReturnData", query["return_data"].clone()),
        ("MetricStat", json!(metric)),
    ])
}
