//! What a live resource, its metrics and its logs come to: one function for each type that can be more than there.

use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;

use super::crawls;
use super::figures::{
    CALLS, DELIVERED, ERRORS, FAILED, FIRED, FRESHNESS, INCOMING, ITERATOR_AGE, NOT_REACHED, PUT, PUT_THROTTLED, READ,
    READS_REFUSED, REQUESTS, THROTTLED, WRITES_REFUSED,
};
use super::findings::{Findings, ago, since};
use super::{Evidence, Health, LOG_EVENTS, Seen, lake};
use crate::catalog::facets::Status;
use crate::catalog::{
    Actual, Type, athena_workgroup as workgroup, cloudwatch_alarm as alarm, dynamodb_table as table,
    events_rule as rule, firehose_delivery_stream as delivery, iam_access_key as access_key, kinesis_stream as stream,
    lambda_event_source_mapping as mapping, lambda_function as function, s3_bucket as bucket,
    sns_subscription as subscription, sqs_queue as queue,
};
use crate::model::address::Address;
use crate::ops::amount::{counted, duration};
use crate::ops::fault::help_for;
use crate::state::{Intent, IntentAction, Record};

/// Access keys should not grow older (CIS AWS Foundations Benchmark, 1.14).
const KEY_AGE: Duration = Duration::from_hours(90 * 24);
/// However short the buffer, a delivery may take so long.
const DELIVERY: Duration = Duration::from_mins(15);

