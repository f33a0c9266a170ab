//! The CloudWatch metrics of what blocks become: which exist, when they are emitted, and when they alarm.
//!
//! CloudWatch takes an alarm on any name; one on a metric that its source never emits stays without data for ever.
//! So the metrics stand here as data, from AWS's developer guides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Spec;

/// What emits metrics: the block kind, and how CloudWatch names it.
#[derive(Debug)]
pub struct Source {
    /// The kind of the block: `firehose`.
    pub kind: &'static str,
    /// `AWS/Firehose`.
    pub namespace: &'static str,
    /// The dimension that holds the resource's name: `DeliveryStreamName`.
    pub dimension: &'static str,
    /// Its metrics.
    pub metrics: &'static [Metric],
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
    /// When the source stream is encrypted.
    EncryptedSource,
    /// By functions that read a source.
    WithSource,
    /// By tables whose throughput is provisioned.
    Provisioned,
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
    /// A share of the stream's retention, in milliseconds: past it records are lost.
    OfRetention(f64),
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

    /// Why the block `name` never emits it; `None` if it does.
    pub fn missing(&self, name: &str, spec: &Spec) -> Option<&'static str> {
        let firehose = spec.blocks.firehose.get(name);
        match self.when {
            When::Always => None,
            When::Never(reason) => Some(reason),
            When::DynamicPartitioning => firehose
                .is_none_or(|firehose| firehose.dynamic_partitioning.is_none())
                .then_some("it is emitted with dynamic partitioning only"),
            When::EncryptedSource => {
                let stream = firehose.and_then(|firehose| spec.blocks.stream.get(firehose.source.name()));
                stream.is_none_or(|stream| !stream.encrypted).then_some("it is emitted only for an encrypted stream")
            }
            When::WithSource => {
                let function = spec.blocks.function.get(name);
                function
                    .is_none_or(|it| it.source.is_none())
                    .then_some("it is emitted only by functions with a `source`")
            }
            When::Provisioned => {
                let table = spec.blocks.table.get(name);
                table.is_none_or(|it| it.capacity.is_none()).then_some("it is emitted only by tables with a `capacity`")
            }
        }
    }
}

impl Threshold {
    /// The number for the block `kind.name`.
    pub fn value(self, kind: &str, name: &str, spec: &Spec) -> f64 {
        let firehose = spec.blocks.firehose.get(name).filter(|_| kind == "firehose");
        let function = spec.blocks.function.get(name).filter(|_| kind == "function");
        match self {
            Self::Fixed(value) => value,
            Self::TwiceBuffer => {
                let seconds = firehose.map_or(0, |firehose| 2 * firehose.buffering.interval_seconds);
                f64::from(seconds.max(900))
            }
            Self::OfRetention(share) => {
                let read = function.and_then(|function| function.source.as_ref()).map(|source| source.from.name());
                let stream = firehose.map(|firehose| firehose.source.name()).or(read).unwrap_or(name);
                let hours = spec.blocks.stream.get(stream).map_or(24, |stream| stream.retention_hours);
                f64::from(hours) * 3_600_000.0 * share
            }
            Self::OfTimeout(share) => {
                let seconds = function.map_or(0, |function| function.timeout_seconds);
                f64::from(seconds) * 1000.0 * share
            }
        }
    }
}

/// The source of a block kind's metrics, if it emits any.
pub fn source(kind: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.kind == kind)
}

