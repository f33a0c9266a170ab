//! The CloudWatch metrics of what blocks become: which exist, when they are emitted, and when they alarm.
//!
//! CloudWatch takes an alarm on any name; one on a metric that its source never emits stays without data for ever.
//! So the metrics stand in `sources.rs` as data, from AWS's developer guides.

pub(super) mod sources;
mod usual;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::blocks::job::Engine;
use super::blocks::{Kind, function};
use super::{Ref, Spec};

pub use self::usual::{Expression, Of, Usual};

/// Whether CloudWatch has metrics of a block.
#[derive(Clone, Copy, Debug)]
pub enum Metrics {
    /// These.
    Of(Source),
    /// None that an alarm could watch, for this reason.
    None(&'static str),
}

/// What a block emits, and what an alarm on it watches for unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its metrics.
    pub metrics: &'static [Metric],
    /// The alarm that suits it.
    pub usual: Usual,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name in CloudWatch.
    pub name: &'static str,
    /// The statistics that say something, the best first.
    pub statistics: &'static [&'static str],
    /// Whether its average is a share between 0 and 1.
    pub ratio: bool,
    /// When it is emitted.
    pub when: When,
    /// When it alarms, unless an alarm says otherwise.
    pub rule: Option<Rule>,
}

/// When a metric is emitted.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Whenever there is something to count.
    Always,
    /// With dynamic partitioning only.
    DynamicPartitioning,
    /// With a conversion of records to columns only.
    Converting,
    /// When what Firehose reads or keeps is encrypted with a key in KMS: its stream, or what producers have put.
    EncryptedSource,
    /// By delivery streams that read a stream.
    ReadsStream,
    /// By delivery streams that producers put into.
    DirectPut,
    /// By delivery streams that give records to a function.
    Transforming,
    /// By delivery streams that copy records as they came.
    BackingUp,
    /// By functions that read a stream, or that of a table.
    WithStream,
    /// By functions that a schedule, a bucket or a topic calls: those that read a stream or a queue are called with its batches, one
    /// by one.
    Asynchronous,
    /// By tables whose throughput is provisioned.
    Provisioned,
    /// By workgroups whose queries are counted.
    Counted,
    /// By jobs that run on Spark.
    Spark,
    /// Never in a pipeline of pipectl's, for this reason.
    Never(&'static str),
}

/// When a metric alarms.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How the value is compared with the threshold.
    pub comparison: Comparison,
    /// What it is compared with.
    pub threshold: Threshold,
    /// Length of a period, in seconds.
    pub period: u32,
    /// Periods that are looked at.
    pub periods: u32,
    /// How many of them must breach.
    pub datapoints: u32,
}

/// What a metric is compared with by default.
#[derive(Clone, Copy, Debug)]
pub enum Threshold {
    /// A number.
    Fixed(f64),
    /// Twice the buffer interval, in seconds; at least 900: records wait that long by themselves.
    TwiceBuffer,
    /// A share of the retention of the stream that is read, in milliseconds: past it what waits is lost.
    OfRetention(f64),
    /// The same of a queue, in seconds.
    OfQueueRetention(f64),
    /// A share of a function's timeout, in milliseconds: past it calls are cut off.
    OfTimeout(f64),
}

/// How a value is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Comparison {
    /// Alarms above the threshold.
    #[serde(rename = ">")]
    Above,
    /// Alarms at or above it.
    #[serde(rename = ">=")]
    AtLeast,
    /// Alarms below it.
    #[serde(rename = "<")]
    Below,
    /// Alarms at or below it.
    #[serde(rename = "<=")]
    AtMost,
}

