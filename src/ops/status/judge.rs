//! What a live resource, its metrics and its logs come to: one function for each type that can be more than there.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::figures::{
    CALLS, DELIVERED, ERRORS, FAILED, FIRED, FRESHNESS, INCOMING, ITERATOR_AGE, NOT_REACHED, READ, READS_REFUSED,
    REQUESTS, THROTTLED, WRITES_REFUSED,
};
use super::{Evidence, Health, LOG_EVENTS, Seen};
use crate::catalog::Type;
use crate::catalog::facets::Status;
use crate::model::address::Address;
use crate::model::kind::Live;
use crate::ops::amount::{counted, duration};
use crate::ops::fault::help_for;
use crate::state::{Intent, IntentAction};

/// Access keys should not grow older (CIS AWS Foundations Benchmark, 1.14).
const KEY_AGE: Duration = Duration::from_hours(90 * 24);
/// However short the buffer, a delivery may take so long.
const DELIVERY: Duration = Duration::from_mins(15);

/// What is to be said of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) health: Health,
    pub(super) text: Vec<String>,
    pub(super) next: Vec<String>,
}

impl Findings {
    fn good() -> Self {
        Self { health: Health::Good, text: Vec::new(), next: Vec::new() }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.text.push(text.into());
    }

    /// Something is not as it should be.
    fn warn(&mut self, health: Health, text: impl Into<String>) {
        self.health = self.health.max(health);
        self.say(text);
    }

    fn next(&mut self, next: impl Into<String>) {
        self.next.push(next.into());
    }
}

/// What is to be said of a resource; `block` are all resources of its block.
pub(super) fn verdict(seen: &Seen<'_>, block: &[Seen<'_>], evidence: &Evidence) -> Findings {
    let kind = seen.record.kind.as_str();
    let topic = block.iter().any(|one| one.record.kind == "sns_topic");
    if kind == "sns_subscription" && topic {
        // The topic tells of its subscriptions.
        return Findings::good();
    }
    let mut out = Findings::good();
    let live = match &seen.live {
        Ok(Some(live)) => live,
        Ok(None) => {
            out.warn(Health::Bad, "does not exist");
            out.next("`pipectl plan` shows what the next apply makes again");
            return out;
        }
        Err(error) => {
            out.warn(Health::Unknown, error.source.to_string());
            out.next.extend(help_for(&error.source));
            return out;
        }
    };
    let key = seen.record.key.as_str();
    // What a newer pipectl has made can only be seen to be there.
    let Some(one) = Type::named(kind) else { return out };
    if let Status::Exists(_) = one.status() {
        return out;
    }
    match one {
        Type::Stream => stream(&mut out, key, live, evidence),
        Type::DeliveryStream => firehose(&mut out, key, live, evidence),
        Type::Function => function(&mut out, key, live, evidence),
        Type::Mapping => mapping(&mut out, live),
        Type::Table => table(&mut out, key, live, evidence),
        Type::RestApi => api(&mut out, key, evidence),
        Type::Stage => out.say(text(&live.outputs, "url")),
        Type::Bucket => bucket(&mut out, live),
        Type::Rule => rule(&mut out, key, live, evidence),
        Type::Queue => queue(&mut out, live),
        Type::Alarm => alarm(&mut out, live, evidence.now),
        Type::Topic => self::topic(&mut out, block),
        Type::AccessKey => access_key(&mut out, live, evidence.now),
        Type::LogGroup => log_group(&mut out, key, evidence),
        // They say themselves why there is nothing to be judged.
        Type::ApiKey
        | Type::Dashboard
        | Type::LogStream
        | Type::Notification
        | Type::Permission
        | Type::Role
        | Type::Secret
        | Type::Subscription
        | Type::UsagePlan
        | Type::User => {}
    }
    out
}

