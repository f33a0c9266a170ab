//! The metrics that a status looks at, and what can be read from them.

use std::time::Duration;

use time::OffsetDateTime;

use crate::catalog::Type;
use crate::catalog::facets::Metrics;
use crate::model::data::{Datapoint, Metric};
use crate::state::{Record, State};

/// Records that producers have put.
pub(super) const INCOMING: &str = "IncomingRecords";
/// Writes that a stream has rejected.
pub(super) const THROTTLED: &str = "WriteProvisionedThroughputExceeded";
/// How old the last record is that a consumer has read, in milliseconds.
pub(super) const ITERATOR_AGE: &str = "GetRecords.IteratorAgeMilliseconds";
/// Records that a delivery stream has read.
pub(super) const READ: &str = "DataReadFromKinesisStream.Records";
/// Calls by which producers have put records into one that reads no stream. Streams have a metric of the name that counts
/// the records, and may have the same name.
pub(super) const PUT: &str = "IncomingPutRequests";
/// Records that were too many for one that reads no stream.
pub(super) const PUT_THROTTLED: &str = "ThrottledRecords";
/// Records that it has delivered.
pub(super) const DELIVERED: &str = "DeliveryToS3.Records";
/// How old the oldest record is that it has not delivered, in seconds.
pub(super) const FRESHNESS: &str = "DeliveryToS3.DataFreshness";

/// Records that it could not convert
/// (<https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html>).
pub(super) const NOT_CONVERTED: &str = "FailedConversion.Records";

/// Calls of a function.
pub(super) const CALLS: &str = "Invocations";
/// Those that failed.
pub(super) const ERRORS: &str = "Errors";
/// Reads that a table has refused.
pub(super) const READS_REFUSED: &str = "ReadThrottleEvents";
/// Writes that it has refused.
pub(super) const WRITES_REFUSED: &str = "WriteThrottleEvents";

/// Requests to an API.
pub(super) const REQUESTS: &str = "Count";
/// Those that it, or a function behind it, has failed.
pub(super) const FAILED: &str = "5XXError";
/// Calls of a rule that did not reach what it calls.
pub(super) const NOT_REACHED: &str = "FailedInvocations";
/// How often a rule has fired.
pub(super) const FIRED: &str = "TriggeredRules";

const STREAM: [(&str, &str); 3] = [(INCOMING, "Sum"), (THROTTLED, "Sum"), (ITERATOR_AGE, "Maximum")];
const FIREHOSE: [(&str, &str); 6] = [
    (READ, "Sum"),
    (PUT, "Sum"),
    (PUT_THROTTLED, "Sum"),
    (DELIVERED, "Sum"),
    (FRESHNESS, "Maximum"),
    (NOT_CONVERTED, "Sum"),
];

const FUNCTION: [(&str, &str); 2] = [(CALLS, "Sum"), (ERRORS, "Sum")];
const TABLE: [(&str, &str); 2] = [(READS_REFUSED, "Sum"), (WRITES_REFUSED, "Sum")];
const API: [(&str, &str); 2] = [(REQUESTS, "Sum"), (FAILED, "Sum")];
const RULE: [(&str, &str); 2] = [(FIRED, "Sum"), (NOT_REACHED, "Sum")];

/// The metrics of what is in the state.
pub(super) fn wanted(state: &State) -> Vec<Metric> {
    state.resources.values().flat_map(of).collect()
}

fn of(record: &Record) -> Vec<Metric> {
    let Some(one) = Type::named(&record.kind) else { return Vec::new() };
    let Metrics::In { namespace, dimension } = one.metrics() else { return Vec::new() };
    let metric = |&(name, statistic): &(_, _)| Metric {
        namespace,
        name,
        dimension: (dimension, record.key.clone()),
        statistic,
        period: 60,
    };
    looked_at(one).iter().map(metric).collect()
}

/// The metrics of a type that a verdict is made of, each with its statistic.
fn looked_at(one: Type) -> &'static [(&'static str, &'static str)] {
    match one {
        Type::Stream => &STREAM,
        Type::DeliveryStream => &FIREHOSE,
        Type::Function => &FUNCTION,
        Type::Table => &TABLE,
        Type::RestApi => &API,
        Type::Rule => &RULE,
        // A group's errors are read from its events, a queue's messages are counted by SQS itself; of a bucket and a topic the
        // figures say nothing of health; the rest has none of its own.
        Type::LogGroup
        | Type::Queue
        | Type::Bucket
        | Type::Topic
        | Type::AccessKey
        | Type::Alarm
        | Type::ApiKey
        | Type::Dashboard
        | Type::GlueCrawler
        | Type::GlueJob
        | Type::Trigger
        | Type::SchemaRegistry
        | Type::RegistrySchema
        | Type::Workflow
        | Type::LogStream
        | Type::Database
        | Type::CatalogTable
        | Type::Object
        | Type::Mapping
        | Type::InvokeConfig
        | Type::Notification
        | Type::Permission
        | Type::Role
        | Type::Secret
        | Type::Stage
        | Type::Subscription
        | Type::NamedQuery
        | Type::PreparedStatement
        | Type::Workgroup
        | Type::Parameter
        | Type::UsagePlan
        | Type::User => &[],
    }
}

/// The values of metrics over the last hour.
pub(super) struct Figures(Vec<(Metric, Vec<Datapoint>)>);

impl Figures {
    /// The series of metrics, in the order of these; those of the last may be missing.
    pub(super) fn new(metrics: Vec<Metric>, series: Vec<Vec<Datapoint>>) -> Self {
        let missing = std::iter::repeat_with(Vec::new);
        Self(metrics.into_iter().zip(series.into_iter().chain(missing)).collect())
    }

    /// The values of one metric; none where CloudWatch has none, which is no fault of anybody.
    fn of(&self, name: &str, key: &str) -> &[Datapoint] {
        let series = self.0.iter().find(|(metric, _)| metric.name == name && metric.dimension.1 == key);
        series.map_or(&[], |(_, series)| series)
    }

    /// How many in the hour; `None` without data.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are whole and not negative")]
    pub(super) fn sum(&self, name: &str, key: &str) -> Option<u64> {
        let series = self.of(name, key);
        (!series.is_empty()).then(|| series.iter().map(|point| point.value).sum::<f64>().round() as u64)
    }

    /// The newest value, as a time of so many units; `None` without data.
    pub(super) fn newest(&self, name: &str, key: &str, unit: Duration) -> Option<Duration> {
        let newest = self.of(name, key).last()?.value;
        Duration::try_from_secs_f64(newest * unit.as_secs_f64()).ok()
    }

    /// The first and the last minute in which there was any.
    pub(super) fn span(&self, name: &str, key: &str) -> Option<(OffsetDateTime, OffsetDateTime)> {
        let mut minutes = self.of(name, key).iter().filter(|point| point.value > 0.0).map(|point| point.at);
        let first = minutes.next()?;
        Some((first, minutes.next_back().unwrap_or(first)))
    }
}
