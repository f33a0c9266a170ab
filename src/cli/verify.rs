//! `pipectl verify`.

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring;
use crate::ops::send::{Load, To};
use crate::ops::verify::{Bucket, Check, End, Table, verify};
use crate::report::verify as report;

/// Send marked events and wait until they are in the bucket, or in a table: none lost
///
/// In a bucket every line must be valid JSON. In a table, the item under an event's key must name its `event_id`, in an
/// attribute, a set, a list or a map. Waits as long as the delivery stream may buffer, or Lambda may gather, twice, and two
/// minutes more.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// How many events
    #[arg(long, value_name = "N", default_value_t = 20)]
    events: u64,
    /// The firehose block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    firehose: Option<String>,
    /// The table block that a function writes them into; needed only if the spec has a delivery stream as well
    #[arg(long, value_name = "BLOCK", conflicts_with = "firehose")]
    table: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open_looking(&args.spec, printer).await?;
    let to_table = args.table.is_some() || (args.firehose.is_none() && !wiring::delivers(&session.graph));
    if to_table {
        let way = wiring::writing(&session.graph, args.table.as_deref())?;
        let table = Table { name: &way.table, key: &way.key, by: &way.by, window: way.window };
        return follow(&session, args, &way.stream, End::Table(table), printer).await;
    }
    let way = wiring::delivery(&session.graph, args.firehose.as_deref())?;
    let bucket = Bucket {
        name: &way.bucket,
        prefix: &way.prefix,
        error_prefix: &way.error_prefix,
        utc: way.utc,
        buffer: way.buffer,
        json_lines: way.json_lines,
    };
    follow(&session, args, &way.stream, End::Bucket(bucket), printer).await
}

async fn follow(session: &Session, args: &Args, stream: &str, end: End<'_>, printer: Printer) -> Outcome {
    let signals = Signals::watch();
    let ticker = Ticker::new(printer);
    let check = Check { load: Load { to: To::Stream(stream), count: args.events, rate: None }, end };
    let mut events = wiring::events();
    let show = |step| ticker.show(&report::progress(&step));
    let verified = verify(&*session.data, &mut events, check, &show, &signals).await;
    ticker.finish();
    let verified = verified?;
    let fault = verified.fault();
    if fault.is_none() || !printer.json {
        printer.result(&report::text(&verified), || report::json(&verified))?;
    }
    fault.map_or(Ok(0), |fault| Err(fault.into()))
}
