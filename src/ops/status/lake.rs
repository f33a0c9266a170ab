//! What is asked of a lake besides, a few calls for each job, delivery stream and dataset, and what it comes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::Value;
use time::OffsetDateTime;

use super::figures::NOT_CONVERTED;
use super::findings::{Findings, ago};
use super::{Evidence, Health, Seen, WINDOW};
use crate::catalog::Type;
use crate::model::data::DataPlane;
use crate::model::error::CallError;
use crate::model::runs::{Bookmark, History, Past, Stage};
use crate::ops::amount::{counted, duration};
use crate::ops::layout::{self, Keys};
use crate::state::{Record, State};

/// Runs of a job that are looked at.
const RUNS: u32 = 5;
/// Folders of a dataset that are looked into, from that of now back.
const FOLDERS: u32 = 3;
/// Things that are asked about at the same time.
const AT_ONCE: usize = 16;

/// What was asked.
#[derive(Debug, Default)]
pub(super) struct Lake {
    /// The newest runs of each job, newest first.
    pub(super) runs: BTreeMap<String, Vec<Past>>,
    /// The bookmark of each job that has one.
    pub(super) bookmarks: BTreeMap<String, Result<Option<Bookmark>, CallError>>,
    /// What each delivery stream could not deliver in the last hour.
    pub(super) failures: BTreeMap<String, Failures>,
    /// When each dataset has got its newest object, where that can be told.
    pub(super) newest: BTreeMap<String, Newest>,
}

/// Objects of what could not be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Failures {
    /// How many were written in the last hour.
    pub(super) objects: u64,
    /// Whether there are more than were looked at.
    pub(super) more: bool,
    /// Where they lie.
    pub(super) places: Vec<String>,
}

/// The newest object of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newest {
    /// It was written then.
    At(OffsetDateTime),
    /// It was written then, or later: there are more than were looked at.
    Since(OffsetDateTime),
    /// For so long there was none.
    Nothing(Duration),
}

/// What was learnt of one resource.
enum Learnt {
    Runs(Vec<Past>, Option<Result<Option<Bookmark>, CallError>>),
    Failures(Failures),
    Newest(Option<Newest>),
}

impl Lake {
    /// Asks about the jobs, delivery streams and datasets of a state; and says what could not be asked.
    pub(super) async fn ask(
        data: &dyn DataPlane,
        history: &dyn History,
        state: &State,
        now: OffsetDateTime,
    ) -> (Self, Vec<String>) {
        let asks = state.resources.values().map(|record| async move {
            let is = |one| Type::named(&record.kind) == Some(one);
            let (what, learnt) = if is(Type::GlueJob) {
                ("runs of the job", runs(history, record).await)
            } else if is(Type::DeliveryStream) {
                ("errors of the delivery stream", undelivered(data, record, now).await)
            } else if is(Type::CatalogTable) {
                ("objects of the dataset", newest(data, state, record, now).await)
            } else {
                return None;
            };
            Some((record.key.clone(), learnt.map_err(|error| format!("the {what} {}: {error}", record.key))))
        });
        let learnt: Vec<_> =
            stream::iter(asks).buffer_unordered(AT_ONCE).filter_map(|one| async move { one }).collect().await;
        let (mut lake, mut unasked) = (Self::default(), Vec::new());
        for (key, learnt) in learnt {
            match learnt {
                Ok(Learnt::Runs(runs, bookmark)) => {
                    lake.bookmarks.extend(bookmark.map(|bookmark| (key.clone(), bookmark)));
                    lake.runs.insert(key, runs);
                }
                Ok(Learnt::Failures(failures)) => lake.failures.extend([(key, failures)]),
                Ok(Learnt::Newest(newest)) => lake.newest.extend(newest.map(|newest| (key, newest))),
                Err(why) => unasked.push(why),
            }
        }
        unasked.sort();
        (lake, unasked)
    }
}

async fn runs(history: &dyn History, record: &Record) -> Result<Learnt, CallError> {
    let marks = record.attributes["arguments"]["--job-bookmark-option"] == "job-bookmark-enable";
    let bookmark = async { if marks { Some(history.bookmark(&record.key).await) } else { None } };
    let (runs, bookmark) = tokio::join!(history.newest(&record.key, RUNS), bookmark);
    Ok(Learnt::Runs(runs?, bookmark))
}

