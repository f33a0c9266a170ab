//! `pipectl adopt`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::files::write_file;
use super::planning::{Adoption, READING, make_plan, refused, say_where};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::engine::plan::selection::WHOLE;
use crate::engine::plan::{Action, Adopt};
use crate::engine::planfile::{Plan, PlanFile};
use crate::model::address::Address;
use crate::ops::adoption::{adoptions, left_alone, replaced};
use crate::ops::preconditions::conflicting;
use crate::report::style::Clean;

/// Show what exists under the declared names and is not ours; with addresses, save a plan that takes it over
///
/// Shows every difference that adoption would change. Takes over nothing by itself: `pipectl apply` does, as planned.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// What to take over: addresses, a block's name for all its parts, or `all` that nobody else has marked as theirs
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Where to save the plan
    #[arg(long, value_name = "FILE", default_value = "plan.json", requires = "addresses")]
    out: PathBuf,
    /// Run no `build` of a function: use what was built before, and refuse where that is missing or was changed
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    reports: Reports,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    let session = Session::open(&args.spec, Code::unless(args.no_build), printer).await?;
    let asked = Adoption::of(&args.addresses).parse(&session.graph)?;
    let whole = waiting(printer, READING, make_plan(&session, &asked, &WHOLE)).await?;
    let plan = adoptions(whole.clone(), &asked);
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
    args.reports.show(&plan, &file, None, printer)?;
    match &asked {
        Adopt::Nothing => offered(&plan, printer),
        Adopt::All => left(&whole, &plan, printer),
        Adopt::Only(addresses) => idle(addresses, &whole, printer),
    }
    for change in replaced(&whole.changes.0).filter(|change| asked == Adopt::Nothing || asked.allows(&change.address)) {
        let (address, reason) = (change.address.to_string(), change.reason.as_deref().unwrap_or_default());
        printer.warn(&format!("{} is not taken over but replaced by a plan: {}", Clean(&address), Clean(reason)));
    }
    if asked == Adopt::Nothing {
        return Ok(0);
    }
    if !plan.refusals.is_empty() {
        return Ok(refused(plan, printer));
    }
    if let Some(fault) = conflicting(&plan) {
        return Ok(Failure::from(fault).said(printer));
    }
    write_file(&args.out, &file)?;
    let words = [args.spec.words(&plan.env), Adoption::of(&args.addresses).words()].concat();
    say_where(&plan, &args.out, &words, printer);
    Ok(0)
}

/// Says how what is shown is taken over.
fn offered(plan: &Plan, printer: Printer) {
    if plan.changes.any() {
        let env = Clean(&plan.env);
        printer.say(&format!("\n`pipectl adopt --env {env} ADDRESS…` (or `all`) saves a plan that takes them over"));
    }
}

/// Says what is not taken over although all was asked for.
fn left(whole: &Plan, plan: &Plan, printer: Printer) {
    for change in left_alone(whole).filter(|change| plan.changes.0.iter().all(|one| one.address != change.address)) {
        let reason = change.reason.as_deref().unwrap_or_default();
        printer.warn(&format!("{} is left alone: {}", Clean(&change.address.to_string()), Clean(reason)));
    }
}

/// Says of which addresses there is nothing to adopt.
fn idle(addresses: &BTreeSet<Address>, whole: &Plan, printer: Printer) {
    for address in addresses {
        let one = Adopt::Only(BTreeSet::from([address.clone()]));
        let own: Vec<Action> =
            whole.changes.0.iter().filter(|change| one.allows(&change.address)).map(|change| change.action).collect();
        if own.iter().any(|action| matches!(action, Action::Adopt | Action::Conflict | Action::Replace)) {
            continue;
        }
        let missing = own.iter().all(|action| *action == Action::Create);
        let why = if missing { "it does not exist yet, and `plan` makes it" } else { "it is ours already" };
        printer.warn(&format!("there is nothing to adopt of {}: {why}", Clean(&address.to_string())));
    }
}
