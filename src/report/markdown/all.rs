//! The plans of several projects as one Markdown.

use std::fmt::Write as _;

use super::LIMIT;
use super::escape::code;

/// What stands in the place of a plan for which there is no room.
const LEFT_OUT: &str =
    "\nThe plan is too long to be shown with the others: the job's log, or `pipectl plan` in its folder, has it.\n";

/// The plans of projects, each with its folder, its exit code and its Markdown: a table of what they come to, then each, as far as there
/// is room for [`LIMIT`] bytes.
pub fn all(plans: &[(&str, u8, &str)]) -> String {
    let mut out = format!("## Plans of {} projects\n\n| project | |\n|---|---|\n", plans.len());
    for (folder, exit, plan) in plans {
        let _ = writeln!(out, "| {} | {} |", cell(folder), sum(*exit, plan));
    }
    let mut room = LIMIT.saturating_sub(out.len());
    for (folder, _, plan) in plans.iter().filter(|(_, _, plan)| !plan.trim().is_empty()) {
        let whole = format!("\n## {}\n\n{}\n", code(folder), plan.trim_end());
        let short = format!("\n## {}\n{LEFT_OUT}", code(folder));
        let part = if whole.len() <= room { whole } else { short };
        if part.len() <= room {
            room -= part.len();
            out.push_str(&part);
        }
    }
    out
}

/// What a plan comes to: the sum in its own head.
fn sum(exit: u8, plan: &str) -> String {
    let sum = plan.lines().find(|line| line.starts_with("**")).unwrap_or_default();
    match (exit, sum) {
        (0 | 2, sum) if !sum.is_empty() => sum.to_owned(),
        (6, sum) if !sum.is_empty() => format!(":no_entry: refused: {sum}"),
        _ => format!(":no_entry: no plan: exit code {exit}"),
    }
}

/// Code in a table, whose columns a `|` would end.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_named() {
        let long = format!("### Plan\n\n**1 to create**\n\n{}\n", "x".repeat(LIMIT - 400));
        let plans =
            [("a|b", 2, long.as_str()), ("shop", 0, long.as_str()), ("bad", 1, ""), ("held", 6, "**1 to delete**")];
        let text = all(&plans);
        assert!(text.len() <= LIMIT, "{}", text.len());
        for said in [
            "| `a\\|b` | **1 to create** |",
            "| `bad` | :no_entry: no plan: exit code 1 |",
            "| `held` | :no_entry: refused: **1 to delete** |",
            "## `shop`\n\nThe plan is too long",
        ] {
            assert!(text.contains(said), "{said}");
        }
    }
}
