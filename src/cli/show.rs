//! `pipectl show`.

use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};
use super::files::given;
use super::printer::Printer;
use super::reports::Reports;
use super::session::{self, SpecArgs};
use crate::engine::planfile::{self, Plan, PlanFile};
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::ops::Fault;
use crate::report::style::Clean;

/// Print a saved plan again, however old; or what a spec comes to
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    #[arg(default_value = "plan.json")]
    plan: PathBuf,
    /// Print what a spec comes to instead, offline: layers merged, groups made, values put in, each with its file and line
    #[arg(long, conflicts_with_all = ["plan", "detailed_exitcode", "Reports"])]
    spec: bool,
    #[command(flatten)]
    of: SpecArgs,
    /// Exit with 2 if the plan changes anything
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    if args.spec {
        return spec(&args.of, printer);
    }
    if !args.of.words("").is_empty() {
        let error =
            anyhow::anyhow!("`--env`, `--env-file` and `--set` say of which spec: a saved plan says that itself");
        return Err(Fault::helped(error, "add `--spec` to print what a spec comes to").into());
    }
    args.reports.check(printer)?;
    let (plan, _) = read(&args.plan)?;
    args.reports.show(&plan, &PlanFile::new(&plan).map_err(anyhow::Error::from)?, None, printer)?;
    Ok(if args.detailed_exitcode && (plan.changes.any() || plan.registers()) { 2 } else { 0 })
}

/// Prints what a spec comes to, as a file that says the same.
fn spec(of: &SpecArgs, printer: Printer) -> Outcome {
    let loaded = session::load(of, None)?;
    let written = loaded.written();
    let env = &loaded.spec.env.name;
    let text = format!("# {} as it comes to be, each value with its place.\n{}", Clean(env), written.toml());
    printer.result(&text, || {
        let mut json = written.json();
        json["env"] = env.as_str().into();
        json
    })?;
    Ok(0)
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
