//! What a query has found, and what it took.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::style::{BOLD, Clean, DIM, paint};
use super::table;
use crate::model::queries::{Rows, Run, Stage};
use crate::ops::amount::{counted, duration};
use crate::ops::query::Answer;

/// The most characters of a value that a table shows.
const LONGEST: usize = 80;
/// The fewest columns of the terminal in which a column of a table can be read.
const NARROWEST: usize = 10;

/// The rows as a table, or one below the other where they have too many columns for one; and what the query took.
pub fn text(answer: &Answer, cost: Option<f64>, width: usize) -> String {
    let rows = &answer.rows;
    let mut out = match rows.columns.len() {
        0 => String::new(),
        columns if columns.saturating_mul(NARROWEST) > width => one_by_one(rows),
        _ => as_table(rows, width),
    };
    let more = if rows.more { format!(", and there are more: {}", paint(BOLD, "--rows")) } else { String::new() };
    let _ = writeln!(out, "{}{more}", counted(rows.rows.len() as u64, "row"));
    let _ = writeln!(out, "{}", paint(DIM, took(&answer.run, cost)));
    out
}

fn as_table(rows: &Rows, width: usize) -> String {
    let mut table = table::columns(rows.columns.iter().map(|column| Clean(&column.name).to_string()), width);
    for row in &rows.rows {
        table.add_row(row.iter().map(|value| shown(value.as_deref())));
    }
    table::text(&table)
}

/// Each value in a line of its own.
fn one_by_one(rows: &Rows) -> String {
    let mut out = String::new();
    for (number, row) in rows.rows.iter().enumerate() {
        let _ = writeln!(out, "{}", paint(BOLD, format!("row {}", number + 1)));
        for (column, value) in rows.columns.iter().zip(row) {
            let _ = writeln!(out, "  {}  {}", paint(DIM, Clean(&column.name)), shown(value.as_deref()));
        }
    }
    out
}

/// A value in one line, and no more of it than helps.
fn shown(value: Option<&str>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", Clean(&value[..end])),
        None => Clean(value).to_string(),
    }
}

/// `scanned 12.4 MB in 1.2 s, about 0.00006 USD`.
fn took(run: &Run, cost: Option<f64>) -> String {
    let cost = match (run.billed, cost) {
        (false, _) => ", which is not billed".to_owned(),
        (true, Some(cost)) => format!(", about {} USD", money(cost)),
        (true, None) => ", at a price that is not known in this region".to_owned(),
    };
    format!("scanned {} in {}{cost}", bytes(run.scanned), duration(Duration::from_millis(run.milliseconds)))
}

/// Two digits' worth of a price that may be a small part of a cent.
pub(super) fn money(usd: f64) -> String {
    let digits: usize = [0.1, 0.01, 0.001, 0.0001, 0.00001].iter().filter(|step| usd < **step).count() + 2;
    format!("{usd:.digits$}")
}

/// `340 B`, `12.4 MB`.
#[expect(clippy::cast_precision_loss, reason = "it is shown with one digit behind the point")]
pub(super) fn bytes(number: u64) -> String {
    let mut size = number as f64;
    let mut units = ["B", "KB", "MB", "GB", "TB"].into_iter().peekable();
    while let Some(unit) = units.next() {
        if size < 1024.0 || units.peek().is_none() {
            return if unit == "B" { format!("{number} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{number} B")
}

/// How far a query has come, on one line.
pub fn progress(run: &Run) -> String {
    let stage = if run.stage == Stage::Queued { "waits for its turn" } else { "runs" };
    let time = duration(Duration::from_millis(run.milliseconds));
    format!("the query {stage} {}", paint(DIM, format!("for {time}, {} scanned", bytes(run.scanned))))
}

/// The same for a program: values are texts, or null.
pub fn json(answer: &Answer, cost: Option<f64>) -> Value {
    let Answer { id, rows, run } = answer;
    let columns = rows.columns.iter().map(|column| json!({ "name": column.name, "type": column.kind }));
    json!({
        "id": id,
        "columns": columns.collect::<Vec<_>>(),
        "rows": rows.rows,
        "more": rows.more,
        "scanned_bytes": run.scanned,
        "milliseconds": run.milliseconds,
        "billed": run.billed,
        "cost_usd": cost.filter(|_| run.billed),
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::model::queries::Column;
    use crate::report::style::plain;

    fn answer(columns: &[&str], rows: &[&[Option<&str>]]) -> Answer {
        let columns = columns.iter().map(|name| Column { name: (*name).to_owned(), kind: "varchar".to_owned() });
        let row = |row: &&[Option<&str>]| row.iter().map(|value| value.map(str::to_owned)).collect();
        Answer {
            id: "q-1".into(),
            rows: Rows { columns: columns.collect(), rows: rows.iter().map(row).collect(), more: true },
            run: Run { stage: Stage::Done, scanned: 13_000_000, milliseconds: 1240, billed: true },
        }
    }

    #[test]
    fn rows_are_a_table_and_nothing_in_them_steers_the_terminal() {
        let long = "x".repeat(100);
        let answer = answer(&["page", "clicks"], &[&[Some("/a\u{1b}[31m"), None], &[Some(&long), Some("2")]]);
        assert_snapshot!(plain(&text(&answer, Some(0.000_062), 100)), @r"
          page                                                                                clicks
        ──────────────────────────────────────────────────────────────────────────────────────────────
          /a\u{1b}[31m                                                                        NULL
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…   2
        2 rows, and there are more: --rows
        scanned 12.4 MB in 1.2 s, about 0.000062 USD
        ");
    }

    #[test]
    fn rows_of_many_columns_stand_one_below_the_other() {
        let names: Vec<String> = (0..9).map(|number| format!("c{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let said = plain(&text(&answer(&names, &[&[Some("a"); 9]]), None, 80));
        assert!(said.starts_with("row 1\n  c0  a\n  c1  a\n"), "{said}");
        assert!(said.contains("at a price that is not known in this region"), "{said}");
    }

    #[test]
    fn what_has_no_columns_has_no_table_and_what_is_free_says_so() {
        let mut answer = answer(&[], &[]);
        answer.rows.more = false;
        answer.run = Run { billed: false, scanned: 0, milliseconds: 300, ..answer.run };
        assert_eq!(plain(&text(&answer, Some(0.1), 80)), "0 rows\nscanned 0 B in 300 ms, which is not billed\n");
        assert_eq!(json(&answer, Some(0.1))["cost_usd"], Value::Null);
    }

    #[test]
    fn json_has_every_value_whole() {
        let long = "x".repeat(100);
        let json = json(&answer(&["page"], &[&[Some(&long)], &[None]]), Some(0.5));
        assert_eq!(json["rows"], json!([[long], [null]]));
        assert_eq!((&json["columns"][0]["name"], &json["cost_usd"]), (&json!("page"), &json!(0.5)));
    }
}
