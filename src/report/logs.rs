//! What services have logged, line by line.

use std::fmt::Write;

use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::style::{BAD, CHANGE, Clean, DIM, paint};
use crate::ops::logs::Line;

/// Lines of text; what a message says in several lines stands in several.
pub fn text(lines: &[Line]) -> String {
    let mut out = String::new();
    for Line { block, entry } in lines {
        let code = entry.code.as_deref().map(|code| format!("{} ", paint(BAD, Clean(code)))).unwrap_or_default();
        let head = format!("{} {} ", paint(DIM, at(entry.at)), paint(CHANGE, Clean(block)));
        let mut said = entry.message.trim_end().lines();
        let _ = writeln!(out, "{head}{code}{}", Clean(said.next().unwrap_or_default()));
        for line in said {
            // A tab is how tracebacks are indented, and no harm.
            let _ = writeln!(out, "    {}", Clean(&line.replace('\t', "    ")));
        }
    }
    out
}

/// An object for each, in a line of its own.
pub fn json(lines: &[Line]) -> String {
    let object = |Line { block, entry }: &Line| {
        let json = json!({
            "at": at(entry.at), "block": block, "stream": entry.stream, "code": entry.code, "message": entry.message,
        });
        format!("{json}\n")
    };
    lines.iter().map(object).collect()
}

/// `2026-11-21T14:00:00.123Z`.
fn at(time: time::OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use time::macros::datetime;

    use super::*;
    use crate::ops::logs::Entry;
    use crate::report::style::plain;

    fn lines() -> Vec<Line> {
        let line = |block: &str, code: Option<&str>, message: &str| Line {
            block: block.into(),
            entry: Entry {
                at: datetime!(2026-11-21 14:00:00.25 UTC),
                stream: "2026/11/21/[$LATEST]0".into(),
                code: code.map(str::to_owned),
                message: message.into(),
            },
        };
        vec![
            line(
                "function.counters",
                None,
                "[ERROR] KeyError: 'page'\nTraceback (most recent call last):\n\tFile \"app.py\"\n",
            ),
            line("firehose.raw", Some("S3.AccessDenied"), "Access was denied."),
            line("function.counters", None, "\u{1b}[31mred\u{202e}"),
        ]
    }

    #[test]
    fn a_line_says_when_and_who_and_nothing_in_it_steers_the_terminal() {
        assert_snapshot!(plain(&text(&lines())), @r#"
        2026-11-21T14:00:00.25Z function.counters [ERROR] KeyError: 'page'
            Traceback (most recent call last):
                File "app.py"
        2026-11-21T14:00:00.25Z firehose.raw S3.AccessDenied Access was denied.
        2026-11-21T14:00:00.25Z function.counters \u{1b}[31mred\u{202e}
        "#);
    }

    #[test]
    fn json_is_an_object_a_line() {
        let json = json(&lines());
        let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!(json.lines().count(), 3);
        assert_eq!((&first["block"], &first["code"]), (&json!("function.counters"), &json!(null)));
        assert_eq!(first["at"], "2026-11-21T14:00:00.25Z");
    }
}
