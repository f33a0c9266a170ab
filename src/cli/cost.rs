//! `pipectl cost`.

use serde_json::json;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{self, Code, SpecArgs};
use super::validate::print;
use crate::cost::{estimate, expected};
use crate::ops::Fault;
use crate::report::cost::text;
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
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    records_per_second: Option<f64>,
    /// Size of a record in bytes, on average, instead of what the spec expects
    #[arg(long, value_name = "B")]
    bytes: Option<u32>,
    /// Reckon with the prices of another region
    #[arg(long, value_name = "REGION")]
    prices_of: Option<String>,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let loaded = load(args)?;
    let warnings = loaded.warnings();
    print(&warnings, printer);
    let (graph, _) = session::offline(&loaded, Code::None)?;
    let env = &loaded.spec.env;
    let region = args.prices_of.as_deref().unwrap_or(&env.region);
    let estimate = estimate(&graph, &expected(&loaded.spec), region)
        .map_err(|error| Fault::helped(error, "`--prices-of REGION` reckons with the prices of one of these"))?;
    let json = || {
        json!({"env": env.name, "currency": "USD", "estimate": estimate, "warnings": warnings.entries(),
        "warning_count": warnings.count().warnings})
    };
    printer.result(&text(&env.name, &estimate, printer.width), json)?;
    Ok(0)
}

/// The spec, with the traffic that was given in place of its own: so the spec's checks look at it too.
fn load(args: &Args) -> Result<Loaded, Failure> {
    let loaded = session::load(&args.spec, None)?;
    let mut settings = Vec::new();
    for stream in loaded.spec.blocks.stream.keys() {
        let set = |key: &str, value: String| format!("stream.{stream}.expect.{key}={value}");
        settings.extend(args.records_per_second.map(|records| set("records_per_second", records.to_string())));
        settings.extend(args.bytes.map(|bytes| set("bytes", bytes.to_string())));
    }
    if settings.is_empty() { Ok(loaded) } else { session::load(&args.spec.with(settings), None) }
}
