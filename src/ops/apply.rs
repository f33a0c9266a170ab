//! Applies a plan: exactly that plan, or not at all.

mod ready;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use serde::Deserialize as _;
use serde_json::Value;

use super::lock::{Beside, Locking, with_lease_beside};
use super::plan::PlanInputs;
use super::preconditions::check_preconditions;
use super::references::{self, Registrant, Wanted};
use super::request::Request;
use super::stop::Stop;
use super::unmodelled::obstacles;
use super::{Fault, Result, Site};
use crate::engine::apply::{Apply, Event, Outcome, now};
use crate::engine::journal;
use crate::engine::planfile::{Plan, Purpose};
use crate::engine::steps::{Step, steps};
use crate::model::address::Address;
use crate::model::graph::Output;
use crate::model::kind::BoxFuture;
use crate::state::lease::Lease;
use crate::state::rescue::rescue;
use crate::state::store::{StateError, Versioned};
use crate::state::writer::Writer;
use crate::state::{Applied, Registered, State};
pub use ready::Origin;
use ready::{Ready, ready};

/// How many applied plans the state remembers.
const REMEMBERED: usize = 50;

/// A plan to apply, and how.
pub struct Order<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// The digest of its file.
    pub digest: &'a str,
    /// Whether buckets that are to be deleted may be emptied.
    pub empty: bool,
    /// Whether somebody has approved of its widening access, if it does.
    pub broadening: bool,
    /// Told of every event.
    pub observe: &'a (dyn Fn(&Event) + Send + Sync),
    /// Where a state that its store does not take is kept.
    pub rescue: &'a Path,
}

/// Applies the plan, or refuses.
///
/// # Errors
/// [`Fault::Stale`], [`Fault::Refused`], [`Fault::Obstructed`], [`Fault::Broadens`], [`Fault::Conflicts`] or [`Fault::Locked`] before anything is
/// touched; [`Fault::Partial`] or [`Fault::Interrupted`] after, with the state saved.
pub async fn run(site: &Site, order: &Order<'_>, locking: Locking<'_>) -> Result<Outcome> {
    check_preconditions(site, order.plan)?;
    let by = locking.holder.who();
    let stop = locking.stop;
    with_lease_beside(site, locking, async |lease, beside| {
        let ready = unless_stopped(stop, ready(site, order, beside.state.as_ref())).await?;
        locked(site, order, ready, (lease, beside), (stop, &by)).await
    })
    .await
}

/// Plans under the lock and applies that at once, for when nobody is asked in between: what the plan was made of is read
/// once, and holds until the last call. `approve` sees the plan, and says how it is applied, or that it is not.
///
/// # Errors
/// As those of [`run`], and what `approve` fails with.
pub async fn afresh<'a, E: From<Fault>>(
    site: &Site,
    request: &Request<'_>,
    locking: Locking<'_>,
    approve: impl AsyncFnOnce(&Plan) -> std::result::Result<Option<Approved<'a>>, E>,
) -> std::result::Result<(Plan, Option<Outcome>), E> {
    let by = locking.holder.who();
    let stop = locking.stop;
    with_lease_beside(site, locking, async |lease, beside| {
        let (plan, basis) = unless_stopped(stop, planned(site, request, beside.state.as_ref())).await?;
        let Some(Approved { digest, empty, broadening, observe, rescue }) = approve(&plan).await? else {
            return Ok((plan, None));
        };
        let order = Order { plan: &plan, origin: Origin::Here, digest: &digest, empty, broadening, observe, rescue };
        let ready = Ready::new(site, &order, Cow::Borrowed(&plan), basis.into_state())?;
        let outcome = locked(site, &order, ready, (lease, beside), (stop, &by)).await?;
        Ok((plan, Some(outcome)))
    })
    .await
}

/// How a plan is applied that was made under the lock.
pub struct Approved<'a> {
    /// The digest of its file.
    pub digest: String,
    /// Whether buckets that are to be deleted may be emptied.
    pub empty: bool,
    /// Whether somebody has approved of its widening access, if it does.
    pub broadening: bool,
    /// Told of every event.
    pub observe: &'a (dyn Fn(&Event) + Send + Sync),
    /// Where a state that its store does not take is kept.
    pub rescue: &'a Path,
}

async fn planned(site: &Site, request: &Request<'_>, early: Option<&State>) -> Result<(Plan, PlanInputs)> {
    let basis = request.basis(site, early).await?;
    Ok((request.on(site, &basis).await?, basis))
}

/// What comes before the first change, unless a signal asks to leave it.
async fn unless_stopped<T>(stop: &dyn Stop, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        signal = stop.first() => Err(Fault::Interrupted { signal, partial: None }),
        done = work => done,
    }
}