const fn metric(name: &'static str, statistics: &'static [&'static str]) -> Metric {
    Metric { name, statistics, ratio: false, when: When::Always, rule: None }
}

const fn ratio(name: &'static str) -> Metric {
    Metric { ratio: true, ..metric(name, &["Average", "Minimum"]) }
}

impl Metric {
    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// Alarms above a threshold in all of `periods` periods.
    const fn above(self, threshold: Threshold, period: u32, periods: u32) -> Self {
        let rule = Rule { comparison: Comparison::Above, threshold, period, periods, datapoints: periods };
        Self { rule: Some(rule), ..self }
    }

    /// Alarms below a threshold in all of three periods of five minutes.
    const fn below(self, threshold: f64) -> Self {
        let threshold = Threshold::Fixed(threshold);
        let rule = Rule { comparison: Comparison::Below, threshold, period: 300, periods: 3, datapoints: 3 };
        Self { rule: Some(rule), ..self }
    }

    /// Alarms as soon as it is above 0 in five of fifteen minutes.
    const fn throttling(self) -> Self {
        let threshold = Threshold::Fixed(0.0);
        let rule = Rule { comparison: Comparison::Above, threshold, period: 60, periods: 15, datapoints: 5 };
        Self { rule: Some(rule), ..self }
    }

    /// Why the block `kind.name` never emits it; `None` if it does, or if only its owner could say.
    pub fn missing(&self, kind: Kind, name: &str, spec: &Spec) -> Option<&'static str> {
        if spec.blocks.external(kind, name).is_some() {
            return match self.when {
                When::Never(reason) => Some(reason),
                When::Always
                | When::DynamicPartitioning
                | When::Converting
                | When::EncryptedSource
                | When::ReadsStream
                | When::DirectPut
                | When::Transforming
                | When::BackingUp
                | When::WithStream
                | When::Asynchronous
                | When::Counted
                | When::Spark
                | When::Provisioned => None,
            };
        }
        let firehose = spec.blocks.firehose.own().get(name);
        match self.when {
            When::Always => None,
            When::Never(reason) => Some(reason),
            When::DynamicPartitioning => firehose
                .is_none_or(|firehose| firehose.dynamic_partitioning.is_none())
                .then_some("it is emitted with dynamic partitioning only"),
            When::Converting => firehose
                .is_none_or(|firehose| firehose.convert.is_none())
                .then_some("it is emitted only with a conversion: `convert = { dataset = \"dataset.NAME\" }`"),
            When::EncryptedSource => {
                let Some(source) = firehose.and_then(|firehose| firehose.source.as_ref()) else {
                    return firehose
                        .is_some_and(|firehose| firehose.buffer_key.is_none())
                        .then_some("it is emitted only with a KMS key of one's own: `buffer_key`");
                };
                let stream = spec.blocks.stream.own().get(source.name());
                stream.is_some_and(|stream| !stream.encrypted).then_some("it is emitted only for an encrypted stream")
            }
            When::ReadsStream => firehose
                .is_some_and(|firehose| firehose.source.is_none())
                .then_some("Firehose emits it where it reads a stream, and producers put into this one"),
            When::Transforming => firehose
                .is_none_or(|firehose| firehose.transform.is_none())
                .then_some("it is emitted only with a function: `transform = { function = \"function.NAME\" }`"),
            When::BackingUp => firehose
                .is_none_or(|firehose| firehose.backup.is_none())
                .then_some("it is emitted only with copies of the records: `backup = { bucket = \"bucket.NAME\" }`"),
            When::DirectPut => firehose
                .is_some_and(|firehose| firehose.source.is_some())
                .then_some("Firehose emits it for Direct PUT only, and this one reads a Kinesis stream"),
            When::WithStream => {
                let function = spec.blocks.function.own().get(name);
                function
                    .is_none_or(|it| !it.reads().any(function::Source::reads_stream))
                    .then_some("it is emitted only by functions that read a stream")
            }
            When::Asynchronous => {
                let function = spec.blocks.function.own().get(name);
                let mut schedules = spec.blocks.schedule.own().values();
                let called = function.is_some_and(|it| it.reads().any(|one| one.reads_bucket() || one.hears_topic()))
                    || schedules.any(|it| it.calls.name() == name);
                (!called).then_some(
                    "it is emitted for asynchronous calls only, and no schedule, bucket or topic calls this function",
                )
            }
            When::Counted => {
                let workgroup = spec.blocks.athena.own().get(name);
                workgroup.is_some_and(|it| !it.metrics).then_some("the block says `metrics = false`")
            }
            When::Spark => {
                let job = spec.blocks.job.own().get(name);
                job.is_some_and(|it| it.engine == Engine::PythonShell).then_some("a Python shell has no metrics")
            }
            When::Provisioned => {
                let table = spec.blocks.table.own().get(name);
                table.is_none_or(|it| it.capacity.is_none()).then_some("it is emitted only by tables with a `capacity`")
            }
        }
    }
}

impl Threshold {
    /// The number for the block `kind.name`; absent where that depends on what only the block's owner knows.
    pub fn value(self, kind: &str, name: &str, spec: &Spec) -> Option<f64> {
        let firehose = spec.blocks.firehose.own().get(name).filter(|_| kind == "firehose");
        let function = spec.blocks.function.own().get(name).filter(|_| kind == "function");
        match self {
            Self::Fixed(value) => Some(value),
            Self::TwiceBuffer => firehose.map(|it| f64::from((2 * it.buffering.interval_seconds).max(900))),
            Self::OfQueueRetention(share) => {
                let queue = spec.blocks.queue.own().get(name)?;
                Some(f64::from(queue.retention(name, spec)) * share)
            }
            Self::OfRetention(share) => {
                // No stream keeps its records for less than a day, whosever it is, and that of a table for no longer.
                let kept = |stream: &str| spec.blocks.stream.own().get(stream).map_or(24, |own| own.retention_hours);
                let of_source =
                    |source: &function::Source| if source.reads_table() { 24 } else { kept(source.from.name()) };
                let reads = function.into_iter().flat_map(|it| it.reads());
                let read = reads.filter(|source| source.reads_stream()).map(of_source).min();
                let hours = read.unwrap_or_else(|| {
                    kept(firehose.and_then(|firehose| firehose.source.as_ref()).map_or(name, Ref::name))
                });
                Some(f64::from(hours) * 3_600_000.0 * share)
            }
            Self::OfTimeout(share) => function.map(|it| f64::from(it.timeout_seconds) * 1000.0 * share),
        }
    }
}

/// What a kind of block emits, if it emits any.
pub fn source(kind: &str) -> Option<Source> {
    match Kind::named(kind)?.metrics() {
        Metrics::Of(source) => Some(source),
        Metrics::None(_) => None,
    }
}

impl Source {
    /// Its metric of that name.
    pub fn metric(self, name: &str) -> Option<&'static Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}
