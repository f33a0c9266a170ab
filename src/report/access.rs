//! The IAM statements that a plan adds, removes or changes, policy by policy. ARNs stay whole, so that they can be
//! searched for and copied.

use std::fmt::Write;

use serde_json::Value;

use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use super::wrap::wrapped;
use crate::engine::access::{StatementChange, Verdict, statement_changes};
use crate::engine::planfile::Plan;

/// Where the values of a statement's parts begin.
const COLUMN: usize = 13;

/// Adds the statements to `out`, if the plan changes any; lists of actions are broken at `width` columns.
pub fn statements(out: &mut String, plan: &Plan, width: usize) {
    let changes = statement_changes(&plan.changes);
    let mut policy = None;
    for change in &changes {
        if policy.is_none() {
            let _ = writeln!(out, "\n{}", paint(BOLD, "IAM statements"));
        }
        let this = (&change.address, &change.policy);
        if policy.replace(this) != Some(this) {
            let address = paint(BOLD, Clean(&change.address.to_string()));
            let _ = writeln!(out, "  {address} {}", paint(DIM, Clean(&change.policy)));
        }
        statement(out, change, width);
    }
}

fn statement(out: &mut String, change: &StatementChange, width: usize) {
    let (sign, style, verdict) = match change.verdict {
        Verdict::Added => ("+", GOOD, ""),
        Verdict::Removed => ("-", BAD, ""),
        Verdict::Broadened => ("~", BAD, "broadened:"),
        Verdict::Narrowed => ("~", CHANGE, "narrowed:"),
        Verdict::Changed => ("~", CHANGE, "changed:"),
    };
    let parts = |part: &dyn Fn(&Value) -> Vec<String>| {
        merged(
            &change.before.as_ref().map(part).unwrap_or_default(),
            &change.after.as_ref().map(part).unwrap_or_default(),
        )
    };
    let effect = change.after.as_ref().or(change.before.as_ref()).and_then(|statement| statement["Effect"].as_str());
    let effect = format!("{:<6}", Clean(effect.unwrap_or_default()).to_string());
    let mut words = parts(&|statement| named(statement, "Action"));
    for word in words.iter_mut().rev().skip(1) {
        word.push(',');
    }
    if !verdict.is_empty() {
        words.insert(0, paint(style, verdict));
    }
    let actions = wrapped(words.iter().map(String::as_str), COLUMN, COLUMN, width);
    let _ = writeln!(out, "    {} {actions}", paint(style, format!("{sign} {effect}")));
    let rest = [
        ("on", parts(&|statement| named(statement, "Resource"))),
        ("by", parts(&|statement| named(statement, "Principal"))),
        ("if", parts(&|statement| conditions(statement.get("Condition")))),
    ];
    for (label, lines) in rest {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let _ = writeln!(out, "      {}{line}", paint(DIM, format!("{label:<width$}", width = COLUMN - 6)));
        }
    }
}

/// What stays bare, what goes and what comes with a sign; bare as well where there is only one side.
fn merged(before: &[String], after: &[String]) -> Vec<String> {
    if before.is_empty() || after.is_empty() {
        return [before, after].concat();
    }
    let gone = before.iter().filter(|one| !after.contains(one)).map(|one| paint(BAD, format!("- {one}")));
    let stays =
        after.iter().map(|one| if before.contains(one) { one.clone() } else { paint(GOOD, format!("+ {one}")) });
    gone.chain(stays).collect()
}

/// The values of a part; of `Not…` parts with "all but" before them.
fn named(statement: &Value, part: &str) -> Vec<String> {
    let negated = format!("Not{part}");
    match (statement.get(part), statement.get(&negated)) {
        (Some(value), _) => values(value),
        (None, Some(value)) => values(value).into_iter().map(|value| format!("all but {value}")).collect(),
        (None, None) => Vec::new(),
    }
}

/// Each value; of principals with their type before them.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![Clean(text).to_string()],
        Value::Array(list) => list.iter().flat_map(values).collect(),
        Value::Object(members) => {
            let typed = |(key, value): (&String, &Value)| {
                values(value).into_iter().map(|value| format!("{} {value}", Clean(key))).collect::<Vec<_>>()
            };
            members.iter().flat_map(typed).collect()
        }
        other => vec![other.to_string()],
    }
}

/// `StringLike s3:prefix = events/*`, one for each operator and key.
fn conditions(value: Option<&Value>) -> Vec<String> {
    let operators = value.and_then(Value::as_object).into_iter().flatten();
    let test = |(operator, tests): (&String, &Value)| {
        let tests = tests.as_object().into_iter().flatten();
        let test = |(key, value): (&String, &Value)| {
            format!("{} {} = {}", Clean(operator), Clean(key), values(value).join(" or "))
        };
        tests.map(test).collect::<Vec<_>>()
    };
    operators.flat_map(test).collect()
}
