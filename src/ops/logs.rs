//! Reads what services have logged: functions what they print, Firehose why deliveries failed.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use tokio::time::Instant;

use super::fault::Result;
use super::stop::{Stop, pause};
use crate::model::data::{DataPlane, LogEvent};

/// The most events that one look into a group takes.
pub const MOST: usize = 10_000;
/// The time between two looks while logs are followed. CloudWatch Logs takes 5 of these calls a second.
const BETWEEN: std::time::Duration = std::time::Duration::from_secs(2);
/// How much later than its time an event may appear.
const LATE: Duration = Duration::seconds(30);

/// A logged event, with what Firehose says in it where it is Firehose's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: OffsetDateTime,
    /// The log stream.
    pub stream: String,
    /// Firehose's error code (`S3.AccessDenied`), if it has one.
    pub code: Option<String>,
    /// What it says.
    pub message: String,
}

/// The parts of Firehose's log events that matter to a user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    error_code: String,
    #[serde(default)]
    message: String,
}

/// The first `limit` events that a log group got since a time, oldest first.
///
/// # Errors
/// When CloudWatch Logs refuses to say.
pub async fn read(data: &dyn DataPlane, group: &str, since: OffsetDateTime, limit: usize) -> Result<Vec<Entry>> {
    let events = data.log_events(group, None, since, limit).await?;
    Ok(events.into_iter().map(entry).collect())
}

/// An event as it is read.
pub(super) fn entry(event: LogEvent) -> Entry {
    let LogEvent { at, stream, message, .. } = event;
    match serde_json::from_str::<Failure>(&message) {
        Ok(Failure { error_code, message }) => Entry { at, stream, code: Some(error_code), message },
        Err(_) => Entry { at, stream, code: None, message },
    }
}

/// The log group of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `function.counters`.
    pub block: String,
    /// Its name.
    pub name: String,
    /// What the names of those of its streams begin with that are looked at; absent: all are.
    pub streams: Option<String>,
}

/// What a block has logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `function.counters`.
    pub block: String,
    /// The event.
    pub entry: Entry,
}

/// The lines of a look into several groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Oldest first.
    pub lines: Vec<Line>,
    /// The blocks that have logged more than [`MOST`] events since; the newest of these are left out.
    pub cut: Vec<String>,
}

/// Looks into log groups again and again, and shows every event once.
#[derive(Debug)]
pub struct Logs<'a> {
    groups: &'a [Group],
    since: OffsetDateTime,
    /// The events that a next look can see again, with their times.
    seen: BTreeMap<String, OffsetDateTime>,
}

impl<'a> Logs<'a> {
    /// What the groups get from a time on.
    pub fn new(groups: &'a [Group], since: OffsetDateTime) -> Self {
        Self { groups, since, seen: BTreeMap::new() }
    }

    /// What is new since the last look. A group that is not there has nothing.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses to say.
    pub async fn look(&mut self, data: &dyn DataPlane) -> Result<Look> {
        let reads =
            self.groups.iter().map(|group| data.log_events(&group.name, group.streams.as_deref(), self.since, MOST));
        let read = try_join_all(reads).await?;
        let mut look = Look::default();
        for (group, events) in self.groups.iter().zip(read) {
            if events.len() == MOST {
                look.cut.push(group.block.clone());
            }
            for event in events {
                if self.seen.insert(event.id.clone(), event.at).is_none() {
                    look.lines.push(Line { block: group.block.clone(), entry: entry(event) });
                }
            }
        }
        look.lines.sort_by_key(|line| line.entry.at);
        if let Some(newest) = look.lines.last() {
            self.since = self.since.max(newest.entry.at - LATE);
            // The times that are asked for are whole seconds.
            self.seen.retain(|_, at| *at >= self.since - Duration::SECOND);
        }
        Ok(look)
    }

    /// Looks until it is asked to stop, and returns the signal that asked; or until nobody reads what is shown.
    ///
    /// # Errors
    /// As [`look`](Self::look), and what showing fails with.
    pub async fn follow<E: From<super::Fault>>(
        &mut self,
        data: &dyn DataPlane,
        stop: &dyn Stop,
        show: impl Fn(&Look) -> std::result::Result<bool, E>,
    ) -> std::result::Result<Option<u8>, E> {
        loop {
            let look = tokio::select! {
                look = self.look(data) => look?,
                signal = stop.first() => return Ok(Some(signal)),
            };
            if !show(&look)? {
                return Ok(None);
            }
            // What was cut is read on at once; not where so much has come in so short a time that the next look sees the same.
            if look.cut.is_empty() || look.lines.is_empty() {
                pause(Instant::now() + BETWEEN, stop).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fake::Pipeline;

    /// Seconds after the first event could have been.
    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
    }

    fn groups() -> [Group; 2] {
        ["a", "b"].map(|name| Group { block: format!("function.{name}"), name: name.to_owned(), streams: None })
    }

    fn said(look: &Look) -> Vec<&str> {
        look.lines.iter().map(|line| line.entry.message.as_str()).collect()
    }

    #[tokio::test]
    async fn lines_of_several_groups_come_in_order_of_time_and_each_of_them_once() {
        let (pipeline, groups) = (Pipeline::default(), groups());
        pipeline.log("a", at(10), "second");
        pipeline.log("b", at(5), "first");
        let mut logs = Logs::new(&groups, at(0));
        let look = logs.look(&pipeline).await.unwrap();
        assert_eq!(said(&look), ["first", "second"]);
        assert_eq!(look.lines[0].block, "function.b");
        assert_eq!(said(&logs.look(&pipeline).await.unwrap()), Vec::<&str>::new());
        // Older than what was shown, and late all the same.
        pipeline.log("b", at(9), "late");
        pipeline.log("a", at(100), "third");
        assert_eq!(said(&logs.look(&pipeline).await.unwrap()), ["late", "third"]);
        assert_eq!(said(&logs.look(&pipeline).await.unwrap()), Vec::<&str>::new());
    }

    #[tokio::test]
    async fn what_is_too_much_for_one_look_is_told_and_read_on() {
        let (pipeline, groups) = (Pipeline::default(), groups());
        for number in 0..MOST + 5 {
            pipeline.log("a", at(40 * i64::try_from(number).unwrap()), &number.to_string());
        }
        let mut logs = Logs::new(&groups, at(0));
        let look = logs.look(&pipeline).await.unwrap();
        assert_eq!((look.lines.len(), look.cut), (MOST, vec!["function.a".to_owned()]));
        let rest = logs.look(&pipeline).await.unwrap();
        assert_eq!((rest.lines.len(), rest.cut.len()), (5, 0));
    }
}
