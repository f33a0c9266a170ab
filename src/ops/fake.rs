//! A pipeline in memory that loses, doubles, delays and throttles as it is told to: for the tests of operations.

mod jobs;
mod lake;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::stop::Stop;
use crate::model::data::{DataPlane, Datapoint, Item, ItemKey, LogEvent, Metric, Object, Page, Put, Record, Result};
use crate::model::error::CallError;
use crate::model::kind::BoxFuture;

pub(super) use jobs::Jobs;
pub(super) use lake::Lake;

/// What becomes of a record that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives.
    Delivered,
    /// It never does.
    Lost,
    /// It arrives twice.
    Doubled,
}

/// An object, and when it appears.
#[derive(Debug)]
pub(super) struct Stored {
    object: Object,
    body: Vec<u8>,
    visible: Instant,
}

/// A stream, its delivery and the bucket, and a function that writes every event into the table's item of its session.
/// Every call of PutRecords becomes one object. Of metrics it has what it is given.
#[derive(Debug)]
pub(super) struct Pipeline {
    /// What becomes of the n-th accepted record.
    pub(super) fate: fn(u64) -> Fate,
    /// How long objects take to appear.
    pub(super) late: Duration,
    /// What ends each record.
    pub(super) delimiter: &'static str,
    /// Objects in a page of a listing.
    pub(super) page: usize,
    /// How many records are yet to be rejected.
    pub(super) throttles: AtomicU64,
    /// What every PutRecords fails with.
    pub(super) fault: Option<CallError>,
    /// Records accepted so far.
    pub(super) accepted: AtomicU64,
    /// The bucket, in order of key; see [`Pipeline::add`].
    pub(super) bucket: Mutex<Vec<Stored>>,
    /// See [`Pipeline::puts`].
    pub(super) puts: Mutex<Vec<usize>>,
    /// See [`Pipeline::gets`].
    pub(super) gets: AtomicU64,
    /// Whether the function writes the ids of events, and not only that there were some.
    pub(super) names_events: bool,
    /// How many keys each look into the table asked for.
    pub(super) asked: Mutex<Vec<usize>>,
    /// The events of each log group, in order of time; see [`Pipeline::log`].
    pub(super) logs: Mutex<BTreeMap<String, Vec<LogEvent>>>,
    /// The values of metrics, by name and resource.
    pub(super) figures: BTreeMap<(&'static str, &'static str), Vec<Datapoint>>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            fate: |_| Fate::Delivered,
            late: Duration::ZERO,
            delimiter: "\n",
            page: 1000,
            throttles: 0.into(),
            fault: None,
            accepted: 0.into(),
            bucket: Mutex::default(),
            puts: Mutex::default(),
            gets: 0.into(),
            names_events: true,
            asked: Mutex::default(),
            logs: Mutex::default(),
            figures: BTreeMap::new(),
        }
    }
}

impl Pipeline {
    /// Has a log group get an event.
    pub(super) fn log(&self, group: &str, at: OffsetDateTime, message: &str) {
        self.log_to(group, "s", at, message);
    }

    /// The same of one of its streams.
    pub(super) fn log_to(&self, group: &str, stream: &str, at: OffsetDateTime, message: &str) {
        let event = LogEvent { id: format!("{group} {message}"), at, stream: stream.into(), message: message.into() };
        let mut logs = self.logs.lock().unwrap();
        let events = logs.entry(group.to_owned()).or_default();
        events.insert(events.partition_point(|earlier| earlier.at <= at), event);
    }

    /// Puts an object into the bucket that is that old.
    pub(super) fn add(&self, key: &str, body: &str, age: Duration) {
        let object = Object { key: key.to_owned(), modified: OffsetDateTime::now_utc() - age };
        let visible = Instant::now() + self.late;
        let mut bucket = self.bucket.lock().unwrap();
        bucket.push(Stored { object, body: body.as_bytes().to_vec(), visible });
        bucket.sort_by(|a, b| a.object.key.cmp(&b.object.key));
    }

    /// How many records each call of PutRecords held.
    pub(super) fn puts(&self) -> Vec<usize> {
        self.puts.lock().unwrap().clone()
    }

    /// How often an object was read.
    pub(super) fn gets(&self) -> u64 {
        self.gets.load(Ordering::Relaxed)
    }

    /// The item under a key: what of the visible objects belongs to its session.
    fn item(&self, key: &ItemKey) -> Option<Item> {
        let bucket = self.bucket.lock().unwrap();
        let visible = bucket.iter().filter(|stored| stored.visible <= Instant::now());
        let events = visible.flat_map(|stored| str::from_utf8(&stored.body).unwrap().lines());
        let events = events.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let own = events.filter(|event| key.iter().all(|(field, value)| event[field] == value.as_str()));
        let ids: Vec<String> = own.map(|event| event["event_id"].as_str().unwrap().to_owned()).collect();
        let texts = if self.names_events { ids.clone() } else { Vec::new() };
        (!ids.is_empty()).then(|| Item { key: key.clone(), texts })
    }

