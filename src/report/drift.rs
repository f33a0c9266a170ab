//! What somebody else has changed since the last apply.

use std::fmt::Write;

use serde::Serialize;
use time::macros::format_description;

use super::fields;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use crate::engine::address::Address;
use crate::engine::diff::FieldChange;
use crate::engine::planfile::Plan;
use crate::engine::trail::Event;
use crate::ops::amount::counted;
use crate::ops::explain::Trace;

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
    /// Who changed each, where that was asked for and could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<Vec<Trace>>,
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
        traces: None,
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
            trace(&mut out, one, "");
        }
        for field in &one.fields {
            for line in fields::lines(std::slice::from_ref(field), full) {
                let _ = writeln!(out, "      {line}");
            }
            trace(&mut out, one, &field.path);
        }
    }
    out += "\n`pipectl plan` shows what the next apply would change back. `drift --revert` undoes this alone, `drift --accept`\n\
            writes it into the spec.\n";
    out
}

/// Who changed a value, below it.
fn trace(out: &mut String, drifted: &Drifted, path: &str) {
    let Some(traces) = &drifted.traces else { return };
    let events = traces.iter().filter(|trace| trace.path == path).flat_map(|trace| &trace.events);
    let events: Vec<String> = events.map(who).collect();
    let lead = match events.len() {
        0 => {
            let _ = writeln!(out, "        {}", paint(DIM, "by nobody whom CloudTrail remembers"));
            return;
        }
        1 => "by",
        _ => "by one of",
    };
    let _ =
        writeln!(out, "        {lead} {}", events.join(&format!("\n        {:>width$} ", "or", width = lead.len())));
}

/// `arn:… on 2026-11-20 09:12:44 UTC: IncreaseStreamRetentionPeriod from 203.0.113.7 with aws-cli/2.31.0`.
fn who(event: &Event) -> String {
    let at = event.at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).unwrap_or_default();
    let name = event.name.split_once(':').map_or(event.name.as_str(), |(_, name)| name);
    // Programs go on with the versions of all that they are made of.
    let agent = event.agent.trim_matches(['[', ']']).split_whitespace().next().unwrap_or("a nameless program");
    let (by, from) = (paint(BOLD, Clean(&event.by)), Clean(&event.from));
    format!("{by} on {at} UTC: {} from {from} with {}", Clean(name), Clean(agent))
}
