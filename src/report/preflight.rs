//! What a preflight found: what would be denied and how to allow it, which quotas would be exceeded, what it cannot see.

use std::fmt::Write;

use serde_json::Value;

use super::style::{BAD, BOLD, CHANGE, Clean, DIM, GOOD, HELP, paint};
use super::table;
use super::wrap::wrapped;
use crate::model::account::{Answer, Quota};
use crate::ops::amount::{count, counted};
use crate::ops::preflight::{Check, Denied, Preflight, UNSEEN};

/// The findings as text.
pub fn text(found: &Preflight, width: usize) -> String {
    let mut out = format!("\n{}\n", paint(BOLD, "Preflight"));
    let _ = writeln!(out, "  {}", headline(found));
    for one in &found.denied {
        denied(&mut out, one, width);
    }
    if !found.statements.is_empty() {
        let _ = writeln!(out, "  {}", paint(HELP, "What would have to be allowed besides:"));
        for line in format!("{:#}", Value::from(found.statements.clone())).lines() {
            let _ = writeln!(out, "    {}", Clean(line));
        }
    }
    quotas(&mut out, &found.quotas, width);
    let _ = writeln!(out, "\n{}", paint(DIM, "Not seen by any of this"));
    let elsewhere = found.elsewhere.iter().map(|one| {
        format!(
            "what account {} allows on {}: `pipectl grants` prints what it has to",
            Clean(&one.account),
            one.address
        )
    });
    for unseen in elsewhere.chain(UNSEEN.map(str::to_owned)) {
        let _ = writeln!(out, "  {}", paint(DIM, wrapped(unseen.split(' '), 2, 4, width)));
    }
    out
}

/// One line: how many calls would be allowed, and to whom.
fn headline(found: &Preflight) -> String {
    if let Some(why) = &found.unsimulated {
        return paint(CHANGE, format!("permissions were not looked at: {}", Clean(why)));
    }
    let who = Clean(found.principal.as_deref().unwrap_or_default()).to_string();
    let all = counted(found.simulated as u64, "call");
    match found.denied.len() {
        0 => paint(GOOD, format!("{who} may make all it takes ({all})")),
        some => paint(BAD, format!("{who} may not make {} of {all}", count(some as u64))),
    }
}

fn denied(out: &mut String, one: &Denied, width: usize) {
    let by: Vec<&str> = one.needed_by.iter().map(String::as_str).collect();
    let mut said = format!("{} (for {}): {}", Clean(&one.action), Clean(&by.join(", ")), why(one.verdict));
    if !one.missing.is_empty() {
        let keys: Vec<&str> = one.missing.iter().map(String::as_str).collect();
        let _ = write!(said, ", as far as can be told without {}", Clean(&keys.join(", ")));
    }
    let _ = writeln!(out, "    {} {}", paint(BAD, "!"), wrapped(said.split(' '), 6, 6, width));
    let _ = writeln!(out, "      {} {}", paint(DIM, "on"), Clean(&one.resource));
}

fn why(verdict: Answer) -> &'static str {
    match verdict {
        Answer::Allowed => "allowed",
        Answer::NotAllowed => "nothing allows it",
        Answer::Denied => "a statement denies it",
        Answer::Boundary => "the permissions boundary does not allow it",
        Answer::Organization => "a policy of the organization does not allow it",
    }
}

fn quotas(out: &mut String, checks: &[Check], width: usize) {
    if checks.is_empty() {
        return;
    }
    let mut table = table::table(["quota", "used", "the plan adds", "limit", ""], width);
    for check in checks {
        let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), count);
        let limit = format!("{}{}", number(check.limit), if check.default { " by default" } else { "" });
        let row = [named(check.quota).to_owned(), number(check.used), count(check.adds), limit, verdict(check)];
        table.add_row(row);
    }
    let _ = write!(out, "\n{}", table::text(&table));
}

fn verdict(check: &Check) -> String {
    match &check.unknown {
        Some(why) => format!("not known: {}", Clean(why)),
        None if check.exceeded() && check.default => "too many, unless it was raised".to_owned(),
        None if check.exceeded() => "too many".to_owned(),
        None => "fits".to_owned(),
    }
}

fn named(quota: Quota) -> &'static str {
    match quota {
        Quota::Shards => "open shards",
        Quota::OnDemandStreams => "on-demand streams",
        Quota::DeliveryStreams => "delivery streams",
        Quota::Buckets => "buckets",
        Quota::Roles => "IAM roles",
        Quota::Users => "IAM users",
    }
}
