//! Sends events into a stream or a delivery stream, or to an API, at a steady rate, and says what became of every one.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::events::Events;
use super::fault::Fault;
use super::stop::{Stop, pause};
use crate::model::data::{DataPlane, MAX_RECORDS, Put, Record};
use crate::model::error::{CallError, Class};

/// How often a rejected record is put again before it counts as failed; with the pauses, some 15 s.
const AGAIN: u32 = 10;
/// The pause before the first repetition; it doubles each time, to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);
/// Calls per second at a given rate, where the records fit: often enough to be steady, seldom enough to be cheap.
const CALLS_PER_SECOND: u64 = 5;

/// What is to be sent, where to, and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Where to.
    pub to: To<'a>,
    /// How many events.
    pub count: u64,
    /// Records per second; absent: as fast as the stream takes them.
    pub rate: Option<NonZeroU32>,
}

/// Where events are sent.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// Into the stream of that name.
    Stream(&'a str),
    /// Into the delivery stream of that name, which reads no stream.
    Firehose(&'a str),
    /// To a route of an API.
    Api {
        /// Its URL.
        url: &'a str,
        /// The API key that it asks for.
        key: Option<&'a SecretString>,
    },
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Events that the stream has accepted.
    pub sent: u64,
    /// Events that it has rejected for good.
    pub failed: u64,
    /// Of how many.
    pub count: u64,
}

/// How the sending ended.
#[derive(Clone, Debug)]
pub enum End {
    /// Every event was tried.
    Done,
    /// It was told to stop, by this signal.
    Stopped(u8),
    /// A call failed, and would have failed again.
    Failed(CallError),
}

/// What was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// How many events were to be sent.
    pub count: u64,
    /// Events that the stream has accepted.
    pub sent: u64,
    /// Repetitions: how often a rejected record was put again.
    pub retried: u64,
    /// Events that were rejected to the last, by code.
    pub failed: BTreeMap<String, u64>,
    /// Accepted events by shard; an API does not tell.
    pub shards: BTreeMap<String, u64>,
    /// From the first call to the end of the last.
    pub elapsed: Duration,
    /// How it ended.
    pub end: End,
}

impl Sent {
    /// Accepted events per second.
    #[expect(clippy::cast_precision_loss, reason = "nobody sends 2^52 events")]
    pub fn per_second(&self) -> f64 {
        self.sent as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }

    /// Whether the stream has every event.
    pub fn complete(&self) -> bool {
        matches!(self.end, End::Done) && self.sent == self.count
    }

    /// Why the command that asked for it has failed, if it has.
    pub fn fault(&self) -> Option<Fault> {
        match &self.end {
            End::Done if self.complete() => None,
            End::Done => {
                let rejected = self.count - self.sent;
                Some(Fault::Other(anyhow::anyhow!("{rejected} of {} events were rejected", self.count)))
            }
            End::Stopped(signal) => Some(Fault::Interrupted { signal: *signal, partial: None }),
            End::Failed(error) => Some(Fault::Call(error.clone())),
        }
    }

    fn nothing(count: u64) -> Self {
        let (failed, shards) = (BTreeMap::new(), BTreeMap::new());
        Self { count, sent: 0, retried: 0, failed, shards, elapsed: Duration::ZERO, end: End::Done }
    }

    fn progress(&self) -> Progress {
        Progress { sent: self.sent, failed: self.failed.values().sum(), count: self.count }
    }
}

impl Load<'_> {
    /// How many records go into one call.
    fn per_call(&self) -> u64 {
        self.rate.map_or(MAX_RECORDS, |rate| u64::from(rate.get()).div_ceil(CALLS_PER_SECOND).min(MAX_RECORDS))
    }

    /// The time that a call's records take at the rate.
    fn interval(&self) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| Duration::from_millis(1000 * self.per_call()) / rate.get())
    }
}

/// Sends events until all are sent, a call fails, or `stop` says so; what is in flight then is awaited.
pub async fn send(
    data: &dyn DataPlane,
    events: &mut Events,
    load: Load<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
    stop: &dyn Stop,
) -> Sent {
    each(data, events, load, progress, stop, &mut |_, _| {}).await
}

/// As [`send`]; tells `accepted` the number of every event that the stream has accepted, and the event as it was sent.
pub(super) async fn each(
    data: &dyn DataPlane,
    events: &mut Events,
    load: Load<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
    stop: &dyn Stop,
    accepted: &mut (dyn FnMut(u64, &Record) + Send),
) -> Sent {
    let begun = Instant::now();
    let mut sender = Sender { data, to: load.to, stop, accepted, sent: Sent::nothing(load.count) };
    let (mut left, mut due) = (load.count, begun);
    while left > 0 {
        pause(due, stop).await;
        if let Some(signal) = stop.asked() {
            sender.sent.end = End::Stopped(signal);
            break;
        }
        let size = load.per_call().min(left);
        left -= size;
        // Time that a slow call has cost is not made up for: a burst would be no steady rate.
        due = due.max(Instant::now()) + load.interval();
        let now = OffsetDateTime::now_utc();
        let batch = (0..size).map(|_| (events.number(), events.next(now).record())).unzip();
        if let Err(end) = sender.put(batch).await {
            sender.sent.end = end;
            break;
        }
        progress(sender.sent.progress());
    }
    sender.sent.elapsed = begun.elapsed();
    sender.sent
}

