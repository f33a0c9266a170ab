//! Runs a job: starts it, and follows it to its end.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::fault::{Fault, Result};
use super::logs::{Line, entry};
use super::stop::{Stop, pause};
use crate::model::data::{DataPlane, LogEvent};
use crate::model::runs::{Run, Runs, Stage};

/// The time between two looks at a run.
const BETWEEN: Duration = Duration::from_secs(3);
/// How long events may take to appear after a run has ended.
const LATE: Duration = Duration::from_secs(6);
/// The most events that one look into a group takes.
const MOST: usize = 10_000;

/// A job, and where its runs log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its block: `job.clean`.
    pub block: String,
    /// Its name in AWS.
    pub name: String,
    /// The log groups that its runs write to; each run to streams that begin with its id.
    pub groups: Vec<String>,
}

/// Hears how a run goes on.
pub trait Heard: Send + Sync {
    /// How it stands.
    fn stands(&self, run: &Run);
    /// The new lines of its log, oldest first.
    fn logged(&self, lines: &[Line]);
}

/// Follows a run to its end. A signal leaves the run as it is.
///
/// # Errors
/// When a call fails, when the run does, with AWS's reason, when it was stopped, and when a signal ends the wait.
pub async fn follow(
    (runs, data): (&dyn Runs, &dyn DataPlane),
    job: &Job,
    id: &str,
    heard: &dyn Heard,
    stop: &dyn Stop,
) -> Result<Run> {
    let mut log = Log { job, id, since: OffsetDateTime::now_utc() - time::Duration::minutes(1), seen: BTreeSet::new() };
    let run = loop {
        let run = runs.look(&job.name, id).await?;
        heard.stands(&run);
        heard.logged(&log.look(data).await?);
        let Stage::Active(_) = run.stage else { break run };
        pause(Instant::now() + BETWEEN, stop).await;
        if let Some(signal) = stop.asked() {
            return Err(Fault::Interrupted { signal, partial: None });
        }
    };
    // The last lines appear after the run has ended.
    pause(Instant::now() + LATE, stop).await;
    heard.logged(&log.look(data).await?);
    match &run.stage {
        Stage::Failed(state, why) => {
            let why = if why.is_empty() { "Glue does not say why".to_owned() } else { why.clone() };
            let help = format!("`pipectl logs {}` shows what it logged", job.block);
            Err(Fault::helped(anyhow::anyhow!("the run {id} ended as {state}: {why}"), help))
        }
        Stage::Stopped => Err(anyhow::anyhow!("the run {id} was stopped").into()),
        Stage::Succeeded | Stage::Active(_) => Ok(run),
    }
}

/// What a run logs.
struct Log<'a> {
    job: &'a Job,
    id: &'a str,
    since: OffsetDateTime,
    /// The events that were shown.
    seen: BTreeSet<String>,
}

impl Log<'_> {
    /// What is new, oldest first.
    async fn look(&mut self, data: &dyn DataPlane) -> Result<Vec<Line>> {
        let mut new: Vec<LogEvent> = Vec::new();
        for group in &self.job.groups {
            let events = data.log_events(group, Some(self.id), self.since, MOST).await?;
            new.extend(events.into_iter().filter(|event| self.seen.insert(event.id.clone())));
        }
        new.sort_by_key(|event| event.at);
        Ok(new.into_iter().map(|event| Line { block: self.job.block.clone(), entry: entry(event) }).collect())
    }
}
