//! `pipectl plan`.

mod all;
mod order;

use std::path::PathBuf;

use super::failure::Outcome;
use super::files::write_file;
use super::planning::{Adoption, READING, Selecting, make_plan, refused, say_where};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::engine::planfile::PlanFile;
use crate::ops::preflight::preflight;

/// Compare a spec with live AWS, show what would change, and save that as a plan
///
/// Changes nothing and takes no lock. The plan file is what `pipectl apply` applies, and nothing else.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    which: Which,
    /// Where to save the plan; with `--all`, in the folder of each project
    #[arg(long, value_name = "FILE", default_value = "plan.json")]
    out: PathBuf,
    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Ask AWS whether an apply would get through: simulate its very calls for the caller, look at the account's quotas
    #[arg(long)]
    preflight: bool,
    /// Run no `build` of a function: use what was built before, and refuse where that is missing or was changed
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    adoption: Adoption,
    #[command(flatten)]
    selecting: Selecting,
    #[command(flatten)]
    reports: Reports,
}

/// Which projects are planned.
#[derive(Debug, clap::Args)]
struct Which {
    /// Plan every project below the current folder that has this environment: one result, and the worst exit code
    #[arg(long)]
    all: bool,
    /// With `--all`, only projects in whose folders files have changed since this branch has parted from REF
    #[arg(long, value_name = "REF", requires = "all")]
    changed_since: Option<String>,
    /// With `--all`, write a child pipeline of GitLab's that applies these plans, for the `.gitlab-ci.yml` of `init --tree`
    #[arg(long, value_name = "FILE", requires = "all")]
    child_pipeline: Option<PathBuf>,
}

impl Args {
    /// Whether it is about all projects below, and not about the one that the current folder lies in.
    pub(super) fn is_of_all(&self) -> bool {
        self.which.all
    }
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    if args.which.all {
        return all::run(args, printer).await;
    }
    let session = Session::open(&args.spec, Code::unless(args.no_build), printer).await?;
    let adopt = args.adoption.parse(&session.graph)?;
    let selection = args.selecting.selection();
    let plan = waiting(printer, READING, make_plan(&session, &adopt, &selection)).await?;
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
    let found =
        if args.preflight { Some(preflight(&session.site.registry, &plan, &*session.account).await) } else { None };
    args.reports.show(&plan, &file, found.as_ref(), printer)?;
    if !plan.refusals.is_empty() {
        return Ok(refused(plan, printer));
    }
    write_file(&args.out, &file)?;
    say_where(
        &plan,
        &args.out,
        &[args.spec.words(&plan.env), args.adoption.words(), selection.words()].concat(),
        printer,
    );
    if found.is_some_and(|found| !found.passes) {
        let help = "nothing was changed; mend what the preflight names (`pipectl deploy-policy --env ENV` prints all that an \
                    apply may need), and apply the plan then";
        printer.error("AWS would not let this plan be applied as things are", Some(help));
        return Ok(1);
    }
    Ok(if args.detailed_exitcode && (plan.changes.any() || plan.registers()) { 2 } else { 0 })
}
