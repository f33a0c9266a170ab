//! What moves through a pipeline, by the SDK: records into Kinesis and Firehose, objects out of S3, CloudWatch's metrics and logs.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatch::types::{Dimension, Metric as CloudWatchMetric, MetricDataQuery, MetricStat, ScanBy};
use aws_sdk_firehose::types::{PutRecordBatchResponseEntry, Record as DeliveryRecord};
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, PutRecordsResultEntry};
use aws_smithy_types::DateTime;
use secrecy::SecretString;
use time::OffsetDateTime;

use super::error::{absent_is_none, failed, unbuildable};
use super::items::items;
use super::post::post;
use super::{Aws, Result, retry};
use crate::model::data::{DataPlane, Datapoint, Item, ItemKey, LogEvent, Metric, Object, Page, Put, Record};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;

/// How many metrics one GetMetricData takes.
const METRICS_PER_CALL: usize = 500;
/// How many log events one FilterLogEvents gives at most.
const EVENTS_PER_CALL: usize = 10_000;

/// What moves through the pipelines of the caller's account.
pub struct AwsData(Arc<Aws>);

impl AwsData {
    /// The data of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }

    async fn put(&self, stream: &str, records: &[Record]) -> Result<Vec<Put>> {
        let client = self.0.client(aws_sdk_kinesis::Client::new).await;
        let entries = records.iter().map(entry).collect::<Result<Vec<_>>>()?;
        let call = "kinesis PutRecords";
        let reply = client.put_records().stream_name(stream).set_records(Some(entries)).send().await;
        let reply = reply.map_err(failed(call))?;
        if reply.records().len() != records.len() {
            let message = format!("{} records were put, and AWS told of {}", records.len(), reply.records().len());
            return Err(CallError::own(Class::Other, call, message));
        }
        Ok(reply.records.into_iter().map(fate).collect())
    }

    async fn put_directly(&self, delivery: &str, records: &[Record]) -> Result<Vec<Put>> {
        let client = self.0.client(retry::firehose).await;
        let call = "firehose PutRecordBatch";
        let record = |record: &Record| {
            let data = aws_sdk_firehose::primitives::Blob::new(record.data.clone());
            DeliveryRecord::builder().data(data).build().map_err(unbuildable(call))
        };
        let entries = records.iter().map(record).collect::<Result<Vec<_>>>()?;
        let batch = client.put_record_batch().delivery_stream_name(delivery).set_records(Some(entries));
        let reply = batch.send().await.map_err(failed(call))?;
        let fates = reply.request_responses;
        if fates.len() != records.len() {
            let message = format!("{} records were put, and AWS told of {}", records.len(), fates.len());
            return Err(CallError::own(Class::Other, call, message));
        }
        Ok(fates.into_iter().map(fate_of_direct).collect())
    }

    async fn page(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Page> {
        let client = self.0.client(aws_sdk_s3::Client::new).await;
        let list = client.list_objects_v2().bucket(bucket).prefix(prefix).set_start_after(after.map(str::to_owned));
        let reply = list.send().await.map_err(failed("s3 ListObjectsV2"))?;
        let more = reply.is_truncated().unwrap_or_default();
        let object = |object: aws_sdk_s3::types::Object| {
            Some(Object { modified: time(object.last_modified()?)?, key: object.key? })
        };
        Ok(Page { objects: reply.contents.unwrap_or_default().into_iter().filter_map(object).collect(), more })
    }

    async fn body(&self, bucket: &str, key: &str) -> Result<Vec<u8>> {
        let client = self.0.client(aws_sdk_s3::Client::new).await;
        let call = "s3 GetObject";
        let reply = client.get_object().bucket(bucket).key(key).send().await.map_err(failed(call))?;
        let body = reply.body.collect().await;
        body.map(aws_sdk_s3::primitives::AggregatedBytes::to_vec)
            .map_err(|error| CallError::own(Class::Unreachable, call, error.to_string()))
    }

    async fn series(&self, metrics: &[Metric], since: OffsetDateTime) -> Result<Vec<Vec<Datapoint>>> {
        let client = self.0.client(aws_sdk_cloudwatch::Client::new).await;
        // The running minute included.
        let until = OffsetDateTime::now_utc() + Duration::from_mins(1);
        let mut all = vec![Vec::new(); metrics.len()];
        let queries = metrics.iter().enumerate().map(|(index, metric)| query(index, metric)).collect::<Vec<_>>();
        for queries in queries.chunks(METRICS_PER_CALL) {
            let data = client.get_metric_data().set_metric_data_queries(Some(queries.to_vec()));
            let data = data.start_time(instant(since)).end_time(instant(until));
            let mut pages = data.scan_by(ScanBy::TimestampAscending).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(failed("cloudwatch GetMetricData"))?;
                for result in page.metric_data_results() {
                    let Some(series) = index_of(result.id()).and_then(|index| all.get_mut(index)) else { continue };
                    let points = result.timestamps().iter().zip(result.values());
                    series.extend(points.filter_map(|(at, value)| Some(Datapoint { at: time(at)?, value: *value })));
                }
            }
        }
        Ok(all)
    }

