//! The metrics of each kind of block that emits any: as data, from AWS's developer guides.

use super::{Metric, Threshold, When, metric, ratio};

const SUM: &[&str] = &["Sum"];
const MAXIMUM: &[&str] = &["Maximum"];
const TIME: &[&str] = &["Average", "Maximum", "p99"];
const HALF_OF_RETENTION: Threshold = Threshold::OfRetention(0.5);
const NOTHING: Threshold = Threshold::Fixed(0.0);
const PER_SHARD: When = When::Never("it is kept for single shards, whose ids change with every resharding");

/// `PutRecords.Success` counts a call as a success if one record of it got in, and so hides most failures.
pub(in crate::spec) const STREAM: &[Metric] = &[
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

pub(in crate::spec) const FIREHOSE: &[Metric] = &[
    metric("DeliveryToS3.DataFreshness", MAXIMUM).above(Threshold::TwiceBuffer, 300, 3),
    ratio("DeliveryToS3.Success").below(0.95),
    metric("KinesisMillisBehindLatest", MAXIMUM).above(Threshold::OfRetention(0.1), 300, 3).when(When::ReadsStream),
    metric("DeliveryToS3.Bytes", SUM),
    metric("DeliveryToS3.Records", SUM),
    metric("DataReadFromKinesisStream.Bytes", SUM).when(When::ReadsStream),
    metric("DataReadFromKinesisStream.Records", SUM).when(When::ReadsStream),
    metric("ThrottledGetRecords", SUM).throttling().when(When::ReadsStream),
    metric("ThrottledGetShardIterator", SUM).throttling().when(When::ReadsStream),
    metric("ThrottledDescribeStream", SUM).throttling().when(When::ReadsStream),
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
    metric("PutRecord.Bytes", SUM).when(When::DirectPut),
    metric("PutRecord.Latency", TIME).when(When::DirectPut),
    metric("PutRecord.Requests", SUM).when(When::DirectPut),
    metric("PutRecordBatch.Bytes", SUM).when(When::DirectPut),
    metric("PutRecordBatch.Latency", TIME).when(When::DirectPut),
    metric("PutRecordBatch.Records", SUM).when(When::DirectPut),
    metric("PutRecordBatch.Requests", SUM).when(When::DirectPut),
    metric("IncomingBytes", SUM).when(When::DirectPut),
    metric("IncomingRecords", SUM).when(When::DirectPut),
    metric("IncomingPutRequests", SUM).when(When::DirectPut),
    metric("BytesPerSecondLimit", MAXIMUM).when(When::DirectPut),
    metric("RecordsPerSecondLimit", MAXIMUM).when(When::DirectPut),
    metric("PutRequestsPerSecondLimit", MAXIMUM).when(When::DirectPut),
    metric("ThrottledRecords", SUM).throttling().when(When::DirectPut),
    metric("BackupToS3.Bytes", SUM).when(When::BackingUp),
    metric("BackupToS3.Records", SUM).when(When::BackingUp),
    metric("BackupToS3.DataFreshness", MAXIMUM).when(When::BackingUp),
    ratio("BackupToS3.Success").below(0.95).when(When::BackingUp),
    metric("ExecuteProcessing.Duration", TIME).when(When::Transforming),
    ratio("ExecuteProcessing.Success").below(0.99).when(When::Transforming),
    metric("SucceedProcessing.Records", SUM).when(When::Transforming),
    metric("SucceedProcessing.Bytes", SUM).when(When::Transforming),
    metric("SucceedConversion.Records", SUM).when(When::Converting),
    metric("SucceedConversion.Bytes", SUM).when(When::Converting),
    metric("FailedConversion.Records", SUM).above(NOTHING, 300, 1).when(When::Converting),
    metric("FailedConversion.Bytes", SUM).when(When::Converting),
];

pub(in crate::spec) const FUNCTION: &[Metric] = &[
    metric("Errors", SUM).above(NOTHING, 300, 3),
    metric("Invocations", SUM),
    metric("Throttles", SUM).throttling(),
    metric("Duration", &["Maximum", "p99", "p95", "Average"]).above(Threshold::OfTimeout(0.9), 300, 3),
    metric("IteratorAge", MAXIMUM).above(HALF_OF_RETENTION, 300, 3).when(When::WithStream),
    metric("DestinationDeliveryFailures", SUM).above(NOTHING, 300, 1).when(When::WithStream),
    metric("ConcurrentExecutions", MAXIMUM),
    metric("AsyncEventsReceived", SUM).when(When::Asynchronous),
    metric("AsyncEventsDropped", SUM).above(NOTHING, 300, 1).when(When::Asynchronous),
    metric("AsyncEventAge", MAXIMUM).when(When::Asynchronous),
    metric("DeadLetterErrors", SUM)
        .when(When::Never("it is emitted only by functions with a queue of their own for dead letters")),
];

const BY_OPERATION: When = When::Never("CloudWatch keeps it for each operation of the table, and not for the table");

pub(in crate::spec) const TABLE: &[Metric] = &[
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

/// `NumberOfMessagesSent` does not count the dead letters that come to a queue.
pub(in crate::spec) const QUEUE: &[Metric] = &[
    metric("ApproximateAgeOfOldestMessage", MAXIMUM).above(Threshold::OfQueueRetention(0.5), 300, 3),
    metric("ApproximateNumberOfMessagesVisible", &["Maximum", "Average"]).above(NOTHING, 300, 1),
    metric("ApproximateNumberOfMessagesNotVisible", &["Maximum", "Average"]),
    metric("ApproximateNumberOfMessagesDelayed", &["Maximum", "Average"]),
    metric("NumberOfMessagesSent", SUM),
    metric("NumberOfMessagesReceived", SUM),
    metric("NumberOfMessagesDeleted", SUM),
    metric("NumberOfEmptyReceives", SUM),
    metric("SentMessageSize", &["Average", "Maximum"]),
];

const NO_CACHE: When = When::Never("it is emitted only by a stage with a cache");
const SHARE: &[&str] = &["Average", "Sum"];

pub(in crate::spec) const API: &[Metric] = &[
    Metric { ratio: true, ..metric("5XXError", SHARE) }.above(Threshold::Fixed(0.01), 300, 3),
    Metric { ratio: true, ..metric("4XXError", SHARE) }.above(Threshold::Fixed(0.1), 300, 3),
    metric("Latency", &["p99", "p95", "Average", "Maximum"]).above(Threshold::Fixed(3000.0), 300, 3),
    metric("IntegrationLatency", &["p99", "p95", "Average", "Maximum"]).above(Threshold::Fixed(3000.0), 300, 3),
    metric("Count", SUM),
    metric("CacheHitCount", SUM).when(NO_CACHE),
    metric("CacheMissCount", SUM).when(NO_CACHE),
];

/// `FailedInvocations` counts calls that never reached the function: what fails in it is an error of the function.
pub(in crate::spec) const SCHEDULE: &[Metric] = &[
    metric("FailedInvocations", SUM).above(NOTHING, 300, 1),
    metric("Invocations", SUM),
    metric("TriggeredRules", SUM),
    metric("ThrottledRules", SUM).throttling(),
];

pub(in crate::spec) const TOPIC: &[Metric] = &[
    metric("NumberOfNotificationsFailed", SUM).above(NOTHING, 300, 1),
    metric("NumberOfMessagesPublished", SUM),
    metric("NumberOfNotificationsDelivered", SUM),
    metric("NumberOfNotificationsFilteredOut", SUM),
    metric("PublishSize", &["Average", "Maximum"]),
];

/// What would cost 5 $ a day, or more.
const A_TERABYTE: Threshold = Threshold::Fixed(1e12);
const DAY: u32 = 86_400;

/// Of all queries of a workgroup together.
pub(in crate::spec) const ATHENA: &[Metric] = &[
    metric("ProcessedBytes", SUM).above(A_TERABYTE, DAY, 1).when(When::Counted),
    metric("TotalExecutionTime", TIME).when(When::Counted),
    metric("EngineExecutionTime", TIME).when(When::Counted),
    metric("QueryQueueTime", TIME).when(When::Counted),
    metric("QueryPlanningTime", TIME).when(When::Counted),
    metric("ServiceProcessingTime", TIME).when(When::Counted),
];

/// Of all runs of a job together, in periods of which each counts what was done in it
/// (<https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html>).
pub(in crate::spec) const JOB: &[Metric] = &[
    metric("glue.driver.aggregate.numFailedTasks", SUM).above(NOTHING, 300, 1).when(When::Spark),
    metric("glue.driver.aggregate.numCompletedTasks", SUM).when(When::Spark),
    metric("glue.driver.aggregate.numKilledTasks", SUM).when(When::Spark),
    metric("glue.driver.aggregate.recordsRead", SUM).when(When::Spark),
    metric("glue.driver.aggregate.bytesRead", SUM).when(When::Spark),
    metric("glue.driver.aggregate.elapsedTime", SUM).when(When::Spark),
    Metric { ratio: true, ..metric("glue.driver.jvm.heap.usage", LOAD) }
        .above(Threshold::Fixed(0.9), 300, 3)
        .when(When::Spark),
    Metric { ratio: true, ..metric("glue.ALL.jvm.heap.usage", LOAD) }
        .above(Threshold::Fixed(0.9), 300, 3)
        .when(When::Spark),
    Metric { ratio: true, ..metric("glue.driver.system.cpuSystemLoad", LOAD) }.when(When::Spark),
    Metric { ratio: true, ..metric("glue.ALL.system.cpuSystemLoad", LOAD) }.when(When::Spark),
];

/// Glue gives these as averages alone.
const LOAD: &[&str] = &["Average"];