impl Source {
    /// Its metric of that name.
    pub fn metric(&self, name: &str) -> Option<&'static Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

static SOURCES: [Source; 6] = [
    Source { kind: "stream", namespace: "AWS/Kinesis", dimension: "StreamName", metrics: STREAM },
    Source { kind: "firehose", namespace: "AWS/Firehose", dimension: "DeliveryStreamName", metrics: FIREHOSE },
    Source { kind: "function", namespace: "AWS/Lambda", dimension: "FunctionName", metrics: FUNCTION },
    Source { kind: "table", namespace: "AWS/DynamoDB", dimension: "TableName", metrics: TABLE },
    Source { kind: "api", namespace: "AWS/ApiGateway", dimension: "ApiName", metrics: API },
    Source { kind: "topic", namespace: "AWS/SNS", dimension: "TopicName", metrics: TOPIC },
];

const SUM: &[&str] = &["Sum"];
const MAXIMUM: &[&str] = &["Maximum"];
const TIME: &[&str] = &["Average", "Maximum", "p99"];
const HALF_OF_RETENTION: Threshold = Threshold::OfRetention(0.5);
const NOTHING: Threshold = Threshold::Fixed(0.0);
const PER_SHARD: When = When::Never("it is kept for single shards, whose ids change with every resharding");

/// `PutRecords.Success` counts a call as a success if one record of it got in, and so hides most failures.
static STREAM: &[Metric] = &[
    metric("GetRecords.IteratorAgeMilliseconds", MAXIMUM).above(HALF_OF_RETENTION, 300, 3),
    metric("WriteProvisionedThroughputExceeded", &["Sum", "Average"]).throttling(),
    metric("ReadProvisionedThroughputExceeded", &["Sum", "Average"]).throttling(),
    metric("IncomingBytes", SUM),
    metric("IncomingRecords", SUM),
    ratio("PutRecord.Success").below(0.99),
    ratio("PutRecords.Success").below(0.99),
    metric("PutRecords.TotalRecords", SUM),
    metric("PutRecords.SuccessfulRecords", SUM),
    metric("PutRecords.FailedRecords", SUM).above(NOTHING, 300, 3),
    metric("PutRecords.ThrottledRecords", SUM).throttling(),
    metric("PutRecord.Bytes", SUM),
    metric("PutRecord.Latency", TIME),
    metric("PutRecords.Bytes", SUM),
    metric("PutRecords.Latency", TIME),
    metric("GetRecords.Bytes", SUM),
    metric("GetRecords.Records", SUM),
    metric("GetRecords.Latency", TIME),
    ratio("GetRecords.Success").below(0.99),
    metric("OutgoingBytes", SUM).when(PER_SHARD),
    metric("OutgoingRecords", SUM).when(PER_SHARD),
    metric("IteratorAgeMilliseconds", MAXIMUM).when(PER_SHARD),
];

const DIRECT_PUT: When = When::Never("Firehose emits it for Direct PUT only, and this one reads a Kinesis stream");
const NO_BACKUP: When = When::Never("it is emitted only with a backup of the source records");
const NO_LAMBDA: When = When::Never("it is emitted only with a transformation by Lambda");
const NO_CONVERSION: When = When::Never("it is emitted only with a conversion of the record format");

static FIREHOSE: &[Metric] = &[
    metric("DeliveryToS3.DataFreshness", MAXIMUM).above(Threshold::TwiceBuffer, 300, 3),
    ratio("DeliveryToS3.Success").below(0.95),
    metric("KinesisMillisBehindLatest", MAXIMUM).above(Threshold::OfRetention(0.1), 300, 3),
    metric("DeliveryToS3.Bytes", SUM),
    metric("DeliveryToS3.Records", SUM),
    metric("DataReadFromKinesisStream.Bytes", SUM),
    metric("DataReadFromKinesisStream.Records", SUM),
    metric("ThrottledGetRecords", SUM).throttling(),
    metric("ThrottledGetShardIterator", SUM).throttling(),
    metric("ThrottledDescribeStream", SUM).throttling(),
    metric("KMSKeyAccessDenied", SUM).above(NOTHING, 300, 1).when(When::EncryptedSource),
    metric("KMSKeyDisabled", SUM).above(NOTHING, 300, 1).when(When::EncryptedSource),
    metric("KMSKeyInvalidState", SUM).above(NOTHING, 300, 1).when(When::EncryptedSource),
    metric("KMSKeyNotFound", SUM).above(NOTHING, 300, 1).when(When::EncryptedSource),
    metric("DeliveryToS3.ObjectCount", SUM).when(When::DynamicPartitioning),
    metric("PartitionCount", MAXIMUM).when(When::DynamicPartitioning),
    metric("PartitionCountExceeded", MAXIMUM).above(NOTHING, 300, 1).when(When::DynamicPartitioning),
    metric("JQProcessing.Duration", MAXIMUM).when(When::DynamicPartitioning),
    metric("PerPartitionThroughput", MAXIMUM).when(When::DynamicPartitioning),
    metric("PutRecord.Success", SUM)
        .when(When::Never("Firehose emits no such metric at all: it is one of Kinesis streams")),
    metric("PutRecord.Bytes", SUM).when(DIRECT_PUT),
    metric("PutRecord.Latency", TIME).when(DIRECT_PUT),
    metric("PutRecord.Requests", SUM).when(DIRECT_PUT),
    metric("PutRecordBatch.Bytes", SUM).when(DIRECT_PUT),
    metric("PutRecordBatch.Latency", TIME).when(DIRECT_PUT),
    metric("PutRecordBatch.Records", SUM).when(DIRECT_PUT),
    metric("PutRecordBatch.Requests", SUM).when(DIRECT_PUT),
    metric("IncomingBytes", SUM).when(DIRECT_PUT),
    metric("IncomingRecords", SUM).when(DIRECT_PUT),
    metric("IncomingPutRequests", SUM).when(DIRECT_PUT),
    metric("BytesPerSecondLimit", MAXIMUM).when(DIRECT_PUT),
    metric("RecordsPerSecondLimit", MAXIMUM).when(DIRECT_PUT),
    metric("PutRequestsPerSecondLimit", MAXIMUM).when(DIRECT_PUT),
    metric("ThrottledRecords", SUM).when(DIRECT_PUT),
    metric("BackupToS3.Bytes", SUM).when(NO_BACKUP),
    metric("BackupToS3.Records", SUM).when(NO_BACKUP),
    metric("BackupToS3.DataFreshness", MAXIMUM).when(NO_BACKUP),
    ratio("BackupToS3.Success").when(NO_BACKUP),
    metric("ExecuteProcessing.Duration", TIME).when(NO_LAMBDA),
    ratio("ExecuteProcessing.Success").when(NO_LAMBDA),
    metric("SucceedProcessing.Records", SUM).when(NO_LAMBDA),
    metric("SucceedProcessing.Bytes", SUM).when(NO_LAMBDA),
    metric("SucceedConversion.Records", SUM).when(NO_CONVERSION),
    metric("SucceedConversion.Bytes", SUM).when(NO_CONVERSION),
    metric("FailedConversion.Records", SUM).when(NO_CONVERSION),
    metric("FailedConversion.Bytes", SUM).when(NO_CONVERSION),
];

const ASYNCHRONOUS: When =
    When::Never("it is emitted for asynchronous calls only, and this function is called with batches");

static FUNCTION: &[Metric] = &[
    metric("Errors", SUM).above(NOTHING, 300, 3),
    metric("Invocations", SUM),
    metric("Throttles", SUM).throttling(),
    metric("Duration", &["Maximum", "p99", "p95", "Average"]).above(Threshold::OfTimeout(0.9), 300, 3),
    metric("IteratorAge", MAXIMUM).above(HALF_OF_RETENTION, 300, 3).when(When::WithSource),
    metric("DestinationDeliveryFailures", SUM).above(NOTHING, 300, 1).when(When::WithSource),
    metric("ConcurrentExecutions", MAXIMUM),
    metric("AsyncEventsReceived", SUM).when(ASYNCHRONOUS),
    metric("AsyncEventsDropped", SUM).when(ASYNCHRONOUS),
    metric("AsyncEventAge", MAXIMUM).when(ASYNCHRONOUS),
    metric("DeadLetterErrors", SUM).when(ASYNCHRONOUS),
];

const BY_OPERATION: When = When::Never("CloudWatch keeps it for each operation of the table, and not for the table");

static TABLE: &[Metric] = &[
    metric("ReadThrottleEvents", SUM).throttling(),
    metric("WriteThrottleEvents", SUM).throttling(),
    metric("ConsumedReadCapacityUnits", SUM),
    metric("ConsumedWriteCapacityUnits", SUM),
    metric("ProvisionedReadCapacityUnits", &["Average"]).when(When::Provisioned),
    metric("ProvisionedWriteCapacityUnits", &["Average"]).when(When::Provisioned),
    metric("ConditionalCheckFailedRequests", SUM),
    metric("TransactionConflict", SUM),
    metric("TimeToLiveDeletedItemCount", SUM),
    metric("SystemErrors", SUM).when(BY_OPERATION),
    metric("ThrottledRequests", SUM).when(BY_OPERATION),
    metric("SuccessfulRequestLatency", TIME).when(BY_OPERATION),
];

const NO_CACHE: When = When::Never("it is emitted only by a stage with a cache");
const SHARE: &[&str] = &["Average", "Sum"];

static API: &[Metric] = &[
    Metric { ratio: true, ..metric("5XXError", SHARE) }.above(Threshold::Fixed(0.01), 300, 3),
    Metric { ratio: true, ..metric("4XXError", SHARE) }.above(Threshold::Fixed(0.1), 300, 3),
    metric("Latency", &["p99", "p95", "Average", "Maximum"]).above(Threshold::Fixed(3000.0), 300, 3),
    metric("IntegrationLatency", &["p99", "p95", "Average", "Maximum"]).above(Threshold::Fixed(3000.0), 300, 3),
    metric("Count", SUM),
    metric("CacheHitCount", SUM).when(NO_CACHE),
    metric("CacheMissCount", SUM).when(NO_CACHE),
];

static TOPIC: &[Metric] = &[
    metric("NumberOfNotificationsFailed", SUM).above(NOTHING, 300, 1),
    metric("NumberOfMessagesPublished", SUM),
    metric("NumberOfNotificationsDelivered", SUM),
    metric("NumberOfNotificationsFilteredOut", SUM),
    metric("PublishSize", &["Average", "Maximum"]),
];
