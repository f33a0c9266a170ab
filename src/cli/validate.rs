//! `pipectl validate`.

use serde_json::{Map, json};

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{self, SpecArgs};
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
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let loaded = session::load(&args.spec, None)?;
    let (resources, notes) = session::preview(&loaded)?;
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
