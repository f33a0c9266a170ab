//! What a plan uses that is somebody else's: it is named, and nothing is done to it.

use std::fmt::Write;

use super::style::{BOLD, Clean, DIM, paint};
use super::wrap::wrapped;
use crate::engine::planfile::Plan;
use crate::model::graph::External;

/// A line for each, with the columns that the plan's changes have, and how it was found.
pub(super) fn lines(out: &mut String, plan: &Plan, column: usize, width: usize) {
    let length = |address: &crate::model::address::Address| address.to_string().chars().count();
    let column = plan.externals.keys().map(length).max().unwrap_or(0).max(column);
    for (address, external) in &plan.externals {
        let address = format!("{:<column$}", Clean(&address.to_string()).to_string());
        let kind = paint(DIM, format!("{}  {}", Clean(&external.aws_type), Clean(&external.arn)));
        let _ = writeln!(out, "{} {}  {kind}", paint(DIM, format!("= {:<8}", "uses")), paint(BOLD, address));
        let said = said(external);
        let _ = writeln!(out, "{:11}{}", "", paint(DIM, wrapped(said.split(' '), 11, 11, width)));
    }
}

/// How it was found, and what encrypts its data: one sentence without its full stop.
pub(super) fn said(external: &External) -> String {
    let key = external.kms_key.as_ref().map(|key| format!("; its data is encrypted with {}", Clean(key)));
    let kept = external.reference.as_ref().map(|it| {
        let other = Clean(&format!("{}/{}", it.project, it.env)).to_string();
        if it.weak {
            format!("; a weak reference: {other} may delete it")
        } else if it.is_to_be_registered() {
            format!("; an apply registers that with {other}, which keeps it from then on")
        } else {
            format!("; registered with {other}, which keeps it")
        }
    });
    format!("external, found by {}{}{}", Clean(&external.found_by), key.unwrap_or_default(), kept.unwrap_or_default())
}
