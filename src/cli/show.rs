//! `pipectl show`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::reports::Reports;
use crate::engine::planfile::{self, Plan};
use crate::ops::Fault;
use crate::report::plan::{Detail, text};
use crate::report::style::Clean;

/// Print a saved plan again, however old
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    #[arg(default_value = "plan.json")]
    plan: PathBuf,
    /// Show every attribute and every value in full
    #[arg(long)]
    full: bool,
    /// Exit with 2 if the plan changes anything
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let (plan, bytes, _) = read(&args.plan)?;
    let json = || serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if !args.reports.print(&plan, printer)? {
        printer.result(&text(&plan, Detail { full: args.full, width: printer.width }), json)?;
    }
    args.reports.write(&plan)?;
    Ok(if args.detailed_exitcode && plan.changes.any() { 2 } else { 0 })
}

/// The plan in a file, the file's bytes, and its digest.
pub(super) fn read(file: &Path) -> Result<(Plan, Vec<u8>, String), Failure> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| {
        let error = anyhow::anyhow!("`{}` cannot be read: {error}", Clean(&name));
        Fault::helped(error, "`pipectl plan --env ENV` makes a plan")
    })?;
    match planfile::read(&bytes) {
        Ok((plan, digest)) => Ok((plan, bytes, digest)),
        Err(source) => Err(Fault::NotAPlan { file: name, source }.into()),
    }
}
