//! A plan as text: a summary, then what is lost, what changes, what is made, who may do what, and what to know.

use std::fmt::Write;

use serde_json::Value;

use super::access;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, HELP, action, paint};
use super::value::inline;
use crate::engine::diff::FieldChange;
use crate::engine::plan::{Action, Change, Summary};
use crate::engine::planfile::{Plan, Purpose};

/// How much is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// Every attribute of what is made, and every value in full.
    pub full: bool,
}

/// The plan as text, with colours.
pub fn text(plan: &Plan, detail: Detail) -> String {
    let mut out = headline(plan);
    let mut changes: Vec<&Change> = plan.changes.0.iter().filter(|change| change.acts()).collect();
    // Losses first: nobody should have to look for them.
    changes.sort_by_key(|change| (change.action, &change.address));
    for one in changes {
        change(&mut out, one, detail);
    }
    drift(&mut out, plan, detail);
    access::statements(&mut out, plan);
    notes(&mut out, plan);
    refusals(&mut out, plan);
    out
}

/// One line: what the plan comes to.
pub fn headline(plan: &Plan) -> String {
    let place = format!("{} ({}, {})", Clean(&plan.env), plan.scope.account, Clean(&plan.scope.region));
    if !plan.changes.any() {
        let rest = match plan.purpose {
            Purpose::Apply => "no changes. AWS is as the spec says.",
            Purpose::Destroy => "nothing to destroy.",
        };
        return format!("{} {rest}\n", paint(BOLD, format!("{place}:")));
    }
    let verb = if plan.purpose == Purpose::Destroy { "destruction of " } else { "" };
    format!("{} {}.\n\n", paint(BOLD, format!("{verb}{place}:")), counts(&plan.summary()))
}

/// `3 to create, 1 to update`.
pub fn counts(summary: &Summary) -> String {
    let all = [
        (summary.delete, "to delete", BAD),
        (summary.replace, "to replace", BAD),
        (summary.conflict, "in the way", BAD),
        (summary.create, "to create", GOOD),
        (summary.adopt, "to adopt", CHANGE),
        (summary.update, "to update", CHANGE),
        (summary.rename, "to rename", CHANGE),
        (summary.forget, "to forget", DIM),
        (summary.unchanged, "unchanged", DIM),
    ];
    let shown = all.iter().filter(|(count, ..)| *count > 0);
    shown.map(|(count, what, style)| paint(*style, format!("{count} {what}"))).collect::<Vec<_>>().join(", ")
}

fn change(out: &mut String, change: &Change, detail: Detail) {
    let (sign, word, style) = action(change.action);
    let address = change.address.to_string();
    let head = paint(style, format!("{sign} {word:<8}"));
    let kind = paint(DIM, format!("{}  {}", change.aws_type, Clean(&change.key)));
    let _ = writeln!(out, "{head} {}  {kind}", paint(BOLD, Clean(&address)));
    if let Some(old) = &change.previous_address {
        line(out, &format!("was {}", Clean(&old.to_string())));
    }
    if let Some(old) = &change.previous_key {
        line(out, &format!("`{}` is made first, then `{}` is deleted", Clean(&change.key), Clean(old)));
    }
    if let Some(reason) = &change.reason {
        line(out, &Clean(reason).to_string());
    }
    if change.action != Action::Delete {
        fields(out, &change.fields, detail);
    }
    if change.action == Action::Create && detail.full {
        attributes(out, change.after.as_ref());
    }
    for warning in &change.warnings {
        line(out, &paint(CHANGE, format!("! {}", Clean(warning))));
    }
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "           {text}");
}

fn fields(out: &mut String, fields: &[FieldChange], detail: Detail) {
    let width = fields.iter().map(|field| field.path.chars().count()).max().unwrap_or(0).min(32);
    for field in fields {
        let (before, after) = (inline(&field.before, detail.full), inline(&field.after, detail.full));
        let mut text = format!("{:<width$}  {before} → {after}", Clean(&field.path).to_string());
        if field.replaces {
            text += &paint(BAD, "  forces the replacement");
        }
        if field.drifted {
            text += &paint(CHANGE, "  changed outside pipectl");
        }
        line(out, &text);
    }
}

fn attributes(out: &mut String, attributes: Option<&Value>) {
    let Some(Value::Object(members)) = attributes else { return };
    for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        line(out, &format!("{}  {}", Clean(key), inline(value, true)));
    }
}

/// What somebody else has changed, apart from what the spec changes.
fn drift(out: &mut String, plan: &Plan, detail: Detail) {
    let drifted: Vec<&Change> = plan.changes.0.iter().filter(|change| !change.drift.is_empty()).collect();
    if drifted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, "Changed outside pipectl since the last apply"));
    for change in drifted {
        let what = match change.action {
            Action::None => "the spec says the same: kept",
            Action::Delete => "goes with its resource",
            _ => "this plan makes it as the spec says",
        };
        let _ = writeln!(out, "  {} {}", Clean(&change.address.to_string()), paint(DIM, format!("({what})")));
        for field in &change.drift {
            let (before, after) = (inline(&field.before, detail.full), inline(&field.after, detail.full));
            let _ = writeln!(out, "           {}  {before} → {after}", Clean(&field.path));
        }
    }
}

fn notes(out: &mut String, plan: &Plan) {
    if plan.notes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, "Still missing"));
    for note in &plan.notes {
        let _ = writeln!(out, "  {}: {}", Clean(&note.address.to_string()), Clean(&note.message));
        let _ = writeln!(out, "           {}", paint(HELP, Clean(&note.help)));
    }
}

fn refusals(out: &mut String, plan: &Plan) {
    if plan.refusals.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BAD, "Refused"));
    for refusal in &plan.refusals {
        let _ = writeln!(out, "  {} {}", Clean(&refusal.address.to_string()), Clean(&refusal.message));
    }
}
