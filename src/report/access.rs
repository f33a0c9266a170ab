//! The table of IAM statements that a plan adds, removes or changes.

use std::fmt::Write;

use serde_json::Value;

use super::style::{BOLD, Clean, paint};
use super::table;
use crate::engine::access::{StatementChange, Verdict, statement_changes};
use crate::engine::planfile::Plan;

/// Adds the table to `out`, if the plan changes any statement.
pub fn statements(out: &mut String, plan: &Plan) {
    let changes = statement_changes(&plan.changes);
    if changes.is_empty() {
        return;
    }
    let mut table = table::table(["", "policy", "effect", "action", "resource", "principal", "condition"]);
    for change in &changes {
        for row in rows(change) {
            table.add_row(row);
        }
    }
    let _ = write!(out, "\n{}\n{}", paint(BOLD, "IAM statements"), table::text(&table));
}

/// One row for what is new or gone, two for what changes.
fn rows(change: &StatementChange) -> Vec<Vec<String>> {
    let policy = Clean(&format!("{} {}", change.address, change.policy)).to_string();
    let row = |sign: &str, statement: &Value| {
        let mut row = vec![sign.to_owned(), policy.clone()];
        row.extend(["Effect", "Action", "Resource", "Principal", "Condition"].map(|part| cell(statement, part)));
        row
    };
    let word = match change.verdict {
        Verdict::Added => "+",
        Verdict::Removed => "-",
        Verdict::Broadened => "+ broadened",
        Verdict::Narrowed => "+ narrowed",
        Verdict::Changed => "+ changed",
    };
    let old = change.before.iter().map(|statement| row("-", statement));
    old.chain(change.after.iter().map(|statement| row(word, statement))).collect()
}

/// A part of a statement, a line for each of its values; `Not…` parts say so.
fn cell(statement: &Value, part: &str) -> String {
    let negated = format!("Not{part}");
    match (statement.get(part), statement.get(&negated)) {
        (Some(value), _) => lines(value),
        (None, Some(value)) => format!("not {}", lines(value)),
        (None, None) => String::new(),
    }
}

fn lines(value: &Value) -> String {
    match value {
        Value::String(text) => Clean(text).to_string(),
        Value::Array(list) => list.iter().map(lines).collect::<Vec<_>>().join("\n"),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| format!("{}: {}", Clean(key), lines(value)))
            .collect::<Vec<_>>()
            .join("\n"),
        other => other.to_string(),
    }
}
