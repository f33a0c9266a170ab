//! `pipectl apply`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::interval;

use super::failure::{Failure, Outcome};
use super::lock::Lock;
use super::plan::{Adoption, refused, spec_changed, wanted};
use super::printer::Printer;
use super::progress::{Progress, REMINDER};
use super::reports::Reports;
use super::secrets;
use super::session::{Session, SpecArgs, site_of};
use super::show::read;
use crate::engine::apply;
use crate::engine::planfile::{Plan, Purpose, Sealed};
use crate::engine::steps::steps;
use crate::ops::admission::admissible;
use crate::ops::amount::counted;
use crate::ops::apply::{Order, run as carry_out};
use crate::ops::fault::{Fault, Staleness};
use crate::ops::plan::state_fault;
use crate::ops::site::Site;
use crate::report::style::{BOLD, Clean, GOOD, paint};

/// Apply a saved plan, exactly that, or refuse; with --env, plan, show, ask and apply
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    #[arg(conflicts_with_all = ["env", "env_file", "set", "adopt"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    adoption: Adoption,
    /// Approve of what the plan says to widen access: without this, it is refused where nobody can be asked
    #[arg(long)]
    approve_broadening: bool,
    #[command(flatten)]
    how: How,
}

/// How a plan is applied.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct How {
    /// Do not ask
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Empty buckets that are to be deleted: all objects and all their versions
    #[arg(long)]
    pub(super) empty_buckets: bool,
    /// How long to wait for somebody else's lock while its holder lives, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(super) lock_timeout: u64,
    /// Whether widening access is approved.
    #[arg(skip)]
    pub(super) broadening: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let how = How { broadening: args.approve_broadening, ..args.how };
    match &args.plan {
        Some(file) => saved(file, how, printer).await,
        None => fresh(args, how, printer).await,
    }
}

/// Applies the plan in a file.
async fn saved(file: &Path, how: How, printer: Printer) -> Outcome {
    let (plan, digest) = read(file)?;
    if let Some(spec) = spec_changed(&plan) {
        return Err(Fault::Stale(Staleness::Spec(spec)).into());
    }
    let site = site_of(&plan).await?;
    admissible(&site, &plan)?;
    // The plan was looked at when it was made; only what it opens is asked for once more.
    let how = if widens(&plan, how)? { asked(&plan, how, printer)? } else { how };
    execute(&site, &plan, &digest, how, printer).await
}

/// Plans, shows, asks, applies.
async fn fresh(args: &Args, how: How, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, printer).await?;
    let plan = wanted(&session, &args.adoption.parse(&session.graph)?).await?;
    let file = Sealed::new(&plan).map_err(anyhow::Error::from)?;
    // The one JSON on standard output is the result of the apply.
    if !printer.json {
        Reports::default().show(&plan, &file, None, printer)?;
        if !plan.refusals.is_empty() {
            return Ok(refused(plan, printer));
        }
    }
    let how = approved(&session.site, &plan, how, printer)?;
    execute(&session.site, &plan, file.digest(), how, printer).await
}

/// Refuses what cannot be applied, and asks for the environment's name before anything is changed. Where nobody can
/// answer, only `--auto-approve` will do. Returns how it is applied then.
pub(super) fn approved(site: &Site, plan: &Plan, how: How, printer: Printer) -> Result<How, Failure> {
    admissible(site, plan)?;
    widens(plan, how)?;
    if how.auto_approve || !plan.changes.any() {
        return Ok(how);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("nobody is there to ask: add `--auto-approve`, or save a plan and apply that file"));
    }
    asked(plan, how, printer)
}

/// Whether the plan widens access in a way that is still to be approved; refused where nobody can be asked for that.
fn widens(plan: &Plan, how: How) -> Result<bool, Fault> {
    let open = !plan.broadens.is_empty() && !how.broadening;
    if open && (how.auto_approve || !std::io::stdin().is_terminal()) {
        return Err(Fault::Broadens(plan.broadens.clone()));
    }
    Ok(open)
}

