//! Events in the rows of a dataset, which queries of Athena find.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::time::Duration;

use time::OffsetDateTime;

use super::Books;
use super::bucket::{self, Bucket, CLOCKS};
use crate::model::data::DataPlane;
use crate::model::queries::{Queries, Query};
use crate::ops::fault::{Fault, Result};
use crate::ops::layout;
use crate::ops::query::{Answer, run};
use crate::ops::stop::Stop;

/// A dataset that events arrive in. An event is in it when a row has its `event_id`.
#[derive(Clone, Copy)]
pub struct Dataset<'a> {
    /// Its block: `dataset.clicks`.
    pub block: &'a str,
    /// Its database.
    pub database: &'a str,
    /// Its table.
    pub table: &'a str,
    /// The column that an event's `event_id` is in.
    pub column: &'a str,
    /// What it is partitioned by that is a date, and that Athena works out: no others are read than those of the run.
    pub dates: &'a [Dated],
    /// The delivery stream that writes it, or what a job makes it of.
    pub delivery: Bucket<'a>,
    /// The jobs that make it of what is delivered, in their order.
    pub jobs: &'a [String],
    /// How long events are waited for.
    pub patience: Duration,
    /// The workgroup that queries run in.
    pub workgroup: &'a str,
    /// Runs them.
    pub queries: &'a dyn Queries,
}

impl fmt::Debug for Dataset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset").field("block", &self.block).finish_non_exhaustive()
    }
}

/// A partition whose values are dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// Its name.
    pub name: String,
    /// How they are written, in the letters of Java's DateTimeFormatter: `yyyy/MM/dd`.
    pub format: String,
    /// Whether SQL takes them for dates, and not for texts.
    pub is_date: bool,
}

/// What was asked of Athena.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The dataset's block.
    pub block: String,
    /// The jobs that make it, in their order.
    pub jobs: Vec<String>,
    /// Where records lie that could not be delivered; empty: nowhere.
    pub errors: String,
    /// Bytes that each query has read.
    pub scanned: Vec<u64>,
}

impl Asked {
    /// What to do where events are missing.
    pub(super) fn next(&self, failed: bool) -> String {
        let Self { block, jobs, errors, .. } = self;
        if failed {
            return format!(
                "records that could not be delivered lie under `{errors}`: `rawData` has them in base64, and the columns \
                 of {block} have to take them"
            );
        }
        let Some(last) = jobs.last() else {
            return "`pipectl status` shows how far its firehose is behind; `--minutes` waits longer".to_owned();
        };
        let run = jobs.iter().map(|job| format!("`pipectl run {job} --wait`")).collect::<Vec<_>>().join(", then ");
        format!(
            "{last} writes {block}: {run} while it waits makes it of what has been delivered, `pipectl logs {last}` shows \
             what a run has logged, and `--minutes` waits longer"
        )
    }
}

/// Asks for the rows of the events of a run.
pub(super) struct Look<'a> {
    dataset: Dataset<'a>,
    errors: bucket::Look<'a>,
    sent: BTreeSet<u64>,
    sql: String,
    asked: Asked,
}

impl<'a> Look<'a> {
    /// Nothing is sent yet.
    pub(super) fn new(data: &'a dyn DataPlane, dataset: Dataset<'a>, run: &str, start: OffsetDateTime) -> Self {
        let delivery = dataset.delivery;
        let literal = layout::all(delivery.error_prefix).prefix;
        let errors = if literal.is_empty() { String::new() } else { format!("s3://{}/{literal}", delivery.name) };
        let (block, jobs) = (dataset.block.to_owned(), dataset.jobs.to_vec());
        Self {
            errors: bucket::Look::of_errors(data, delivery, start),
            sent: BTreeSet::new(),
            sql: sql(&dataset, run, start),
            asked: Asked { block, jobs, errors, scanned: Vec::new() },
            dataset,
        }
    }

    /// An event was accepted by the stream.
    pub(super) fn sent(&mut self, number: u64) {
        self.sent.insert(number);
    }

