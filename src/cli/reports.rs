//! How a plan is shown, and the files that tell it besides.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::failure::Failure;
use super::files::write_file;
use super::printer::Printer;
use crate::engine::planfile::{Plan, PlanFile};
use crate::ops::preflight::Preflight;
use crate::report::markdown::markdown;
use crate::report::plan::{Detail, text};
use crate::report::{gitlab, html, preflight};

/// A plan as the text of a file.
type Report = fn(&Plan) -> String;

/// How a plan is shown, and the files that tell it besides.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Reports {
    /// Show every attribute of what is made, and every value in full
    #[arg(long)]
    full: bool,
    /// Show the plan as Markdown, for a comment on a merge request
    #[arg(long)]
    markdown: bool,
    /// Write what GitLab's widget shows of a plan (`artifacts:reports:terraform`) to a file; `-` prints that instead
    #[arg(long, value_name = "FILE")]
    gitlab_report: Option<PathBuf>,
    /// Write the plan as a page, one file for any browser; `-` prints that instead
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Reports {
    /// The text alone, in full or not.
    pub(super) fn in_detail(full: bool) -> Self {
        Self { full, ..Self::default() }
    }

    /// The files that are asked for, and what belongs in each.
    fn files(&self) -> impl Iterator<Item = (&Path, Report)> {
        let all: [(Option<&PathBuf>, Report); 2] =
            [(self.gitlab_report.as_ref(), gitlab::terraform), (self.html.as_ref(), html::page)];
        all.into_iter().filter_map(|(file, report)| Some((file?.as_path(), report)))
    }

    /// Whether the plan is shown as Markdown.
    pub(super) fn is_markdown(&self) -> bool {
        self.markdown
    }

    /// Whether a plan is shown in full.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Whether there are files to be written besides.
    pub(super) fn has_files(&self) -> bool {
        self.files().next().is_some()
    }

    /// Refuses more than one result on standard output: it is to be known before anything is asked of AWS.
    pub(super) fn check(&self, printer: Printer) -> Result<(), Failure> {
        let files = self.files().filter(|(file, _)| is_stdout(file)).count();
        match files + usize::from(self.markdown) + usize::from(printer.json) {
            0 | 1 => Ok(()),
            _ => Err(Failure::new("standard output takes one result: `--json`, `--markdown` or a report to `-`")),
        }
    }

    /// Shows a plan with what its preflight found, and writes the files; `file` is the plan's own.
    pub(super) fn show(
        &self,
        plan: &Plan,
        file: &PlanFile<'_>,
        found: Option<&Preflight>,
        printer: Printer,
    ) -> Result<(), Failure> {
        let findings = found.map(|found| preflight::text(found, printer.width)).unwrap_or_default();
        match self.files().find(|(file, _)| is_stdout(file)) {
            Some((_, report)) => printer.out(&report(plan))?,
            None if self.markdown => printer.out(&markdown(plan, self.full))?,
            None => {
                let json = || found.map_or_else(|| file.clone(), |found| file.besides("preflight", json!(found)));
                let text = text(plan, Detail { full: self.full, width: printer.width });
                printer.result(&(text + &findings), json)?;
                return self.write(plan);
            }
        }
        // Standard output has another form of the plan alone.
        if !findings.is_empty() {
            printer.say(&findings);
        }
        self.write(plan)
    }

    /// Writes the files alone.
    pub(super) fn write(&self, plan: &Plan) -> Result<(), Failure> {
        self.files().filter(|(file, _)| !is_stdout(file)).try_for_each(|(file, report)| write_file(file, &report(plan)))
    }
}

/// Whether a file stands for standard output.
fn is_stdout(file: &Path) -> bool {
    file == Path::new("-")
}
