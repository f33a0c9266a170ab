//! `pipectl apply`.

mod file;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::interval;

use super::failure::{Failure, Outcome};
use super::lock::Lock;
use super::planning::{Adoption, READING, Selecting, keeps_policy, make_plan, plan_request, refused};
use super::printer::Printer;
use super::progress::{Progress, REMINDER};
use super::reports::Reports;
use super::secrets;
use super::session::{Code, Session, SpecArgs};
use super::standing;
use crate::cost::expected;
use crate::engine::apply;
use crate::engine::planfile::{Plan, PlanFile, Purpose};
use crate::engine::steps::steps;
use crate::model::address::Address;
use crate::ops::amount::counted;
use crate::ops::apply::{Approved, Order, Origin, afresh, run as carry_out};
use crate::ops::fault::Fault;
use crate::ops::fault::state_fault;
use crate::ops::plan::PlanRequest;
use crate::ops::preconditions::check_preconditions;
use crate::ops::request::Request;
use crate::ops::site::Site;
use crate::ops::unmodelled::obstacles;
use crate::report::style::{BOLD, Clean, GOOD, paint};

/// Apply a saved plan, exactly that, or refuse; with --env, plan, show, ask and apply
///
/// A plan file is what was reviewed. What is done is worked out again from the spec, the state and AWS, and refused where the
/// file says anything else. So options that a plan was made with are given again.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Args {
    /// The plan file
    plan: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    adoption: Adoption,
    #[command(flatten)]
    selecting: Selecting,
    /// The plan file is one of a destruction
    #[arg(long, requires = "plan", conflicts_with_all = ["adopt", "revert"])]
    destroy: bool,
    /// The plan file is one that reverts drift: of all, or of these addresses
    #[arg(long, value_name = "ADDRESS", num_args = 0.., requires = "plan", conflicts_with = "adopt")]
    revert: Option<Vec<Address>>,
    /// Apply a plan file whose spec is not here, by what its changes themselves do; refused in CI
    #[arg(long, requires = "plan", conflicts_with_all = ["env", "env_file", "set", "adopt"])]
    without_spec: bool,
    /// Run no `build` of a function: use what was built before, and refuse where that is missing or was changed; a saved plan
    /// is applied so in any case
    #[arg(long)]
    no_build: bool,
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
        Some(file) => file::run(args, file, how, printer).await,
        None => fresh(args, how, printer).await,
    }
}

/// Plans, shows, asks, applies.
async fn fresh(args: &Args, how: How, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::unless(args.no_build), printer).await?;
    let adopt = args.adoption.parse(&session.graph)?;
    let selection = args.selecting.selection();
    // The one JSON on standard output is the result of the apply.
    let show = |plan: &Plan, file: &PlanFile| {
        if printer.json { Ok(()) } else { Reports::default().show(plan, file, None, printer) }
    };
    if how.auto_approve && !secrets::may_ask(&session.loaded.spec, printer) {
        keeps_policy(&session.loaded, &session.graph)?;
        let traffic = expected(&session.loaded.spec);
        let plan_request = PlanRequest { selection: &selection, ..plan_request(&session, &traffic, &adopt) };
        let request = Request::Whole(plan_request);
        return at_once(&session.site, &request, ("apply", show), how, printer).await;
    }
    let plan = make_plan(&session, &adopt, &selection).await?;
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
    show(&plan, &file)?;
    if !printer.json && !plan.refusals.is_empty() {
        return Ok(refused(plan, printer));
    }
    let how = approved(&session.site, &plan, how, printer).await?;
    execute(&session.site, &plan, file.digest(), Origin::Here, how, printer).await
}

/// Refuses what cannot be applied, and asks for the environment's name before anything is changed. Where nobody can
/// answer, only `--auto-approve` will do. Returns how it is applied then.
pub(super) async fn approved(site: &Site, plan: &Plan, how: How, printer: Printer) -> Result<How, Failure> {
    check_preconditions(site, plan)?;
    let nobody = !how.auto_approve && !std::io::stdin().is_terminal();
    // With `--auto-approve` this is refused under the lock: what was seen while somebody else's apply is under way is half
    // done, and looks like drift.
    if !plan.broadens.is_empty() && !how.broadening && nobody {
        return Err(Fault::Broadens(plan.broadens.clone()).into());
    }
    if how.auto_approve || !(plan.changes.any() || plan.registers()) {
        return Ok(how);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("nobody is there to ask: add `--auto-approve`, or save a plan and apply that file"));
    }
    // Asked again under the lock; nobody is to approve of what is refused right after.
    let obstacles = obstacles(site, &plan.changes, how.empty_buckets).await;
    if !obstacles.is_empty() {
        return Err(Fault::Obstructed(obstacles).into());
    }
    asked(plan, how, printer).await
}

