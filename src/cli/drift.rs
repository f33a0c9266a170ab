//! `pipectl drift`.

use anyhow::anyhow;
use serde_json::json;

use super::failure::Outcome;
use super::plan::wanted;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use crate::engine::plan::Adopt;
use crate::ops::Fault;
use crate::report::drift;
use crate::report::style::Clean;

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
    let plan = wanted(&session, &Adopt::Nothing).await?;
    if plan.state.lineage.is_none() {
        let error = anyhow!("there is no state at {}, so nothing says what was left how", Clean(&plan.state.location));
        let help = "if it was lost, `pipectl state rebuild` finds what is there; else nothing was applied yet";
        return Err(Fault::helped(error, help).into());
    }
    let drifted = drift::drifted(&plan);
    let text = drift::text(&plan, &drifted, args.full);
    printer.result(&text, || json!({"env": plan.env, "drifted": drifted}))?;
    Ok(if drifted.is_empty() { 0 } else { 5 })
}
