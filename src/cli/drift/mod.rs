//! `pipectl drift`.

mod accept;
mod revert;

use std::path::PathBuf;

use serde_json::json;

use super::apply::How;
use super::failure::Outcome;
use super::plan::wish;
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use crate::cost::expected;
use crate::engine::address::Address;
use crate::engine::plan::Adopt;
use crate::ops::drift::{Chosen, no_state};
use crate::ops::plan::make;
use crate::report::drift;

/// Look for what somebody else has changed since the last apply; undo or accept it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Only these resources; a block's name stands for all its parts
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<Address>,
    /// Show every value in full
    #[arg(long)]
    full: bool,
    /// Plan, show, ask and apply what makes live resources as the last apply left them
    #[arg(long, group = "remedy")]
    revert: bool,
    /// Edit the spec's own file so that it says what is live; shows the edits, and asks before it writes them
    #[arg(long, group = "remedy")]
    accept: bool,
    /// With --revert: only save the plan, for `pipectl apply`
    #[arg(long, value_name = "FILE", requires = "revert", conflicts_with_all = ["auto_approve", "lock_timeout"])]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long, requires = "remedy")]
    auto_approve: bool,
    /// With --revert: how long to wait for somebody else's lock while its holder lives, in seconds
    #[arg(long, value_name = "SECONDS", requires = "revert")]
    lock_timeout: Option<u64>,
}

impl Args {
    fn chosen(&self) -> Chosen {
        Chosen::new(&self.addresses)
    }

    fn how(&self) -> How {
        let lock_timeout = self.lock_timeout.unwrap_or_default();
        How { auto_approve: self.auto_approve, empty_buckets: false, lock_timeout }
    }
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, printer).await?;
    if args.revert {
        return revert::run(args, &session, printer).await;
    }
    if args.accept {
        return accept::run(args, &session, printer).await;
    }
    let traffic = expected(&session.loaded.spec);
    let plan = make(&session.site, &wish(&session, &traffic, &Adopt::Nothing)).await?;
    if plan.state.lineage.is_none() {
        return Err(no_state(&plan.state.location).into());
    }
    let chosen = args.chosen();
    chosen.check(plan.changes.0.iter().map(|change| &change.address))?;
    let mut drifted = drift::drifted(&plan);
    drifted.retain(|one| chosen.has(&one.address));
    let text = drift::text(&plan, &drifted, args.full);
    printer.result(&text, || json!({"env": plan.env, "drifted": drifted}))?;
    Ok(if drifted.is_empty() { 0 } else { 5 })
}
