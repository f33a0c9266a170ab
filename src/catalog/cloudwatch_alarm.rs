//! CloudWatch metric alarms, metric math included.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use super::cloudwatch_metrics::{Metric, Query};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A CloudWatch metric alarm on one metric, or on an expression over several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 1,024 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// The one metric that it watches; absent where `queries` are given.
    #[serde(default)]
    pub(crate) metric: Option<Metric>,
    /// Metrics and expressions (metric math), of which exactly one returns data.
    #[serde(default)]
    pub(crate) queries: Vec<Query>,
    /// `LessThanThreshold` …
    pub(crate) comparison: String,
    /// What the value is compared with.
    pub(crate) threshold: f64,
    /// Periods that are looked at.
    pub(crate) evaluation_periods: u32,
    /// How many of them must breach; absent: all.
    #[serde(default)]
    pub(crate) datapoints_to_alarm: Option<u32>,
    /// What a period without data counts as: `missing`, `notBreaching`, `breaching` or `ignore`.
    #[serde(default = "missing")]
    pub(crate) missing_data: String,
    /// Whether its actions are carried out.
    #[serde(default = "yes")]
    pub(crate) actions_enabled: bool,
    /// ARNs told of ALARM; at most 5.
    #[serde(default)]
    pub(crate) alarm_actions: BTreeSet<String>,
    /// ARNs told of OK; at most 5.
    #[serde(default)]
    pub(crate) ok_actions: BTreeSet<String>,
    /// ARNs told of INSUFFICIENT_DATA; at most 5.
    #[serde(default)]
    pub(crate) insufficient_data_actions: BTreeSet<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

pub(crate) fn missing() -> String {
    "missing".to_owned()
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the alarm.
    pub(crate) arn: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    /// Since when, in RFC 3339.
    pub(crate) since: Option<String>,
}

/// CloudWatch metric alarms, metric math included.
pub(crate) struct Alarm;

pub(crate) const ALARM: On = On::Arns(&["arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"]);

impl ResourceType for Alarm {
    const KIND: &'static str = "cloudwatch_alarm";
    const AWS_TYPE: &'static str = "AWS::CloudWatch::Alarm";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"], ALARM),
        Grant::apply(
            &[
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
                "cloudwatch:DeleteAlarms",
            ],
            ALARM,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["monitoring:PutMetricAlarm"],
        delete: &["monitoring:DeleteAlarms"],
        update: &[
            // PutMetricAlarm, which gives all others, is what makes an alarm as well.
            Update::new("actions_enabled", &["monitoring:DisableAlarmActions", "monitoring:EnableAlarmActions"]),
            Update::new("tags", &["monitoring:TagResource", "monitoring:UntagResource"]),
        ],
    };
    // What an alarm tells is what its topics allow.
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(
            Nothing,
            &[
                "name",
                "description",
                "metric",
                "queries",
                "comparison",
                "threshold",
                "evaluation_periods",
                "datapoints_to_alarm",
                "missing_data",
                "actions_enabled",
                "alarm_actions",
                "ok_actions",
                "insufficient_data_actions",
                "tags",
            ],
        )],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("it watches those of others");
    const EXAMPLES: &'static str = r#"
[first]
name = "pipectl-example-alarm"
description = "Delivery lags behind"
comparison = "GreaterThanThreshold"
threshold = 900.0
evaluation_periods = 3
datapoints_to_alarm = 2
missing_data = "notBreaching"
alarm_actions = ["arn:aws:sns:us-east-1:123456789012:alerts", "arn:aws:sns:us-east-1:123456789012:pager"]
ok_actions = ["arn:aws:sns:us-east-1:123456789012:alerts"]
tags = { "pipectl:env" = "dev", team = "growth" }

[first.metric]
namespace = "AWS/Firehose"
name = "DeliveryToS3.DataFreshness"
dimensions = { DeliveryStreamName = "clicks" }
statistic = "p90"
period = 300

[second]
name = "pipectl-example-alarm"
comparison = "LessThanOrEqualToThreshold"
threshold = 0.5
evaluation_periods = 1
actions_enabled = false
insufficient_data_actions = ["arn:aws:sns:us-east-1:123456789012:alerts"]
tags = { "pipectl:env" = "dev", owner = "data + platform" }

[[second.queries]]
id = "share"
expression = "delivered / taken"
label = "Share delivered"
return_data = true

[[second.queries]]
id = "delivered"
metric = { namespace = "AWS/Firehose", name = "DeliveryToS3.Records", statistic = "Sum", period = 300 }

[[second.queries]]
id = "taken"
metric = { namespace = "AWS/Kinesis", name = "IncomingRecords", statistic = "Sum", period = 300 }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it holds names and numbers")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some((now, want)) = now.zip(want) else { return Vec::new() };
        let off = now.actions_enabled && !want.actions_enabled;
        let off = off.then(|| format!("Nobody is told any more when the alarm {} goes off.", now.name));
        let left: Vec<&str> = now.alarm_actions.difference(&want.alarm_actions).map(String::as_str).collect();
        let left = (!left.is_empty()).then(|| format!("{} is no longer told when it goes off.", left.join(", ")));
        let renamed = now.name != want.name;
        let renamed =
            renamed.then(|| "Its history begins anew, and what names it by its old name finds nothing.".to_owned());
        [off, left, renamed].into_iter().flatten().collect()
    }

    fn align(now: &mut Spec, want: &Spec) {
        let datapoints = |spec: &Spec| spec.datapoints_to_alarm.unwrap_or(spec.evaluation_periods);
        if datapoints(now) == datapoints(want) {
            now.datapoints_to_alarm = want.datapoints_to_alarm;
        }
        // Queries are found by their ids: their order means nothing.
        now.queries.sort_by_key(|query| want.queries.iter().position(|other| other.id == query.id));
    }
}
