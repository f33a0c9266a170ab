//! Who changed a resource: which calls change what, and what a trail of calls remembers. Pure, but for the trail itself.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::error::CallError;
use super::future::BoxFuture;

/// What the clients of pipectl add to their user agent.
pub const APP: &str = "pipectl";

/// The calls that make, delete and change the resources of a kind, as CloudTrail names their events: `kinesis:CreateStream`,
/// with the event's source before the colon.
#[derive(Debug)]
pub struct AuditEvents {
    /// By which parts of its key, from 0, they name a resource. Of what belongs to something, by that.
    pub named_by: &'static [usize],
    /// Those that make one; they can give any attribute its value.
    pub create: &'static [&'static str],
    /// Those that delete one.
    pub delete: &'static [&'static str],
    /// Those that change one in place.
    pub update: &'static [Update],
}

/// The calls that change an attribute in place.
#[derive(Debug)]
pub struct Update {
    /// The attribute.
    pub attribute: &'static str,
    /// The events.
    pub events: &'static [&'static str],
    /// What such a call mentions, where it may be about other attributes as well.
    pub saying: Option<&'static str>,
}

impl Update {
    /// The events that change an attribute.
    pub const fn new(attribute: &'static str, events: &'static [&'static str]) -> Self {
        Self { attribute, events, saying: None }
    }

    /// The same, of calls that mention something.
    pub const fn saying(self, what: &'static str) -> Self {
        Self { saying: Some(what), ..self }
    }
}

impl AuditEvents {
    /// The names by which calls name the resource of that key.
    pub fn names<'a>(&self, key: &'a str) -> Vec<&'a str> {
        let parts: Vec<&str> = key.split('|').collect();
        self.named_by.iter().filter_map(|part| parts.get(*part).copied()).collect()
    }

    /// The events that can have changed what is at a path, `tags.owner`; of the empty path, whether the resource exists.
    pub fn of(&self, path: &str) -> Vec<&'static str> {
        if path.is_empty() {
            return self.delete.to_vec();
        }
        let updates = self.about(path).flat_map(|update| update.events);
        self.create.iter().chain(updates).copied().collect()
    }

    fn about(&self, path: &str) -> impl Iterator<Item = &'static Update> {
        let attribute = path.split('.').next().unwrap_or_default().to_owned();
        self.update.iter().filter(move |update| update.attribute == attribute)
    }
}

/// A call that a trail remembers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// `kinesis:IncreaseStreamRetentionPeriod`.
    pub name: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// ARN of who made it, or the name of the AWS service that did.
    pub by: String,
    /// The address that it came from.
    pub from: String,
    /// The program that made it, as it calls itself.
    pub agent: String,
    /// What it asked for.
    #[serde(skip)]
    pub request: Value,
}

/// What is looked for in a trail; it can be asked for one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The calls about a resource of a service, `kinesis`, by its name or ARN. Not all services tell the trail of it.
    Resource(&'a str, &'a str),
    /// The calls of this name: `kinesis:CreateStream`.
    Event(&'a str),
}

/// Remembers calls: CloudTrail's event history.
pub trait AuditLog: Send + Sync {
    /// The calls that were looked for, newest first, as far back as it remembers and as few pages hold. Without those that
    /// changed nothing: reads, and what failed.
    fn lookup<'a>(&'a self, what: Lookup<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallError>>;
}

impl Event {
    /// Whether pipectl itself made it.
    fn is_ours(&self) -> bool {
        // S3 puts brackets around it.
        let mut words = self.agent.split(|letter: char| letter.is_whitespace() || "[]".contains(letter));
        words.any(|word| word.strip_prefix("app/") == Some(APP))
    }
}

/// Of events, newest first, those that may have brought a value about: the one that has, where its request tells; else
/// every one that can have, since pipectl's own last.
pub fn suspects(events: &[Event], writes: &AuditEvents, key: &str, path: &str, value: &Value) -> Vec<Event> {
    let (able, known_as) = (writes.of(path), writes.names(key));
    let about = |event: &Event| known_as.iter().any(|name| names(&event.request, name));
    let able = events.iter().filter(|event| able.contains(&event.name.as_str()) && about(event));
    let (ours, theirs): (Vec<&Event>, Vec<&Event>) = able.partition(|event| event.is_ours());
    // A trail's times are whole seconds: what is of the same second may have come later.
    let last = ours.iter().map(|event| event.at).max();
    let since: Vec<&Event> = theirs.into_iter().filter(|event| last.is_none_or(|last| event.at >= last)).collect();
    let clues = clues(writes, path, value);
    let score = |event: &Event| clues.iter().filter(|clue| mentions(&event.request, clue)).count();
    let best = since.iter().map(|event| score(event)).max().unwrap_or_default();
    let likely = since.into_iter().filter(|event| score(event) == best).cloned();
    // Who was the last to ask for just this has brought it about.
    if !clues.is_empty() && best == clues.len() { likely.take(1).collect() } else { likely.collect() }
}

