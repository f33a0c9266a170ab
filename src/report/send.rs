//! What was sent into a stream, or to an API.

use std::fmt::Write;

use serde_json::{Value, json};

use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, paint};
use super::table;
use crate::ops::amount::{count, counted, duration};
use crate::ops::send::{End, Progress, Sent};

/// What was sent, as text.
pub fn text(sent: &Sent, width: usize) -> String {
    let mut out = summary(sent);
    if !sent.shards.is_empty() {
        out += &shards(sent, width);
    }
    out
}

/// How many in what time, and what was rejected.
pub(super) fn summary(sent: &Sent) -> String {
    let (share, style) = if sent.complete() {
        (format!("sent {}", counted(sent.count, "event")), GOOD)
    } else {
        (format!("sent {} of {}", count(sent.sent), counted(sent.count, "event")), BAD)
    };
    let stopped = if matches!(sent.end, End::Stopped(_)) { ", then stopped" } else { "" };
    let rate = format!("in {} ({:.0} per second){stopped}", duration(sent.elapsed), sent.per_second());
    let mut out = format!("{} {rate}\n", paint(style, share));
    if sent.retried > 0 {
        let again = format!("{} of what had been rejected", counted(sent.retried, "repetition"));
        let _ = writeln!(out, "  {}", paint(CHANGE, again));
    }
    for (code, events) in &sent.failed {
        let failed = format!("{} rejected to the last: {}", counted(*events, "event"), Clean(code));
        let _ = writeln!(out, "  {}", paint(BAD, failed));
    }
    out
}

/// Accepted events by shard: an uneven table is a hot shard.
fn shards(sent: &Sent, width: usize) -> String {
    let mut table = table::table(["shard", "events", "share"], width);
    for (shard, events) in &sent.shards {
        let percent = format!("{} %", (events * 100 + sent.sent / 2) / sent.sent.max(1));
        table.add_row([Clean(shard).to_string(), count(*events), percent]);
    }
    table::text(&table)
}

/// How far the sending has come, on one line.
pub fn progress(step: &Progress) -> String {
    let failed = if step.failed > 0 { paint(BAD, format!(", {} failed", count(step.failed))) } else { String::new() };
    format!("{} {} {}{failed}", paint(BOLD, "sent"), count(step.sent), paint(DIM, format!("of {}", count(step.count))))
}

/// What was sent, for a program.
pub fn json(sent: &Sent) -> Value {
    let (end, error) = match &sent.end {
        End::Done => ("done", None),
        End::Stopped(_) => ("stopped", None),
        End::Failed(error) => ("failed", Some(error.to_string())),
    };
    json!({
        "count": sent.count,
        "sent": sent.sent,
        "complete": sent.complete(),
        "retried": sent.retried,
        "failed": sent.failed,
        "shards": sent.shards,
        "seconds": sent.elapsed.as_secs_f64(),
        "per_second": sent.per_second(),
        "end": end,
        "error": error,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::model::error::{CallError, Class};
    use crate::report::style::plain;

    /// 1,200 events without any trouble.
    pub(in crate::report) fn sent() -> Sent {
        Sent {
            count: 1200,
            sent: 1200,
            retried: 0,
            failed: BTreeMap::new(),
            shards: BTreeMap::from([("shardId-000000000000".into(), 612), ("shardId-000000000001".into(), 588)]),
            elapsed: Duration::from_secs(12),
            end: End::Done,
        }
    }

    #[test]
    fn all_sent() {
        insta::assert_snapshot!(plain(&text(&sent(), 80)), @r"
        sent 1,200 events in 12 s (100 per second)
          shard                  events   share
        ─────────────────────────────────────────
          shardId-000000000000   612      51 %
          shardId-000000000001   588      49 %
        ");
    }

    #[test]
    fn trouble_is_told() {
        let failed = BTreeMap::from([("ProvisionedThroughputExceededException".into(), 100)]);
        let error = CallError::own(Class::Absent, "kinesis PutRecords", "no stream\u{1b}[2J");
        let end = End::Failed(error);
        let sent = Sent { sent: 1000, retried: 1030, failed, shards: BTreeMap::new(), end, ..sent() };
        insta::assert_snapshot!(plain(&text(&sent, 80)), @r"
        sent 1,000 of 1,200 events in 12 s (83 per second)
          1,030 repetitions of what had been rejected
          100 events rejected to the last: ProvisionedThroughputExceededException
        ");
        insta::assert_snapshot!(json(&sent), @r#"{"complete":false,"count":1200,"end":"failed","error":"kinesis PutRecords: no stream\\u{1b}[2J","failed":{"ProvisionedThroughputExceededException":100},"per_second":83.33333333333333,"retried":1030,"seconds":12.0,"sent":1000,"shards":{}}"#);
        insta::assert_snapshot!(plain(&progress(&Progress { sent: 1000, failed: 100, count: 1200 })), @r"sent 1,000 of 1,200, 100 failed");
    }
}
