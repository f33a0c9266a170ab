//! What a verification has found at the end of a pipeline.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::query::{bytes, money};
use super::send;
use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use crate::ops::amount::{count, counted, duration};
use crate::ops::verify::{Arrivals, Asked, Findings, Latency, Progress, Verified, Wait};

/// What was found, as text; with what queries have cost, as far as anybody knows.
pub fn text(verified: &Verified, cost: Option<f64>) -> String {
    let mut out = verdict(verified);
    out += &send::summary(&verified.sent);
    let arrivals = &verified.arrivals;
    let (what, number) = if verified.by.is_some() { ("item", arrivals.items) } else { ("object", arrivals.objects) };
    let waited = duration(verified.waited);
    let _ = match &verified.asked {
        Some(asked) => writeln!(out, "{} in {waited}", scanned(asked, cost)),
        None => writeln!(out, "read {} in {waited}", counted(number, what)),
    };
    if let Some(latency) = &arrivals.latency {
        let _ = writeln!(out, "{}", latencies(latency, what));
    }
    troubles(&mut out, verified);
    notes(&mut out, arrivals);
    out
}

/// `3 queries scanned 12.4 MB, about 0.0002 USD`.
fn scanned(asked: &Asked, cost: Option<f64>) -> String {
    let queries = asked.scanned.len() as u64;
    let queries = if queries == 1 { "1 query".to_owned() } else { format!("{} queries", count(queries)) };
    if asked.scanned.is_empty() {
        return format!("{queries} came to an end");
    }
    let unknown = || "at a price that is not known in this region".to_owned();
    let cost = cost.map_or_else(unknown, |cost| format!("about {} USD", money(cost)));
    format!("{queries} scanned {}, {cost},", bytes(asked.scanned.iter().sum()))
}

fn verdict(verified: &Verified) -> String {
    let share = format!("{} of {} arrived", count(verified.arrivals.arrived), counted(verified.sent.sent, "event"));
    let how = match verified.wait {
        Wait::Complete => "",
        Wait::TimedOut => "; the time is up",
        Wait::Stopped(_) => "; stopped before the rest was waited for",
        Wait::Unsent => "; not waited for, as sending did not come to its end",
    };
    let word = if verified.passed() { paint(GOOD, "passed:") } else { paint(BAD, "failed:") };
    format!("{word} {}\n", paint(BOLD, format!("{share}{how}")))
}

fn latencies(latency: &Latency, what: &str) -> String {
    let Latency { min, median, p95, max } = *latency;
    let [min, median, p95, max] = [min, median, p95, max].map(duration);
    format!("from event to {what}: min {min}, median {median}, 95 % within {p95}, max {max}")
}

/// What makes it fail, or would if it were declared otherwise.
fn troubles(out: &mut String, verified: &Verified) {
    let Arrivals { lost, unnamed, broken, joined, failures, .. } = &verified.arrivals;
    finding(out, BAD, lost, |lost| format!("{} not arrived", counted(lost, "event")));
    finding(out, BAD, unnamed, |events| format!("{} not named by the item that is there", counted(events, "event")));
    finding(out, BAD, broken, |lines| {
        format!("{} without JSON: Snowpipe skips the whole file", counted(lines, "line"))
    });
    let style = if verified.json_lines { BAD } else { CHANGE };
    finding(out, style, joined, |lines| {
        let lines = counted(lines, "line");
        format!("{lines} with more than one object: Snowpipe takes them, but they are no JSON lines")
    });
    for (code, failure) in failures {
        finding(out, BAD, failure, |records| {
            format!("{} that Firehose could not deliver: {}", counted(records, "record"), Clean(code))
        });
    }
}

/// What is worth knowing, and no failure.
fn notes(out: &mut String, arrivals: &Arrivals) {
    let mut note = |number: u64, what: &str, text: &str| {
        if number > 0 {
            let _ = writeln!(out, "  {}", paint(CHANGE, format!("{} {text}", counted(number, what))));
        }
    };
    note(arrivals.doubled, "event", "arrived more than once: delivery is at least once; `event_id` tells them apart");
    note(arrivals.foreign, "record", "beside them, of other senders");
    note(arrivals.vanished, "object", "listed, but gone before being read");
}

