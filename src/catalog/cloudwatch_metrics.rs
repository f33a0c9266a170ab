//! The metrics that an alarm watches: one, or several with expressions over them (metric math).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