async fn locked(
    site: &Site,
    order: &Order<'_>,
    Ready { plan, state, etag }: Ready<'_>,
    (lease, beside): (&Lease, Beside),
    (stop, by): (&dyn Stop, &str),
) -> Result<Outcome> {
    let obstacles = obstacles(site, &plan.changes, order.empty).await;
    if !obstacles.is_empty() {
        return Err(Fault::Obstructed(obstacles));
    }
    let versioned = Versioned { state: state.clone(), etag };
    let steps = steps(&plan.changes).context("the plan cannot be carried out")?;
    let mut begun = state.clone();
    journal::begin(&mut begun, &plan.changes, now());
    let wanted = references::wanted(&plan);
    let settled = !plan.registers() && wanted.as_ref().is_none_or(|wanted| *wanted == state.registered);
    if steps.is_empty() && settled && concluded(&begun, &plan) == state {
        return Ok(Outcome::default());
    }
    beside.fit().await?;
    begun.applied.push(Applied { plan: order.digest.to_owned(), at: now(), by: by.to_owned() });
    begun.applied.drain(..begun.applied.len().saturating_sub(REMEMBERED));
    let writer = Writer::start(site.store.clone(), versioned);
    let registrant = Registrant { site, lineage: state.lineage, by };
    let references = References { wanted: wanted.unwrap_or_else(|| state.registered.clone()), registrant };
    begun.registered.clone_from(&state.registered);
    if let Err(fault) = references.enter(order, &plan, (&writer, &mut begun)).await {
        writer.finish().await.map_err(|error| unwritten(order, &writer, error))?;
        return Err(fault);
    }
    writer.record(|state| *state = begun);
    let safety = Safety { writer: &writer, lease, stop };
    if let Err(fault) = unused(site, &plan, &state, safety).await {
        writer.finish().await.map_err(|error| unwritten(order, &writer, error))?;
        return Err(fault);
    }
    let outcome = carry_out(site, order, (&plan, &state, &references), &steps, safety).await;
    finish(order, &writer, lease, stop, outcome).await
}

/// The references of an environment to others, while a plan is applied.
struct References<'a> {
    /// Where it is to be registered.
    wanted: Wanted,
    /// Who registers.
    registrant: Registrant<'a>,
}

impl References<'_> {
    /// Registers what is not registered yet, after the state says that it will: nothing that is registered is forgotten.
    async fn enter(&self, order: &Order<'_>, plan: &Plan, (writer, begun): (&Writer, &mut State)) -> Result<()> {
        let known = |(other, registered): (&String, &Registered)| begun.registered.get(other) == Some(registered);
        let all_known = self.wanted.iter().all(known);
        if all_known && !plan.registers() {
            return Ok(());
        }
        if !all_known {
            for (other, wanted) in &self.wanted {
                let now = begun.registered.entry(other.clone()).or_insert_with(|| wanted.clone());
                now.state.clone_from(&wanted.state);
                now.blocks.extend(wanted.blocks.clone());
            }
            let registered = begun.registered.clone();
            writer.record(|state| state.registered = registered);
            writer.flush().await.map_err(|error| unwritten(order, writer, error))?;
        }
        for weak in self.registrant.register(plan, &self.wanted).await? {
            tell(order, plan, weak);
        }
        Ok(())
    }

    /// Where the environment is registered once a plan is done in full; what a store did not take is told, and tried again by
    /// the next apply.
    async fn settled(&self, order: &Order<'_>, plan: &Plan, before: &State) -> Wanted {
        let mut registered = self.wanted.clone();
        if !references::is_whole(plan) {
            for (other, kept) in &before.registered {
                let now = registered.entry(other.clone()).or_insert_with(|| kept.clone());
                now.blocks.extend(kept.blocks.clone());
            }
            return registered;
        }
        for (other, kept, why) in self.registrant.settle(plan, &before.registered, &self.wanted).await {
            tell(order, plan, format!("stays registered with {other}, until an apply can take that out: {why:#}"));
            registered.entry(other).or_insert(kept);
        }
        registered
    }
}

/// Tells of a reference.
fn tell(order: &Order<'_>, plan: &Plan, text: String) {
    let used = plan.externals.iter().find(|(_, external)| external.reference.is_some());
    let address = used.map_or_else(|| Address::block("reference", &plan.env), |(address, _)| address.clone());
    (order.observe)(&Event::Note { address, text });
}

/// Makes sure, once the state says what is to be deleted, that no other environment uses any of it: see
/// [`consumers`](crate::state::consumers). Else the state is as it was.
async fn unused(site: &Site, plan: &Plan, before: &State, Safety { writer, .. }: Safety<'_>) -> Result<()> {
    let lost = references::lost(&plan.changes);
    if lost.is_empty() {
        return Ok(());
    }
    // What the store does not take is found again before the first step.
    if writer.flush().await.is_err() {
        return Ok(());
    }
    let refused = references::in_use(&lost, &references::consumers(site).await);
    match refused {
        Ok(refused) if refused.is_empty() => Ok(()),
        refused => {
            let before = before.clone();
            // What was registered meanwhile is not forgotten.
            writer.record(|state| *state = State { registered: std::mem::take(&mut state.registered), ..before });
            Err(refused.map_or_else(|fault| fault, Fault::Refused))
        }
    }
}