fn finding(out: &mut String, style: anstyle::Style, found: &Findings, text: impl FnOnce(u64) -> String) {
    if found.count == 0 {
        return;
    }
    let _ = writeln!(out, "  {}", paint(style, text(found.count)));
    for example in &found.examples {
        let _ = writeln!(out, "      {}", Clean(example));
    }
    let others = found.count.saturating_sub(found.examples.len() as u64);
    if others > 0 {
        let _ = writeln!(out, "      {}", paint(DIM, format!("… and {} more", count(others))));
    }
}

/// How far the verification has come, on one line.
pub fn progress(step: &Progress) -> String {
    match step {
        Progress::Sending(step) => send::progress(step),
        Progress::Waiting { arrived, of, waited, patience } => {
            let time = format!("of {}, {} of at most {}", count(*of), duration(*waited), duration(*patience));
            format!("{} {} {}", paint(BOLD, "arrived"), count(*arrived), paint(DIM, time))
        }
    }
}

/// What was found, for a program.
pub fn json(verified: &Verified, cost: Option<f64>) -> Value {
    let Arrivals {
        objects,
        vanished,
        items,
        arrived,
        lost,
        unnamed,
        doubled,
        foreign,
        broken,
        joined,
        failures,
        latency,
    } = &verified.arrivals;
    let wait = match verified.wait {
        Wait::Complete => "complete",
        Wait::TimedOut => "timed out",
        Wait::Stopped(_) => "stopped",
        Wait::Unsent => "unsent",
    };
    let failures: BTreeMap<&str, Value> =
        failures.iter().map(|(code, found)| (code.as_str(), findings(found))).collect();
    let athena = verified.asked.as_ref().map(|asked| {
        json!({
            "queries": asked.scanned.len(),
            "scanned_bytes": asked.scanned.iter().sum::<u64>(),
            "cost_usd": cost,
        })
    });
    json!({
        "passed": verified.passed(),
        "athena": athena,
        "run": verified.run,
        "sent": send::json(&verified.sent),
        "wait": wait,
        "waited_seconds": verified.waited.as_secs_f64(),
        "objects": objects,
        "vanished": vanished,
        "items": items,
        "arrived": arrived,
        "lost": findings(lost),
        "unnamed": findings(unnamed),
        "doubled": doubled,
        "foreign": foreign,
        "broken_lines": findings(broken),
        "joined_lines": findings(joined),
        "failed_deliveries": failures,
        "latency_seconds": latency.map(|it| json!({
            "min": it.min.as_secs_f64(),
            "median": it.median.as_secs_f64(),
            "p95": it.p95.as_secs_f64(),
            "max": it.max.as_secs_f64(),
        })),
    })
}

