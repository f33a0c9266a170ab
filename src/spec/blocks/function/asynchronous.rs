//! What becomes of events that reach a function asynchronously: from topics, buckets, rules and other functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Function;
use crate::spec::arn::Arn;
use crate::spec::blocks::Kind;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::blocks::queue::{Queue, is_fifo};
use crate::spec::check::{Block as _, Checks};
use crate::spec::{Ref, Spec, Target};

/// How often, and how long, Lambda tries events that reach a function asynchronously, and whom it tells what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asynchronous {
    /// How often an event that failed is tried again.
    #[serde(default = "twice")]
    #[schemars(range(min = 0, max = 2))]
    pub retries: u32,
    /// Events older than this are not tried, in seconds.
    #[serde(default = "six_hours")]
    #[schemars(range(min = 60, max = 21_600))]
    pub max_age_seconds: u32,
    /// The queue, topic, function or bucket that gets the events that are given up; or an event bus, `{ bus = "arn:…" }`. Absent: they
    /// are lost.
    #[serde(default)]
    pub failures_to: Option<Destination>,
    /// The queue, topic or function that gets what the function answered; or an event bus, `{ bus = "arn:…" }`.
    #[serde(default)]
    pub successes_to: Option<Destination>,
}

/// Where Lambda tells what became of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Destination {
    /// A block.
    Block(Ref<Receiver>),
    /// An event bus.
    Bus(Bus),
}

/// An event bus of EventBridge's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// Its ARN: `arn:${partition}:events:${region}:${account}:event-bus/default`.
    pub bus: String,
}

/// What Lambda tells.
#[derive(Clone, Debug)]
pub struct Receiver;

impl Target for Receiver {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Queue, Kind::Topic, Kind::Function, Kind::Bucket]
    }
}

fn twice() -> u32 {
    2
}

fn six_hours() -> u32 {
    21_600
}

impl Asynchronous {
    /// Both places, as far as they are said.
    pub fn destinations(&self) -> impl Iterator<Item = &Destination> {
        self.failures_to.iter().chain(&self.successes_to)
    }

    pub(super) fn check(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        for (key, to) in [("failures_to", &self.failures_to), ("successes_to", &self.successes_to)] {
            let path = format!("asynchronous.{key}");
            match to {
                Some(Destination::Bus(Bus { bus })) => check_bus(&path, bus, &spec.env.region, checks),
                Some(Destination::Block(to)) => check_block(&path, to, (name, key), spec, checks),
                None => {}
            }
        }
    }
}

fn check_block(path: &str, to: &Ref<Receiver>, (name, key): (&str, &str), spec: &Spec, checks: &mut Checks<'_>) {
    if to.kind() == Bucket::KIND && key == "successes_to" {
        checks
            .error(path, "Lambda puts into a bucket what failed, and not what was answered")
            .help("name a queue, a topic or a function");
    }
    if to.kind() == Queue::KIND && is_fifo(to.name(), spec) {
        checks
            .error(path, format!("`{to}` is a FIFO queue, which Lambda does not tell of asynchronous calls"))
            .help("name a queue without `fifo`");
    }
    if (to.kind(), to.name()) == (Function::KIND, name) {
        checks
            .error(path, "the function would be called with what became of its own calls, for ever")
            .help("name another function, or a queue");
    }
}

fn check_bus(path: &str, bus: &str, region: &str, checks: &mut Checks<'_>) {
    let path = format!("{path}.bus");
    let named = Arn::parse(bus).filter(|arn| arn.service == "events" && arn.resource.starts_with("event-bus/"));
    let Some(arn) = named.filter(|arn| !arn.account.is_empty()) else {
        checks
            .error(&path, format!("`{bus}` is not the ARN of an event bus"))
            .help("write `arn:${partition}:events:${region}:${account}:event-bus/default`");
        return;
    };
    if let Some(elsewhere) = arn.elsewhere(region) {
        checks.error(&path, format!("the event bus {elsewhere}"));
    } else if arn.region != region {
        checks.error(&path, format!("the event bus is in the region `{}`, and the function in `{region}`", arn.region));
    }
}