/// The verdict on an intent that an interrupted apply has left.
pub(super) fn unfinished(address: &Address, intent: &Intent) -> Findings {
    let what = match intent.action {
        IntentAction::Create => "creation",
        IntentAction::Replace => "replacement",
        IntentAction::Delete => "deletion",
        IntentAction::Update => "update",
        IntentAction::Rebind => "renewed binding to its role",
    };
    let mut out = Findings::good();
    let text = format!("the {what} of {address} belongs to an apply that did not end, and may have been done or not");
    out.warn(Health::Attention, text);
    out.next("`pipectl plan` shows what is left to do");
    out
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn seconds(value: &Value, name: &str) -> Duration {
    Duration::from_secs(value[name].as_u64().unwrap_or_default())
}

/// How long ago an output's time was.
fn since(live: &Live, name: &str, now: OffsetDateTime) -> Option<Duration> {
    let at = OffsetDateTime::parse(live.outputs[name].as_str()?, &Rfc3339).ok()?;
    Some(ago(at, now))
}

fn ago(at: OffsetDateTime, now: OffsetDateTime) -> Duration {
    (now - at).try_into().unwrap_or_default()
}

/// Where a resource that comes to be and goes stands.
fn lifecycle(out: &mut Findings, live: &Live) {
    match text(&live.outputs, "status") {
        status if status.ends_with("FAILED") => {
            out.warn(Health::Bad, status);
            out.next("`pipectl plan` shows how the next apply mends it");
        }
        "ACTIVE" => out.say("ACTIVE"),
        status => out.warn(Health::Attention, status),
    }
}

fn stream(out: &mut Findings, key: &str, live: &Live, evidence: &Evidence) {
    lifecycle(out, live);
    match live.attributes["shards"].as_u64() {
        Some(shards) => out.say(counted(shards, "shard")),
        None => out.say("on demand"),
    }
    match evidence.figures.sum(INCOMING, key) {
        Some(records) => out.say(format!("{} in the last hour", counted(records, "record"))),
        None => out.say("no data in the last hour"),
    }
    if let Some(throttled @ 1..) = evidence.figures.sum(THROTTLED, key) {
        out.warn(Health::Attention, format!("{} throttled in the last hour", counted(throttled, "write")));
        out.next("give it more `shards`, or `mode = \"on-demand\"`");
    }
    let Some(age) = evidence.figures.newest(ITERATOR_AGE, key, Duration::from_millis(1)) else { return };
    let retention = seconds(&live.attributes, "retention_hours") * 3600;
    // AWS's advice: beyond half of the retention records are about to be lost.
    if age > retention / 2 {
        let kept = duration(retention);
        out.warn(Health::Bad, format!("readers are {} behind, and records are kept for {kept}", duration(age)));
        out.next("find out what keeps its readers, and raise `retention_hours` meanwhile");
    } else {
        out.say(format!("readers are {} behind", duration(age)));
    }
}

fn firehose(out: &mut Findings, key: &str, live: &Live, evidence: &Evidence) {
    lifecycle(out, live);
    let (figures, now) = (&evidence.figures, evidence.now);
    let limit = (seconds(&live.attributes, "buffer_seconds") * 2).max(DELIVERY);
    match (figures.span(DELIVERED, key), figures.span(READ, key)) {
        (Some((_, last)), _) => {
            let records = figures.sum(DELIVERED, key).unwrap_or_default();
            let records = counted(records, "record");
            out.say(format!("last delivery {} ago, {records} in the last hour", duration(ago(last, now))));
        }
        // Without a delivery there is no freshness either: what was read long ago must have come out by now.
        (None, Some((first, _))) if ago(first, now) > limit => {
            out.warn(Health::Bad, "reads records, and has delivered none in the last hour");
            out.next("look at its role, its bucket and what it has logged");
        }
        (None, Some(_)) => out.say("reads records, and has yet to deliver the first"),
        (None, None) => out.say("no data in the last hour"),
    }
    let Some(freshness) = figures.newest(FRESHNESS, key, Duration::from_secs(1)) else { return };
    if freshness > limit {
        out.warn(Health::Bad, format!("its oldest undelivered record is {} old", duration(freshness)));
        out.next("look at its role, its bucket and what it has logged");
    } else {
        out.say(format!("data at most {} old", duration(freshness)));
    }
}

fn function(out: &mut Findings, key: &str, live: &Live, evidence: &Evidence) {
    match text(&live.outputs, "status") {
        // Lambda puts one to sleep that nobody has called for weeks, and wakes it with the next call.
        status @ ("Active" | "Inactive") => out.say(status),
        status if status.ends_with("Failed") => {
            out.warn(Health::Bad, status);
            out.next("`pipectl plan` shows what the next apply changes; AWS's console says why it failed");
        }
        status => out.warn(Health::Attention, status),
    }
    let Some(calls) = evidence.figures.sum(CALLS, key) else { return out.say("no calls in the last hour") };
    let calls = counted(calls, "call");
    match evidence.figures.sum(ERRORS, key) {
        Some(errors @ 1..) => {
            out.warn(Health::Attention, format!("{errors} of {calls} failed in the last hour"));
            out.next(format!("look at its log: `{}`", text(&live.attributes, "log_group")));
        }
        _ => out.say(format!("{calls} in the last hour")),
    }
}

fn mapping(out: &mut Findings, live: &Live) {
    match text(&live.outputs, "status") {
        "Enabled" => out.say("Enabled"),
        status => out.warn(Health::Attention, status),
    }
    let result = text(&live.outputs, "last_result");
    if result.starts_with("PROBLEM") {
        out.warn(Health::Bad, result);
        out.next("the log of the function, and the statements of its role, say more");
    }
}

fn table(out: &mut Findings, key: &str, live: &Live, evidence: &Evidence) {
    lifecycle(out, live);
    let capacity = &live.attributes["capacity"];
    if capacity.is_null() {
        out.say("on demand");
    } else {
        out.say(format!("{} read and {} write capacity units", capacity["read"], capacity["write"]));
    }
    let refused = [READS_REFUSED, WRITES_REFUSED].map(|metric| evidence.figures.sum(metric, key).unwrap_or_default());
    if refused != [0, 0] {
        let [reads, writes] = refused;
        out.warn(Health::Attention, format!("{reads} reads and {writes} writes refused in the last hour"));
        out.next("give it more `capacity`, or none: then it is on demand; or spread the keys that all ask for");
    }
}

fn api(out: &mut Findings, key: &str, evidence: &Evidence) {
    let requests = evidence.figures.sum(REQUESTS, key).unwrap_or_default();
    if requests == 0 {
        return out.say("no requests in the last hour");
    }
    let requests = counted(requests, "request");
    match evidence.figures.sum(FAILED, key) {
        Some(failed @ 1..) => {
            out.warn(Health::Attention, format!("{failed} of {requests} failed in the last hour"));
            out.next("look at the logs of its functions; what they do not know of has failed in API Gateway");
        }
        _ => out.say(format!("{requests} in the last hour")),
    }
}

fn rule(out: &mut Findings, key: &str, live: &Live, evidence: &Evidence) {
    if live.attributes["enabled"] == false {
        return out.say("disabled");
    }
    out.say(text(&live.attributes, "schedule"));
    match evidence.figures.sum(FIRED, key) {
        Some(times) => out.say(format!("fired {} in the last hour", counted(times, "time"))),
        None => out.say("has not fired in the last hour"),
    }
    if let Some(failed @ 1..) = evidence.figures.sum(NOT_REACHED, key) {
        out.warn(Health::Bad, format!("{} did not reach the function", counted(failed, "call")));
        out.next("`pipectl plan` shows whether its permission to call the function is as it should be");
    }
}

fn queue(out: &mut Findings, live: &Live) {
    let count = |name: &str| live.outputs[name].as_u64().unwrap_or_default();
    let (messages, in_flight) = (count("messages"), count("in_flight"));
    if messages > 0 && live.attributes["dead_letters_of"].is_array() {
        let letters = counted(messages, "dead letter");
        out.warn(Health::Attention, letters);
        out.next(
            "look at them in AWS's console; once it is known why they failed, send them back from there (redrive)",
        );
    } else {
        out.say(counted(messages, "message"));
    }
    if in_flight > 0 {
        out.say(format!("{in_flight} being dealt with"));
    }
}

fn bucket(out: &mut Findings, live: &Live) {
    out.say("exists");
    out.say(if live.attributes["versioning"] == true { "versioning on" } else { "versioning off" });
}

fn alarm(out: &mut Findings, live: &Live, now: OffsetDateTime) {
    let state = text(&live.outputs, "state");
    let long = since(live, "since", now).map(|long| format!(" for {}", duration(long))).unwrap_or_default();
    match state {
        "OK" => out.say(format!("OK{long}")),
        "ALARM" => {
            out.warn(Health::Bad, format!("ALARM{long}"));
            out.next("see to what it watches");
        }
        // A new or idle pipeline has no data: the alarm cannot know better.
        state => out.warn(Health::Unknown, format!("{state}{long}")),
    }
    if live.attributes["actions_enabled"] == false {
        out.warn(Health::Attention, "tells nobody: its actions are switched off");
    }
}

fn topic(out: &mut Findings, block: &[Seen<'_>]) {
    let (mut confirmed, mut pending, mut expired, mut unknown) = (0_u64, Vec::new(), Vec::new(), 0_u64);
    for one in block.iter().filter(|one| one.record.kind == "sns_subscription") {
        let endpoint = text(&one.record.attributes, "endpoint");
        match &one.live {
            Ok(Some(live)) if live.outputs["pending"] == true => pending.push(endpoint),
            Ok(Some(_)) => confirmed += 1,
            Ok(None) => expired.push(endpoint),
            Err(_) => unknown += 1,
        }
    }
    out.say(format!("{} confirmed", counted(confirmed, "subscription")));
    if !pending.is_empty() {
        out.warn(Health::Attention, format!("{} pending", pending.len()));
        out.next(format!("ask {} to confirm the mail from AWS, which is valid for 2 days", pending.join(", ")));
    }
    if !expired.is_empty() {
        let list = expired.join(", ");
        out.warn(Health::Attention, format!("{} expired or unsubscribed: {list}", expired.len()));
        out.next(format!("`pipectl apply` has AWS send a new mail to {list}"));
    }
    if unknown > 0 {
        out.warn(Health::Unknown, format!("{unknown} could not be read"));
    }
}

fn access_key(out: &mut Findings, live: &Live, now: OffsetDateTime) {
    let (id, status) = (text(&live.outputs, "access_key_id"), text(&live.outputs, "status"));
    let health = if status == "Active" { Health::Good } else { Health::Attention };
    out.warn(health, format!("{id} {status}"));
    match since(live, "created", now) {
        Some(age) if age > KEY_AGE => {
            out.warn(Health::Attention, format!("{} old", duration(age)));
            out.next("replace the access key, and give the new one to Snowflake's stage");
        }
        Some(age) => out.say(format!("{} old", duration(age))),
        None => {}
    }
    // It is only read as a key where the parameter with its secret is there too.
    out.say("secret in its parameter");
}

fn log_group(out: &mut Findings, key: &str, evidence: &Evidence) {
    let entries = evidence.logs.get(key).map_or(&[][..], Vec::as_slice);
    let errors: Vec<_> = entries.iter().filter_map(|entry| Some((entry.code.as_ref()?, &entry.message))).collect();
    if let Some((code, message)) = errors.last() {
        let more = if entries.len() < LOG_EVENTS { "" } else { "at least " };
        let count = format!("{more}{}", counted(errors.len() as u64, "error"));
        // Firehose tries again for a day: whether it works by now is the delivery stream's to tell.
        out.warn(Health::Attention, format!("{count} in the last hour, the last {code}: {message}"));
    }
}
