//! Sends events through a pipeline, and looks whether each of them comes out at the other end, once and readable.

mod lines;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use time::OffsetDateTime;
use tokio::time::Instant;

use self::lines::Found;
use self::tally::Tally;
use super::events::Events;
use super::fault::{Fault, Result};
use super::layout::{self, Keys};
use super::send::{self, Load, Sent};
use super::stop::{Stop, pause};
use crate::engine::data::{DataPlane, Object};
use crate::engine::error::Class;

pub use self::tally::Latency;

/// How far our clock may be from S3's, whose times are in whole seconds besides.
const CLOCKS: Duration = Duration::from_mins(1);
/// Objects that are read at the same time: each may be 128 MiB, and more when unpacked.
const AT_ONCE: usize = 4;
/// Examples of a finding that are kept.
const EXAMPLES: usize = 5;
/// The first and the longest pause between two looks into the bucket.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

/// What is to be verified, and what its delivery stream is declared to do.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// What is sent, and where to.
    pub load: Load<'a>,
    /// The bucket that it is to arrive in.
    pub bucket: &'a str,
    /// The delivery stream's prefix, expressions included.
    pub prefix: &'a str,
    /// The delivery stream's prefix for what cannot be delivered; empty: none.
    pub error_prefix: &'a str,
    /// Whether the timestamps in the prefix are in UTC.
    pub utc: bool,
    /// How long the delivery stream may keep a record.
    pub buffer: Duration,
    /// Whether every record is to be on a line of its own.
    pub json_lines: bool,
}

impl Check<'_> {
    /// How long events are waited for: Firehose counts its interval from the first record of an object, and may need
    /// some minutes more for a new delivery stream, or while it tries again.
    pub fn patience(&self) -> Duration {
        self.buffer * 2 + Duration::from_mins(2)
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It sends.
    Sending(send::Progress),
    /// It waits for the events to arrive.
    Waiting {
        /// Events that have arrived.
        arrived: u64,
        /// Of how many.
        of: u64,
        /// Since all were sent.
        waited: Duration,
        /// The longest that it waits.
        patience: Duration,
    },
}

/// How the wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Every event has arrived.
    Complete,
    /// The time is up.
    TimedOut,
    /// It was told to stop, by this signal.
    Stopped(u8),
    /// Sending did not come to its end: there was nothing to wait for.
    Unsent,
}

/// What occurs many times, of which a few examples tell enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many.
    pub count: u64,
    /// The first few.
    pub examples: Vec<String>,
}

impl Findings {
    fn add(&mut self, count: u64, example: impl FnOnce() -> String) {
        if count > 0 && self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
        self.count += count;
    }
}

/// What was found at the other end.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// Objects that were read.
    pub objects: u64,
    /// Objects that were listed and gone before they could be read.
    pub vanished: u64,
    /// Events of this run.
    pub arrived: u64,
    /// Accepted events that have not arrived, by their ids.
    pub lost: Findings,
    /// Events that have arrived more than once; delivery is at least once, so that this is no failure.
    pub doubled: u64,
    /// What has arrived and is not of this run.
    pub foreign: u64,
    /// Lines that are no JSON: Snowpipe skips the whole file.
    pub broken: Findings,
    /// Lines with more than one JSON value: Snowpipe takes them, line by line readers do not.
    pub joined: Findings,
    /// What Firehose could not deliver, ours or not, by its error code; the example is its message.
    pub failures: BTreeMap<String, Findings>,
    /// From event to object.
    pub latency: Option<Latency>,
}

/// What a verification has found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What marks the events: their ids begin with it.
    pub run: String,
    /// What was sent.
    pub sent: Sent,
    /// What has arrived.
    pub arrivals: Arrivals,
    /// How the wait ended.
    pub wait: Wait,
    /// How long it took, from the last event sent.
    pub waited: Duration,
    /// Whether lines with more than one value are a failure.
    pub json_lines: bool,
}

impl Verified {
    /// Whether every event was sent, has arrived, and can be read.
    pub fn passed(&self) -> bool {
        let Arrivals { lost, broken, joined, .. } = &self.arrivals;
        let readable = broken.count == 0 && (joined.count == 0 || !self.json_lines);
        self.sent.complete() && self.wait == Wait::Complete && lost.count == 0 && readable
    }

    /// Why the command that asked for it has failed, if it has.
    pub fn fault(&self) -> Option<Fault> {
        let fault = || Fault::Other(anyhow::anyhow!("the pipeline does not deliver as it should"));
        match self.wait {
            Wait::Stopped(signal) => Some(Fault::Interrupted { signal, partial: None }),
            _ => self.sent.fault().or_else(|| (!self.passed()).then(fault)),
        }
    }
}