/// Asks for the environment's name, and names what else is approved with it.
fn asked(plan: &Plan, how: How, printer: Printer) -> Result<How, Failure> {
    for one in &plan.broadens {
        let what = format!("{} {}", one.address, one.in_words());
        printer.warn(&format!("this widens access: {}", Clean(&what)));
    }
    let question = match plan.purpose {
        Purpose::Apply | Purpose::Adopt => format!("\nApply this to {}?", Clean(&plan.env)),
        Purpose::Destroy => format!("\nDestroy everything that {} owns?", Clean(&plan.env)),
        Purpose::Revert => format!("\nRevert this in {}?", Clean(&plan.env)),
    };
    if printer.confirmed(&question, &plan.env) {
        Ok(How { broadening: true, ..how })
    } else {
        Err(Failure::new("that was not the name: nothing was changed"))
    }
}

/// Applies a plan, showing how it goes.
pub(super) async fn execute(site: &Site, plan: &Plan, digest: &str, how: How, printer: Printer) -> Outcome {
    let verb = match plan.purpose {
        Purpose::Apply | Purpose::Adopt => "apply",
        Purpose::Destroy => "destroy",
        Purpose::Revert => "revert drift",
    };
    secrets::give(site, plan, printer)?;
    let lock = Lock::new(format!("{verb} ({})", plan.env), printer)?.patient(Duration::from_secs(how.lock_timeout));
    let total = steps(&plan.changes).map_or(0, |steps| steps.len());
    let progress = Progress::new(printer, total);
    let observe = |event: &apply::Event| progress.observe(event);
    let (empty, broadening) = (how.empty_buckets, how.broadening);
    let order = Order { plan, digest, empty, broadening, observe: &observe, rescue: Path::new(".") };
    let result = tokio::select! {
        result = carry_out(site, &order, lock.locking()) => result,
        never = accompany(&progress, &lock) => match never {},
    };
    progress.finish();
    let outcome = result?;
    let outputs = if printer.json { kept(site).await? } else { BTreeMap::new() };
    let json = || json!({"env": plan.env, "purpose": plan.purpose, "done": outcome.done, "summary": plan.summary(), "outputs": outputs});
    printer.result(&done(plan, outcome.done.len()), json)?;
    Ok(0)
}

/// The outputs as they are kept, with what AWS has made up.
async fn kept(site: &Site) -> Result<BTreeMap<String, Value>, Failure> {
    let loaded = site.store.load().await.map_err(state_fault)?;
    Ok(loaded.map(|loaded| loaded.state.outputs).unwrap_or_default())
}

/// What an apply has come to, on one line.
fn done(plan: &Plan, steps: usize) -> String {
    let env = paint(BOLD, Clean(&plan.env));
    let what = match (steps, plan.purpose) {
        (0, Purpose::Apply) => format!("{env} is as the spec says; there was nothing to do."),
        (0, Purpose::Adopt) => format!("{env} has nothing to adopt; there was nothing to do."),
        (0, Purpose::Destroy) => format!("{env} owns nothing; there was nothing to do."),
        (0, Purpose::Revert) => format!("{env} is as the last apply left it; there was nothing to do."),
        (_, Purpose::Apply) => format!("{env} is as the spec says ({}).", counted(steps as u64, "step")),
        (_, Purpose::Adopt) => format!("what was planned is {env}'s now ({}).", counted(steps as u64, "step")),
        (_, Purpose::Destroy) => format!("{env} owns nothing any more ({}).", counted(steps as u64, "step")),
        (_, Purpose::Revert) => format!("drift in {env} is undone ({}).", counted(steps as u64, "step")),
    };
    format!("{} {what}\n", paint(GOOD, "done:"))
}

/// Says what takes long, and that a signal was heard.
async fn accompany(progress: &Progress, lock: &Lock) -> Infallible {
    let mut ticks = interval(REMINDER);
    ticks.tick().await;
    let mut told = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => progress.remind(),
            () = lock.interrupted(), if !told => {
                told = true;
                progress.say("stopping: nothing new is begun, what is under way is awaited (again: leave at once)");
            }
        }
    }
}