/// What a request mentions that has brought a value about: its parameter, its key, the value itself.
fn clues(writes: &AuditEvents, path: &str, value: &Value) -> Vec<String> {
    let parameter = writes.about(path).find_map(|update| update.saying).map(str::to_owned);
    let key = path.split_once('.').map(|(_, rest)| rest.split('.').next().unwrap_or(rest).to_owned());
    let value = match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    parameter.into_iter().chain(key).chain(value).collect()
}

/// Whether a request has a text, as a value or as the name of one; services differ in case.
fn mentions(request: &Value, what: &str) -> bool {
    match request {
        Value::String(text) => text.eq_ignore_ascii_case(what),
        Value::Number(number) => number.to_string() == what,
        Value::Array(items) => items.iter().any(|item| mentions(item, what)),
        Value::Object(members) => {
            members.iter().any(|(key, member)| key.eq_ignore_ascii_case(what) || mentions(member, what))
        }
        Value::Null | Value::Bool(_) => false,
    }
}

/// Whether a request is about a resource: by its name, or by an ARN with it.
fn names(request: &Value, name: &str) -> bool {
    let below = format!("/{name}");
    match request {
        Value::String(text) => {
            text.starts_with(name) && (text.len() == name.len() || name.starts_with("arn:"))
                || text.starts_with("arn:") && text.split(':').any(|part| part == name || part.ends_with(&below))
        }
        Value::Array(items) => items.iter().any(|item| names(item, name)),
        Value::Object(members) => members.values().any(|member| names(member, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AUDIT_EVENTS: AuditEvents = AuditEvents {
        named_by: &[0],
        create: &["s:Make"],
        delete: &["s:Delete"],
        update: &[
            Update::new("hours", &["s:More", "s:Less"]),
            Update::new("tags", &["s:Tag", "s:Untag"]),
            Update::new("title", &["s:Set"]).saying("Title"),
            Update::new("policy", &["s:Set"]).saying("Policy"),
        ],
    };

    fn event(name: &str, by: &str, request: Value) -> Event {
        let (from, agent) = ("203.0.113.7".to_owned(), "console".to_owned());
        Event { name: name.into(), at: OffsetDateTime::UNIX_EPOCH, by: by.into(), from, agent, request }
    }

    fn ours(name: &str) -> Event {
        Event { agent: "[aws-sdk-rust/1 app/pipectl]".into(), ..event(name, "ci", json!({"name": "clicks"})) }
    }

    fn who(events: &[Event], path: &str, value: &Value) -> Vec<String> {
        suspects(events, &AUDIT_EVENTS, "clicks", path, value).into_iter().map(|event| event.by).collect()
    }

    #[test]
    fn the_last_who_asked_for_the_value_has_brought_it_about() {
        let more = |by: &str, hours: u32| event("s:More", by, json!({"name": "clicks", "hours": hours}));
        let events = [more("ann", 72), more("bob", 72), more("cy", 48)];
        assert_eq!(who(&events, "hours", &json!(72)), ["ann"]);
        assert_eq!(who(&events, "hours", &json!(48)), ["cy"]);
        assert_eq!(who(&events, "hours", &json!(96)), ["ann", "bob", "cy"], "one of them");
    }

    #[test]
    fn only_calls_that_can_have_done_it_to_this_resource_count() {
        let hours = |name: &str, of: &str| event(name, "ann", json!({"name": of}));
        assert_eq!(who(&[hours("s:Tag", "clicks")], "hours", &json!(72)), [""; 0]);
        assert_eq!(who(&[hours("s:Less", "clicks-2")], "hours", &json!(72)), [""; 0]);
        assert_eq!(who(&[hours("s:Less", "arn:aws:s:r:1:stream/clicks")], "hours", &json!(72)), ["ann"]);
        assert_eq!(who(&[hours("s:Make", "clicks")], "hours", &json!(72)), ["ann"]);
        assert_eq!(who(&[hours("s:Delete", "clicks")], "", &json!(null)), ["ann"]);
    }

    #[test]
    fn what_was_done_before_our_own_last_call_is_undone() {
        let theirs = event("s:More", "ann", json!({"name": "clicks", "hours": 72}));
        let old = Event { at: theirs.at - time::Duration::SECOND, ..theirs.clone() };
        assert_eq!(who(&[ours("s:More"), old.clone()], "hours", &json!(72)), [""; 0]);
        assert_eq!(who(&[ours("s:Tag"), old], "hours", &json!(72)), ["ann"]);
        // Of one second nobody can tell which was the later.
        assert_eq!(who(&[ours("s:More"), theirs], "hours", &json!(72)), ["ann"]);
    }

    #[test]
    fn the_parameter_and_the_key_tell_apart_what_one_call_can_change() {
        let set = |by: &str, what: &str| event("s:Set", by, json!({"arn": "arn:aws:s:r:1:clicks", "attribute": what}));
        let events = [set("ann", "policy"), set("bob", "title")];
        assert_eq!(who(&events, "title", &json!("Theirs")), ["bob"]);
        assert_eq!(who(&events, "policy.Statement", &json!([])), ["ann"]);
        let tag = |by: &str, key: &str| event("s:Tag", by, json!({"name": "clicks", "tags": [{"key": key}]}));
        let events = [tag("ann", "team"), tag("bob", "owner")];
        assert_eq!(who(&events, "tags.owner", &json!(null)), ["bob"]);
    }
}
