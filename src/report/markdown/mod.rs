//! A plan as Markdown, for a comment on a merge request: losses first, and each change's fields to unfold.

mod all;
mod escape;
mod fit;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use time::format_description::well_known::Rfc3339;

use super::access::{Side, Statement, Values};
use super::cost::difference;
use super::externals::said;
use super::plan::{LEFT_ALONE, LEFT_OUT, nothing, outlook, succession, tally};
use super::{fields, renames, value};
use crate::engine::access::{AccessChange, Broadening, StatementChange, statement_changes};
use crate::engine::plan::likely::LikelyRename;
use crate::engine::plan::{Action, Change};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::address::Address;
use crate::model::diff::FieldChange;
pub use all::all;
use escape::{code, prose};
use fit::{Item, Section, fitted};

/// The most bytes that a plan's Markdown has. GitLab takes comments of 1,000,000 characters, GitHub of 65,536: this is
/// what both take, and no more than anybody would read. A character has at least a byte.
pub const LIMIT: usize = 65_536;

/// How a section of changes is called, and the ranks of its lines and of its changes' fields: what has the highest is
/// left out first where there is too much. Losses come first, and go last; why something is replaced, or who may do
/// more, is worth more than a list of all that is made.
const SECTIONS: [(Action, &str, [u8; 2]); 8] = [
    (Action::Delete, "Delete", [1, 1]),
    (Action::Replace, "Replace", [2, 9]),
    (Action::Conflict, "In the way", [3, 10]),
    (Action::Update, "Update", [4, 15]),
    (Action::Create, "Create", [14, 18]),
    (Action::Adopt, "Adopt", [5, 16]),
    (Action::Rename, "Rename", [12, 12]),
    (Action::Forget, "Forget", [13, 13]),
];
const REFUSED: [u8; 2] = [0, 0];
const STATEMENTS: [u8; 2] = [6, 11];
const DRIFT: [u8; 2] = [7, 17];
const MISSING: [u8; 2] = [8, 8];
const USES: [u8; 2] = [19, 19];
const ALONE: [u8; 2] = [13, 17];

/// The plan as Markdown of at most [`LIMIT`] bytes; `full` shows every attribute of what is made, and values in full.
pub fn markdown(plan: &Plan, full: bool) -> String {
    let mut sections = vec![refusals(plan), broadens(plan), likely_renames(plan)];
    sections.extend(SECTIONS.map(|section| changes(plan, section, full)));
    sections.extend([statements(plan), left_out(plan), drift(plan, full), left_alone(plan, full)]);
    sections.extend([externals(plan), missing(plan)]);
    sections.retain(|section| !section.items.is_empty());
    fitted(&head(plan), &sections, LIMIT)
}

/// What the plan comes to, and how old it is.
fn head(plan: &Plan) -> String {
    let what = match plan.purpose {
        Purpose::Apply => "Plan",
        Purpose::Adopt => "Adoption",
        Purpose::Destroy => "Destruction",
        Purpose::Revert => "Revert of drift",
    };
    let (env, project) = (named(&plan.env), named(&plan.project));
    let (account, region) = (named(&plan.scope.account), named(&plan.scope.region));
    let counts: Vec<String> = tally(&plan.summary()).map(|(_, count, what)| format!("{count} {what}")).collect();
    let sum = if plan.changes.any() { counts.join(", ") } else { nothing(plan).to_owned() };
    let time = |at: time::OffsetDateTime| code(&at.format(&Rfc3339).unwrap_or_default());
    let (made, until) = (time(plan.created), time(plan.expires));
    let by = named(&plan.made_by);
    let acting = Some(&plan.acts_as).filter(|acting| !acting.is_caller());
    let acting = acting.map(|acting| format!(" as {}", named(&acting.to_string()))).unwrap_or_default();
    let cost = plan.cost.as_ref().and_then(difference).map(|said| format!("{}.\n\n", prose(&said))).unwrap_or_default();
    format!(
        "### {what} of {env} of {project} in {account}, {region}\n\n**{sum}**\n\n{cost}Made {made} by {by}{acting}, good until {until}.\n"
    )
}

/// A name as code; what is too long to be one is cut.
fn named(name: &str) -> String {
    let short: String = name.chars().take(value::SHORT).collect();
    code(&if short == name { short } else { format!("{short}…") })
}

fn refusals(plan: &Plan) -> Section {
    let item = |refusal: &crate::engine::plan::Refusal| Item {
        lines: format!("- **{}** {}\n", code(&refusal.address.to_string()), prose(&refusal.message)),
        details: String::new(),
    };
    Section { title: "Refused".to_owned(), ranks: REFUSED, items: plan.refusals.iter().map(item).collect() }
}

