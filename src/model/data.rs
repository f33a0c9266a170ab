//! What moves through a pipeline, as operations see it: records in, objects out, metrics and logs beside them.

use std::collections::BTreeMap;

use secrecy::SecretString;
use time::OffsetDateTime;

use crate::model::error::CallError;
use crate::model::kind::BoxFuture;

/// The result of a call.
pub type Result<T> = std::result::Result<T, CallError>;

/// How many records one call to [`DataPlane::put_records`] takes (PutRecords' own limit).
pub const MAX_RECORDS: u64 = 500;

/// A record on its way into a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Partition key; decides the shard. 1–256 characters.
    pub key: String,
    /// What is sent.
    pub data: Vec<u8>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The stream, the delivery stream or the API has it.
    Accepted {
        /// `shardId-000000000000` …; an API and a delivery stream do not tell.
        shard: String,
        /// Its place in the shard; of a delivery stream the record's id.
        sequence: String,
    },
    /// The stream has it not, as far as it says.
    Rejected {
        /// `ProvisionedThroughputExceededException` or `InternalFailure`; of an API `HTTP 429`.
        code: String,
    },
}

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// When it was written, by S3's clock, in whole seconds.
    pub modified: OffsetDateTime,
}

/// A part of a listing, in order of key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Object>,
    /// Whether others come after the last of them.
    pub more: bool,
}

/// The attributes of an item's primary key, which are texts, by name.
pub type ItemKey = BTreeMap<String, String>;

/// An item of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its primary key.
    pub key: ItemKey,
    /// Every text in it: in its attributes, and in their sets, lists and maps.
    pub texts: Vec<String>,
}

/// A metric of CloudWatch, and how it is summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// `AWS/Firehose` …
    pub namespace: &'static str,
    /// `DeliveryToS3.Records` …
    pub name: &'static str,
    /// Name and value of its one dimension.
    pub dimension: (&'static str, String),
    /// `Sum`, `Average` or `Maximum`.
    pub statistic: &'static str,
    /// Of so many seconds together: a multiple of 60.
    pub period: u32,
}

/// The value of a metric in one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// Where it begins.
    pub at: OffsetDateTime,
    /// The value, in the metric's own unit.
    pub value: f64,
}

/// A log event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Tells it from every other event.
    pub id: String,
    /// When it happened.
    pub at: OffsetDateTime,
    /// The log stream.
    pub stream: String,
    /// What it says.
    pub message: String,
}

/// What operations need of AWS to send, to look after and to read what a pipeline moves.
pub trait DataPlane: Send + Sync {
    /// One call of PutRecords, of at most [`MAX_RECORDS`] and 5 MiB: the fate of each record, in their order.
    fn put_records<'a>(&'a self, stream: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>>;
    /// One call of PutRecordBatch, of at most [`MAX_RECORDS`] and 4 MiB, to a delivery stream that reads no stream: the fate of
    /// each record, in their order.
    fn put_to_firehose<'a>(&'a self, delivery: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>>;
    /// Posts records to the URL of an API, each with a request of its own and with the API key that it asks for: the fate of
    /// each, in their order.
    fn post<'a>(
        &'a self,
        url: &'a str,
        key: Option<&'a SecretString>,
        records: &'a [Record],
    ) -> BoxFuture<'a, Result<Vec<Put>>>;
    /// The value of the API key of that id.
    fn api_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SecretString>>;
    /// The objects whose keys begin with `prefix` and come after `after`, from the first.
    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> BoxFuture<'a, Result<Page>>;
    /// What is in an object.
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>>>;
    /// The items of a table under these keys, as far as there are any and DynamoDB has the capacity to say so.
    fn items<'a>(&'a self, table: &'a str, keys: &'a [ItemKey]) -> BoxFuture<'a, Result<Vec<Item>>>;
    /// The values of metrics since a time, oldest first; a metric without data has none. One answer per metric.
    fn metrics<'a>(
        &'a self,
        metrics: &'a [Metric],
        since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Vec<Vec<Datapoint>>>>;
    /// The events of a log group since a time, oldest first, the first `limit` of them; of all its streams, or of those whose
    /// names begin so.
    fn log_events<'a>(
        &'a self,
        group: &'a str,
        streams: Option<&'a str>,
        since: OffsetDateTime,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LogEvent>>>;
}
