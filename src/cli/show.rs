//! `pipectl show`.

use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};
use super::files::given;
use super::printer::Printer;
use super::reports::Reports;
use crate::engine::planfile::{self, Plan, PlanFile};
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::ops::Fault;
use crate::report::style::Clean;

/// Print a saved plan again, however old
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    #[arg(default_value = "plan.json")]
    plan: PathBuf,
    /// Exit with 2 if the plan changes anything
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    let (plan, _) = read(&args.plan)?;
    args.reports.show(&plan, &PlanFile::new(&plan).map_err(anyhow::Error::from)?, None, printer)?;
    Ok(if args.detailed_exitcode && plan.changes.any() { 2 } else { 0 })
}

/// The plan in a file, and its digest.
pub(super) fn read(file: &Path) -> Result<(Plan, String), Failure> {
    let name = file.display().to_string();
    let unreadable = |why: String| {
        let error = anyhow::anyhow!("`{}` cannot be read: {why}", Clean(&name));
        Failure::from(Fault::helped(error, "`pipectl plan --env ENV` makes a plan"))
    };
    let opened = given(file)?.open().and_then(|file| bounded::all(file, MAX_DOCUMENT));
    let bytes = opened.map_err(|error| unreadable(error.to_string()))?;
    planfile::read(&bytes).map_err(|source| Fault::NotAPlan { file: name, source }.into())
}
