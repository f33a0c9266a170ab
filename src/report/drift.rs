//! What somebody else has changed since the last apply.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use time::macros::format_description;

use super::fields;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use crate::engine::plan::Change;
use crate::engine::planfile::Plan;
use crate::model::address::Address;
use crate::model::audit::Event;
use crate::model::diff::FieldChange;
use crate::model::unmodelled::{Blind, Look, Unmodelled, Weight};
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
    /// Why it has to be bound anew, where what it was bound to was made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unbound: Option<String>,
    /// What it has that no attribute models.
    pub unmodelled: Vec<Unmodelled>,
    /// Who changed each, where that was asked for and could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<Vec<Trace>>,
}

impl Drifted {
    /// Whether it was changed or deleted, as far as its attributes tell.
    fn changed(&self) -> bool {
        self.missing || !self.fields.is_empty() || self.unbound.is_some()
    }
}

/// Settings of a resource that could not be looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unlooked {
    /// Which resource.
    pub address: Address,
    /// What, and why.
    #[serde(flatten)]
    pub blind: Blind,
}

/// The resources that are not as pipectl left them, or have what no spec can say.
pub fn drifted(plan: &Plan, looks: &BTreeMap<Address, Look>) -> Vec<Drifted> {
    let unmodelled = |change: &Change| looks.get(&change.address).map(|look| look.found.clone()).unwrap_or_default();
    let drifted = plan.changes.0.iter().map(|change| (change, unmodelled(change)));
    let drifted = drifted.filter(|(change, unmodelled)| {
        !change.drift.is_empty() || change.is_missing() || change.is_unbound() || !unmodelled.is_empty()
    });
    let drifted = drifted.map(|(change, unmodelled)| Drifted {
        address: change.address.clone(),
        aws_type: change.aws_type.clone(),
        key: change.key.clone(),
        missing: change.is_missing(),
        fields: change.drift.clone(),
        unbound: change.reason.clone().filter(|_| change.is_unbound()),
        unmodelled,
        traces: None,
    });
    drifted.collect()
}

/// What could not be looked at, in order of address.
pub fn blind(looks: &BTreeMap<Address, Look>) -> Vec<Unlooked> {
    let of = |(address, look): (&Address, &Look)| {
        let address = address.clone();
        look.blind.clone().into_iter().map(move |blind| Unlooked { address: address.clone(), blind })
    };
    looks.iter().flat_map(of).collect()
}

/// The same as text.
pub fn text(plan: &Plan, drifted: &[Drifted], blind: &[Unlooked], full: bool) -> String {
    let place =
        paint(BOLD, format!("{} ({}, {}):", Clean(&plan.env), Clean(&plan.scope.account), Clean(&plan.scope.region)));
    if drifted.is_empty() {
        let all = if blind.is_empty() { "Everything" } else { "Everything that was looked at" };
        let mut out = format!("{place} {} {all} is as pipectl left it.\n", paint(GOOD, "no drift."));
        unlooked(&mut out, blind);
        return out;
    }
    let changed = drifted.iter().filter(|one| one.changed()).count();
    let mut parts = Vec::new();
    if changed > 0 {
        parts.push(format!("{} changed outside pipectl", counted(changed as u64, "resource")));
    }
    let beyond = drifted.iter().map(|one| one.unmodelled.len()).sum::<usize>();
    if beyond > 0 {
        parts.push(format!("{} that no spec can say", counted(beyond as u64, "setting")));
    }
    let mut out = format!("{place} {}\n\n", paint(CHANGE, format!("{}.", parts.join(", "))));
    for one in drifted {
        resource(&mut out, one, full);
    }
    if changed > 0 {
        out += &remedies(drifted);
    }
    if beyond > 0 {
        out += "\nWhat is marked with ! no attribute of pipectl's models: neither an apply nor `drift --revert` undoes it, and \
                `--accept` cannot\nwrite it into a spec. Undo it in AWS; it is named until then.\n";
    }
    unlooked(&mut out, blind);
    out
}

