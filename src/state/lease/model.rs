//! A model check: several processes with slow, failing calls, stopped past their lease and continued, crashing, the
//! wall clock jumping, in random interleavings over a store in memory.

mod network;

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep};

use network::{Dice, Network};

use super::{AcquireError, Holder, Lease, ProbeError, Terms, acquire};
use crate::model::scope::Scope;
use crate::state::State;
use crate::state::blobs::Blobs;
use crate::state::file;
use crate::state::memory::{Fault, Memory};
use crate::state::store::{STATE, StateStore, Versioned};
use crate::state::writer::Writer;

const PROCESSES: usize = 4;
const ROUNDS: usize = 3;

thread_local! {
    /// The wall clock of all processes of a test, since 1970.
    pub(super) static WALL: Cell<Duration> = const { Cell::new(Duration::from_hours(500_000)) };
    /// The process whose code runs.
    static PROCESS: RefCell<Option<Stoppable>> = const { RefCell::new(None) };
}

/// Stands in for [`super::machine::wall`].
pub(super) fn wall() -> SystemTime {
    SystemTime::UNIX_EPOCH + WALL.get()
}

/// Stands in for [`super::machine::spawn`]: a task stops with the process that started it.
pub(in crate::state) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(Task::new(PROCESS.with_borrow(Clone::clone), work))
}

/// A process that can be stopped, with all its tasks, and continued.
#[derive(Clone)]
struct Stoppable {
    until: Arc<Mutex<Instant>>,
}