    /// What was asked until now.
    pub(super) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Reads what could not be delivered, and asks for all events of the run at once. A signal stops the query, and leaves
    /// what is known.
    pub(super) async fn look(&mut self, books: &mut Books, stop: &dyn Stop) -> Result<()> {
        self.errors.look(books, stop).await?;
        if stop.asked().is_some() || self.sent.is_empty() {
            return Ok(());
        }
        let Dataset { database, workgroup, queries, .. } = self.dataset;
        let query = Query { sql: &self.sql, workgroup, database: Some(database) };
        // A row tells of one event at the least, ones that were not sent aside.
        let answer = match run(queries, query, self.sent.len(), &|_| {}, stop).await {
            Ok(answer) => answer,
            Err(Fault::Interrupted { .. }) => return Ok(()),
            Err(fault) => return Err(self.explained(fault)),
        };
        if answer.run.billed {
            self.asked.scanned.push(answer.run.scanned);
        }
        self.book(books, &answer)
    }

    fn book(&self, books: &mut Books, answer: &Answer) -> Result<()> {
        for row in &answer.rows.rows {
            let number = |column: usize| row.get(column)?.as_ref()?.parse::<u64>().ok();
            let (Some(first), Some(last), Some(times)) = (number(0), number(1), number(2)) else {
                let what = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect::<Vec<_>>().join(", ");
                return Err(anyhow::anyhow!("the query {} gave what nobody asked for: {what}", answer.id).into());
            };
            if first <= last {
                let times = u32::try_from(times).unwrap_or(u32::MAX);
                self.sent.range(first..=last).for_each(|number| books.tally.counted(*number, times));
            }
        }
        Ok(())
    }

    /// A failure with what to do about it. The events are sent already.
    fn explained(&self, fault: Fault) -> Fault {
        let Fault::Other(error) = fault else { return fault };
        let why = error.to_string().to_lowercase();
        let block = self.dataset.block;
        let help = if why.contains("scan") && why.contains("limit") {
            format!(
                "raise `scan_limit_mib` of the athena block, or give {block} a `projection` of dates, so that no others \
                 are read than those of the run"
            )
        } else if why.contains("denied") || why.contains("not authorized") || why.contains("permission") {
            format!(
                "who verifies reads {block} as himself: its objects, its words in the catalog, and the bucket of the \
                 results"
            )
        } else {
            format!("the events are sent, and this asks again: `pipectl query {}`", quoted_for_a_shell(&self.sql))
        };
        Fault::helped(error.context(format!("nobody knows what has arrived in {block}")), help)
    }
}

/// Which numbers of the run are there, and how often each: in spans of numbers that follow each other, so that a row tells
/// of as many events as possible.
fn sql(dataset: &Dataset<'_>, run: &str, start: OffsetDateTime) -> String {
    let Dataset { table, column, dates, delivery, .. } = dataset;
    let (table, column, begin) = (quoted(table), quoted(column), run.len() + 2);
    // Firehose dates an object by its oldest record, which may be somebody else's.
    let since = start - CLOCKS - delivery.buffer;
    let mut bounds = String::new();
    for Dated { name, format, is_date } in *dates {
        let first = layout::keys(&format!("!{{timestamp:{format}}}"), since, delivery.utc).after;
        if *is_date && first.len() == 10 {
            let _ = write!(bounds, " AND {} >= DATE {}", quoted(name), literal(&first));
        } else if !*is_date && !first.is_empty() {
            let _ = write!(bounds, " AND {} >= {}", quoted(name), literal(&first));
        }
    }
    let ids = literal(&format!("{run}-%"));
    format!(
        "SELECT min(number) AS first_number, max(number) AS last_number, times FROM (SELECT number, times, number - \
         row_number() OVER (PARTITION BY times ORDER BY number) AS island FROM (SELECT try_cast(substr({column}, {begin}) \
         AS bigint) AS number, count(*) AS times FROM {table} WHERE {column} LIKE {ids}{bounds} GROUP BY 1) AS found) AS \
         numbered WHERE number IS NOT NULL GROUP BY times, island ORDER BY 1"
    )
}

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// SQL as one word of a shell.
fn quoted_for_a_shell(sql: &str) -> String {
    format!("'{}'", sql.replace('\'', "'\\''"))
}