/// Asks for the environment's name, and names what else is approved with it.
async fn asked(plan: &Plan, how: How, printer: Printer) -> Result<How, Failure> {
    for one in &plan.broadens {
        let what = format!("{} {}", one.address, one.in_words());
        printer.warn(&format!("this widens access: {}", Clean(&what)));
    }
    let question = match plan.purpose {
        Purpose::Apply | Purpose::Adopt => format!("\nApply this to {}?", Clean(&plan.env)),
        Purpose::Destroy => format!("\nDestroy everything that {} owns?", Clean(&plan.env)),
        Purpose::Revert => format!("\nRevert this in {}?", Clean(&plan.env)),
    };
    if printer.confirmed(&question, &plan.env).await {
        Ok(How { broadening: true, ..how })
    } else {
        Err(Failure::new("that was not the name: nothing was changed"))
    }
}

/// Plans under the lock, shows the plan, and carries it out: nobody is asked in between. `verb` is what the lock says of it.
pub(super) async fn at_once(
    site: &Site,
    request: &Request<'_>,
    (verb, show): (&str, impl Fn(&Plan, &PlanFile) -> Result<(), Failure>),
    how: How,
    printer: Printer,
) -> Outcome {
    let lock = lock(verb, &site.env, how, printer);
    let progress = OnceLock::new();
    let observe = |event: &apply::Event| progress.get().into_iter().for_each(|shown: &Progress| shown.observe(event));
    let approve = async |plan: &Plan| {
        let file = PlanFile::new(plan).map_err(anyhow::Error::from)?;
        show(plan, &file)?;
        if !printer.json && !plan.refusals.is_empty() {
            return Ok::<_, Failure>(None);
        }
        let how = approved(site, plan, how, printer).await?;
        secrets::give(site, plan, printer).await?;
        progress.get_or_init(|| progress_of(plan, printer));
        Ok(Some(Approved {
            digest: file.digest().to_owned(),
            empty: how.empty_buckets,
            broadening: how.broadening,
            observe: &observe,
            rescue: standing::folder(),
        }))
    };
    let result = tokio::select! {
        result = afresh(site, request, lock.locking(), approve) => result,
        never = accompany(|| progress.get(), &lock, printer) => match never {},
    };
    if let Some(progress) = progress.get() {
        progress.finish();
    }
    match result? {
        (plan, Some(outcome)) => told(site, &plan, &outcome, printer).await,
        (plan, None) => Ok(refused(plan, printer)),
    }
}

/// Applies a plan, showing how it goes.
pub(super) async fn execute(
    site: &Site,
    plan: &Plan,
    digest: &str,
    origin: Origin<'_>,
    how: How,
    printer: Printer,
) -> Outcome {
    let verb = match plan.purpose {
        Purpose::Apply | Purpose::Adopt => "apply",
        Purpose::Destroy => "destroy",
        Purpose::Revert => "revert drift",
    };
    secrets::give(site, plan, printer).await?;
    let lock = lock(verb, &plan.env, how, printer);
    let progress = progress_of(plan, printer);
    let observe = |event: &apply::Event| progress.observe(event);
    let (empty, broadening) = (how.empty_buckets, how.broadening);
    let order = Order { plan, origin, digest, empty, broadening, observe: &observe, rescue: standing::folder() };
    let result = tokio::select! {
        result = carry_out(site, &order, lock.locking()) => result,
        never = accompany(|| Some(&progress), &lock, printer) => match never {},
    };
    progress.finish();
    told(site, plan, &result?, printer).await
}

/// The lock for what is done to an environment.
fn lock(verb: &str, env: &str, how: How, printer: Printer) -> Lock {
    Lock::new(format!("{verb} ({env})"), printer).patient(Duration::from_secs(how.lock_timeout))
}

fn progress_of(plan: &Plan, printer: Printer) -> Progress {
    Progress::new(printer, steps(&plan.changes).map_or(0, |steps| steps.len()))
}

/// Says what an apply has come to that is done.
async fn told(site: &Site, plan: &Plan, outcome: &apply::Outcome, printer: Printer) -> Outcome {
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

/// Says what takes long, and that a signal was heard. Until there is a plan, there is no progress to show.
async fn accompany<'a>(progress: impl Fn() -> Option<&'a Progress>, lock: &Lock, printer: Printer) -> Infallible {
    let mut ticks = interval(REMINDER);
    ticks.tick().await;
    let mut told = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => match progress() {
                Some(progress) => progress.remind(),
                None => printer.say(&format!("still {READING}")),
            },
            () = lock.interrupted(), if !told => {
                told = true;
                if let Some(progress) = progress() {
                    progress.say("stopping: nothing new is begun, what is under way is awaited (again: leave at once)");
                }
            }
        }
    }
}
