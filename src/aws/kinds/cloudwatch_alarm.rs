//! CloudWatch metric alarms, metric math included.

use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

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

/// A metric and how it is summed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    /// `AWS/Firehose` …
    pub(crate) namespace: String,
    /// `DeliveryToS3.Success` …
    pub(crate) name: String,
    /// Dimensions, by name.
    #[serde(default)]
    pub(crate) dimensions: BTreeMap<String, String>,
    /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile (`p99`).
    pub(crate) statistic: String,
    /// Seconds: 10, 20, 30 or a multiple of 60.
    pub(crate) period: u32,
}

/// A metric or an expression of a metric-math alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// Its name in expressions; begins with a lower-case letter.
    pub(crate) id: String,
    /// The metric; absent for an expression.
    #[serde(default)]
    pub(crate) metric: Option<Metric>,
    /// The expression; absent for a metric.
    #[serde(default)]
    pub(crate) expression: Option<String>,
    /// Its label.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// Whether the alarm watches this one.
    #[serde(default)]
    pub(crate) return_data: bool,
}

fn missing() -> String {
    "missing".to_owned()
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the alarm.
    pub(crate) arn: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
}

/// CloudWatch metric alarms, metric math included.
pub(crate) struct Alarm;

impl Resource for Alarm {
    const KIND: &'static str = "cloudwatch_alarm";
    const AWS_TYPE: &'static str = "AWS::CloudWatch::Alarm";
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        todo!()
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        todo!()
    }
}
