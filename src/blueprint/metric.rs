//! Metrics of blocks, as alarms and dashboards name them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::catalog::cloudwatch_metrics::Metric;
use crate::spec::Spec;
use crate::spec::metrics::source;

/// Whose metrics these are: namespace, dimension, and the dimension's value.
pub(super) struct Emitter {
    namespace: &'static str,
    dimension: &'static str,
    name: String,
}

impl Emitter {
    /// The emitter of the metrics of the block `kind.name`; `None` if the block emits none.
    pub(super) fn of(kind: &str, name: &str, spec: &Spec) -> Option<Self> {
        let source = source(kind)?;
        let aws_name = match kind {
            "stream" => spec.blocks.stream.get(name)?.aws_name(name, spec),
            "firehose" => spec.blocks.firehose.get(name)?.aws_name(name, spec),
            "function" => spec.blocks.function.get(name)?.aws_name(name, spec),
            "table" => spec.blocks.table.get(name)?.aws_name(name, spec),
            "api" => spec.blocks.api.get(name)?.aws_name(name, spec),
            "queue" => spec.blocks.queue.get(name)?.aws_name(name, spec),
            "schedule" => spec.blocks.schedule.get(name)?.aws_name(name, spec),
            "topic" => spec.blocks.topic.get(name)?.aws_name(name, spec),
            _ => return None,
        };
        Some(Self { namespace: source.namespace, dimension: source.dimension, name: aws_name })
    }

    /// One of its metrics, in the shape of an alarm.
    pub(super) fn alarm_metric(&self, metric: &str, statistic: &str, period: u32) -> Metric {
        Metric {
            namespace: self.namespace.to_owned(),
            name: metric.to_owned(),
            dimensions: BTreeMap::from([(self.dimension.to_owned(), self.name.clone())]),
            statistic: statistic.to_owned(),
            period,
        }
    }

    /// One of its metrics, as a row of a dashboard's widget.
    pub(super) fn widget_row(&self, metric: &str, options: &Value) -> Value {
        json!([self.namespace, metric, self.dimension, self.name, options])
    }
}