/// By what the plan widens access.
fn broadens(plan: &Plan) -> Section {
    let item = |one: &Broadening| Item {
        lines: format!("- **{}** {}\n", code(&one.address.to_string()), prose(&one.in_words())),
        details: String::new(),
    };
    let title = ":warning: Widens access".to_owned();
    Section { title, ranks: REFUSED, items: plan.broadens.iter().map(item).collect() }
}

/// What is deleted, and was probably meant to be kept.
fn likely_renames(plan: &Plan) -> Section {
    let item =
        |one: &LikelyRename| Item { lines: format!("- {}\n", prose(&renames::sentence(one))), details: String::new() };
    let mut items: Vec<Item> = plan.likely_renames.iter().map(item).collect();
    if !items.is_empty() {
        let lines: Vec<String> =
            renames::lines(&plan.likely_renames).iter().map(|line| format!("  - {}\n", code(line))).collect();
        let lines = lines.concat();
        items.push(Item { lines: format!("- {}\n{lines}", prose(renames::HOW)), details: String::new() });
    }
    Section { title: format!(":warning: {}", renames::TITLE), ranks: REFUSED, items }
}

fn changes(plan: &Plan, (action, name, ranks): (Action, &str, [u8; 2]), full: bool) -> Section {
    let these = plan.changes.0.iter().filter(|change| change.action == action);
    let items: Vec<Item> = these.map(|one| change(one, full)).collect();
    Section { title: format!("{name} ({})", items.len()), ranks, items }
}

fn change(change: &Change, full: bool) -> Item {
    let (address, key) = (code(&change.address.to_string()), code(&change.key));
    let mut lines = format!("- **{address}** {} {key}\n", prose(&change.aws_type));
    if let Some(old) = &change.previous_address {
        let _ = writeln!(lines, "  - was {}", code(&old.to_string()));
    }
    if let Some(old) = &change.previous_key {
        let _ = writeln!(lines, "  - {}", prose(&succession(&change.key, old)));
    }
    if let Some(reason) = &change.reason {
        let _ = writeln!(lines, "  - {}", prose(reason));
    }
    for warning in &change.warnings {
        let _ = writeln!(lines, "  - :warning: {}", prose(warning));
    }
    let details = match change.action {
        Action::Delete => String::new(),
        Action::Create if full => attributes(change),
        // Who may do what is not hidden behind the number of all that is made.
        Action::Create => {
            let rows = fields::access(change.after.as_deref());
            folded("field", true, rows.iter().map(|(path, text)| format!("- {} {}\n", code(path), code(text))))
        }
        // Of what is in the way, no statements are shown apart.
        Action::Conflict => differences(&change.fields, true, true),
        action => differences(&change.fields, full, action == Action::Replace),
    };
    Item { lines, details }
}

/// The attributes of what is made.
fn attributes(change: &Change) -> String {
    let rows = fields::attributes(change.after.as_deref());
    folded("attribute", false, rows.iter().map(|(path, text)| format!("- {} {}\n", code(path), code(text))))
}

/// A line for each difference, with what it brings about; unfolded from the beginning where it is the point.
fn differences(changes: &[FieldChange], full: bool, open: bool) -> String {
    let lines = changes.iter().flat_map(|change| {
        let marks = fields::marks(change).flat_map(|(mark, _)| [" **", mark, "**"]).collect::<String>();
        let rows = fields::rows(change, full);
        rows.into_iter().map(move |(path, text)| format!("- {} {}{marks}\n", code(&path), code(&text)))
    });
    folded("field", open, lines)
}

/// Lines that unfold below an entry of a list; nothing where there are none.
fn folded(what: &str, open: bool, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return String::new();
    }
    let open = if open { " open" } else { "" };
    let count = crate::ops::amount::counted(lines.len() as u64, what);
    let indented = lines.concat().lines().flat_map(|line| ["  ", line, "\n"]).collect::<String>();
    // What stands in an HTML block is Markdown again after an empty line.
    format!("\n  <details{open}><summary>{count}</summary>\n\n{indented}\n  </details>\n\n")
}

/// Who may do what from now on, policy by policy.
fn statements(plan: &Plan) -> Section {
    let changes = statement_changes(&plan.changes);
    let policies = changes.chunk_by(|one, next| (&one.address, &one.policy) == (&next.address, &next.policy));
    let items = policies.map(|changes| policy(changes, &plan.broadens)).collect();
    Section { title: "IAM statements".to_owned(), ranks: STATEMENTS, items }
}