    async fn events(
        &self,
        group: &str,
        streams: Option<&str>,
        since: OffsetDateTime,
        limit: usize,
    ) -> Result<Vec<LogEvent>> {
        let client = self.0.client(aws_sdk_cloudwatchlogs::Client::new).await;
        let filter = client.filter_log_events().log_group_name(group).start_time(since.unix_timestamp() * 1000);
        let filter = filter.set_log_stream_name_prefix(streams.map(str::to_owned));
        let page_size = i32::try_from(limit.min(EVENTS_PER_CALL)).unwrap_or(i32::MAX);
        let mut pages = filter.into_paginator().page_size(page_size).send();
        let mut events = Vec::new();
        while let Some(page) = pages.next().await {
            let page = absent_is_none(page.map_err(failed("logs FilterLogEvents")))?;
            events.extend(page.and_then(|page| page.events).into_iter().flatten().filter_map(log_event));
            if events.len() >= limit {
                break;
            }
        }
        events.truncate(limit);
        Ok(events)
    }
}

impl DataPlane for AwsData {
    fn put_records<'a>(&'a self, stream: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>> {
        Box::pin(self.put(stream, records))
    }

    fn put_to_firehose<'a>(&'a self, delivery: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>> {
        Box::pin(self.put_directly(delivery, records))
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        key: Option<&'a SecretString>,
        records: &'a [Record],
    ) -> BoxFuture<'a, Result<Vec<Put>>> {
        Box::pin(async move { post(self.0.http().await, url, key, records).await })
    }

    fn api_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let call = "apigateway GetApiKey";
            let client = self.0.client(aws_sdk_apigateway::Client::new).await;
            let key = client.get_api_key().api_key(id).include_value(true).send().await.map_err(failed(call))?;
            let absent = || CallError::own(Class::Denied, call, "AWS did not tell the value of the key");
            key.value.map(SecretString::from).ok_or_else(absent)
        })
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(self.page(bucket, prefix, after))
    }

    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>>> {
        Box::pin(self.body(bucket, key))
    }

    fn items<'a>(&'a self, table: &'a str, keys: &'a [ItemKey]) -> BoxFuture<'a, Result<Vec<Item>>> {
        Box::pin(items(&self.0, table, keys))
    }

    fn metrics<'a>(
        &'a self,
        metrics: &'a [Metric],
        since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Vec<Vec<Datapoint>>>> {
        Box::pin(self.series(metrics, since))
    }

    fn log_events<'a>(
        &'a self,
        group: &'a str,
        streams: Option<&'a str>,
        since: OffsetDateTime,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LogEvent>>> {
        Box::pin(self.events(group, streams, since, limit))
    }
}

/// What an SDK's builder says of a value that it misses.
fn incomplete(call: &str) -> impl Fn(aws_smithy_types::error::operation::BuildError) -> CallError {
    move |error| CallError::own(Class::Invalid, call, error.to_string())
}

fn entry(record: &Record) -> Result<PutRecordsRequestEntry> {
    let entry = PutRecordsRequestEntry::builder().partition_key(&record.key).data(Blob::new(record.data.clone()));
    entry.build().map_err(incomplete("kinesis PutRecords"))
}

/// A record was accepted unless there is an error code beside it (PutRecords answers 200 all the same).
fn fate(result: PutRecordsResultEntry) -> Put {
    match result.error_code {
        Some(code) => Put::Rejected { code },
        None => Put::Accepted {
            shard: result.shard_id.unwrap_or_default(),
            sequence: result.sequence_number.unwrap_or_default(),
        },
    }
}

/// The same of PutRecordBatch.
fn fate_of_direct(result: PutRecordBatchResponseEntry) -> Put {
    match result.error_code {
        Some(code) => Put::Rejected { code },
        None => Put::Accepted { shard: String::new(), sequence: result.record_id.unwrap_or_default() },
    }
}

fn query(index: usize, metric: &Metric) -> MetricDataQuery {
    let (name, value) = &metric.dimension;
    let wanted = CloudWatchMetric::builder()
        .namespace(metric.namespace)
        .metric_name(metric.name)
        .dimensions(Dimension::builder().name(*name).value(value).build());
    let stat = MetricStat::builder().metric(wanted.build()).stat(metric.statistic).period(metric.period.cast_signed());
    // Ids begin with a lower-case letter.
    MetricDataQuery::builder().id(format!("m{index}")).metric_stat(stat.build()).build()
}

/// The metric that an id of [`query`] stands for.
fn index_of(id: Option<&str>) -> Option<usize> {
    id?.strip_prefix('m')?.parse().ok()
}

fn log_event(event: aws_sdk_cloudwatchlogs::types::FilteredLogEvent) -> Option<LogEvent> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(event.timestamp?) * 1_000_000).ok()?;
    Some(LogEvent { id: event.event_id?, at, stream: event.log_stream_name?, message: event.message? })
}

fn time(at: &DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok()
}

fn instant(at: OffsetDateTime) -> DateTime {
    DateTime::from_secs(at.unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_an_error_code_is_rejected_though_the_call_succeeded() {
        let put = PutRecordsResultEntry::builder();
        let accepted = put.clone().shard_id("shardId-0").sequence_number("1").build();
        assert_eq!(fate(accepted), Put::Accepted { shard: "shardId-0".into(), sequence: "1".into() });
        let rejected = put.error_code("ProvisionedThroughputExceededException").error_message("slow down").build();
        assert_eq!(fate(rejected), Put::Rejected { code: "ProvisionedThroughputExceededException".into() });
    }

    #[test]
    fn a_metric_is_found_by_the_id_of_its_query() {
        let metric = Metric {
            namespace: "AWS/Kinesis",
            name: "x",
            dimension: ("StreamName", "s".into()),
            statistic: "Sum",
            period: 60,
        };
        assert_eq!(index_of(query(7, &metric).id()), Some(7));
        assert_eq!(index_of(Some("other")), None);
    }
}
