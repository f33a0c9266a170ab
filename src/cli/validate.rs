//! `pipectl validate`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, json};

use super::failure::{Failure, Outcome};
use super::plan::save;
use super::printer::Printer;
use super::session::{self, SpecArgs};
use crate::report::gitlab::{self, Checkout};
use crate::report::plan::missing;
use crate::report::style::{BOLD, Clean, GOOD, paint};
use crate::spec::diagnostic::Report;

/// Check a spec, offline: syntax, types, references, AWS's own limits
///
/// Reports every mistake at once, each with its place in the file. Needs no AWS account.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Write the mistakes for GitLab (`artifacts:reports:codequality`) to a file, also where there are none
    #[arg(long, value_name = "FILE")]
    code_quality: Option<PathBuf>,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let checked = session::load(&args.spec, None).and_then(|loaded| Ok((session::preview(&loaded)?, loaded)));
    let saved = match (&args.code_quality, &checked) {
        (Some(file), Ok((_, loaded))) => code_quality(file, &loaded.warnings(), &args.spec),
        (Some(file), Err(Failure::Spec(report))) => code_quality(file, report, &args.spec),
        _ => Ok(()),
    };
    // The mistakes matter more than a report of them that could not be saved.
    let ((resources, notes), loaded) = checked?;
    saved?;
    let warnings = loaded.warnings();
    print(&warnings, printer);
    if !notes.is_empty() {
        printer.say(missing(&notes, printer.width).trim_end());
    }
    let env = &loaded.spec.env.name;
    let text = format!(
        "{} {}: {} resources of {} types.\n",
        paint(GOOD, "valid"),
        paint(BOLD, Clean(env)),
        resources.values().sum::<usize>(),
        resources.len(),
    );
    let json = || {
        let counts: Map<_, _> = resources.iter().map(|(kind, count)| (kind.clone(), json!(count))).collect();
        json!({"valid": true, "env": env, "digest": loaded.digest, "resources": counts,
            "warnings": warnings.entries(), "notes": notes})
    };
    printer.result(&text, json)?;
    Ok(0)
}

/// Saves what is wrong with a spec for GitLab, whose paths begin at the top of the repository.
fn code_quality(file: &Path, report: &Report, spec: &SpecArgs) -> Result<(), Failure> {
    let folder = std::env::current_dir().context("the current folder is gone")?;
    let repository = std::env::var_os("CI_PROJECT_DIR").map_or_else(|| folder.clone(), PathBuf::from);
    save(file, &gitlab::code_quality(&report.entries(), &spec.file(), &Checkout { repository, folder }))
}

/// Prints diagnostics to standard error, as wide as the terminal.
pub(super) fn print(report: &Report, printer: Printer) {
    if report.is_empty() {
        return;
    }
    // Colours that are not wanted go away in the printer.
    printer.say(&report.render(true, printer.width));
    match report.errors() {
        0 => {}
        1 => printer.say("\n1 mistake."),
        count => printer.say(&format!("\n{count} mistakes.")),
    }
}