fn policy(changes: &[StatementChange], broadens: &[Broadening]) -> Item {
    let (address, name) = changes.first().map_or_else(Default::default, |one| (one.address.to_string(), &*one.policy));
    let verdicts = [
        AccessChange::Broadened,
        AccessChange::Changed,
        AccessChange::Added,
        AccessChange::Removed,
        AccessChange::Narrowed,
    ];
    let count = |verdict| changes.iter().filter(|change| change.verdict == verdict).count();
    let counts = verdicts.map(|verdict| (count(verdict), word(verdict)));
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let lines = format!("- **{}** {}: {}\n", code(&address), code(name), counts.join(", "));
    let wider = |change: &StatementChange| broadens.iter().any(|one| one.is_by(change));
    let open = count(AccessChange::Broadened) > 0 || changes.iter().any(wider);
    Item { lines, details: folded("statement", open, changes.iter().map(|one| statement(one, wider(one)))) }
}

fn word(verdict: AccessChange) -> &'static str {
    match verdict {
        AccessChange::Added => "added",
        AccessChange::Removed => "removed",
        AccessChange::Broadened => "**broadened**",
        AccessChange::Narrowed => "narrowed",
        AccessChange::Changed => "changed",
    }
}

fn statement(change: &StatementChange, wider: bool) -> String {
    let Statement { effect, actions, rest } = Statement::new(change);
    let mark = if wider { " (**widens access**)" } else { "" };
    let mut out = format!("- {}{mark}: {} {}\n", word(change.verdict), prose(&effect), sides(&actions));
    for (label, values) in rest.iter().filter(|(_, values)| !values.is_empty()) {
        let _ = writeln!(out, "  - {label} {}", sides(values));
    }
    out
}

/// What stays, what is new and what is gone, in words.
fn sides(values: &Values) -> String {
    let of = |wanted: Side, word: &str| {
        let these: Vec<String> =
            values.iter().filter(|(side, _)| *side == wanted).map(|(_, value)| code(value)).collect();
        (!these.is_empty()).then(|| format!("{word}{}", these.join(", ")))
    };
    let all = [of(Side::Both, ""), of(Side::New, "new: "), of(Side::Gone, "no longer: ")];
    all.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What somebody else has changed.
fn drift(plan: &Plan, full: bool) -> Section {
    let drifted = plan.changes.0.iter().filter(|change| !change.drift.is_empty());
    let item = |change: &Change| Item {
        lines: format!("- **{}** ({})\n", code(&change.address.to_string()), outlook(plan.purpose, change.action)),
        details: differences(&change.drift, full, false),
    };
    let title = "Changed outside pipectl since the last apply".to_owned();
    Section { title, ranks: DRIFT, items: drifted.map(item).collect() }
}

/// What is used that is somebody else's.
fn externals(plan: &Plan) -> Section {
    let items = plan.externals.iter().map(|(address, external)| Item {
        lines: format!(
            "- **{}** {} {}\n  - {}\n",
            code(&address.to_string()),
            prose(&external.aws_type),
            code(&external.arn),
            prose(&said(external))
        ),
        details: String::new(),
    });
    Section { title: format!("Uses ({})", plan.externals.len()), ranks: USES, items: items.collect() }
}

/// The changes that the selection leaves out.
fn left_out(plan: &Plan) -> Section {
    let item =
        |address: &Address| Item { lines: format!("- {}\n", code(&address.to_string())), details: String::new() };
    Section { title: LEFT_OUT.to_owned(), ranks: MISSING, items: plan.left_out.iter().map(item).collect() }
}

/// What is live of what others decide on.
fn left_alone(plan: &Plan, full: bool) -> Section {
    let these = plan.changes.0.iter().filter(|change| !change.left_alone.is_empty());
    let item = |change: &Change| {
        let rows = fields::left_alone(&change.left_alone, full);
        let rows = rows.iter().map(|(path, text)| format!("- {} {}\n", code(path), code(text)));
        let lines = format!("- **{}**\n", code(&change.address.to_string()));
        Item { lines, details: folded("field", false, rows) }
    };
    Section { title: LEFT_ALONE.to_owned(), ranks: ALONE, items: these.map(item).collect() }
}

/// What is missing, and what to do about it.
fn missing(plan: &Plan) -> Section {
    let item = |note: &crate::model::graph::Note| Item {
        lines: format!(
            "- **{}** {}\n  - {}\n",
            code(&note.address.to_string()),
            prose(&note.message),
            prose(&note.help)
        ),
        details: String::new(),
    };
    Section { title: "Still missing".to_owned(), ranks: MISSING, items: plan.notes.iter().map(item).collect() }
}
