//! What somebody else has changed since the last apply.

use std::fmt::Write;

use serde::Serialize;

use super::fields;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use crate::engine::address::Address;
use crate::engine::diff::FieldChange;
use crate::engine::planfile::Plan;
use crate::ops::amount::counted;

/// A resource that is not as pipectl left it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// Which.
    pub address: Address,
    /// Its type, by CloudFormation's name.
    pub aws_type: String,
    /// What it is found by.
    pub key: String,
    /// Whether it is gone altogether.
    pub missing: bool,
    /// From what pipectl wrote to what is.
    pub fields: Vec<FieldChange>,
}

/// The resources that are not as pipectl left them.
pub fn drifted(plan: &Plan) -> Vec<Drifted> {
    let drifted = plan.changes.0.iter().filter(|change| !change.drift.is_empty() || change.is_missing());
    let drifted = drifted.map(|change| Drifted {
        address: change.address.clone(),
        aws_type: change.aws_type.clone(),
        key: change.key.clone(),
        missing: change.is_missing(),
        fields: change.drift.clone(),
    });
    drifted.collect()
}

/// The same as text.
pub fn text(plan: &Plan, drifted: &[Drifted], full: bool) -> String {
    let place = paint(BOLD, format!("{} ({}, {}):", Clean(&plan.env), plan.scope.account, Clean(&plan.scope.region)));
    if drifted.is_empty() {
        return format!("{place} {} Everything is as pipectl left it.\n", paint(GOOD, "no drift."));
    }
    let count = counted(drifted.len() as u64, "resource");
    let mut out = format!("{place} {}\n\n", paint(CHANGE, format!("{count} changed outside pipectl.")));
    for one in drifted {
        let kind = paint(DIM, format!("{}  {}", one.aws_type, Clean(&one.key)));
        let _ = writeln!(out, "  {}  {kind}", paint(BOLD, Clean(&one.address.to_string())));
        if one.missing {
            let _ = writeln!(out, "      {}", paint(BAD, "missing: the next apply makes it again"));
        }
        for field in fields::lines(&one.fields, full) {
            let _ = writeln!(out, "      {field}");
        }
    }
    out += "\n`pipectl plan` shows what the next apply would change back. `drift --revert` undoes this alone, `drift --accept`\n\
            writes it into the spec.\n";
    out
}