    fn put(&self, record: &Record, body: &mut String) -> Put {
        let throttled = self.throttles.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if throttled.is_ok() {
            return Put::Rejected { code: "ProvisionedThroughputExceededException".to_owned() };
        }
        let number = self.accepted.fetch_add(1, Ordering::Relaxed);
        let times = match (self.fate)(number) {
            Fate::Lost => 0,
            Fate::Delivered => 1,
            Fate::Doubled => 2,
        };
        let line = format!("{}{}", str::from_utf8(&record.data).unwrap(), self.delimiter);
        *body += &line.repeat(times);
        Put::Accepted { shard: format!("shardId-{}", record.key.len() % 2), sequence: number.to_string() }
    }
}

impl DataPlane for Pipeline {
    fn put_records<'a>(&'a self, _stream: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>> {
        Box::pin(async move {
            if let Some(fault) = &self.fault {
                return Err(fault.clone());
            }
            let mut body = String::new();
            let fates = records.iter().map(|record| self.put(record, &mut body)).collect();
            let number = self.puts.lock().unwrap().len();
            self.puts.lock().unwrap().push(records.len());
            // The year is far enough for every test's start.
            self.add(&format!("events/9999/01/01/00/{number:04}"), &body, Duration::ZERO);
            Ok(fates)
        })
    }

    fn put_to_firehose<'a>(&'a self, delivery: &'a str, records: &'a [Record]) -> BoxFuture<'a, Result<Vec<Put>>> {
        self.put_records(delivery, records)
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        _key: Option<&'a SecretString>,
        records: &'a [Record],
    ) -> BoxFuture<'a, Result<Vec<Put>>> {
        self.put_records(url, records)
    }

    fn api_key<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Ok(SecretString::from(id)) })
    }

    fn list<'a>(&'a self, _bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let bucket = self.bucket.lock().unwrap();
            let below = |object: &Object| {
                object.key.starts_with(prefix) && after.is_none_or(|after| object.key.as_str() > after)
            };
            let visible = bucket.iter().filter(|stored| stored.visible <= Instant::now());
            let mut objects: Vec<Object> =
                visible.map(|stored| &stored.object).filter(|object| below(object)).cloned().collect();
            let more = objects.len() > self.page;
            objects.truncate(self.page);
            Ok(Page { objects, more })
        })
    }

    fn get<'a>(&'a self, _bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>>> {
        Box::pin(async move {
            self.gets.fetch_add(1, Ordering::Relaxed);
            let bucket = self.bucket.lock().unwrap();
            Ok(bucket.iter().find(|stored| stored.object.key == key).unwrap().body.clone())
        })
    }

    fn items<'a>(&'a self, _table: &'a str, keys: &'a [ItemKey]) -> BoxFuture<'a, Result<Vec<Item>>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(keys.len());
            Ok(keys.iter().filter_map(|key| self.item(key)).collect())
        })
    }

    fn metrics<'a>(
        &'a self,
        metrics: &'a [Metric],
        _since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Vec<Vec<Datapoint>>>> {
        Box::pin(async move {
            let of = |metric: &Metric| self.figures.get(&(metric.name, metric.dimension.1.as_str())).cloned();
            Ok(metrics.iter().map(|metric| of(metric).unwrap_or_default()).collect())
        })
    }

    fn log_events<'a>(
        &'a self,
        group: &'a str,
        streams: Option<&'a str>,
        since: OffsetDateTime,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LogEvent>>> {
        let logs = self.logs.lock().unwrap();
        let events = logs.get(group).into_iter().flatten().filter(|event| event.at >= since);
        let events = events.filter(|event| streams.is_none_or(|streams| event.stream.starts_with(streams)));
        let events = events.take(limit).cloned().collect();
        Box::pin(async { Ok(events) })
    }
}

/// Asks for a stop, by SIGINT, after some time.
pub(super) struct After(Instant);

impl After {
    /// After so long.
    pub(super) fn new(delay: Duration) -> Self {
        Self(Instant::now() + delay)
    }
}

impl Stop for After {
    fn asked(&self) -> Option<u8> {
        (Instant::now() >= self.0).then_some(2)
    }

    fn first(&self) -> BoxFuture<'_, u8> {
        Box::pin(async {
            tokio::time::sleep_until(self.0).await;
            2
        })
    }

    fn urged(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}
