//! `[alarm.<name>]`: a CloudWatch alarm on a block.

mod check;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::topic::Topic;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{self, Comparison, Expression, Metric, Metrics, Of, Usual};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Ref, Spec, Target};

/// A CloudWatch alarm. All but what it watches has a default that suits the metric.
///
/// Without `metric` and `expression` an alarm on a firehose fires when records arrive, at its stream or at itself, and none
/// is delivered, in three periods in a row. That takes two metrics: the age of the oldest record
/// (`DeliveryToS3.DataFreshness`) is not emitted while Firehose holds nothing, and so stays silent when Firehose
/// cannot even read the stream. An alarm on a stream fires when its readers fall behind by half of the retention
/// (`GetRecords.IteratorAgeMilliseconds`), one on a topic when a notification fails, one on a function when more than 5 % of
/// its calls fail, one on a table when it refuses reads or writes that come too fast for it, one on a queue of dead letters
/// when there is one, one on any other queue when its oldest message has waited for half of its retention, one on an API
/// when more than 1 % of its requests fail by no fault of the caller, and one on a schedule when a call does not reach its
/// function. One on a job says its `metric`: runs that fail have none, and `failures_to` of the job tells of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–255 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// What it means when it fires, for whoever is told.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// The block that it watches.
    pub watches: Ref<Watched>,
    /// A metric that this block emits: `DeliveryToS3.Success`.
    #[serde(default)]
    pub metric: Option<String>,
    /// Several metrics put together instead, in CloudWatch's metric math: `failed / total`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub expression: Option<String>,
    /// The metrics that `expression` names, by id; an id begins with a lower-case letter.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 9))]
    pub metrics: BTreeMap<String, Operand>,
    /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, a percentile (`p99`), `IQM`, or what CloudWatch makes of a part of
    /// the values: `tm99`, `TM(10%:90%)`, `PR(:300)` …
    #[serde(default)]
    #[schemars(regex(pattern = STATISTIC))]
    pub statistic: Option<String>,
    /// Length of a period, in seconds: a multiple of 60; or 10, 20 or 30, in which AWS's own metrics leave most periods empty.
    #[serde(default)]
    pub period: Option<u32>,
    /// Periods that are looked at; together at most a day, or seven with periods of an hour and more.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub periods: Option<u32>,
    /// How many of them must breach; absent: all, or what suits the metric.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub datapoints: Option<u32>,
    /// What the value is compared with.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// How it is compared.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// What a period without data counts as.
    #[serde(default)]
    pub missing_data: MissingData,
    /// The topics that are told when it fires; at most 5.
    #[serde(default)]
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    pub notifies: Vec<Ref<Topic>>,
    /// Whether they are told as well when all is well again.
    #[serde(default)]
    pub notify_ok: bool,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// A statistic, as CloudWatch takes it: percentiles from 0 to 100, and ranges of percentages or of values.
const STATISTIC: &str = concat!(
    r"^(Average|Sum|Minimum|Maximum|SampleCount|IQM",
    r"|(p|tm|tc|ts|wm)(100(\.0{1,10})?|[0-9]{1,2}(\.[0-9]{1,10})?)",
    r"|(TM|TC|TS|WM)\((100|[0-9]{1,2}(\.[0-9]{1,10})?)%:((100|[0-9]{1,2}(\.[0-9]{1,10})?)%)?\)",
    r"|(TM|TC|TS|WM)\(:(100|[0-9]{1,2}(\.[0-9]{1,10})?)%\)",
    r"|(TM|TC|TS|WM|PR)\(([0-9]+(\.[0-9]{1,10})?:([0-9]+(\.[0-9]{1,10})?)?|:[0-9]+(\.[0-9]{1,10})?)\))$",
);

/// A metric of an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operand {
    /// The block that emits it; absent: the one that the alarm watches.
    #[serde(default)]
    pub of: Option<Ref<Watched>>,
    /// Its name.
    pub metric: String,
    /// How it is summed up; absent: as suits the metric.
    #[serde(default)]
    #[schemars(regex(pattern = STATISTIC))]
    pub statistic: Option<String>,
}

/// What a period without data counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingData {
    /// Not looked at; the alarm has insufficient data once nothing else is left.
    Missing,
    /// Well.
    #[default]
    NotBreaching,
    /// Bad.
    Breaching,
    /// The alarm stays as it is.
    Ignore,
}

/// The kinds of block that emit metrics.
#[derive(Clone, Debug, PartialEq)]
pub enum Watched {}

impl Target for Watched {
    fn kinds() -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| matches!(kind.metrics(), Metrics::Of(_))).collect()
    }
}