/// Sends the events and waits for them, as long as it has the patience and `stop` does not say otherwise.
///
/// # Errors
/// When the bucket cannot be read.
pub async fn verify(
    data: &dyn DataPlane,
    events: &mut Events,
    check: Check<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
    stop: &dyn Stop,
) -> Result<Verified> {
    let start = OffsetDateTime::now_utc();
    let mut watch = Watch::new(data, check, start, events.run());
    let sending = |step| progress(Progress::Sending(step));
    let sent = send::each(data, events, check.load, &sending, stop, &mut |number| watch.tally.sent(number)).await;
    let begun = Instant::now();
    let mut wait = Wait::Unsent;
    if matches!(sent.end, send::End::Done) {
        wait = watch.wait(sent.sent, progress, stop).await?;
    }
    let (run, arrivals) = (events.run().to_owned(), watch.result(events.run()));
    Ok(Verified { run, sent, arrivals, wait, waited: begun.elapsed(), json_lines: check.json_lines })
}

/// Looks into the bucket again and again, and reads every new object once.
struct Watch<'a> {
    data: &'a dyn DataPlane,
    check: Check<'a>,
    roots: Vec<Keys>,
    since: OffsetDateTime,
    read: BTreeSet<String>,
    tally: Tally,
    arrivals: Arrivals,
}

impl<'a> Watch<'a> {
    fn new(data: &'a dyn DataPlane, check: Check<'a>, start: OffsetDateTime, run: &str) -> Self {
        let since = start - CLOCKS;
        let mut roots = vec![layout::keys(check.prefix, since - check.buffer, check.utc)];
        if !check.error_prefix.is_empty() {
            roots.push(layout::all(check.error_prefix));
        }
        let (read, tally, arrivals) = (BTreeSet::new(), Tally::new(run), Arrivals::default());
        Self { data, check, roots, since, read, tally, arrivals }
    }

    async fn wait(&mut self, of: u64, progress: &(dyn Fn(Progress) + Send + Sync), stop: &dyn Stop) -> Result<Wait> {
        let (begun, patience) = (Instant::now(), self.check.patience());
        let (end, mut interval) = (begun + patience, FIRST);
        loop {
            let last = Instant::now() >= end;
            self.look(stop).await?;
            let (arrived, waited) = (self.tally.arrived(), begun.elapsed());
            progress(Progress::Waiting { arrived, of, waited, patience });
            if self.tally.missing().is_empty() {
                return Ok(Wait::Complete);
            }
            if let Some(signal) = stop.asked() {
                return Ok(Wait::Stopped(signal));
            }
            if last {
                return Ok(Wait::TimedOut);
            }
            pause(end.min(Instant::now() + interval), stop).await;
            interval = (interval * 3 / 2).min(LONGEST);
        }
    }

    /// Reads what is new.
    async fn look(&mut self, stop: &dyn Stop) -> Result<()> {
        let new = self.list().await?;
        let (data, bucket) = (self.data, self.check.bucket);
        let bodies = new.into_iter().map(|object| async move { (data.get(bucket, &object.key).await, object) });
        let mut bodies = stream::iter(bodies).buffer_unordered(AT_ONCE);
        while let Some((body, object)) = bodies.next().await {
            match body {
                Ok(body) => self.open(&object, &body),
                Err(error) if error.class == Class::Absent => self.arrivals.vanished += 1,
                Err(error) => return Err(error.into()),
            }
            self.read.insert(object.key);
            if stop.asked().is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The objects that were written since the start and have not been read.
    async fn list(&self) -> Result<Vec<Object>> {
        let mut new: BTreeMap<String, Object> = BTreeMap::new();
        for Keys { prefix, after } in &self.roots {
            let mut after = Some(after.clone()).filter(|after| !after.is_empty());
            loop {
                let page = self.data.list(self.check.bucket, prefix, after.as_deref()).await?;
                after = page.objects.last().map(|object| object.key.clone());
                let fresh = |object: &Object| object.modified >= self.since && !self.read.contains(&object.key);
                new.extend(page.objects.into_iter().filter(fresh).map(|object| (object.key.clone(), object)));
                if !page.more || after.is_none() {
                    break;
                }
            }
        }
        Ok(new.into_values().collect())
    }

    fn open(&mut self, object: &Object, body: &[u8]) {
        let content = lines::read(body);
        self.arrivals.objects += 1;
        self.arrivals.joined.add(content.joined, || object.key.clone());
        for (line, why) in content.broken {
            self.arrivals.broken.add(1, || format!("{}, line {line}: {why}", object.key));
        }
        for found in content.found {
            match found {
                Found::Event { id, occurred } => self.tally.found(id.as_deref(), occurred, object.modified),
                Found::Failure { code, message } => {
                    self.arrivals.failures.entry(code).or_default().add(1, || message);
                }
            }
        }
    }

    fn result(self, run: &str) -> Arrivals {
        let (tally, mut arrivals) = (self.tally, self.arrivals);
        for number in tally.missing() {
            arrivals.lost.add(1, || format!("{run}-{number}"));
        }
        Arrivals {
            arrived: tally.arrived(),
            doubled: tally.doubled(),
            foreign: tally.foreign(),
            latency: tally.latency(),
            ..arrivals
        }
    }
}
