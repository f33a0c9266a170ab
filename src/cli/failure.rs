//! How a command ends when it does not do what it was asked to: words, JSON, exit code.

use std::fmt::Write;

use serde_json::{Value, json};

use super::printer::Printer;
use crate::engine::apply;
use crate::engine::fresh::{Difference, Stale};
use crate::ops::fault::{Fault, Staleness, help_for};
use crate::report::fields;
use crate::report::style::Clean;
use crate::spec::diagnostic::Report;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(super) enum Failure {
    /// The spec has mistakes.
    Spec(Report),
    /// The spec breaks rules of its own `[policy]`.
    Policy(Report),
    /// The operation failed.
    Fault(Box<Fault>),
}

/// The result of a command: its exit code, or why it failed.
pub(super) type Outcome = Result<u8, Failure>;

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Spec(report)
    }
}

impl<E: Into<Fault>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Fault(Box::new(error.into()))
    }
}

impl Failure {
    /// A failure with a message of its own.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::from(anyhow::anyhow!(message.into()))
    }

    /// Says what failed where the result is on standard output already, and returns the exit code.
    pub(super) fn said(&self, printer: Printer) -> u8 {
        match self {
            Self::Spec(report) | Self::Policy(report) => super::validate::print(report, printer),
            Self::Fault(fault) => printer.error(&text(fault), fault.help().as_deref()),
        }
        self.code()
    }

    /// Says what failed, in JSON as well where that is asked for, and returns the exit code.
    pub(super) fn report(&self, printer: Printer) -> u8 {
        let code = self.said(printer);
        if printer.json && printer.out(&format!("{:#}\n", self.json())).is_err() {
            printer.error("standard output cannot be written", None);
        }
        code
    }

    fn code(&self) -> u8 {
        match self {
            Self::Spec(_) => 1,
            Self::Policy(_) => 6,
            Self::Fault(fault) => fault.exit_code(),
        }
    }

    fn json(&self) -> Value {
        let (message, next, report) = match self {
            Self::Spec(report) => ("the spec has mistakes".to_owned(), None, Some(report)),
            Self::Policy(report) => ("the spec breaks its policy".to_owned(), None, Some(report)),
            Self::Fault(fault) => (text(fault), fault.help(), None),
        };
        let mut json = json!({"error": {"message": message, "exit_code": self.code(), "next": next}});
        if let Some(report) = report {
            json["error"]["diagnostics"] = json!(report.entries());
        }
        if let Self::Fault(fault) = self
            && let Fault::Partial(partial) | Fault::Interrupted { partial: Some(partial), .. } = &**fault
        {
            let failed =
                partial.failed.iter().map(|(address, error)| json!({"address": address, "error": error.to_string()}));
            json["done"] = json!(partial.done);
            json["failed"] = failed.collect();
            json["under_way"] = json!(partial.under_way);
            json["not_tried"] = json!(partial.skipped);
        }
        json
    }
}

/// The whole chain of an error, and what it is about in detail.
fn text(fault: &Fault) -> String {
    let mut text = Clean(&fault.to_string()).to_string();
    let mut cause = std::error::Error::source(fault);
    while let Some(error) = cause {
        let _ = write!(text, ": {}", Clean(&error.to_string()));
        cause = error.source();
    }
    details(&mut text, fault);
    text
}

fn details(text: &mut String, fault: &Fault) {
    match fault {
        Fault::Unreadable(all) => {
            for one in all {
                let _ = write!(text, "\n  {}: {}", Clean(&one.address.to_string()), Clean(&one.source.to_string()));
            }
        }
        Fault::Refused(all) => {
            for one in all {
                let _ = write!(text, "\n  {} {}", Clean(&one.address.to_string()), Clean(&one.message));
            }
        }
        Fault::Broadens(all) => {
            for one in all {
                let (address, what) = (one.address.to_string(), one.in_words());
                let _ = write!(text, "\n  {} {}", Clean(&address), Clean(&what));
            }
        }
        Fault::Conflicts(all) => {
            for (address, reason) in all {
                let _ = write!(text, "\n  {}: {}", Clean(&address.to_string()), Clean(reason));
            }
        }
        Fault::Stale(Staleness::World(all)) => all.iter().for_each(|one| stale(text, one)),
        Fault::Partial(partial) | Fault::Interrupted { partial: Some(partial), .. } => summary(text, partial),
        _ => {}
    }
}

fn stale(text: &mut String, stale: &Stale) {
    let address = stale.address.to_string();
    let _ = match &stale.what {
        Difference::Appeared(key) => write!(text, "\n  {}: `{}` exists now", Clean(&address), Clean(key)),
        Difference::Gone(key) => write!(text, "\n  {}: `{}` is gone", Clean(&address), Clean(key)),
        Difference::Files(what) => {
            write!(text, "\n  {}: its files have changed: {}", Clean(&address), Clean(what))
        }
        Difference::Changed(changes) => {
            let lines = fields::lines(changes, false);
            lines.iter().try_for_each(|line| write!(text, "\n  {}: {line}", Clean(&address)))
        }
    };
}

fn summary(text: &mut String, outcome: &apply::Outcome) {
    let apply::Outcome { done, failed, under_way, skipped } = outcome;
    let _ = write!(text, ": {} done, {} failed, {} not tried", done.len(), failed.len(), skipped.len());
    for (address, error) in failed {
        let _ = write!(text, "\n  failed {}: {}", Clean(&address.to_string()), Clean(&error.to_string()));
        if let Some(help) = help_for(error) {
            let _ = write!(text, "\n         {help}");
        }
    }
    for address in under_way {
        let _ = write!(
            text,
            "\n  not awaited {}: it may have happened, and the next plan sees whether",
            Clean(&address.to_string())
        );
    }
    for address in skipped {
        let _ = write!(text, "\n  not tried {}", Clean(&address.to_string()));
    }
}