/// When an alarm fires: what it says itself, and the defaults for all else.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The expression; absent for an alarm on one metric.
    pub expression: Option<String>,
    /// The metrics, by id; exactly one without an expression.
    pub operands: BTreeMap<String, Operand>,
    /// Length of a period, in seconds.
    pub period: u32,
    /// Periods that are looked at.
    pub periods: u32,
    /// How many of them must breach.
    pub datapoints: u32,
    /// How the value is compared.
    pub comparison: Comparison,
    /// What it is compared with; absent only where an alarm needs a `threshold` and has none.
    pub threshold: Option<f64>,
}

impl Alarm {
    /// What it watches for by default, where it is given neither a metric nor an expression, and one metric would not do.
    ///
    /// What belongs to somebody else has none: what it depends on is not known.
    pub fn usual(&self, spec: &Spec) -> Option<&'static Expression> {
        let plain = self.metric.is_none() && self.expression.is_none() && !self.is_external(spec);
        match metrics::source(self.watches.kind())?.usual {
            Usual::Expression(usual) => Some(usual).filter(|_| plain),
            Usual::Metric(_) | Usual::None(_) => None,
        }
    }

    /// Whether what it watches is somebody else's.
    fn is_external(&self, spec: &Spec) -> bool {
        let kind = Kind::named(self.watches.kind());
        kind.is_some_and(|kind| spec.blocks.external(kind, self.watches.name()).is_some())
    }

    /// When it fires.
    pub fn condition(&self, spec: &Spec) -> Condition {
        let (kind, name) = (self.watches.kind(), self.watches.name());
        let (rule, usual) = (self.single_metric(spec).and_then(|metric| metric.rule), self.usual(spec));
        let (period, periods, datapoints) = match (rule, usual) {
            (Some(rule), _) => (rule.period, rule.periods, rule.datapoints),
            (None, Some(usual)) => ((usual.period)(name, spec), usual.periods, usual.datapoints),
            (None, None) => (300, 3, 3),
        };
        let datapoints = self.periods.unwrap_or(datapoints);
        let threshold =
            rule.and_then(|rule| rule.threshold.value(kind, name, spec)).or(usual.map(|usual| usual.threshold));
        Condition {
            expression: usual.map(|usual| usual.expression.to_owned()).or_else(|| self.expression.clone()),
            operands: self.operands(spec),
            period: self.period.unwrap_or(period),
            periods: self.periods.unwrap_or(periods),
            datapoints: self.datapoints.unwrap_or(datapoints),
            comparison: self.comparison.or(rule.map(|rule| rule.comparison)).unwrap_or(Comparison::Above),
            threshold: self.threshold.or(threshold),
        }
    }

    /// The name of the one metric that it watches, if it is not an expression.
    fn metric_name(&self, spec: &Spec) -> Option<&str> {
        let usual = || match metrics::source(self.watches.kind())?.usual {
            Usual::Metric(usual) => Some(usual(self.watches.name(), spec)),
            Usual::Expression(_) | Usual::None(_) => None,
        };
        if self.expression.is_some() { None } else { self.metric.as_deref().or_else(usual) }
    }

    fn single_metric(&self, spec: &Spec) -> Option<&'static Metric> {
        metrics::source(self.watches.kind())?.metric(self.metric_name(spec)?)
    }

    fn operands(&self, spec: &Spec) -> BTreeMap<String, Operand> {
        let operand = |of: Option<Ref<Watched>>, metric: &str, statistic: Option<&String>| {
            let of = of.unwrap_or_else(|| self.watches.clone());
            let best = metrics::source(of.kind()).and_then(|source| source.metric(metric));
            let statistic = statistic.cloned().or(best.map(|metric| metric.statistics[0].to_owned()));
            Operand { of: Some(of), metric: metric.to_owned(), statistic }
        };
        if let Some(metric) = self.metric_name(spec) {
            return BTreeMap::from([("value".to_owned(), operand(None, metric, self.statistic.as_ref()))]);
        }
        if let Some(usual) = self.usual(spec) {
            // One that reads no stream is where its records arrive.
            let source = || spec.blocks.firehose.own().get(self.watches.name())?.source.as_ref().map(Ref::widen);
            let operand = |&(id, of, metric): &(&str, Of, &str)| {
                (id.to_owned(), operand(if of == Of::Source { source() } else { None }, metric, None))
            };
            return usual.metrics.iter().map(operand).collect();
        }
        let declared =
            |(id, it): (&String, &Operand)| (id.clone(), operand(it.of.clone(), &it.metric, it.statistic.as_ref()));
        self.metrics.iter().map(declared).collect()
    }
}

/// The id of what an expression comes to, beside those of its metrics.
pub const RESULT: &str = "result";

impl Block for Alarm {
    const KIND: &'static str = "alarm";
    const METRICS: Metrics = Metrics::None("it watches those of others");
    const USES: Uses = Uses::None("it watches");
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "cloudwatch",
        prefix: "alarm:",
        suffix: "",
        within: Within::Region,
        name: &names::ALARM,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::ALARM, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        check::all(self, spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
