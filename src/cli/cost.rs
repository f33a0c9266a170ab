//! `pipectl cost`.

use serde_json::json;
use time::OffsetDateTime;

use super::diagnostics::print;
use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{self, Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::cost::{Expected, Prices, Tariff, estimate, expected};
use crate::model::graph::Graph;
use crate::ops::Fault;
use crate::ops::usage::measured;
use crate::report::cost::{prices, prices_json, text};
use crate::spec::Loaded;

/// Estimate what an environment costs a month, offline, from a dated price table
///
/// Traffic is what the spec expects of its streams, or what is given here; without either, only what costs the same
/// whatever flows is counted. Warns where a stream cannot take the traffic.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Records a second on every stream, instead of what the spec expects
    #[arg(long, value_name = "R", allow_negative_numbers = true, value_parser = finite)]
    records_per_second: Option<f64>,
    /// Size of a record in bytes, on average, instead of what the spec expects
    #[arg(long, value_name = "B")]
    bytes: Option<u32>,
    /// Reckon with the prices of another region
    #[arg(long, value_name = "REGION")]
    prices_of: Option<String>,
    /// Reckon with what CloudWatch has counted in the last 30 days, and with what the spec expects of the rest
    #[arg(long, conflicts_with_all = ["records_per_second", "bytes"])]
    from_metrics: bool,
    /// Print the prices of the region, by the names that `[prices]` gives them
    #[arg(long, conflicts_with_all = ["records_per_second", "bytes", "from_metrics"])]
    prices: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    if let Some(days) = Prices::table().outdated(OffsetDateTime::now_utc().date()) {
        let date = &Prices::table().date;
        printer.warn(&format!("the prices are of {date}, {days} days old: a newer pipectl may have newer ones"));
    }
    let loaded = load(args)?;
    let warnings = loaded.warnings();
    print(&warnings, printer);
    let (graph, _) = session::offline(&loaded, Code::None)?;
    let env = &loaded.spec.env;
    let region = args.prices_of.as_deref().unwrap_or(&env.region);
    let known = |error| Fault::helped(error, "`--prices-of REGION` reckons with the prices of one of these");
    let mut expected = expected(&loaded.spec);
    if args.prices {
        let tariff = Tariff::of(region, &expected.prices).map_err(known)?;
        printer.result(&prices(region, &tariff, printer.width), || prices_json(region, &tariff))?;
        return Ok(0);
    }
    let counted =
        if args.from_metrics { from_metrics(args, &graph, &mut expected, printer).await? } else { Vec::new() };
    if args.from_metrics && counted.is_empty() {
        printer
            .warn("CloudWatch has counted nothing of these blocks in the last 30 days: this is what the spec expects");
    }
    let estimate = estimate(&graph, &expected, region).map_err(known)?.as_counted(&counted);
    let json = || {
        json!({"env": env.name, "currency": "USD", "estimate": estimate, "counted": counted, "warnings": warnings.entries(),
        "warning_count": warnings.count().warnings})
    };
    printer.result(&text(&env.name, &env.region, &estimate, printer.width), json)?;
    Ok(0)
}

/// A number that is one.
fn finite(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| "it is no number".to_owned())
}

/// Puts what CloudWatch has counted in place of what is expected, and returns the blocks that it has counted anything of.
async fn from_metrics(
    args: &Args,
    graph: &Graph,
    expected: &mut Expected,
    printer: Printer,
) -> Result<Vec<String>, Failure> {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let asked = measured(&*session.data, graph, expected, OffsetDateTime::now_utc());
    Ok(waiting(printer, "asking CloudWatch for the last 30 days", asked).await.map_err(Fault::Call)?)
}

/// The spec, with the traffic that was given in place of its own: so the spec's checks look at it too.
fn load(args: &Args) -> Result<Loaded, Failure> {
    let loaded = session::load(&args.spec, None)?;
    let mut settings = Vec::new();
    for stream in loaded.spec.blocks.stream.own().keys() {
        let set = |key: &str, value: String| format!("stream.{stream}.expect.{key}={value}");
        settings.extend(args.records_per_second.map(|records| set("records_per_second", records.to_string())));
        settings.extend(args.bytes.map(|bytes| set("bytes", bytes.to_string())));
    }
    if settings.is_empty() { Ok(loaded) } else { session::load(&args.spec.with(settings), None) }
}