/// What tells an apply to start nothing new.
#[derive(Clone, Copy)]
struct Safety<'a> {
    writer: &'a Writer,
    lease: &'a Lease,
    stop: &'a dyn Stop,
}

/// Waits until every intent is safe, and carries the steps out.
async fn carry_out(
    site: &Site,
    order: &Order<'_>,
    (plan, before, references): (&Plan, &State, &References<'_>),
    steps: &[Step<'_>],
    Safety { writer, lease, stop }: Safety<'_>,
) -> std::result::Result<Outcome, StateError> {
    writer.flush().await?;
    let unwritable = AtomicBool::new(false);
    let observe = |event: Event| {
        if let Event::Done { settled, .. } = &event {
            writer.record(|state| journal::settle(state, settled.clone()));
        }
        (order.observe)(&event);
    };
    let admit = || Box::pin(may_start(lease, stop, &unwritable)) as BoxFuture<'_, bool>;
    let apply = Apply { registry: &site.registry, state: before, empty: order.empty, observe: &observe, admit: &admit };
    let run = apply.run(steps, stop.urged());
    tokio::pin!(run);
    let outcome = loop {
        tokio::select! {
            outcome = &mut run => break outcome,
            _ = writer.failed(), if !unwritable.load(Ordering::Relaxed) => unwritable.store(true, Ordering::Relaxed),
        }
    };
    if outcome.complete() && stop.asked().is_none() {
        let registered = references.settled(order, plan, before).await;
        writer.record(|state| *state = State { registered, ..concluded(state, plan) });
    }
    Ok(outcome)
}

/// Whether anything new may be started. After a pause of the whole machine this waits until the lock is seen to be ours.
async fn may_start(lease: &Lease, stop: &dyn Stop, unwritable: &AtomicBool) -> bool {
    tokio::select! {
        biased;
        _ = stop.first() => false,
        confirmed = lease.confirm() => confirmed.is_ok() && !unwritable.load(Ordering::Relaxed),
    }
}

/// The state with what a plan that is done in full leaves in it besides its resources.
fn concluded(state: &State, plan: &Plan) -> State {
    let (planned, mut outputs) = (plan.outputs.clone(), BTreeMap::new());
    let mut protect = plan.protect;
    if plan.purpose == Purpose::Adopt || !plan.left_out.is_empty() {
        // It is not about the rest of the environment: that stays as it is.
        outputs.clone_from(&state.outputs);
        protect |= state.protect;
    }
    if plan.purpose != Purpose::Destroy {
        outputs.extend(planned.into_iter().filter_map(|(name, value)| Some((name, known(value, state)?))));
    }
    State { protect, outputs, ..state.clone() }
}

/// The value of an output; of one that AWS makes up, that of its resource, if it is there.
fn known(value: Value, state: &State) -> Option<Value> {
    match Output::deserialize(&value) {
        Ok(Output { of, output }) => state.resources.get(&of).map(|record| record.outputs[&output].clone()),
        Err(_) => Some(value),
    }
}

/// Waits until the state is safe, and says what came of it.
async fn finish(
    order: &Order<'_>,
    writer: &Writer,
    lease: &Lease,
    stop: &dyn Stop,
    outcome: std::result::Result<Outcome, StateError>,
) -> Result<Outcome> {
    let (outcome, written) = match outcome {
        Ok(outcome) => (outcome, writer.finish().await.map(|_| ())),
        Err(error) => (Outcome::default(), Err(error)),
    };
    if let Err(error) = written {
        return Err(unwritten(order, writer, error));
    }
    if let Some(signal) = stop.asked() {
        return Err(Fault::Interrupted { signal, partial: Some(outcome) });
    }
    if !outcome.skipped.is_empty()
        && let Err(lost) = lease.confirm().await
    {
        return Err(Fault::Other(anyhow::Error::new(lost).context("the lock was lost on the way")));
    }
    if outcome.complete() { Ok(outcome) } else { Err(Fault::Partial(outcome)) }
}

/// The store does not take the state: it is kept in a file, and the error says how it comes back.
fn unwritten(order: &Order<'_>, writer: &Writer, error: StateError) -> Fault {
    let help = match rescue(writer, order.rescue) {
        // The other's state knows better; what only ours knows is found again by its ownership tags.
        Ok(Some(rescued)) if matches!(error, StateError::Conflict { .. }) => {
            format!("{}; what this apply knew is kept in {}", error.help(), rescued.path.display())
        }
        Ok(Some(rescued)) => format!("the state is kept in {}; {}", rescued.path.display(), rescued.help()),
        Ok(None) => error.help(),
        Err(unkept) => format!("{} (and no file here takes it either: {unkept})", error.help()),
    };
    Fault::helped(error, help)
}
