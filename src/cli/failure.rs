//! How a command ends when it does not do what it was asked to: words, JSON, exit code.

use std::fmt::Write;

use serde_json::{Value, json};

use super::diagnostics::print;
use super::printer::Printer;
use crate::engine::apply;
use crate::engine::fresh::{Difference, Stale};
use crate::engine::review::Disagreement;
use crate::model::address::Address;
use crate::model::error::CallError;
use crate::ops::fault::{Fault, Staleness, help_for};
use crate::report::fields;
use crate::report::style::Clean;
use crate::report::value::inline;
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
            Self::Spec(report) | Self::Policy(report) => print(report, printer),
            Self::Fault(fault) => printer.error(&text(fault), fault.help().as_deref()),
        }
        self.code()
    }

    /// Says what failed, in JSON as well where that is asked for, and returns the exit code.
    pub(super) fn report(&self, printer: Printer) -> u8 {
        let code = self.said(printer);
        if printer.json && printer.json(&self.json()).is_err() {
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
            json["error"]["count"] = json!(report.count());
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

/// How many of a list of reasons are told; the rest is counted.
const TOLD: usize = 50;

/// Adds lines: the first of them, and how many more there are.
fn listed(text: &mut String, mut lines: impl Iterator<Item = String>) {
    for line in lines.by_ref().take(TOLD) {
        let _ = write!(text, "\n  {line}");
    }
    match lines.count() {
        0 => {}
        more => {
            let _ = write!(text, "\n  and {more} more");
        }
    }
}

fn details(text: &mut String, fault: &Fault) {
    let about = |address: &Address, what: &str| format!("{}: {}", Clean(&address.to_string()), Clean(what));
    match fault {
        Fault::Unreadable(all) => listed(text, all.iter().map(|one| about(&one.address, &one.source.to_string()))),
        Fault::Refused(all) | Fault::Obstructed(all) => {
            listed(text, all.iter().map(|one| format!("{} {}", Clean(&one.address.to_string()), Clean(&one.message))));
        }
        Fault::Broadens(all) => {
            listed(
                text,
                all.iter().map(|one| format!("{} {}", Clean(&one.address.to_string()), Clean(&one.in_words()))),
            );
        }
        Fault::Conflicts(all) | Fault::NotAdopted { all, .. } => {
            listed(text, all.iter().map(|(address, reason)| about(address, reason)));
        }
        Fault::Stale(Staleness::LiveResources(all)) => listed(text, all.iter().flat_map(stale)),
        Fault::Stale(Staleness::Otherwise(all)) => listed(text, all.iter().map(otherwise)),
        Fault::Partial(partial) | Fault::Interrupted { partial: Some(partial), .. } => summary(text, partial),
        _ => {}
    }
}

fn stale(stale: &Stale) -> Vec<String> {
    let address = stale.address.to_string();
    let address = Clean(&address);
    match &stale.what {
        Difference::Appeared(key) => vec![format!("{address}: `{}` exists now", Clean(key))],
        Difference::Gone(key) => vec![format!("{address}: `{}` is gone", Clean(key))],
        Difference::Files(what) => vec![format!("{address}: its files have changed: {}", Clean(what))],
        Difference::Changed(changes) => {
            fields::lines(changes, false).iter().map(|line| format!("{address}: {line}")).collect()
        }
    }
}

fn otherwise(one: &Disagreement) -> String {
    let place = one.address.as_ref().map(|address| format!("{address} ")).unwrap_or_default();
    let field = if one.field.is_empty() { "all of it" } else { &one.field };
    let (said, found) = (inline(&one.said, false), inline(&one.found, false));
    format!("{}{}: the file says {said}, and it is {found}", Clean(&place), Clean(field))
}

fn summary(text: &mut String, outcome: &apply::Outcome) {
    let apply::Outcome { done, failed, under_way, skipped } = outcome;
    let _ = write!(text, ": {} done, {} failed, {} not tried", done.len(), failed.len(), skipped.len());
    let why = |(address, error): &(Address, CallError)| {
        let help = help_for(error).map(|help| format!("\n         {help}")).unwrap_or_default();
        format!("failed {}: {}{help}", Clean(&address.to_string()), Clean(&error.to_string()))
    };
    listed(text, failed.iter().map(why));
    let unknown = "it may have happened, and the next plan sees whether";
    listed(text, under_way.iter().map(|address| format!("not awaited {}: {unknown}", Clean(&address.to_string()))));
    listed(text, skipped.iter().map(|address| format!("not tried {}", Clean(&address.to_string()))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_of_reasons_the_first_are_told_and_the_rest_is_counted() {
        let reasons = |count| Fault::Conflicts(vec![(Address::block("stream", "a"), "it is\nthere".to_owned()); count]);
        let many = text(&reasons(40_000));
        assert_eq!(many.lines().count(), 1 + TOLD + 1);
        assert!(many.ends_with("\n  stream.a: it is\\u{a}there\n  and 39950 more"), "{many}");
        assert_eq!(text(&reasons(50)).lines().count(), 1 + 50);
    }
}