/// Looks where Firehose puts what it cannot deliver: one page of each kind of error that it can have.
async fn undelivered(data: &dyn DataPlane, record: &Record, now: OffsetDateTime) -> Result<Learnt, CallError> {
    let (mut found, attributes) = (Failures::default(), &record.attributes);
    let prefix = attributes["error_prefix"].as_str().unwrap_or_default();
    let bucket = attributes["bucket_arn"].as_str().and_then(|arn| arn.rsplit(':').next()).unwrap_or_default();
    let buffer = Duration::from_secs(attributes["buffer_seconds"].as_u64().unwrap_or_default());
    let since = now - WINDOW;
    for kind in kinds(attributes) {
        let prefix = prefix.replace("!{firehose:error-output-type}", kind);
        let Keys { prefix, after } = if prefix.contains("!{timestamp:") {
            layout::keys(&prefix, since - buffer, attributes["time_zone"] == "UTC")
        } else {
            layout::all(&prefix)
        };
        let place = format!("s3://{bucket}/{prefix}");
        // Below no prefix of its own there is everything.
        if prefix.is_empty() || found.places.contains(&place) {
            continue;
        }
        let page =
            data.list(bucket, &prefix, Some(&after).filter(|after| !after.is_empty()).map(String::as_str)).await?;
        let fresh = page.objects.iter().filter(|object| object.modified >= since).count() as u64;
        if fresh > 0 {
            found.objects += fresh;
            found.more |= page.more;
            found.places.push(place);
        }
    }
    Ok(Learnt::Failures(found))
}

/// The kinds of error that a delivery stream can have with single records.
fn kinds(attributes: &Value) -> Vec<&'static str> {
    let converts = !attributes["conversion"].is_null();
    let processors = || attributes["processors"].as_array().into_iter().flatten();
    let unpacks = processors().any(|processor| processor["type"] == "Decompression");
    let processes = processors().any(|processor| processor["type"] != "AppendDelimiterToRecord");
    let all =
        [("decompression-failed", unpacks), ("format-conversion-failed", converts), ("processing-failed", processes)];
    all.into_iter().filter(|(_, can)| *can).map(|(kind, _)| kind).collect()
}

/// Looks into the newest folders of a dataset whose partitions Athena works out of dates. Of others nobody can tell without
/// listing everything.
async fn newest(
    data: &dyn DataPlane,
    state: &State,
    record: &Record,
    now: OffsetDateTime,
) -> Result<Learnt, CallError> {
    let Some((bucket, folder, format)) = folders(&record.attributes).filter(|(bucket, ..)| all_utc(state, bucket))
    else {
        return Ok(Learnt::Newest(None));
    };
    let Some((_, step)) = layout::dated(format, now) else { return Ok(Learnt::Newest(None)) };
    for back in 0..FOLDERS {
        let Some((period, _)) = layout::dated(format, now - step * back) else { break };
        let page = data.list(bucket, &format!("{folder}{period}/"), None).await?;
        if let Some(at) = page.objects.iter().map(|object| object.modified).max() {
            return Ok(Learnt::Newest(Some(if page.more { Newest::Since(at) } else { Newest::At(at) })));
        }
    }
    Ok(Learnt::Newest(Some(Newest::Nothing(step * (FOLDERS - 1)))))
}

/// The bucket of a table, what its keys begin with up to the first date, and how that is written; none where anything else
/// comes before a date.
fn folders(table: &Value) -> Option<(&str, String, &str)> {
    let (location, settings) = (table["location"].as_str()?, &table["parameters"]);
    let hive = || {
        let mut path = location.to_owned();
        for partition in table["partition_keys"].as_array()? {
            let name = partition["name"].as_str()?;
            let _ = write!(path, "{name}=${{{name}}}/");
        }
        Some(path)
    };
    let path = settings["storage.location.template"].as_str().map(str::to_owned).or_else(hive)?;
    let (before, rest) = path.split_once("${")?;
    let (name, _) = rest.split_once('}')?;
    let setting = |what: &str| settings[format!("projection.{name}.{what}")].as_str();
    let format = setting("format").filter(|_| setting("type") == Some("date"))?;
    let (bucket, _) = location.strip_prefix("s3://")?.split_once('/')?;
    let folder = before.strip_prefix("s3://")?.strip_prefix(bucket)?.strip_prefix('/')?.to_owned();
    Some((bucket, folder, format))
}

/// Whether the folders of a bucket are dated in UTC.
fn all_utc(state: &State, bucket: &str) -> bool {
    let streams = state.resources.values().filter(|record| Type::named(&record.kind) == Some(Type::DeliveryStream));
    let into = |record: &&Record| {
        record.attributes["bucket_arn"].as_str().is_some_and(|arn| arn.ends_with(&format!(":{bucket}")))
    };
    streams.filter(into).all(|record| record.attributes["time_zone"].as_str().is_none_or(|zone| zone == "UTC"))
}

