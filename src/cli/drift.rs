//! `pipectl drift`.

use serde_json::json;

use super::failure::Outcome;
use super::plan::{Adoption, wanted};
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use crate::report::drift;

/// Look for what somebody else has changed since the last apply
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Show every value in full
    #[arg(long)]
    full: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, printer).await?;
    let plan = wanted(&session, &Adoption::default()).await?;
    let drifted = drift::drifted(&plan);
    let text = drift::text(&plan, &drifted, args.full);
    printer.result(&text, || json!({"env": plan.env, "drifted": drifted}))?;
    Ok(if drifted.is_empty() { 0 } else { 5 })
}