/// Puts batches, and keeps the books.
struct Sender<'a> {
    data: &'a dyn DataPlane,
    to: To<'a>,
    stop: &'a dyn Stop,
    accepted: &'a mut (dyn FnMut(u64, &Record) + Send),
    sent: Sent,
}

/// Events' numbers, and their records.
type Batch = (Vec<u64>, Vec<Record>);

impl Sender<'_> {
    /// Puts a batch, and what of it was rejected again and again.
    async fn put(&mut self, mut batch: Batch) -> Result<(), End> {
        let mut backoff = SHORTEST;
        for again in (0..=AGAIN).rev() {
            let put = match self.to {
                To::Stream(name) => self.data.put_records(name, &batch.1),
                To::Firehose(name) => self.data.put_to_firehose(name, &batch.1),
                To::Api { url, key } => self.data.post(url, key, &batch.1),
            };
            let puts = match put.await {
                Ok(puts) => puts,
                // The whole call was throttled, after the SDK's own repetitions: as if each of its records were.
                Err(error) if error.class == Class::Throttled => {
                    let code = error.code.unwrap_or_else(|| "Throttled".to_owned());
                    vec![Put::Rejected { code }; batch.1.len()]
                }
                Err(error) => return Err(End::Failed(error)),
            };
            batch = self.settle(batch, puts, again == 0);
            if batch.0.is_empty() {
                return Ok(());
            }
            pause(Instant::now() + backoff, self.stop).await;
            if let Some(signal) = self.stop.asked() {
                return Err(End::Stopped(signal));
            }
            self.sent.retried += batch.0.len() as u64;
            backoff = (backoff * 2).min(LONGEST);
        }
        Ok(())
    }

    /// Books what was accepted, and gives back what is to be put again: nothing, if this was the last time.
    fn settle(&mut self, (numbers, records): Batch, puts: Vec<Put>, last: bool) -> Batch {
        let mut rejected = Batch::default();
        for ((number, record), put) in numbers.into_iter().zip(records).zip(puts) {
            match put {
                Put::Accepted { shard, .. } => {
                    self.sent.sent += 1;
                    if let To::Stream(_) = self.to {
                        *self.sent.shards.entry(shard).or_default() += 1;
                    }
                    (self.accepted)(number, &record);
                }
                Put::Rejected { code } if last => *self.sent.failed.entry(code).or_default() += 1,
                Put::Rejected { .. } => {
                    rejected.0.push(number);
                    rejected.1.push(record);
                }
            }
        }
        rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fake::{After, Pipeline};
    use crate::ops::stop::Never;

    fn load(count: u64, rate: Option<u32>) -> Load<'static> {
        Load { to: To::Stream("clicks"), count, rate: rate.and_then(NonZeroU32::new) }
    }

    async fn sent(pipeline: &Pipeline, load: Load<'_>) -> Sent {
        send(pipeline, &mut Events::new(1, "run"), load, &|_| {}, &Never).await
    }

    #[tokio::test(start_paused = true)]
    async fn everything_is_sent_in_calls_that_aws_takes() {
        let pipeline = Pipeline::default();
        let sent = sent(&pipeline, load(1201, None)).await;
        assert!(sent.complete());
        assert_eq!((sent.sent, sent.retried, sent.shards.values().sum()), (1201, 0, 1201));
        assert_eq!(pipeline.puts(), [500, 500, 201]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_kept_steadily() {
        let pipeline = Pipeline::default();
        let sent = sent(&pipeline, load(300, Some(100))).await;
        assert_eq!(pipeline.puts(), [20; 15]);
        assert!((95.0..115.0).contains(&sent.per_second()), "{}", sent.per_second());
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_was_rejected_is_put_again() {
        let pipeline = Pipeline { throttles: 30.into(), ..Pipeline::default() };
        let sent = sent(&pipeline, load(100, None)).await;
        assert!(sent.complete());
        assert_eq!((sent.retried, pipeline.puts()), (30, vec![100, 30]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_rejected_to_the_last_is_failed_with_its_code() {
        let pipeline = Pipeline { throttles: u64::MAX.into(), ..Pipeline::default() };
        let sent = sent(&pipeline, load(100, None)).await;
        assert_eq!(sent.failed, BTreeMap::from([("ProvisionedThroughputExceededException".into(), 100)]));
        assert_eq!((sent.sent, sent.retried, sent.complete()), (0, 1000, false));
        assert!(sent.elapsed < Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_call_ends_it_and_a_throttled_one_does_not() {
        let fault = |class| Some(CallError::own(class, "kinesis PutRecords", "no"));
        let denied = sent(&Pipeline { fault: fault(Class::Denied), ..Pipeline::default() }, load(10, None)).await;
        assert!(matches!(denied.end, End::Failed(_)) && denied.failed.is_empty());
        let throttled = sent(&Pipeline { fault: fault(Class::Throttled), ..Pipeline::default() }, load(10, None)).await;
        assert_eq!(throttled.failed, BTreeMap::from([("Throttled".into(), 10)]));
    }

    #[tokio::test(start_paused = true)]
    async fn it_stops_between_two_calls() {
        let stop = After::new(Duration::from_millis(390));
        let sent = send(&Pipeline::default(), &mut Events::new(1, "run"), load(100, Some(100)), &|_| {}, &stop).await;
        assert!(matches!(sent.end, End::Stopped(2)));
        assert_eq!((sent.sent, sent.elapsed), (40, Duration::from_millis(390)));
        assert_eq!(sent.fault().map(|fault| fault.exit_code()), Some(130));
    }
}