fn findings(found: &Findings) -> Value {
    json!({ "count": found.count, "examples": found.examples })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::style::plain;

    fn found(count: u64, examples: &[&str]) -> Findings {
        Findings { count, examples: examples.iter().map(|&example| example.to_owned()).collect() }
    }

    fn verified(arrivals: Arrivals, wait: Wait) -> Verified {
        let (sent, waited) = (send::tests::sent(), Duration::from_secs(58));
        Verified { run: "run".into(), sent, arrivals, wait, waited, json_lines: true, by: None, asked: None }
    }

    #[test]
    fn all_arrived() {
        let [min, median, p95, max] = [12, 41, 58, 60].map(Duration::from_secs);
        let latency = Some(Latency { min, median, p95, max });
        let arrivals = Arrivals { objects: 3, arrived: 1200, latency, doubled: 10, foreign: 1, ..Arrivals::default() };
        insta::assert_snapshot!(plain(&text(&verified(arrivals, Wait::Complete), None)), @r"
        passed: 1,200 of 1,200 events arrived
        sent 1,200 events in 12 s (100 per second)
        read 3 objects in 58 s
        from event to object: min 12 s, median 41 s, 95 % within 58 s, max 60 s
          10 events arrived more than once: delivery is at least once; `event_id` tells them apart
          1 record beside them, of other senders
        ");
    }

    #[test]
    fn trouble_is_told_with_examples() {
        let arrivals = Arrivals {
            objects: 3,
            arrived: 1192,
            lost: found(8, &["run-7", "run-507"]),
            broken: found(1, &["events/x, line 2: EOF\u{1b}[2J"]),
            joined: found(2, &["events/y"]),
            failures: BTreeMap::from([("Lambda.FunctionError".into(), found(1, &["boom"]))]),
            ..Arrivals::default()
        };
        let verified = verified(arrivals, Wait::TimedOut);
        insta::assert_snapshot!(plain(&text(&verified, None)), @r"
        failed: 1,192 of 1,200 events arrived; the time is up
        sent 1,200 events in 12 s (100 per second)
        read 3 objects in 58 s
          8 events not arrived
              run-7
              run-507
              … and 6 more
          1 line without JSON: Snowpipe skips the whole file
              events/x, line 2: EOF\u{1b}[2J
          2 lines with more than one object: Snowpipe takes them, but they are no JSON lines
              events/y
              … and 1 more
          1 record that Firehose could not deliver: Lambda.FunctionError
              boom
        ");
        insta::assert_snapshot!(json(&verified, None), @r#"{"arrived":1192,"athena":null,"broken_lines":{"count":1,"examples":["events/x, line 2: EOF\u001b[2J"]},"doubled":0,"failed_deliveries":{"Lambda.FunctionError":{"count":1,"examples":["boom"]}},"foreign":0,"items":0,"joined_lines":{"count":2,"examples":["events/y"]},"latency_seconds":null,"lost":{"count":8,"examples":["run-7","run-507"]},"objects":3,"passed":false,"run":"run","sent":{"complete":true,"count":1200,"end":"done","error":null,"failed":{},"per_second":100.0,"retried":0,"seconds":12.0,"sent":1200,"shards":{"shardId-000000000000":612,"shardId-000000000001":588}},"unnamed":{"count":0,"examples":[]},"vanished":0,"wait":"timed out","waited_seconds":58.0}"#);
    }

    #[test]
    fn items_of_a_table_are_told_with_events_that_they_do_not_name() {
        let arrivals = Arrivals {
            items: 9,
            arrived: 1199,
            lost: found(1, &["run-7"]),
            unnamed: found(1, &["run-7"]),
            ..Arrivals::default()
        };
        let verified = Verified { by: Some("function.process".into()), ..verified(arrivals, Wait::TimedOut) };
        insta::assert_snapshot!(plain(&text(&verified, None)), @r"
        failed: 1,199 of 1,200 events arrived; the time is up
        sent 1,200 events in 12 s (100 per second)
        read 9 items in 58 s
          1 event not arrived
              run-7
          1 event not named by the item that is there
              run-7
        ");
    }

    #[test]
    fn rows_of_a_dataset_are_told_with_what_queries_have_scanned_and_what_that_costs() {
        let arrivals = Arrivals { arrived: 1200, doubled: 2, ..Arrivals::default() };
        let asked = Asked { block: "dataset.clicks".into(), scanned: vec![400, 2_000_000], ..Asked::default() };
        let verified = Verified { asked: Some(asked), ..verified(arrivals, Wait::Complete) };
        insta::assert_snapshot!(plain(&text(&verified, Some(0.000_1))), @r"
        passed: 1,200 of 1,200 events arrived
        sent 1,200 events in 12 s (100 per second)
        2 queries scanned 1.9 MB, about 0.00010 USD, in 58 s
          2 events arrived more than once: delivery is at least once; `event_id` tells them apart
        ");
        assert_eq!(
            json(&verified, None)["athena"],
            json!({ "queries": 2, "scanned_bytes": 2_000_400, "cost_usd": null })
        );
        let none = Verified { asked: Some(Asked::default()), ..verified };
        assert!(plain(&text(&none, None)).contains("0 queries came to an end in 58 s"));
    }

    #[test]
    fn the_wait_is_told() {
        let (waited, patience) = (Duration::from_secs(20), Duration::from_mins(4));
        let step = Progress::Waiting { arrived: 600, of: 1200, waited, patience };
        insta::assert_snapshot!(plain(&progress(&step)), @r"arrived 600 of 1,200, 20 s of at most 4 min");
    }
}
