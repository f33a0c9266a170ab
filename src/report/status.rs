//! How the blocks of an environment are.

use std::fmt::Write;

use serde_json::{Value, json};

use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, HELP, paint};
use super::table;
use crate::ops::status::{Health, Row, Status};

/// A table of the blocks, then what to do, as text.
pub fn text(status: &Status, width: usize) -> String {
    if status.rows.is_empty() {
        return "nothing to tell of: this environment owns nothing.\n".to_owned();
    }
    let mut table = table::table(["", "block", "how it is"], width);
    for row in &status.rows {
        let said = row.text.iter().map(|line| Clean(line).to_string()).collect::<Vec<_>>().join("\n");
        table.add_row([word(row.health).to_owned(), Clean(&row.block).to_string(), said]);
    }
    let mut out = format!("{}\n{}", headline(status), table::text(&table));
    for row in &status.rows {
        next(&mut out, row);
    }
    for unasked in &status.unasked {
        let _ = writeln!(out, "{}", paint(CHANGE, format!("could not ask for {}", Clean(unasked))));
    }
    out
}

/// One line: how many blocks are how.
fn headline(status: &Status) -> String {
    let all = [(Health::Bad, BAD), (Health::Attention, CHANGE), (Health::Unknown, DIM), (Health::Good, GOOD)];
    let counts = all.iter().filter_map(|(health, style)| {
        let count = status.rows.iter().filter(|row| row.health == *health).count();
        (count > 0).then(|| paint(*style, format!("{count} {}", word(*health))))
    });
    counts.collect::<Vec<_>>().join(", ")
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Unknown => "unknown",
        Health::Attention => "attention",
        Health::Bad => "bad",
    }
}

fn next(out: &mut String, row: &Row) {
    for next in &row.next {
        let _ = writeln!(out, "{} {}", paint(BOLD, format!("{}:", Clean(&row.block))), paint(HELP, Clean(next)));
    }
}

/// The same for a program.
pub fn json(status: &Status) -> Value {
    json!({ "health": status.health(), "blocks": status.rows, "unasked": status.unasked })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    fn row(block: &str, health: Health, text: &[&str], next: &[&str]) -> Row {
        let own = |list: &[&str]| list.iter().map(|&line| line.to_owned()).collect();
        let kind = block.split('.').next().unwrap_or_default().to_owned();
        Row { block: block.into(), kind, health, text: own(text), next: own(next) }
    }

    fn status() -> Status {
        let rows = vec![
            row("bucket.events", Health::Good, &["exists, versioning off"], &[]),
            row(
                "firehose.clicks",
                Health::Bad,
                &[
                    "ACTIVE, its oldest undelivered record is 40 min old",
                    "log-group: 3 errors in the last hour, the last S3.AccessDenied: Access was denied.\u{1b}[2J",
                ],
                &["look at its role, its bucket and what it has logged"],
            ),
            row("stream.clicks", Health::Good, &["ACTIVE, 2 shards, no data in the last hour"], &[]),
        ];
        Status { rows, unasked: vec!["the metrics: cloudwatch GetMetricData: AccessDenied: no".into()] }
    }

    #[test]
    fn blocks_and_what_to_do() {
        let text = plain(&text(&status(), 80));
        insta::assert_snapshot!(text, @r"
        1 bad, 2 good
                 block             how it is
        ────────────────────────────────────────────────────────────────────────────────
          good   bucket.events     exists, versioning off
          bad    firehose.clicks   ACTIVE, its oldest undelivered record is 40 min old
                                   log-group: 3 errors in the last hour, the last
                                   S3.AccessDenied: Access was denied.\u{1b}[2J
          good   stream.clicks     ACTIVE, 2 shards, no data in the last hour
        firehose.clicks: look at its role, its bucket and what it has logged
        could not ask for the metrics: cloudwatch GetMetricData: AccessDenied: no
        ");
    }

    #[test]
    fn for_a_program() {
        insta::assert_snapshot!(json(&status()), @r#"{"blocks":[{"block":"bucket.events","health":"good","kind":"bucket","next":[],"text":["exists, versioning off"]},{"block":"firehose.clicks","health":"bad","kind":"firehose","next":["look at its role, its bucket and what it has logged"],"text":["ACTIVE, its oldest undelivered record is 40 min old","log-group: 3 errors in the last hour, the last S3.AccessDenied: Access was denied.\u001b[2J"]},{"block":"stream.clicks","health":"good","kind":"stream","next":[],"text":["ACTIVE, 2 shards, no data in the last hour"]}],"health":"bad","unasked":["the metrics: cloudwatch GetMetricData: AccessDenied: no"]}"#);
    }
}
