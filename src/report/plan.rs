//! A plan as text: a summary, then what is lost, what changes, what is made, who may do what, and what to know.

use std::fmt::Write;

use anstyle::Style;
use serde_json::Value;

use super::cost::difference;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, HELP, action, paint};
use super::wrap::wrapped;
use super::{access, externals, fields, renames};
use crate::engine::plan::{Action, Change, Summary};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::graph::Note;

/// How much is shown, and in which space.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    /// Every attribute of what is made, and every value in full.
    pub full: bool,
    /// Columns that sentences and lists are broken at.
    pub width: usize,
}

/// Where the details of a change begin.
const INDENT: usize = 11;
/// Addresses are padded up to this, so that what they are of stands in a column.
const ADDRESS: usize = 28;

/// The plan as text, with colours.
pub fn text(plan: &Plan, detail: Detail) -> String {
    let mut out = headline(plan);
    let mut changes: Vec<&Change> = plan.changes.0.iter().filter(|change| change.acts()).collect();
    // Losses first: nobody should have to look for them.
    changes.sort_by_key(|change| (change.action, &change.address));
    let length = |change: &&Change| change.address.to_string().chars().count();
    let column = changes.iter().map(length).max().unwrap_or(0).min(ADDRESS);
    for one in changes {
        change(&mut out, one, column, detail);
    }
    externals::lines(&mut out, plan, column, detail.width);
    left_out(&mut out, plan, detail.width);
    likely_renames(&mut out, plan, detail.width);
    drift(&mut out, plan, detail);
    left_alone(&mut out, plan, detail);
    access::statements(&mut out, plan, detail.width);
    if !plan.notes.is_empty() {
        let _ = write!(out, "\n{}", missing(&plan.notes, detail.width));
    }
    cost(&mut out, plan, detail.width);
    refusals(&mut out, plan, detail.width);
    out
}

/// One line: what the plan comes to.
pub fn headline(plan: &Plan) -> String {
    let acting = if plan.acts_as.is_caller() { String::new() } else { format!(", as {}", plan.acts_as) };
    let place = format!(
        "{} ({}, {}{})",
        Clean(&plan.env),
        Clean(&plan.scope.account),
        Clean(&plan.scope.region),
        Clean(&acting)
    );
    if !plan.changes.any() {
        return format!("{} {}\n", paint(BOLD, format!("{place}:")), nothing(plan));
    }
    let verb = match plan.purpose {
        Purpose::Apply => "",
        Purpose::Adopt => "adoption in ",
        Purpose::Destroy => "destruction of ",
        Purpose::Revert => "revert of drift in ",
    };
    format!("{} {}.\n\n", paint(BOLD, format!("{verb}{place}:")), counts(&plan.summary()))
}

/// What is said of a plan without changes.
pub(super) fn nothing(plan: &Plan) -> &'static str {
    match plan.purpose {
        Purpose::Apply if !plan.left_out.is_empty() => "no changes in what was asked for.",
        Purpose::Apply if plan.registers() => "no changes in AWS; an apply registers what is used with its owners.",
        Purpose::Apply => "no changes. AWS is as the spec says.",
        Purpose::Adopt => "nothing to adopt.",
        Purpose::Destroy => "nothing to destroy.",
        Purpose::Revert => "nothing to revert. AWS is as the last apply left it.",
    }
}

/// `3 to create, 1 to update`.
pub fn counts(summary: &Summary) -> String {
    let shown = tally(summary).map(|(done, count, what)| paint(action(done).2, format!("{count} {what}")));
    shown.collect::<Vec<_>>().join(", ")
}

/// How many resources each action is done to, losses first; without what is done to none.
pub(super) fn tally(summary: &Summary) -> impl Iterator<Item = (Action, usize, &'static str)> {
    let all = [
        (Action::Delete, summary.delete, "to delete"),
        (Action::Replace, summary.replace, "to replace"),
        (Action::Conflict, summary.conflict, "in the way"),
        (Action::Create, summary.create, "to create"),
        (Action::Adopt, summary.adopt, "to adopt"),
        (Action::Update, summary.update, "to update"),
        (Action::Rename, summary.rename, "to rename"),
        (Action::Forget, summary.forget, "to forget"),
        (Action::None, summary.unchanged, "unchanged"),
    ];
    all.into_iter().filter(|(_, count, _)| *count > 0)
}

fn change(out: &mut String, change: &Change, column: usize, detail: Detail) {
    let (sign, word, style) = action(change.action);
    let address = format!("{:<column$}", Clean(&change.address.to_string()).to_string());
    let head = paint(style, format!("{sign} {word:<8}"));
    let kind = paint(DIM, format!("{}  {}", Clean(&change.aws_type), Clean(&change.key)));
    let _ = writeln!(out, "{head} {}  {kind}", paint(BOLD, address));
    if let Some(old) = &change.previous_address {
        line(out, &format!("was {}", Clean(&old.to_string())));
    }
    if let Some(old) = &change.previous_key {
        line(out, &Clean(&succession(&change.key, old)).to_string());
    }
    if let Some(reason) = &change.reason {
        sentence(out, DIM, &Clean(reason).to_string(), detail.width);
    }
    if change.action != Action::Delete {
        // Of what is in the way, no statements are shown apart.
        let full = detail.full || change.action == Action::Conflict;
        lines(out, &fields::marked_lines(&change.fields, full));
    }
    match change.action {
        Action::Create if detail.full => attributes(out, change.after.as_deref()),
        Action::Create => lines(out, &fields::aligned(fields::access(change.after.as_deref()))),
        _ => {}
    }
    for warning in &change.warnings {
        sentence(out, CHANGE, &format!("! {}", Clean(warning)), detail.width);
    }
}