/// What the runs of a job come to.
pub(super) fn job(out: &mut Findings, key: &str, block: &[Seen<'_>], evidence: &Evidence) {
    let (lake, now) = (&evidence.lake, evidence.now);
    let Some(runs) = lake.runs.get(key) else { return };
    let is_active = |past: &&Past| matches!(past.run.stage, Stage::Active(_));
    for Past { run, started, .. } in runs.iter().filter(is_active) {
        let Stage::Active(word) = &run.stage else { continue };
        let long = started.map(|started| format!(", for {}", duration(ago(started, now)))).unwrap_or_default();
        out.say(format!("{word} now{long}"));
    }
    let over: Vec<&Past> = runs.iter().filter(|past| !is_active(past)).collect();
    match over.first() {
        Some(last) => ended(out, last, &over, runs, block, now),
        None if runs.is_empty() => out.say("never ran"),
        None => {}
    }
    match lake.bookmarks.get(key) {
        Some(Ok(Some(Bookmark { run: Some(run) }))) => out.say(format!("bookmark of {run}")),
        Some(Ok(Some(Bookmark { run: None }))) => out.say("has a bookmark"),
        Some(Ok(None)) => out.say("no bookmark yet"),
        // Only that is not known.
        Some(Err(error)) => out.say(format!("its bookmark is not known: {error}")),
        None => {}
    }
}

fn ended(out: &mut Findings, last: &Past, over: &[&Past], runs: &[Past], block: &[Seen<'_>], now: OffsetDateTime) {
    let Past { run, started, ended } = last;
    let when = ended.or(*started).map(|at| format!(" {} ago", duration(ago(at, now)))).unwrap_or_default();
    match &run.stage {
        Stage::Active(_) => {}
        Stage::Succeeded => {
            out.say(format!("last run SUCCEEDED{when}, took {}", duration(Duration::from_secs(run.seconds))));
        }
        Stage::Stopped => out.say(format!("last run STOPPED{when}")),
        Stage::Failed(word, why) => {
            let why = if why.is_empty() { "Glue does not say why" } else { why.as_str() };
            let failed = over.iter().take_while(|past| matches!(past.run.stage, Stage::Failed(..))).count() as u64;
            let row = if failed > 1 { format!(", one of {failed} in a row") } else { String::new() };
            // One that is under way may do better.
            let health = if over.len() < runs.len() { Health::Attention } else { Health::Bad };
            out.warn(health, format!("last run {word}{when}{row}: {why}"));
            let name = block.first().map_or("", |one| one.address.block_name());
            let minutes = started.map_or(60, |started| ago(started, now).as_secs() / 60 + 5);
            out.next(format!("`pipectl logs {name} --minutes {minutes}` shows what it has logged"));
        }
    }
}

/// What a delivery stream could not convert, or take apart.
pub(super) fn failures(out: &mut Findings, key: &str, evidence: &Evidence) {
    let records = evidence.figures.sum(NOT_CONVERTED, key).filter(|records| *records > 0);
    if let Some(records) = records {
        out.warn(Health::Attention, format!("{} not converted in the last hour", counted(records, "record")));
    }
    let found = evidence.lake.failures.get(key).filter(|found| found.objects > 0);
    if let Some(Failures { objects, more, places }) = found {
        let more = if *more { "at least " } else { "" };
        let (objects, places) = (counted(*objects, "object"), places.join(" and "));
        out.warn(Health::Attention, format!("{more}{objects} of failed records in the last hour, under {places}"));
    }
    if records.is_some() || found.is_some() {
        out.next(
            "each line of what lies under its `error_prefix` is a record (`rawData`, in base64) and why it failed: mend \
             what sends it, or the columns that it has to fit; nothing delivers it again",
        );
    }
}

/// How old the newest object of a dataset is.
pub(super) fn table(out: &mut Findings, key: &str, evidence: &Evidence) {
    let age = |at: OffsetDateTime| duration(ago(at, evidence.now));
    match evidence.lake.newest.get(key) {
        Some(Newest::At(at)) => out.say(format!("newest object {} ago", age(*at))),
        Some(Newest::Since(at)) => out.say(format!("newest object {} ago or later", age(*at))),
        Some(Newest::Nothing(long)) => out.say(format!("nothing in the last {}", duration(*long))),
        None => {}
    }
}