/// What can be done about what was changed. No spec says that what it wants was deleted, nor what something is bound to.
fn remedies(drifted: &[Drifted]) -> String {
    let lead = "\n`pipectl plan` shows what the next apply would change back. `drift --revert` undoes this alone";
    let deleted = drifted.iter().any(|one| one.missing);
    let mut out = if drifted.iter().any(|one| !one.missing && !one.fields.is_empty()) {
        format!("{lead}, `drift --accept`\nwrites it into the spec.\n")
    } else {
        format!("{lead}.\n")
    };
    if deleted {
        out += "What was deleted cannot be accepted: if it is to stay so, take what makes it out of the spec, and the next\napply \
                forgets it.\n";
    }
    out
}

fn resource(out: &mut String, one: &Drifted, full: bool) {
    let kind = paint(DIM, format!("{}  {}", Clean(&one.aws_type), Clean(&one.key)));
    let _ = writeln!(out, "  {}  {kind}", paint(BOLD, Clean(&one.address.to_string())));
    if one.missing {
        let _ = writeln!(out, "      {}", paint(BAD, "missing: the next apply makes it again"));
        trace(out, one, "");
    }
    for field in &one.fields {
        for line in fields::lines(std::slice::from_ref(field), full) {
            let _ = writeln!(out, "      {line}");
        }
        trace(out, one, &field.path);
    }
    if let Some(why) = &one.unbound {
        let _ = writeln!(out, "      {}", paint(BAD, Clean(why)));
    }
    for Unmodelled { weight, what, value, undo, .. } in &one.unmodelled {
        let style = if matches!(weight, Weight::LetsIn | Weight::TakesOut) { BAD } else { CHANGE };
        let what = paint(style, format!("! {what}"));
        let comes_to = paint(DIM, format!("{}; undone by {undo}", weight.words()));
        let _ = writeln!(out, "      {what} = {}  {comes_to}", Clean(value));
    }
}

/// What could not be looked at, below all else.
fn unlooked(out: &mut String, blind: &[Unlooked]) {
    if blind.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNot looked at:");
    for Unlooked { address, blind: Blind { what, why } } in blind {
        let _ = writeln!(out, "  {}  {what}: {}", Clean(&address.to_string()), Clean(why));
    }
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

/// What neither a revert nor an acceptance can do anything about, a line for each.
pub fn beyond(looks: &BTreeMap<Address, Look>) -> Vec<String> {
    let of = |(address, look): (&Address, &Look)| {
        let address = Clean(&address.to_string()).to_string();
        let line = move |one: &Unmodelled| {
            format!(
                "{address} keeps {} ({}), which no spec can say: {} undoes it",
                one.what,
                Clean(&one.value),
                one.undo
            )
        };
        look.found.iter().map(line).collect::<Vec<_>>()
    };
    looks.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::diff::diff;

    fn drifted(missing: bool, fields: Vec<FieldChange>) -> Drifted {
        let (address, aws_type) = (Address::block("stream", "clicks"), "AWS::Kinesis::Stream".to_owned());
        let (key, unbound, traces) = ("clicks".to_owned(), None, None);
        Drifted { address, aws_type, key, missing, fields, unbound, unmodelled: Vec::new(), traces }
    }

    #[test]
    fn only_what_a_spec_can_say_is_offered_to_be_accepted() {
        let changed = diff(&json!({"hours": 24}), &json!({"hours": 72}), &serde_json::Value::Null);
        let offered = |all: &[Drifted]| remedies(all).contains("--accept");
        assert!(!offered(&[drifted(true, Vec::new())]) && !offered(&[drifted(false, Vec::new())]));
        assert!(offered(&[drifted(true, Vec::new()), drifted(false, changed)]));
        assert!(remedies(&[drifted(true, Vec::new())]).contains("take what makes it out of the spec"));
    }
}
