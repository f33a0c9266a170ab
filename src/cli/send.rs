//! `pipectl send`.

use std::num::NonZeroU32;

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring;
use crate::ops::send::{Load, send};
use crate::report::send as report;

/// Put realistic click events on a stream
///
/// Page views, clicks, additions to a cart and purchases of many sessions; a session's events go to one shard.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// How many events
    #[arg(long, value_name = "N", default_value_t = 100)]
    events: u64,
    /// Events per second; without it, as fast as the stream takes them
    #[arg(long, value_name = "R")]
    rate: Option<NonZeroU32>,
    /// The stream block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    stream: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, printer).await?;
    let stream = wiring::stream(&session.graph, args.stream.as_deref())?;
    let signals = Signals::watch().map_err(anyhow::Error::from)?;
    let ticker = Ticker::new(printer);
    let load = Load { stream: &stream, count: args.events, rate: args.rate };
    let mut events = wiring::events();
    let sent = send(&*session.data, &mut events, load, &|step| ticker.show(&report::progress(&step)), &signals).await;
    ticker.finish();
    let fault = sent.fault();
    // A failure is told as one; its result would be a second JSON.
    if fault.is_none() || !printer.json {
        printer.result(&report::text(&sent, printer.width), || report::json(&sent))?;
    }
    fault.map_or(Ok(0), |fault| Err(fault.into()))
}