/// What is done of a replacement under another key.
pub(super) fn succession(new: &str, old: &str) -> String {
    format!("`{new}` is made first, then `{old}` is deleted")
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{:INDENT$}{text}", "");
}

fn lines(out: &mut String, all: &[String]) {
    for one in all {
        line(out, one);
    }
}

/// A sentence below a change, broken at the width.
fn sentence(out: &mut String, style: Style, text: &str, width: usize) {
    line(out, &paint(style, wrapped(text.split(' '), INDENT, INDENT, width)));
}

fn attributes(out: &mut String, attributes: Option<&Value>) {
    lines(out, &fields::aligned(fields::attributes(attributes)));
}

/// The heading of what was not asked for.
pub(super) const LEFT_OUT: &str = "Left out, as it was not asked for";

/// The changes that the selection leaves out.
fn left_out(out: &mut String, plan: &Plan, width: usize) {
    if plan.left_out.is_empty() {
        return;
    }
    let these: Vec<String> = plan.left_out.iter().map(|address| Clean(&address.to_string()).to_string()).collect();
    let these = these.join(", ");
    let _ = writeln!(out, "\n{}\n  {}", paint(BOLD, LEFT_OUT), wrapped(these.split(' '), 2, 2, width));
}

/// What is deleted, and was probably meant to be kept. The lines are to be copied, and are not broken.
fn likely_renames(out: &mut String, plan: &Plan, width: usize) {
    if plan.likely_renames.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(CHANGE, renames::TITLE));
    for said in plan.likely_renames.iter().map(renames::sentence).chain([renames::HOW.to_owned()]) {
        let _ = writeln!(out, "  {}", wrapped(said.split(' '), 2, 4, width));
    }
    for line in renames::lines(&plan.likely_renames) {
        let _ = writeln!(out, "    {line}");
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
        let what = format!("({})", outlook(plan.purpose, change.action));
        let _ = writeln!(out, "  {} {}", Clean(&change.address.to_string()), paint(DIM, what));
        lines(out, &fields::lines(&change.drift, detail.full));
    }
}

/// The heading of what others decide on.
pub(super) const LEFT_ALONE: &str = "Left alone, as the spec asks";

/// What is live of what others decide on.
fn left_alone(out: &mut String, plan: &Plan, detail: Detail) {
    let these: Vec<&Change> = plan.changes.0.iter().filter(|change| !change.left_alone.is_empty()).collect();
    if these.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, LEFT_ALONE));
    for change in these {
        let _ = writeln!(out, "  {}", Clean(&change.address.to_string()));
        lines(out, &fields::aligned(fields::left_alone(&change.left_alone, detail.full)));
    }
}

/// What an action makes of the drift of its resource.
pub(super) fn outlook(purpose: Purpose, action: Action) -> &'static str {
    match (purpose, action) {
        (_, Action::Delete) => "goes with its resource",
        (Purpose::Revert, _) => "this plan makes it as the last apply left it",
        (_, Action::None) => "the spec says the same: kept",
        _ => "this plan makes it as the spec says",
    }
}

/// What is missing, and what to do about it; nothing at all where nothing is.
pub fn missing(notes: &[Note], width: usize) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut out = format!("{}\n", paint(BOLD, "Still missing"));
    for note in notes {
        let said = format!("{}: {}", Clean(&note.address.to_string()), Clean(&note.message));
        let _ = writeln!(out, "  {}", wrapped(said.split(' '), 2, 4, width));
        let help = Clean(&note.help).to_string();
        let _ = writeln!(out, "    {}", paint(HELP, wrapped(help.split(' '), 4, 4, width)));
    }
    out
}

fn cost(out: &mut String, plan: &Plan, width: usize) {
    if let Some(said) = plan.cost.as_ref().and_then(difference) {
        let _ = writeln!(out, "\n{}\n  {}", paint(BOLD, "Cost"), wrapped(said.split(' '), 2, 4, width));
    }
}

fn refusals(out: &mut String, plan: &Plan, width: usize) {
    if plan.refusals.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BAD, "Refused"));
    for refusal in &plan.refusals {
        let said = format!("{} {}", Clean(&refusal.address.to_string()), Clean(&refusal.message));
        let _ = writeln!(out, "  {}", wrapped(said.split(' '), 2, 4, width));
    }
}

#[cfg(test)]
pub(super) mod tests;
