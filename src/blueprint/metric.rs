//! Metrics of blocks, as alarms and dashboards name them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::own_type;
use crate::catalog::cloudwatch_metrics::Metric;
use crate::catalog::facets::Metrics;
use crate::spec::Spec;
use crate::spec::blocks::Kind;
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
        let kind = Kind::named(kind)?;
        let Metrics::In { namespace, dimension } = own_type(kind)?.metrics() else { return None };
        source(kind.name())?;
        Some(Self { namespace, dimension, name: spec.blocks.aws_name(kind, name, spec)? })
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
