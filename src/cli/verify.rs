//! `pipectl verify`.

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring;
use crate::ops::send::{Load, To};
use crate::ops::verify::{Check, verify};
use crate::report::verify as report;

/// Send marked events and wait until they are in the bucket: none lost, none doubled
///
/// Every line must be valid JSON, and there must be no failed delivery. Waits as long as the delivery stream may buffer, twice, and two minutes more.
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
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, printer).await?;
    let delivery = wiring::delivery(&session.graph, args.firehose.as_deref())?;
    let signals = Signals::watch().map_err(anyhow::Error::from)?;
    let ticker = Ticker::new(printer);
    let check = Check {
        load: Load { to: To::Stream(&delivery.stream), count: args.events, rate: None },
        bucket: &delivery.bucket,
        prefix: &delivery.prefix,
        error_prefix: &delivery.error_prefix,
        utc: delivery.utc,
        buffer: delivery.buffer,
        json_lines: delivery.json_lines,
    };
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
