//! Sends events through a pipeline, and looks whether each of them comes out at the other end: in a bucket, once and
//! readable, in a table, or in a dataset.

mod bucket;
mod dataset;
mod lines;
mod pace;
mod table;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use self::pace::Pace;
use self::tally::Tally;
use super::amount::{count, duration};
use super::events::Events;
use super::fault::{Fault, Result};
use super::send::{self, Load, Sent};
use super::stop::Stop;
use crate::model::data::{DataPlane, Record};

pub use self::bucket::Bucket;
pub use self::dataset::{Asked, Dataset, Dated};
pub use self::table::Table;
pub use self::tally::Latency;

/// Examples of a finding that are kept.
const EXAMPLES: usize = 5;

/// What is to be verified.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// What is sent, and where to.
    pub load: Load<'a>,
    /// Where it is to arrive.
    pub end: End<'a>,
}

/// Where events arrive.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// In the objects of a bucket, by a delivery stream.
    Bucket(Bucket<'a>),
    /// In the items of a table, by a function.
    Table(Table<'a>),
    /// In the rows of a dataset, by a delivery stream, or by a job after it.
    Dataset(Dataset<'a>),
}

impl End<'_> {
    /// How long events are waited for.
    pub fn patience(&self) -> Duration {
        match self {
            Self::Bucket(bucket) => bucket.patience(),
            Self::Table(table) => table.patience(),
            Self::Dataset(dataset) => dataset.patience,
        }
    }

    /// When it is looked for them.
    fn pace(&self) -> Pace {
        match self {
            Self::Bucket(_) | Self::Table(_) => Pace::of_looks(),
            Self::Dataset(dataset) => Pace::of_queries(dataset.delivery.buffer),
        }
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
    /// Items of a table that hold events of this run.
    pub items: u64,
    /// Events of this run.
    pub arrived: u64,
    /// Accepted events that have not arrived, by their ids.
    pub lost: Findings,
    /// Events whose item exists and does not name them: nobody can tell whether they are in it.
    pub unnamed: Findings,
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
    /// From event to object; to a table, until the item was seen.
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
    /// The function's block that writes the table, where they were to arrive in one.
    pub by: Option<String>,
    /// What was asked of Athena, where they were to arrive in a dataset.
    pub asked: Option<Asked>,
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
        match self.wait {
            Wait::Stopped(signal) => Some(Fault::Interrupted { signal, partial: None }),
            _ => self.sent.fault().or_else(|| (!self.passed()).then(|| self.undelivered())),
        }
    }

    fn undelivered(&self) -> Fault {
        let Arrivals { arrived, unnamed, failures, .. } = &self.arrivals;
        if let Some(asked) = &self.asked {
            let share = format!("{} of {} events", count(*arrived), count(self.sent.sent));
            let error = anyhow::anyhow!("{share} were in {} after {}", asked.block, duration(self.waited));
            return Fault::helped(error, asked.next(!failures.is_empty()));
        }
        let Some(by) = &self.by else {
            return Fault::Other(anyhow::anyhow!("the pipeline does not deliver as it should"));
        };
        let (arrived, of, waited) = (count(*arrived), count(self.sent.sent), duration(self.waited));
        let error = anyhow::anyhow!("{arrived} of {of} events were in the table after {waited}");
        let help = if unnamed.count > 0 {
            format!("items are there, but name no `event_id`: have {by} write it, so that events can be told apart")
        } else {
            format!("`pipectl logs {by}` shows what the function made of them, `pipectl status` how far it is behind")
        };
        Fault::helped(error, help)
    }
}

/// Sends the events and waits for them, as long as it has the patience and `stop` does not say otherwise.
///
/// # Errors
/// When the bucket, the table or the dataset cannot be read.
pub async fn verify(
    data: &dyn DataPlane,
    events: &mut Events,
    check: Check<'_>,
    progress: &(dyn Fn(Progress) + Send + Sync),
    stop: &dyn Stop,
) -> Result<Verified> {
    let mut watch = Watch::new(data, check.end, events.run());
    let sending = |step| progress(Progress::Sending(step));
    let mut accepted = |number, record: &Record| watch.sent(number, record);
    let sent = send::each(data, events, check.load, &sending, stop, &mut accepted).await;
    let begun = Instant::now();
    let mut wait = Wait::Unsent;
    if matches!(sent.end, send::End::Done) {
        wait = watch.wait(sent.sent, check.end, progress, stop).await?;
    }
    let asked = watch.asked();
    let (run, arrivals) = (events.run().to_owned(), watch.books.result(events.run()));
    let (json_lines, by) = match check.end {
        End::Bucket(bucket) => (bucket.json_lines, None),
        End::Table(table) => (false, Some(table.by.to_owned())),
        End::Dataset(_) => (false, None),
    };
    Ok(Verified { run, sent, arrivals, wait, waited: begun.elapsed(), json_lines, by, asked })
}

/// What was sent, and what was found of it.
struct Books {
    tally: Tally,
    arrivals: Arrivals,
}

/// Looks for the events again and again.
struct Watch<'a> {
    books: Books,
    end: Look<'a>,
}

/// Where it looks.
enum Look<'a> {
    Bucket(bucket::Look<'a>),
    Table(table::Look<'a>),
    Dataset(Box<dataset::Look<'a>>),
}

impl<'a> Watch<'a> {
    fn new(data: &'a dyn DataPlane, end: End<'a>, run: &str) -> Self {
        let now = OffsetDateTime::now_utc();
        let end = match end {
            End::Bucket(bucket) => Look::Bucket(bucket::Look::new(data, bucket, now)),
            End::Table(table) => Look::Table(table::Look::new(data, table)),
            End::Dataset(dataset) => Look::Dataset(Box::new(dataset::Look::new(data, dataset, run, now))),
        };
        Self { books: Books { tally: Tally::new(run), arrivals: Arrivals::default() }, end }
    }

    /// An event was accepted.
    fn sent(&mut self, number: u64, record: &Record) {
        self.books.tally.sent(number);
        match &mut self.end {
            Look::Bucket(_) => {}
            Look::Table(look) => look.sent(number, record),
            Look::Dataset(look) => look.sent(number),
        }
    }

    /// What was asked of Athena.
    fn asked(&self) -> Option<Asked> {
        match &self.end {
            Look::Bucket(_) | Look::Table(_) => None,
            Look::Dataset(look) => Some(look.asked().clone()),
        }
    }

    async fn wait(
        &mut self,
        of: u64,
        end: End<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
        stop: &dyn Stop,
    ) -> Result<Wait> {
        let (begun, patience, mut pace) = (Instant::now(), end.patience(), end.pace());
        let end = begun + patience;
        let show = |arrived| progress(Progress::Waiting { arrived, of, waited: begun.elapsed(), patience });
        pace.begin(end, &|| show(0), stop).await;
        loop {
            let last = Instant::now() >= end;
            match &mut self.end {
                Look::Bucket(look) => look.look(&mut self.books, stop).await?,
                Look::Table(look) => look.look(&mut self.books).await?,
                Look::Dataset(look) => look.look(&mut self.books, stop).await?,
            }
            let arrived = self.books.tally.arrived();
            show(arrived);
            if self.books.tally.missing().is_empty() {
                return Ok(Wait::Complete);
            }
            if let Some(signal) = stop.asked() {
                return Ok(Wait::Stopped(signal));
            }
            if last {
                return Ok(Wait::TimedOut);
            }
            pace.rest(end, &|| show(arrived), stop).await;
        }
    }
}

impl Books {
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
