//! Carries out a plan: makes no choice, starts what it can, and lets independent branches finish.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use super::journal::{self, Settled};
use super::plan::claim::{Claim, claim};
use super::plan::{Action, Change};
use super::refresh::unknown;
use super::schedule::Schedule;
use super::steps::{Operation, Step};
use crate::model::address::Address;
use crate::model::error::{CallError, Class};
use crate::model::kind::{BoxFuture, Kind, Live, Owner, Registry, SeenAlready, StepContext};
use crate::state::State;

/// How many steps run at the same time. What AWS allows is kept to where the calls are made: a step that waits for its
/// turn there must not keep from starting one that need not.
const AT_ONCE: usize = 512;
/// How long something just made may stay invisible (IAM and S3 are eventually consistent).
const APPEARS: Duration = Duration::from_mins(1);

/// What happens during an apply, as it happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step begins.
    Started {
        /// Whose step it is.
        address: Address,
        /// What the step does.
        operation: Operation,
        /// As part of which change.
        action: Action,
    },
    /// A long step says how it is getting on.
    Note {
        /// Whose step it is.
        address: Address,
        /// A line for people.
        text: String,
    },
    /// A step is done; the state should learn of it.
    Done {
        /// Whose step it is.
        address: Address,
        /// What the step does.
        operation: Operation,
        /// As part of which change.
        action: Action,
        /// How long it took.
        took: Duration,
        /// What the state should remember.
        settled: Settled,
    },
    /// A step has failed.
    Failed {
        /// Whose step it is.
        address: Address,
        /// What the step does.
        operation: Operation,
        /// As part of which change.
        action: Action,
        /// How long it took.
        took: Duration,
        /// Why.
        error: CallError,
    },
    /// A step was not tried, because one that it needs has failed or the apply was stopped.
    Skipped {
        /// Whose step it is.
        address: Address,
        /// What the step does.
        operation: Operation,
        /// As part of which change.
        action: Action,
    },
}

/// What became of the steps.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Done.
    pub done: Vec<Address>,
    /// Failed, and why.
    pub failed: Vec<(Address, CallError)>,
    /// Begun and not awaited: each may have happened or not.
    pub under_way: Vec<Address>,
    /// Not tried.
    pub skipped: Vec<Address>,
}

impl Outcome {
    /// Whether every step is done.
    pub fn complete(&self) -> bool {
        self.failed.is_empty() && self.under_way.is_empty() && self.skipped.is_empty()
    }

    fn add(&mut self, address: Address, result: Result<(), CallError>) {
        match result {
            Ok(()) => self.done.push(address),
            Err(error) => self.failed.push((address, error)),
        }
    }
}

/// What an apply works with.
pub struct Apply<'a> {
    /// The kinds.
    pub registry: &'a Registry,
    /// The state as it was before the first intent: whose the resources are, and what was tried before.
    pub state: &'a State,
    /// Whether buckets that are to be deleted may be emptied.
    pub empty: bool,
    /// Told of everything, at once.
    pub observe: &'a (dyn Fn(Event) + Send + Sync),
    /// Awaited before each step, while what is under way goes on: whether it may be started. After the first no, nothing
    /// is.
    pub admit: &'a (dyn Fn() -> BoxFuture<'a, bool> + Send + Sync),
}

