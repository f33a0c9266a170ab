//! Reports that `plan` and `show` write besides what they print.

use std::path::PathBuf;

use super::failure::Failure;
use super::plan::save;
use super::printer::Printer;
use crate::engine::planfile::Plan;
use crate::report::html;

/// Reports, each in a file of its own.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Reports {
    /// Write the plan as a page as well, one file for any browser; `-` prints it instead of the text
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Reports {
    /// Writes what was asked for.
    pub(super) fn write(&self, plan: &Plan) -> Result<(), Failure> {
        self.html.iter().filter(|file| file.as_os_str() != "-").try_for_each(|file| save(file, &html::page(plan)))
    }

    /// Prints the report that was asked for on standard output, if any was; it is printed instead of the plan then.
    pub(super) fn print(&self, plan: &Plan, printer: Printer) -> Result<bool, Failure> {
        let wanted = self.html.as_ref().is_some_and(|file| file.as_os_str() == "-");
        if wanted {
            printer.out(&html::page(plan))?;
        }
        Ok(wanted)
    }
}
