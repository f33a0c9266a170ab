//! How the blocks of an environment are: what AWS shows of them now, and what their metrics and logs of the last hour say.

mod crawls;
mod figures;
mod findings;
mod judge;
mod lake;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, future, stream};
use serde::Serialize;
use time::OffsetDateTime;

use self::figures::Figures;
use self::findings::Findings;
use self::lake::Lake;
use super::externals::{Looked, Problem};
use super::logs::{self, Entry};
use crate::catalog::Type;
use crate::engine::refresh::{Target, Unreadable, refresh};
use crate::model::address::Address;
use crate::model::data::DataPlane;
use crate::model::kind::{Live, Registry};
use crate::model::runs::History;
use crate::state::{Record, State};

/// How far back metrics and logs are looked at.
pub const WINDOW: Duration = Duration::from_hours(1);
/// Resources that are read at the same time.
const AT_ONCE: usize = 64;
/// Log events of a group that are looked at.
const LOG_EVENTS: usize = 1000;

/// How a block is; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// Nobody can say.
    Unknown,
    /// It works, and somebody should look at it.
    Attention,
    /// It does not work.
    Bad,
}

/// How one block is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `stream.clicks`.
    pub block: String,
    /// `stream`.
    pub kind: String,
    /// How it is.
    pub health: Health,
    /// What is to be said of it, the block's own resource first.
    pub text: Vec<String>,
    /// What to do.
    pub next: Vec<String>,
}

/// How an environment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its blocks, by name.
    pub rows: Vec<Row>,
    /// What could not be asked, and why.
    pub unasked: Vec<String>,
}

impl Status {
    /// How the worst of the blocks is; an environment without blocks is good.
    pub fn health(&self) -> Health {
        self.rows.iter().map(|row| row.health).max().unwrap_or(Health::Good)
    }

    /// Adds what is external: whether it is there, and can be used.
    pub fn add_external(&mut self, looked: Looked) {
        let row = |block: &str, health, text: String, next: Option<String>| Row {
            block: block.to_owned(),
            kind: block.split('.').next().unwrap_or_default().to_owned(),
            health,
            text: vec![text],
            next: next.into_iter().collect(),
        };
        let of = |problem: &Problem| problem.path.trim_end_matches(".external").to_owned();
        let doubtful: BTreeSet<String> = looked.doubts.iter().chain(&looked.problems).map(of).collect();
        let there = looked.found.iter().filter(|(block, _)| !doubtful.contains(*block));
        let there = there.map(|(block, found)| row(block, Health::Good, format!("external: {}", found.arn), None));
        let judged = |problems: Vec<Problem>, health| {
            problems
                .into_iter()
                .map(move |it| row(&of(&it), health, format!("external: {}", it.message), Some(it.help)))
        };
        let rows: Vec<Row> =
            there.chain(judged(looked.doubts, Health::Unknown)).chain(judged(looked.problems, Health::Bad)).collect();
        self.rows.extend(rows);
    }
}

/// A resource of the state, and what AWS shows of it.
struct Seen<'a> {
    address: &'a Address,
    record: &'a Record,
    /// `None` where it does not exist.
    live: Result<Option<Live>, Unreadable>,
}

/// Everything that a verdict is founded on.
struct Evidence {
    now: OffsetDateTime,
    figures: Figures,
    logs: BTreeMap<String, Vec<Entry>>,
    lake: Lake,
}

/// Asks AWS for everything at once; what it does not tell leaves a block unknown, and no more than that.
pub async fn status(
    (data, history): (&dyn DataPlane, &dyn History),
    registry: &Registry,
    state: &State,
    now: OffsetDateTime,
) -> Status {
    let metrics = figures::wanted(state);
    let (seen, series, logs, (lake, mut unasked)) = tokio::join!(
        read(registry, state),
        data.metrics(&metrics, now - WINDOW),
        read_logs(data, state, now),
        Box::pin(Lake::ask(data, history, state, now))
    );
    let figures = Figures::new(
        metrics,
        series.unwrap_or_else(|error| {
            unasked.push(format!("the metrics: {error}"));
            Vec::new()
        }),
    );
    let (logs, unread) = logs;
    unasked.extend(unread);
    let evidence = Evidence { now, figures, logs, lake };
    let mut blocks: BTreeMap<&str, Vec<Seen<'_>>> = BTreeMap::new();
    for one in seen {
        blocks.entry(one.address.block_name()).or_default().push(one);
    }
    let mut rows: BTreeMap<&str, Row> =
        blocks.into_iter().map(|(block, seen)| (block, row(block, &seen, &evidence))).collect();
    for (address, intent) in &state.intents {
        let block = address.block_name();
        rows.entry(block).or_insert_with(|| empty_row(block)).add("", judge::unfinished(address, intent));
    }
    Status { rows: rows.into_values().collect(), unasked }
}

/// Every resource by a read of its own, so that one that cannot be read leaves the others.
async fn read<'a>(registry: &Registry, state: &'a State) -> Vec<Seen<'a>> {
    let reads = state.resources.iter().map(|(address, record)| async move {
        let target = Target { address, kind: &record.kind, key: record.key.clone(), hint: Some(&record.attributes) };
        let live = match refresh(registry, vec![target]).await {
            Ok(world) => Ok(world.get(&record.kind, &record.key).cloned()),
            // One target fails once.
            Err(mut failed) => Err(failed.remove(0)),
        };
        Seen { address, record, live }
    });
    let mut seen: Vec<Seen<'_>> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    seen.sort_by_key(|one| one.address);
    seen
}

/// The events of every log group, and what could not be read.
async fn read_logs(
    data: &dyn DataPlane,
    state: &State,
    now: OffsetDateTime,
) -> (BTreeMap<String, Vec<Entry>>, Vec<String>) {
    let groups = state.resources.values().filter(|record| Type::named(&record.kind) == Some(Type::LogGroup));
    let reads = groups.map(|record| async move {
        (record.key.clone(), logs::read(data, &record.key, now - WINDOW, LOG_EVENTS).await)
    });
    let (mut found, mut unread) = (BTreeMap::new(), Vec::new());
    for (group, read) in future::join_all(reads).await {
        match read {
            Ok(entries) => {
                found.insert(group, entries);
            }
            Err(error) => unread.push(format!("the log group {group}: {error}")),
        }
    }
    (found, unread)
}

fn empty_row(block: &str) -> Row {
    let kind = block.split('.').next().unwrap_or(block).to_owned();
    Row { block: block.to_owned(), kind, health: Health::Good, text: Vec::new(), next: Vec::new() }
}

/// The verdicts on a block's resources as one.
fn row(block: &str, seen: &[Seen<'_>], evidence: &Evidence) -> Row {
    let mut row = empty_row(block);
    // In order of address a block's own resource stands before its parts.
    for one in seen {
        let part = one.address.to_string();
        let part = part.strip_prefix(block).unwrap_or(&part).trim_start_matches('/');
        row.add(part, judge::verdict(one, seen, evidence));
    }
    if row.text.is_empty() {
        row.text.push("exists".to_owned());
    }
    row
}

impl Row {
    fn add(&mut self, part: &str, verdict: Findings) {
        self.health = self.health.max(verdict.health);
        if !verdict.text.is_empty() {
            let text = verdict.text.join(", ");
            self.text.push(if part.is_empty() { text } else { format!("{part}: {text}") });
        }
        for next in verdict.next {
            if !self.next.contains(&next) {
                self.next.push(next);
            }
        }
    }
}
