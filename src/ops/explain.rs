//! Who changed what has drifted, and when, as far as the trail of the account's calls tells.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::{Result, Site};
use crate::engine::plan::Change;
use crate::model::address::Address;
use crate::model::audit::{AuditEvents, AuditLog, Event, Lookup, suspects};

/// What is known of one drifted value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// The value's path; empty where the resource as a whole is gone.
    pub path: String,
    /// The call that did it; where there are several, one of them did. None where the trail has none.
    pub events: Vec<Event>,
}

/// Looks up who is behind the drift of each of these changes: first what the trail ties to the resource, then, as not
/// every service tells it to, the calls that can have done it by their names.
pub async fn explain(site: &Site, trail: &dyn AuditLog, changes: &[&Change]) -> Result<BTreeMap<Address, Vec<Trace>>> {
    let mut search = Search { trail, by_name: BTreeMap::new() };
    let mut traces = BTreeMap::new();
    for change in changes {
        let Some(kind) = site.registry.get(&change.kind) else { continue };
        traces.insert(change.address.clone(), search.traces(kind.audit_events(), change).await?);
    }
    Ok(traces)
}

struct Search<'a> {
    trail: &'a dyn AuditLog,
    /// What was looked up by the name of a call: it is the same for all resources.
    by_name: BTreeMap<&'static str, Vec<Event>>,
}

impl Search<'_> {
    async fn traces(&mut self, writes: &AuditEvents, change: &Change) -> Result<Vec<Trace>> {
        let key = change.previous_key.as_ref().unwrap_or(&change.key);
        let tied = self.tied(writes, change, key).await?;
        let gone = change.is_missing().then_some(("", &serde_json::Value::Null));
        let fields = change.drift.iter().map(|field| (field.path.as_str(), &field.after));
        let mut traces = Vec::new();
        for (path, value) in fields.chain(gone) {
            let mut events = suspects(&tied, writes, key, path, value);
            if events.is_empty() {
                events = suspects(&self.named(&writes.of(path)).await?, writes, key, path, value);
            }
            traces.push(Trace { path: path.to_owned(), events });
        }
        Ok(traces)
    }

    /// The events that the trail ties to a resource: by its name, or by its ARN where it has one.
    async fn tied(&self, writes: &AuditEvents, change: &Change, key: &str) -> Result<Vec<Event>> {
        let Some(name) = writes.names(key).into_iter().next() else { return Ok(Vec::new()) };
        let service = writes.create.iter().find_map(|event| event.split_once(':')).map_or("", |(service, _)| service);
        let mut events = self.trail.lookup(Lookup::Resource(service, name)).await?;
        if let Some(arn) = change.outputs["arn"].as_str().filter(|arn| *arn != name) {
            events.extend(self.trail.lookup(Lookup::Resource(service, arn)).await?);
        }
        Ok(newest_first(events))
    }

    async fn named(&mut self, names: &[&'static str]) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        for name in names {
            if !self.by_name.contains_key(name) {
                let found = self.trail.lookup(Lookup::Event(name)).await?;
                self.by_name.insert(name, found);
            }
            events.extend(self.by_name.get(name).into_iter().flatten().cloned());
        }
        Ok(newest_first(events))
    }
}

/// What was found twice counts once.
fn newest_first(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| Reverse(event.at));
    let mut unique: Vec<Event> = Vec::new();
    for event in events {
        if !unique.contains(&event) {
            unique.push(event);
        }
    }
    unique
}
