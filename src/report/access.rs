//! The table of IAM statements that a plan adds, removes or changes.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::style::{BOLD, Clean, paint};
use crate::engine::access::{StatementChange, Verdict, statement_changes};
use crate::engine::planfile::Plan;

/// Columns of the table, where the terminal's width is not known.
const WIDTH: u16 = 140;

/// Adds the table to `out`, if the plan changes any statement.
pub fn table(out: &mut String, plan: &Plan) {
    let changes = statement_changes(&plan.changes);
    if changes.is_empty() {
        return;
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header(["", "policy", "effect", "action", "resource", "principal", "condition"]);
    for change in &changes {
        for row in rows(change) {
            table.add_row(row);
        }
    }
    let _ = writeln!(out, "\n{}\n{table}", paint(BOLD, "IAM statements"));
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
