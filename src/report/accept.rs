//! What accepting drift writes into a spec, and what it cannot write.

use std::fmt::Write;

use anstyle::Style;
use serde_json::{Value, json};
use similar::TextDiff;

use super::style::{BAD, BOLD, Clean, DIM, GOOD, paint};
use crate::model::address::Address;
use crate::ops::accept::{Acceptance, Drift, Left, Why};
use crate::ops::amount::counted;
use crate::spec::Loaded;
use crate::spec::diagnostic::{Diagnostics, Report};
use crate::spec::edit::Edit;

/// What would be accepted, value by value, and how the file would change; `file` is its name as shown.
/// `beyond` is whether there is drift that no spec can say.
pub fn text(env: &str, file: &str, acceptance: &Acceptance, beyond: bool) -> String {
    let place = paint(BOLD, format!("{}:", Clean(env)));
    if acceptance.accepted.is_empty() && acceptance.left.is_empty() {
        return if beyond {
            format!("{place} nothing can be accepted: no spec can say what drift there is.\n")
        } else {
            format!("{place} {} Everything is as pipectl left it.\n", paint(GOOD, "no drift."))
        };
    }
    let count = |count: usize| counted(count as u64, "value");
    let left = match acceptance.left.len() {
        0 => String::new(),
        left => format!(", {} cannot be", count(left)),
    };
    let mut out = format!("{place} {} can be accepted{left}.\n", count(acceptance.accepted.len()));
    for Drift { address, path } in &acceptance.accepted {
        let _ = writeln!(out, "  {}  {}", paint(BOLD, Clean(&address.to_string())), Clean(&path.join(".")));
    }
    if acceptance.before != acceptance.after {
        let _ = write!(out, "\n{}", coloured(&difference(file, acceptance)));
    }
    out
}

/// The same as JSON; `written` is whether the file has it now.
pub fn json(env: &str, file: &str, acceptance: &Acceptance, written: bool) -> Value {
    let drift = |Drift { address, path }: &Drift| json!({"address": address, "path": path.join(".")});
    let left = acceptance.left.iter().map(|left| {
        let Words { message, help, .. } = Words::of(left);
        json!({"address": left.drift.address, "path": left.drift.path.join("."), "message": message, "help": help})
    });
    let edit = |edit: &Edit| json!({"block": edit.table(), "line": edit.line()});
    json!({
        "env": env,
        "file": file,
        "accepted": acceptance.accepted.iter().map(drift).collect::<Vec<_>>(),
        "edits": acceptance.edits.iter().map(edit).collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
        "diff": difference(file, acceptance),
        "written": written,
    })
}

/// How the file changes, as `diff -u` says it.
fn difference(file: &str, acceptance: &Acceptance) -> String {
    let lines = TextDiff::from_lines(&acceptance.before, &acceptance.after);
    lines.unified_diff().context_radius(3).header(file, file).to_string()
}

fn coloured(difference: &str) -> String {
    let style = |line: &str| -> Style {
        match line.as_bytes().first() {
            Some(b'+') => GOOD,
            Some(b'-') => BAD,
            Some(b'@') => DIM,
            _ => Style::new(),
        }
    };
    difference.lines().fold(String::new(), |out, line| out + &paint(style(line), Clean(line)) + "\n")
}

/// Why drift stays, at the place in the spec that it is about.
pub fn left(loaded: &Loaded, left: &[Left]) -> Report {
    let mut diagnostics = Diagnostics::default();
    for Words { message, help, path } in left.iter().map(Words::of) {
        diagnostics.warning(loaded.place(&path), message).help(help);
    }
    loaded.report(diagnostics)
}

/// What is said of drift that stays.
struct Words {
    message: String,
    help: String,
    /// Where in the spec.
    path: String,
}

impl Words {
    fn of(Left { drift: Drift { address, path }, why }: &Left) -> Self {
        let block = address.block_name();
        let what = if path.is_empty() { address.to_string() } else { format!("`{}` of {address}", path.join(".")) };
        let undo = format!("`pipectl drift --revert '{address}'` undoes it");
        let (message, help, edit) = match why {
            Why::Gone => {
                let help = format!("take out of the spec what makes it, and the next apply forgets it; or {undo}");
                (format!("{what} was deleted: no value of it can be accepted"), help, None)
            }
            Why::Unwanted => {
                (format!("{what} is not wanted as it is: the next apply deletes or replaces it"), undo, None)
            }
            Why::Derived => {
                let message = format!("{what} cannot be accepted: no field of `[{block}]` says it");
                let help =
                    "it follows from how blocks are wired, stands in a file that is extended, or may not be written";
                (message, format!("{help}; {undo}"), None)
            }
            Why::FilledIn(edit) => {
                let message = format!("{what} is not accepted: it would take the place of a value with `${{…}}`");
                (message, written(edit, "if that is meant"), Some(edit))
            }
            Why::Besides(edit, others) => {
                let message = format!("{what} is not accepted: {} would change as well", listed(others));
                (message, written(edit, "if that is meant, and look at the plan"), Some(edit))
            }
            Why::Rule(edit, rule) => {
                let message = format!("{what} is not accepted: {rule}");
                (message, written(edit, "once the rule of `[policy]` allows it"), Some(edit))
            }
        };
        // What an instance says is in no block of its own: its block is shown.
        let path = edit.filter(|edit| edit.header == 2).map_or_else(|| block.to_owned(), |edit| edit.path.join("."));
        Self { message, help, path }
    }
}

fn written(edit: &Edit, when: &str) -> String {
    let (block, line) = (edit.table(), edit.line());
    match edit.value {
        Some(_) => format!("write `{line}` in `[{block}]` {when}"),
        None => format!("take `{line}` out of `[{block}]` {when}"),
    }
}

fn listed(addresses: &[Address]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