impl Apply<'_> {
    /// Carries out all steps, each after those that it waits for. Once `leave` returns, nothing is awaited any more.
    pub async fn run(&self, steps: &[Step<'_>], leave: impl Future<Output = ()>) -> Outcome {
        let mut schedule = Schedule::new(steps.iter().map(|step| &step.after));
        let mut begun = BTreeSet::new();
        let mut running = FuturesUnordered::new();
        let mut outcome = Outcome::default();
        let mut leave = pin!(leave);
        let mut admitted = true;
        loop {
            let room = admitted && schedule.can_start() && running.len() < AT_ONCE;
            if !room && running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                () = &mut leave => break,
                yes = (self.admit)(), if room => {
                    admitted = yes;
                    if let Some(place) = yes.then(|| schedule.start()).flatten() {
                        begun.insert(place);
                        running.push(async move { (place, self.step(&steps[place]).await) });
                    }
                }
                Some((place, result)) = running.next() => {
                    begun.remove(&place);
                    if result.is_ok() {
                        schedule.succeeded(place);
                    }
                    outcome.add(steps[place].change.address.clone(), result);
                }
            }
        }
        outcome.under_way = begun.into_iter().map(|place| steps[place].change.address.clone()).collect();
        for step in schedule.left().into_iter().map(|place| &steps[place]) {
            let Step { change: Change { address, action, .. }, operation, .. } = step;
            (self.observe)(Event::Skipped { address: address.clone(), operation: *operation, action: *action });
            outcome.skipped.push(address.clone());
        }
        outcome
    }

    /// Carries out one step and tells of it.
    async fn step(&self, step: &Step<'_>) -> Result<(), CallError> {
        let (address, operation, action) = (step.change.address.clone(), step.operation, step.change.action);
        let began = Instant::now();
        (self.observe)(Event::Started { address: address.clone(), operation, action });
        let result = self.carry_out(step).await;
        let took = began.elapsed();
        match result {
            Ok(settled) => {
                (self.observe)(Event::Done { address, operation, action, took, settled });
                Ok(())
            }
            Err(error) => {
                (self.observe)(Event::Failed { address, operation, action, took, error: error.clone() });
                Err(error)
            }
        }
    }

    async fn carry_out(&self, step: &Step<'_>) -> Result<Settled, CallError> {
        let change = step.change;
        let kind = self.registry.get(&change.kind).ok_or_else(|| unknown(&change.kind))?;
        let address = change.address.clone();
        let owner =
            Owner { project: self.state.project.clone(), env: self.state.env.clone(), address: address.clone() };
        let note = |text| (self.observe)(Event::Note { address: address.clone(), text });
        let since = self.state.intents.get(&address).map(|intent| intent.since);
        let doing = StepContext { owner: &owner, since, empty: self.empty, seen: seen(change), note: &note };
        match step.operation {
            Operation::Make => make(kind, change, &doing).await,
            Operation::Delete => {
                kind.delete(&change.key, &doing).await?;
                Ok(Settled::Gone(address))
            }
            Operation::Retire => {
                let old = change.previous_key.as_deref().unwrap_or(&change.key);
                kind.delete(old, &doing).await?;
                Ok(Settled::Gone(address.retired(old)))
            }
        }
    }
}

/// What the plan has seen of a resource: the apply has made sure under the lock that it is so.
fn seen(change: &Change) -> Option<SeenAlready<'_>> {
    Some(SeenAlready { attributes: change.before.as_deref()?, outputs: &change.outputs })
}

/// Makes a resource exist and right.
async fn make(kind: &dyn Kind, change: &Change, step: &StepContext<'_>) -> Result<Settled, CallError> {
    let want = change.after.as_deref().unwrap_or(&Value::Null);
    let outputs = match (change.action, &change.before) {
        (Action::Adopt | Action::Update | Action::Rename, Some(now)) => {
            if change.action == Action::Adopt {
                kind.ready(&change.key).await?;
            }
            let unbound = change.rebinds.then(|| kind.unbound(now));
            kind.update(unbound.as_ref().unwrap_or(now), want, step).await?;
            change.outputs.clone()
        }
        (Action::Replace, _) if change.previous_key.is_none() => {
            kind.delete(&change.key, step).await?;
            born(kind, change, want, step).await?.outputs
        }
        _ => born(kind, change, want, step).await?.outputs,
    };
    Ok(Settled::Owned(change.address.clone(), journal::record(change, outputs)))
}

/// Creates it, sees it, and gives it what could not be given at birth. What the creation's answers have said is not read.
async fn born(kind: &dyn Kind, change: &Change, want: &Value, step: &StepContext<'_>) -> Result<Live, CallError> {
    let made = match kind.create(want, step).await {
        // A reply may have been lost after the call took effect: the SDK's own retry then meets what we made.
        Err(error) if error.class == Class::InUse && made_by_us(kind, &change.key, want, step).await => None,
        made => made?,
    };
    let live = match made {
        Some(live) => live,
        None => appeared(kind, &change.key, want).await?,
    };
    if *live.attributes == *want {
        return Ok(live);
    }
    kind.update(&live.attributes, want, step).await?;
    Ok(live)
}

/// Whether what is in the way of a creation is what this very creation has made. The apply has found the key free
/// before its first call; so only somebody else's marks say otherwise.
async fn made_by_us(kind: &dyn Kind, key: &str, want: &Value, step: &StepContext<'_>) -> bool {
    match kind.read(key, Some(want)).await {
        Ok(Some(live)) => {
            claim(kind.ownership(), &live.attributes, &step.owner.project, &step.owner.env) != Claim::Foreign
        }
        _ => false,
    }
}

/// Reads what was just made, until it shows.
async fn appeared(kind: &dyn Kind, key: &str, want: &Value) -> Result<Live, CallError> {
    let end = Instant::now() + APPEARS;
    let mut pause = Duration::from_millis(100);
    loop {
        if let Some(live) = kind.read(key, Some(want)).await? {
            return Ok(live);
        }
        if Instant::now() >= end {
            let message = format!("`{key}` was made but does not show after {} s", APPEARS.as_secs());
            return Err(CallError::own(Class::Stuck, format!("{} read", kind.name()), message));
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// Now, in UTC: the one clock that intents and plans are stamped with.
pub fn now() -> OffsetDateTime {
    // Whole seconds are enough, and read better in files.
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now)
}
