//! `pipectl verify`.

use std::time::Duration;

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring::{self, Rows, Ways};
use crate::cost::{Tariff, athena};
use crate::ops::send::{Load, To};
use crate::ops::verify::{Check, Dataset, End, Table, Verified, verify};
use crate::report::verify as report;

/// Send marked events and wait until they are in the bucket, in a table or in a dataset: none lost
///
/// In a bucket every line must be valid JSON. In a table, the item under an event's key must name its `event_id`, in an
/// attribute, a set, a list or a map. Of a dataset queries ask for their `event_id`, which are paid by what they scan. Waits as
/// long as the delivery stream may buffer, or Lambda may gather, twice, and two minutes more; where a job writes the dataset,
/// until its schedule starts it within an hour, and a quarter of an hour more.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// How many events
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    events: u64,
    /// The firehose block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    firehose: Option<String>,
    /// The table block that a function writes them into; needed only if the spec has a delivery stream as well
    #[arg(long, value_name = "BLOCK", conflicts_with_all = ["firehose", "dataset"])]
    table: Option<String>,
    /// The dataset block that they are to be found in, by queries
    #[arg(long, value_name = "BLOCK")]
    dataset: Option<String>,
    /// The athena block that queries run in; needed only if the spec has several
    #[arg(long, value_name = "BLOCK", requires = "dataset")]
    athena: Option<String>,
    /// The column of the dataset that a job puts `event_id` into, where it has another name
    #[arg(long, value_name = "NAME", requires = "dataset")]
    id_column: Option<String>,
    /// How long to wait at the most for a dataset, instead of what follows from firehose and job
    #[arg(long, value_name = "N", requires = "dataset", value_parser = clap::value_parser!(u32).range(1..=1440))]
    minutes: Option<u32>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open_looking(&args.spec, printer).await?;
    if let Some(block) = &args.dataset {
        let ways = Ways {
            firehose: args.firehose.as_deref(),
            athena: args.athena.as_deref(),
            column: args.id_column.as_deref(),
        };
        let way = wiring::rows(&session.graph, &session.loaded.spec, block, ways)?;
        return into_dataset(&session, args, &way, printer).await;
    }
    let to_table = args.table.is_some() || (args.firehose.is_none() && !wiring::delivers(&session.graph));
    if to_table {
        let way = wiring::writing(&session.graph, args.table.as_deref())?;
        let table = Table { name: &way.table, key: &way.key, by: &way.by, window: way.window };
        return follow(&session, args, To::Stream(&way.stream), End::Table(table), printer).await;
    }
    let way = wiring::delivery(&session.graph, args.firehose.as_deref())?;
    follow(&session, args, way.from.to(), End::Bucket(wiring::bucket(&way)), printer).await
}

async fn into_dataset(session: &Session, args: &Args, way: &Rows, printer: Printer) -> Outcome {
    let queries = session.queries();
    let dataset = Dataset {
        block: &way.block,
        database: &way.database,
        table: &way.table,
        column: &way.column,
        dates: &way.dates,
        delivery: wiring::bucket(&way.delivery),
        jobs: &way.jobs,
        patience: args.minutes.map_or(way.patience, |minutes| Duration::from_mins(minutes.into())),
        workgroup: &way.workgroup,
        queries: &queries,
    };
    if let Some(last) = way.jobs.last() {
        let runs = way.jobs.iter().map(|job| format!("`pipectl run {job}`")).collect::<Vec<_>>().join(", then ");
        printer.say(&format!("{last} writes {}: {runs} starts it once the events are delivered", way.block));
    }
    follow(session, args, way.delivery.from.to(), End::Dataset(dataset), printer).await
}

async fn follow(session: &Session, args: &Args, to: To<'_>, end: End<'_>, printer: Printer) -> Outcome {
    let signals = Signals::watch();
    let ticker = Ticker::new(printer);
    let check = Check { load: Load { to, count: args.events, rate: None }, end };
    let mut events = wiring::events();
    let show = |step| ticker.show(&report::progress(&step));
    let verified = verify(&*session.data, &mut events, check, &show, &signals).await;
    ticker.finish();
    let verified = verified?;
    let (fault, cost) = (verified.fault(), cost(session, &verified));
    if fault.is_none() || !printer.json {
        printer.result(&report::text(&verified, cost), || report::json(&verified, cost))?;
    }
    fault.map_or(Ok(0), |fault| Err(fault.into()))
}

/// What its queries cost; absent where nobody knows the price.
fn cost(session: &Session, verified: &Verified) -> Option<f64> {
    let spec = &session.loaded.spec;
    let tariff = Tariff::of(&spec.env.region, &spec.prices).ok()?;
    verified.asked.as_ref()?.scanned.iter().map(|scanned| athena::query(*scanned, tariff)).sum()
}
