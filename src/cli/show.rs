//! `pipectl show`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::reports::Reports;
use crate::engine::planfile::{self, Plan, Sealed};
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
    args.reports.show(&plan, &Sealed::new(&plan).map_err(anyhow::Error::from)?, None, printer)?;
    Ok(if args.detailed_exitcode && plan.changes.any() { 2 } else { 0 })
}

/// Largest plan, in bytes: far above any real one, far below what would fill up the memory.
const MAX_BYTES: u64 = 64 << 20;

/// The plan in a file, and its digest.
pub(super) fn read(file: &Path) -> Result<(Plan, String), Failure> {
    let name = file.display().to_string();
    let unreadable = |why: String| {
        let error = anyhow::anyhow!("`{}` cannot be read: {why}", Clean(&name));
        Failure::from(Fault::helped(error, "`pipectl plan --env ENV` makes a plan"))
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable(format!("it has more than {} MiB, as no plan has", MAX_BYTES >> 20)));
    }
    planfile::read(&bytes).map_err(|source| Fault::NotAPlan { file: name, source }.into())
}
