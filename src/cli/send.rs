//! `pipectl send`.

use std::num::NonZeroU32;

use secrecy::SecretString;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring::{self, Route};
use crate::model::address::Address;
use crate::ops::fault::state_fault;
use crate::ops::send::{Load, To, send};
use crate::report::send as report;

/// Put realistic click events on a stream or into a firehose, or post them to an API
///
/// Page views, clicks, additions to a cart and purchases of many sessions; a session's events go to one shard. To an API each
/// goes with a request of its own, to its first POST route.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// How many events
    #[arg(long, value_name = "N", default_value_t = 100)]
    events: u64,
    /// Events per second; without it, as fast as they are taken
    #[arg(long, value_name = "R")]
    rate: Option<NonZeroU32>,
    /// By which way
    #[arg(long, value_enum, default_value_t = Via::Stream)]
    via: Via,
    /// The stream block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    stream: Option<String>,
    /// The firehose block, one without a `source`; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    firehose: Option<String>,
    /// The API block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    api: Option<String>,
    /// Where the API's stage is reached, in place of its own URL: an emulator's
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// The ways into a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Via {
    /// Right onto the stream, as an application in AWS does
    Stream,
    /// Right into the firehose, which reads no stream
    Firehose,
    /// By the API, as a browser does
    Api,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let (target, key) = match args.via {
        Via::Stream => (wiring::stream(&session.graph, args.stream.as_deref())?, None),
        Via::Firehose => (wiring::direct(&session.graph, args.firehose.as_deref())?, None),
        Via::Api => route(&session, args).await?,
    };
    let to = match args.via {
        Via::Stream => To::Stream(&target),
        Via::Firehose => To::Firehose(&target),
        Via::Api => To::Api { url: &target, key: key.as_ref() },
    };
    let signals = Signals::watch();
    let ticker = Ticker::new(printer);
    let load = Load { to, count: args.events, rate: args.rate };
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

/// The whole URL of the route that events are posted to, and the API key that it asks for. The URL of its stage and the id
/// of the key are made up by AWS, and kept in the state.
async fn route(session: &Session, args: &Args) -> Result<(String, Option<SecretString>), Failure> {
    let Route { stage, path, key } = wiring::route(&session.graph, args.api.as_deref())?;
    let loaded = session.site.store.load().await.map_err(state_fault)?;
    let known = |address: &Address, output: &str| {
        let record = loaded.as_ref().and_then(|loaded| loaded.state.resources.get(address));
        let output = record.and_then(|record| record.outputs[output].as_str()).map(str::to_owned);
        output.ok_or_else(|| Failure::new(format!("{address} is not deployed: `pipectl apply` makes it")))
    };
    let url = match &args.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => known(&stage, "url")?,
    };
    let key = match key {
        Some(key) => Some(session.data.api_key(&known(&key, "id")?).await?),
        None => None,
    };
    Ok((format!("{url}{path}"), key))
}
