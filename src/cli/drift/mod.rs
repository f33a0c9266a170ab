//! `pipectl drift`.

mod accept;
mod revert;

use std::path::PathBuf;

use serde_json::json;

use super::apply::How;
use super::failure::{Failure, Outcome};
use super::planning::{READING, plan_request};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::cost::expected;
use crate::engine::plan::{Adopt, Change};
use crate::engine::planfile::Plan;
use crate::model::address::Address;
use crate::ops::Fault;
use crate::ops::drift::{Chosen, Seen, look};
use crate::ops::explain::explain;
use crate::ops::fault::help_for;
use crate::report::drift::{self, Drifted};
use crate::report::style::Clean;

/// Look for what somebody else has changed since the last apply; undo or accept it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Only these resources; a block's name stands for all its parts
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<Address>,
    /// Look up in CloudTrail who changed each value, and when
    #[arg(long, conflicts_with = "remedy")]
    explain: bool,
    /// Show every value in full
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    remedy: Remedy,
}

/// What is to be done about it.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Remedy {
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
    /// With --revert: approve of what the revert says to widen access
    #[arg(long, requires = "revert", conflicts_with = "out")]
    approve_broadening: bool,
    /// With --revert: how long to wait for somebody else's lock while its holder lives, in seconds
    #[arg(long, value_name = "SECONDS", requires = "revert")]
    lock_timeout: Option<u64>,
}

impl Args {
    fn chosen(&self) -> Chosen {
        Chosen::new(&self.addresses)
    }
}

impl Remedy {
    fn how(&self) -> How {
        let lock_timeout = self.lock_timeout.unwrap_or_default();
        let broadening = self.approve_broadening;
        How { auto_approve: self.auto_approve, empty_buckets: false, lock_timeout, broadening }
    }
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    // What undoes or accepts drift goes by the state and by what is live.
    let code = if args.remedy.revert || args.remedy.accept { Code::None } else { Code::Source };
    let session = Session::open(&args.spec, code, printer).await?;
    if args.remedy.revert {
        return revert::run(args, &session, printer).await;
    }
    if args.remedy.accept {
        return accept::run(args, &session, printer).await;
    }
    let traffic = expected(&session.loaded.spec);
    let chosen = args.chosen();
    let plan_request = plan_request(&session, &traffic, &Adopt::Nothing);
    let Seen { plan, looks, not_built } =
        waiting(printer, READING, look(&session.site, &plan_request, &chosen)).await?;
    let mut drifted = drift::drifted(&plan, &looks);
    drifted.retain(|one| chosen.has(&one.address));
    let blind = drift::blind(&looks);
    let failed = if args.explain { explained(&session, &plan, &mut drifted, printer).await? } else { None };
    for function in &not_built {
        printer.say(&format!(
            "{}: its files or its `build` have changed since the last apply. What is live was compared with what was \
             applied; what the new ones would make is not known here, `pipectl plan` builds it",
            Clean(&function.to_string())
        ));
    }
    let text = drift::text(&plan, &drifted, &blind, args.full);
    let json = || {
        let mut json = json!({"env": plan.env, "drifted": drifted, "not_looked_at": blind, "not_built": not_built});
        if let Some(why) = &failed {
            json["unexplained"] = json!(why);
        }
        json
    };
    printer.result(&text, json)?;
    Ok(if drifted.is_empty() { 0 } else { 5 })
}

/// Says what neither a revert nor an acceptance can do anything about; whether there is any.
async fn warn_of_the_rest(args: &Args, session: &Session, printer: Printer) -> Result<bool, Failure> {
    let traffic = expected(&session.loaded.spec);
    let Seen { looks, .. } =
        look(&session.site, &plan_request(session, &traffic, &Adopt::Nothing), &args.chosen()).await?;
    let rest = drift::beyond(&looks);
    for line in &rest {
        printer.warn(line);
    }
    Ok(!rest.is_empty())
}

/// Adds who changed what. Drift is shown all the same where that cannot be looked up: returned is why.
async fn explained(
    session: &Session,
    plan: &Plan,
    drifted: &mut [Drifted],
    printer: Printer,
) -> Result<Option<String>, Failure> {
    let named = |change: &&Change| drifted.iter().any(|one| one.address == change.address);
    let changes: Vec<&Change> = plan.changes.0.iter().filter(named).collect();
    if changes.is_empty() {
        return Ok(None);
    }
    printer.say("asking CloudTrail, which answers twice a second …");
    match explain(&session.site, &*session.trail, &changes).await {
        Ok(mut traces) => {
            for one in drifted {
                one.traces = traces.remove(&one.address);
            }
            Ok(None)
        }
        Err(Fault::Call(error)) => {
            let why = Clean(&error.to_string()).to_string();
            let help = help_for(&error).map(|help| format!("; {help}")).unwrap_or_default();
            printer.warn(&format!("who changed it cannot be told: {why}{help}"));
            Ok(Some(why))
        }
        Err(fault) => Err(fault.into()),
    }
}
