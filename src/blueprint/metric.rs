//! Metrics of blocks, as alarms and dashboards name them.

use serde_json::{Value, json};

use super::own_type;
use crate::catalog::cloudwatch_metrics::Metric;
use crate::catalog::facets::{Dimensions, Metrics};
use crate::spec::Spec;
use crate::spec::blocks::Kind;
use crate::spec::metrics::source;

/// Whose metrics these are: namespace, dimension, and the dimension's value.
pub(super) struct Emitter {
    namespace: &'static str,
    dimension: &'static str,
    name: String,
    others: &'static [(&'static str, Dimensions)],
}

impl Emitter {
    /// The emitter of the metrics of the block `kind.name`; `None` if the block emits none.
    pub(super) fn of(kind: &str, name: &str, spec: &Spec) -> Option<Self> {
        let kind = Kind::named(kind)?;
        let (namespace, dimension, others) = match own_type(kind)?.metrics() {
            Metrics::In { namespace, dimension } => (namespace, dimension, &[][..]),
            Metrics::InMore { namespace, dimension, others } => (namespace, dimension, others),
            Metrics::None(_) => return None,
        };
        source(kind.name())?;
        Some(Self { namespace, dimension, name: spec.blocks.aws_name(kind, name, spec)?, others })
    }

    /// The dimensions of one of its metrics, with their values.
    fn dimensions<'a>(&'a self, metric: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let others = self.others.iter().find(|(text, _)| metric.contains(text)).map_or(&[][..], |(_, others)| others);
        [(self.dimension, self.name.as_str())].into_iter().chain(others.iter().copied())
    }

    /// One of its metrics, in the shape of an alarm.
    pub(super) fn alarm_metric(&self, metric: &str, statistic: &str, period: u32) -> Metric {
        Metric {
            namespace: self.namespace.to_owned(),
            name: metric.to_owned(),
            dimensions: self.dimensions(metric).map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            statistic: statistic.to_owned(),
            period,
        }
    }

    /// One of its metrics, as a row of a dashboard's widget.
    pub(super) fn widget_row(&self, metric: &str, options: &Value) -> Value {
        let dimensions = self.dimensions(metric).flat_map(|(name, value)| [json!(name), json!(value)]);
        [json!(self.namespace), json!(metric)].into_iter().chain(dimensions).chain([options.clone()]).collect()
    }
}