impl Stoppable {
    fn new() -> Self {
        Self { until: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Stops the process now and then, at any moment of its work, for ever.
    async fn stop_at_times(&self, dice: &Dice) {
        loop {
            sleep(dice.millis(300_000)).await;
            *self.until.lock().unwrap() = Instant::now() + dice.millis(250_000);
        }
    }
}

/// A task of a process.
struct Task<F> {
    process: Option<Stoppable>,
    stopped: Pin<Box<Sleep>>,
    work: Pin<Box<F>>,
}

impl<F: Future> Task<F> {
    fn new(process: Option<Stoppable>, work: F) -> Self {
        Self { process, stopped: Box::pin(sleep(Duration::ZERO)), work: Box::pin(work) }
    }
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let until = self.process.as_ref().map(|process| *process.until.lock().unwrap());
        if let Some(until) = until.filter(|until| *until > Instant::now()) {
            self.stopped.as_mut().reset(until);
            if self.stopped.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        let before = PROCESS.replace(self.process.clone());
        let polled = self.work.as_mut().poll(context);
        PROCESS.set(before);
        polled
    }
}

/// What all processes share, and what an onlooker who sees them all can tell.
struct Simulation {
    memory: Arc<Memory>,
    dice: Dice,
    leases: RefCell<Vec<Option<Rc<Lease>>>>,
    /// The updates that were reported as written.
    written: RefCell<Vec<String>>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let (memory, faults) = (Arc::new(Memory::default()), Dice::new(!seed));
        memory.inject(move |_, _| faults.fault());
        let leases = RefCell::new((0..PROCESSES).map(|_| None).collect());
        Self { memory, dice: Dice::new(seed), leases, written: RefCell::default() }
    }

    fn store(&self) -> StateStore {
        StateStore::new(Arc::new(Network(Arc::clone(&self.memory), self.dice.clone())), "acme", "dev")
    }

    fn look(&self) {
        let holding = self.leases.borrow().iter().flatten().filter(|lease| lease.holds()).count();
        assert!(holding <= 1, "{holding} believe that they hold the lock");
    }

    async fn look_for_ever(&self) {
        loop {
            sleep(Duration::from_millis(500)).await;
            self.look();
            if self.dice.roll(200) == 0 {
                WALL.set(Duration::from_secs(1_800_000_000 + self.dice.roll(600)));
            }
        }
    }

    /// Every state that was ever stored goes on from the one before it, and the last holds all that was reported.
    fn nothing_is_lost(&self) {
        let read = |bytes: &Vec<u8>| file::parse(bytes, "acme", "dev").unwrap().state;
        let states: Vec<State> = self.memory.written(STATE).iter().map(read).collect();
        for pair in states.windows(2) {
            assert_eq!((pair[0].lineage, pair[0].serial + 1), (pair[1].lineage, pair[1].serial), "overwritten");
            assert!(pair[0].outputs.keys().all(|update| pair[1].outputs.contains_key(update)), "overwritten");
        }
        let last = states.last().map(|state| state.outputs.clone()).unwrap_or_default();
        assert!(self.written.borrow().iter().all(|update| last.contains_key(update)), "a reported update is missing");
    }

    /// Whatever happened, the lock comes free by itself.
    async fn lock_comes_free(&self) {
        self.memory.inject(|_, _| Fault::None);
        let blobs: Arc<dyn Blobs> = Arc::clone(&self.memory) as Arc<dyn Blobs>;
        let lease = acquire(&blobs, holder(), Terms::default(), Duration::from_mins(10), &|_| {}).await.unwrap();
        lease.release().await.unwrap();
    }
}

fn holder() -> Holder {
    Holder { process: None, ..Holder::new("pipectl apply", |_| None) }
}

/// Applies several times.
async fn process(world: &Simulation, me: usize) {
    let store = world.store();
    for round in 0..ROUNDS {
        sleep(world.dice.millis(10_000)).await;
        let lease = match acquire(store.blobs(), holder(), Terms::default(), Duration::ZERO, &|_| {}).await {
            Ok(lease) => Rc::new(lease),
            Err(AcquireError::Unfit(error @ ProbeError::Ignores { .. })) => panic!("{error}"),
            Err(_) => continue,
        };
        world.leases.borrow_mut()[me] = Some(Rc::clone(&lease));
        world.look();
        let name = format!("{me}-{round}");
        let finished = match world.dice.roll(2) {
            0 => work(world, &store, &lease, &name).await,
            _ => work_behind(world, &store, &lease, &name).await,
        };
        world.leases.borrow_mut()[me] = None;
        if finished {
            // A release that fails leaves the lock to expire.
            let _ = Rc::into_inner(lease).unwrap().release().await;
        }
    }
}

/// The state as it is now, where it can be read.
async fn loaded(store: &StateStore) -> Option<Versioned> {
    let empty = || State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
    Some(store.load().await.ok()?.unwrap_or_else(|| Versioned::new(empty())))
}

/// Writes a few updates as long as the lease is confirmed; `false`: the process crashes.
async fn work(world: &Simulation, store: &StateStore, lease: &Lease, name: &str) -> bool {
    let Some(mut versioned) = loaded(store).await else { return true };
    for step in 0..world.dice.roll(6) {
        sleep(world.dice.delay()).await;
        if world.dice.roll(15) == 0 {
            return false;
        }
        if lease.confirm().await.is_err() {
            return true;
        }
        world.look();
        let update = format!("{name}-{step}");
        versioned.state.outputs.insert(update.clone(), Value::Null);
        if store.save(&mut versioned).await.is_err() {
            return true;
        }
        world.written.borrow_mut().push(update);
    }
    true
}

/// As an apply does: records updates while earlier ones are being written, and waits for them now and then. An update
/// counts as reported once a flush or the end has said so. `false`: the process crashes.
async fn work_behind(world: &Simulation, store: &StateStore, lease: &Lease, name: &str) -> bool {
    let Some(versioned) = loaded(store).await else { return true };
    let writer = Writer::start(store.clone(), versioned);
    let mut recorded = Vec::new();
    for step in 0..world.dice.roll(10) {
        sleep(world.dice.delay()).await;
        if world.dice.roll(15) == 0 {
            return false;
        }
        if lease.confirm().await.is_err() {
            break;
        }
        world.look();
        let update = format!("{name}-{step}");
        writer.record(|state| state.outputs.insert(update.clone(), Value::Null));
        recorded.push(update);
        if world.dice.roll(3) == 0 && writer.flush().await.is_ok() {
            world.written.borrow_mut().append(&mut recorded);
        }
    }
    if writer.finish().await.is_ok() {
        world.written.borrow_mut().append(&mut recorded);
    }
    true
}

async fn one_interleaving(seed: u64) {
    let world = &Simulation::new(seed);
    let processes = join_all((0..PROCESSES).map(|me| async move {
        let stoppable = Stoppable::new();
        tokio::select! {
            () = Task::new(Some(stoppable.clone()), process(world, me)) => {}
            () = stoppable.stop_at_times(&world.dice) => {}
        }
    }));
    tokio::select! {
        _ = processes => {}
        () = world.look_for_ever() => {}
    }
    world.nothing_is_lost();
    world.lock_comes_free().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_most_one_holds_the_lock_and_no_update_is_lost(seed: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(one_interleaving(seed));
    }
}
