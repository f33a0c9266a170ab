//! The IAM statements that a plan adds, removes or changes, policy by policy. ARNs stay whole, so that they can be
//! searched for and copied.

use std::fmt::Write;

use serde_json::Value;

use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use super::wrap::wrapped;
use crate::engine::access::{AccessChange, StatementChange, statement_changes};
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
        for one in plan.broadens.iter().filter(|one| one.is_by(change)) {
            let _ = writeln!(out, "      {}", paint(BAD, format!("! widens access: it {}", Clean(&one.what))));
        }
    }
    attributes(out, plan);
}

/// What widens access and is no statement.
fn attributes(out: &mut String, plan: &Plan) {
    let mut all = plan.broadens.iter().filter(|one| one.statement.is_none()).peekable();
    if all.peek().is_some() {
        let _ = writeln!(out, "\n{}", paint(BOLD, "Access besides"));
    }
    for one in all {
        let address = paint(BOLD, Clean(&one.address.to_string()));
        let _ = writeln!(out, "  {address} {}", paint(DIM, Clean(&one.policy)));
        let _ = writeln!(out, "    {}", paint(BAD, format!("! widens access: it {}", Clean(&one.what))));
    }
}

fn statement(out: &mut String, change: &StatementChange, width: usize) {
    let (sign, style, verdict) = match change.verdict {
        AccessChange::Added => ("+", GOOD, ""),
        AccessChange::Removed => ("-", BAD, ""),
        AccessChange::Broadened => ("~", BAD, "broadened:"),
        AccessChange::Narrowed => ("~", CHANGE, "narrowed:"),
        AccessChange::Changed => ("~", CHANGE, "changed:"),
    };
    let Statement { effect, actions, rest } = Statement::new(change);
    let mut words: Vec<String> = actions.into_iter().map(painted).collect();
    for word in words.iter_mut().rev().skip(1) {
        word.push(',');
    }
    if !verdict.is_empty() {
        words.insert(0, paint(style, verdict));
    }
    let actions = wrapped(words.iter().map(String::as_str), COLUMN, COLUMN, width);
    let _ = writeln!(out, "    {} {actions}", paint(style, format!("{sign} {effect:<6}")));
    for (label, values) in rest {
        for (index, value) in values.into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = paint(DIM, format!("{label:<width$}", width = COLUMN - 6));
            let _ = writeln!(out, "      {label}{}", painted(value));
        }
    }
}

/// What stays bare, what goes and what comes with a sign.
fn painted((side, value): (Side, String)) -> String {
    match side {
        Side::Both => value,
        Side::Gone => paint(BAD, format!("- {value}")),
        Side::New => paint(GOOD, format!("+ {value}")),
    }
}

/// On which side of a change something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Before and after; also where there is only one side at all.
    Both,
    /// Only before.
    Gone,
    /// Only after.
    New,
}

/// Values of both sides.
pub(super) type Values = Vec<(Side, String)>;

/// A statement that changes, in words.
pub(super) struct Statement {
    /// `Allow` or `Deny`.
    pub(super) effect: String,
    /// What it allows or denies.
    pub(super) actions: Values,
    /// `on` which resources, `by` whom, `if` what.
    pub(super) rest: [(&'static str, Values); 3],
}

impl Statement {
    /// Both sides of a change, as one.
    pub(super) fn new(change: &StatementChange) -> Self {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let sides = |part: &dyn Fn(&Value) -> Vec<String>| match (before, after) {
            (Some(before), Some(after)) => merged(&part(before), part(after)),
            (one, other) => one.or(other).map(part).into_iter().flatten().map(|value| (Side::Both, value)).collect(),
        };
        let effect = after.or(before).and_then(|statement| statement["Effect"].as_str()).unwrap_or_default();
        Self {
            effect: Clean(effect).to_string(),
            actions: sides(&|statement| named(statement, "Action")),
            rest: [
                ("on", sides(&|statement| named(statement, "Resource"))),
                ("by", sides(&|statement| named(statement, "Principal"))),
                ("if", sides(&|statement| conditions(statement.get("Condition")))),
            ],
        }
    }
}

/// The values of both sides: what goes, then what stays and what comes.
fn merged(before: &[String], after: Vec<String>) -> Values {
    let gone = before.iter().filter(|one| !after.contains(one)).map(|one| (Side::Gone, one.clone()));
    let mut values: Values = gone.collect();
    let side = |one: &String| if before.contains(one) { Side::Both } else { Side::New };
    values.extend(after.into_iter().map(|one| (side(&one), one)));
    values
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
