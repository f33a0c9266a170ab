//! Mistakes in a spec, as they are printed.

use super::printer::Printer;
use crate::report::style::own;
use crate::spec::diagnostic::Report;

/// Prints diagnostics to standard error, as wide as the terminal.
pub(super) fn print(report: &Report, printer: Printer) {
    if report.is_empty() {
        return;
    }
    // Colours that are not wanted go away in the printer.
    printer.say(&own(&report.render(true, printer.width)));
    match report.count().errors {
        0 => {}
        1 => printer.say("\n1 mistake."),
        count => printer.say(&format!("\n{count} mistakes.")),
    }
}