/// What is to be said of a resource; `block` are all resources of its block.
pub(super) fn verdict(seen: &Seen<'_>, block: &[Seen<'_>], evidence: &Evidence) -> Findings {
    let of_type = Type::named(&seen.record.kind);
    let topic = block.iter().any(|one| Type::named(&one.record.kind) == Some(Type::Topic));
    if of_type == Some(Type::Subscription) && topic {
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
    // What a newer pipectl has made can only be seen to be there.
    let Some(one) = of_type else { return out };
    if let Status::Exists(_) = one.status() {
        return out;
    }
    match Actual::of(one, &live.attributes, &live.outputs) {
        Ok(actual) => judge(&mut out, &seen.record.key, &actual, block, evidence),
        Err(error) => out.warn(Health::Unknown, format!("what AWS shows of it does not fit its type: {error}")),
    }
    out
}

fn judge(out: &mut Findings, key: &str, live: &Actual, block: &[Seen<'_>], evidence: &Evidence) {
    match live {
        Actual::Stream(spec, outputs) => stream(out, key, spec, outputs, evidence),
        Actual::DeliveryStream(spec, outputs) => {
            firehose(out, key, spec, outputs, evidence);
            lake::failures(out, key, evidence);
        }
        Actual::GlueJob(..) => lake::job(out, key, block, evidence),
        Actual::CatalogTable(..) => lake::table(out, key, evidence),
        Actual::Function(spec, outputs) => function(out, key, spec, outputs, evidence),
        Actual::Mapping(_, outputs) => mapping(out, outputs),
        Actual::Table(spec, outputs) => table(out, key, spec, outputs, evidence),
        Actual::RestApi(..) => api(out, key, evidence),
        Actual::Stage(_, outputs) => out.say(&outputs.url),
        Actual::Bucket(spec, _) => bucket(out, spec),
        Actual::Rule(spec, _) => rule(out, key, spec, evidence),
        Actual::Queue(spec, outputs) => queue(out, spec, outputs),
        Actual::Alarm(spec, outputs) => alarm(out, spec, outputs, evidence.now),
        Actual::Topic(..) => topic(out, block),
        Actual::AccessKey(_, outputs) => access_key(out, outputs, evidence.now),
        Actual::LogGroup(..) => log_group(out, key, evidence),
        Actual::Workgroup(spec, _) => workgroup(out, spec),
        Actual::GlueCrawler(spec, outputs) => {
            crawls::crawler(out, spec, outputs, since(outputs.last_began.as_deref(), evidence.now));
        }
        // They say themselves why there is nothing to be judged.
        Actual::ApiKey(..)
        | Actual::Dashboard(..)
        | Actual::Trigger(..)
        | Actual::SchemaRegistry(..)
        | Actual::RegistrySchema(..)
        | Actual::Workflow(..)
        | Actual::LogStream(..)
        | Actual::NamedQuery(..)
        | Actual::PreparedStatement(..)
        | Actual::Database(..)
        | Actual::Object(..)
        | Actual::Notification(..)
        | Actual::InvokeConfig(..)
        | Actual::Permission(..)
        | Actual::Role(..)
        | Actual::Secret(..)
        | Actual::Subscription(..)
        | Actual::Parameter(..)
        | Actual::UsagePlan(..)
        | Actual::User(..) => {}
    }
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

/// Where a resource that comes to be and goes stands.
fn lifecycle(out: &mut Findings, status: &str) {
    match status {
        status if status.ends_with("FAILED") => {
            out.warn(Health::Bad, status);
            out.next("`pipectl plan` shows how the next apply mends it");
        }
        "ACTIVE" => out.say("ACTIVE"),
        status => out.warn(Health::Attention, status),
    }
}

fn stream(out: &mut Findings, key: &str, spec: &stream::Spec, outputs: &stream::Outputs, evidence: &Evidence) {
    lifecycle(out, &outputs.status);
    match spec.shards {
        Some(shards) => out.say(counted(shards.into(), "shard")),
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
    let retention = Duration::from_hours(spec.retention_hours.into());
    // AWS's advice: beyond half of the retention records are about to be lost.
    if age > retention / 2 {
        let kept = duration(retention);
        out.warn(Health::Bad, format!("readers are {} behind, and records are kept for {kept}", duration(age)));
        out.next("find out what keeps its readers, and raise `retention_hours` meanwhile");
    } else {
        out.say(format!("readers are {} behind", duration(age)));
    }
}

fn firehose(out: &mut Findings, key: &str, spec: &delivery::Spec, outputs: &delivery::Outputs, evidence: &Evidence) {
    lifecycle(out, &outputs.status);
    let (figures, now) = (&evidence.figures, evidence.now);
    let limit = (Duration::from_secs(spec.buffer_seconds.into()) * 2).max(DELIVERY);
    let (comes, takes) = if spec.source.is_some() { (READ, "reads") } else { (PUT, "takes") };
    match (figures.span(DELIVERED, key), figures.span(comes, key)) {
        (Some((_, last)), _) => {
            let records = figures.sum(DELIVERED, key).unwrap_or_default();
            let records = counted(records, "record");
            out.say(format!("last delivery {} ago, {records} in the last hour", duration(ago(last, now))));
        }
        // Without a delivery there is no freshness either: what was read long ago must have come out by now.
        (None, Some((first, _))) if ago(first, now) > limit => {
            out.warn(Health::Bad, format!("{takes} records, and has delivered none in the last hour"));
            out.next("look at its role, its bucket and what it has logged");
        }
        (None, Some(_)) => out.say(format!("{takes} records, and has yet to deliver the first")),
        (None, None) => out.say("no data in the last hour"),
    }
    if let Some(throttled @ 1..) = figures.sum(PUT_THROTTLED, key) {
        out.warn(Health::Attention, format!("{} throttled in the last hour", counted(throttled, "record")));
        out.next("ask AWS for a higher quota of Direct PUT, or put a `stream` before it");
    }
    let Some(freshness) = figures.newest(FRESHNESS, key, Duration::from_secs(1)) else { return };
    if freshness > limit {
        out.warn(Health::Bad, format!("its oldest undelivered record is {} old", duration(freshness)));
        out.next("look at its role, its bucket and what it has logged");
    } else {
        out.say(format!("data at most {} old", duration(freshness)));
    }
}

fn function(out: &mut Findings, key: &str, spec: &function::Spec, outputs: &function::Outputs, evidence: &Evidence) {
    match outputs.status.as_str() {
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
            out.next(format!("look at its log: `{}`", spec.log_group));
        }
        _ => out.say(format!("{calls} in the last hour")),
    }
}

fn mapping(out: &mut Findings, outputs: &mapping::Outputs) {
    match outputs.status.as_str() {
        "Enabled" => out.say("Enabled"),
        status => out.warn(Health::Attention, status),
    }
    let result = outputs.last_result.as_deref().unwrap_or_default();
    if result.starts_with("PROBLEM") {
        out.warn(Health::Bad, result);
        out.next("the log of the function, and the statements of its role, say more");
    }
}

fn table(out: &mut Findings, key: &str, spec: &table::Spec, outputs: &table::Outputs, evidence: &Evidence) {
    lifecycle(out, &outputs.status);
    match &spec.capacity {
        Some(capacity) => out.say(format!("{} read and {} write capacity units", capacity.read, capacity.write)),
        None => out.say("on demand"),
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

fn rule(out: &mut Findings, key: &str, spec: &rule::Spec, evidence: &Evidence) {
    if !spec.enabled {
        return out.say("disabled");
    }
    out.say(spec.schedule.as_deref().unwrap_or("on events"));
    match evidence.figures.sum(FIRED, key) {
        Some(times) => out.say(format!("fired {} in the last hour", counted(times, "time"))),
        None => out.say("has not fired in the last hour"),
    }
    if let Some(failed @ 1..) = evidence.figures.sum(NOT_REACHED, key) {
        out.warn(Health::Bad, format!("{} did not reach what it calls", counted(failed, "call")));
        out.next("`pipectl plan` shows whether what it calls lets it do so");
    }
}

fn queue(out: &mut Findings, spec: &queue::Spec, outputs: &queue::Outputs) {
    let (messages, in_flight) = (outputs.messages, outputs.in_flight);
    if messages > 0 && spec.dead_letters_of.is_some() {
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

fn bucket(out: &mut Findings, spec: &bucket::Spec) {
    out.say("exists");
    out.say(if spec.versioning { "versioning on" } else { "versioning off" });
}

fn workgroup(out: &mut Findings, spec: &workgroup::Spec) {
    if spec.enabled {
        out.say("enabled");
    } else {
        out.warn(Health::Bad, "is disabled: queries are refused");
        out.next("`pipectl plan` shows whether the next apply enables it");
    }
    if let Some(limit) = spec.bytes_limit {
        out.say(format!("at most {} MB a query", limit / 1_000_000));
    }
}

fn alarm(out: &mut Findings, spec: &alarm::Spec, outputs: &alarm::Outputs, now: OffsetDateTime) {
    let state = outputs.state.as_str();
    let long = since(outputs.since.as_deref(), now).map(|long| format!(" for {}", duration(long))).unwrap_or_default();
    match state {
        "OK" => out.say(format!("OK{long}")),
        "ALARM" => {
            out.warn(Health::Bad, format!("ALARM{long}"));
            out.next("see to what it watches");
        }
        // A new or idle pipeline has no data: the alarm cannot know better.
        state => out.warn(Health::Unknown, format!("{state}{long}")),
    }
    if !spec.actions_enabled {
        out.warn(Health::Attention, "tells nobody: its actions are switched off");
    }
}

fn topic(out: &mut Findings, block: &[Seen<'_>]) {
    let (mut confirmed, mut pending, mut expired, mut unknown) = (0_u64, Vec::new(), Vec::new(), 0_u64);
    for one in block.iter().filter(|one| Type::named(&one.record.kind) == Some(Type::Subscription)) {
        let endpoint = endpoint(one.record);
        match &one.live {
            Ok(Some(live)) => match subscription::Outputs::deserialize(&live.outputs) {
                Ok(outputs) if outputs.pending => pending.push(endpoint),
                Ok(_) => confirmed += 1,
                Err(_) => unknown += 1,
            },
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

/// Whom a subscription tells; its key, which holds that too, where another pipectl has written attributes that do not fit.
fn endpoint(record: &Record) -> String {
    subscription::Spec::deserialize(&*record.attributes).map_or_else(|_| record.key.clone(), |spec| spec.endpoint)
}

fn access_key(out: &mut Findings, outputs: &access_key::Outputs, now: OffsetDateTime) {
    let (id, status) = (&outputs.access_key_id, &outputs.status);
    let health = if status == "Active" { Health::Good } else { Health::Attention };
    out.warn(health, format!("{id} {status}"));
    match since(outputs.created.as_deref(), now) {
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
