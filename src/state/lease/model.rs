//! A model check: several holders with slow, failing calls, stopped past their lease and continued, crashing, their
//! clocks jumping, in random interleavings over a store in memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::Value;
use tokio::time::sleep;

use super::{AcquireError, Holder, Lease, ProbeError, Terms, acquire};
use crate::engine::error::CallError;
use crate::engine::kind::BoxFuture;
use crate::engine::scope::Scope;
use crate::state::State;
use crate::state::blobs::{Blob, Blobs, Condition, ETag, PutError};
use crate::state::file;
use crate::state::memory::{Fault, Memory};
use crate::state::store::{STATE, StateStore, Versioned};

thread_local! {
    /// The wall clock of every holder of a test, since 1970.
    pub(super) static WALL: Cell<Duration> = const { Cell::new(Duration::from_secs(1_800_000_000)) };
}

const PROCESSES: usize = 4;
const ROUNDS: usize = 3;

/// SplitMix64: one seed makes one interleaving.
#[derive(Clone)]
struct Dice(Arc<Mutex<u64>>);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// A number below `sides`.
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    /// How long something takes: mostly little, now and then longer than a call may, rarely longer than a lease.
    fn delay(&self) -> Duration {
        Duration::from_millis(match self.roll(200) {
            0 => 60_000 + self.roll(120_000),
            1..5 => self.roll(30_000),
            _ => self.roll(200),
        })
    }

    fn fault(&self) -> Fault {
        match self.roll(60) {
            0 | 1 => Fault::Failure,
            2 => Fault::LostReply,
            3 => Fault::RetriedAfterLoss,
            _ => Fault::None,
        }
    }
}

/// A store as one process sees it: every call takes its time on the way there and on the way back.
struct Slow(Arc<Memory>, Dice);

impl Slow {
    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        sleep(self.1.delay()).await;
        let result = call.await;
        sleep(self.1.delay()).await;
        result
    }
}

impl Blobs for Slow {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
        Box::pin(self.call(self.0.get(key)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>> {
        Box::pin(self.call(self.0.put(key, bytes, condition)))
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
        Box::pin(self.call(self.0.delete(key, etag)))
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

/// What all processes share, and what an onlooker who sees them all can tell.
struct World {
    memory: Arc<Memory>,
    dice: Dice,
    leases: RefCell<Vec<Option<Rc<Lease>>>>,
    /// The updates that were reported as written.
    written: RefCell<Vec<String>>,
}

impl World {
    fn look(&self) {
        let holding = self.leases.borrow().iter().flatten().filter(|lease| lease.holds()).count();
        assert!(holding <= 1, "{holding} believe that they hold the lock");
    }

    /// A step that is not a call: computing, being stopped, a clock being set.
    async fn pause(&self) {
        sleep(self.dice.delay()).await;
        if self.dice.roll(20) == 0 {
            WALL.set(Duration::from_secs(1_800_000_000 + self.dice.roll(600)));
        }
        self.look();
    }
}

fn store(world: &World) -> StateStore {
    StateStore::new(Arc::new(Slow(Arc::clone(&world.memory), world.dice.clone())), "acme", "dev")
}

fn holder() -> Holder {
    Holder { process: None, ..Holder::new("pipectl apply", |_| None) }
}

async fn process(world: &World, me: usize) {
    let store = store(world);
    for round in 0..ROUNDS {
        world.pause().await;
        let lease = match acquire(store.blobs(), holder(), Terms::default(), Duration::ZERO, &|_| {}).await {
            Ok(lease) => Rc::new(lease),
            Err(AcquireError::Unfit(error @ ProbeError::Ignores { .. })) => panic!("{error}"),
            Err(_) => continue,
        };
        world.leases.borrow_mut()[me] = Some(Rc::clone(&lease));
        world.look();
        let finished = work(world, &store, &lease, &format!("{me}-{round}")).await;
        world.leases.borrow_mut()[me] = None;
        if finished {
            // A release that fails leaves the lock to expire.
            let _ = Rc::into_inner(lease).unwrap().release().await;
        }
    }
}

/// Writes a few updates as long as the lease is confirmed; `false`: the process crashes.
async fn work(world: &World, store: &StateStore, lease: &Lease, name: &str) -> bool {
    let Ok(loaded) = store.load().await else { return true };
    let empty = || State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
    let mut versioned = loaded.unwrap_or_else(|| Versioned::new(empty()));
    for step in 0..world.dice.roll(5) {
        world.pause().await;
        if world.dice.roll(12) == 0 {
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

/// Every state that was ever stored goes on from the one before it, and the last holds all that was reported.
fn nothing_is_lost(world: &World) {
    let read = |bytes: &Vec<u8>| file::parse(bytes, "acme", "dev").unwrap().state;
    let states: Vec<State> = world.memory.written(STATE).iter().map(read).collect();
    for pair in states.windows(2) {
        assert_eq!((pair[0].lineage, pair[0].serial + 1), (pair[1].lineage, pair[1].serial));
        assert!(pair[0].outputs.keys().all(|update| pair[1].outputs.contains_key(update)), "an update was overwritten");
    }
    let last = states.last().map(|state| state.outputs.clone()).unwrap_or_default();
    assert!(world.written.borrow().iter().all(|update| last.contains_key(update)), "a reported update is missing");
}

/// Whatever happened, the lock comes free by itself.
async fn lock_comes_free(world: &World) {
    world.memory.inject(|_, _| Fault::None);
    let blobs: Arc<dyn Blobs> = Arc::clone(&world.memory) as Arc<dyn Blobs>;
    let lease = acquire(&blobs, holder(), Terms::default(), Duration::from_secs(600), &|_| {}).await.unwrap();
    lease.release().await.unwrap();
}

async fn one_interleaving(seed: u64) {
    let (memory, dice, faults) = (Arc::new(Memory::default()), Dice::new(seed), Dice::new(!seed));
    memory.inject(move |_, _| faults.fault());
    let leases = RefCell::new((0..PROCESSES).map(|_| None).collect());
    let world = World { memory, dice, leases, written: RefCell::default() };
    join_all((0..PROCESSES).map(|me| process(&world, me))).await;
    nothing_is_lost(&world);
    lock_comes_free(&world).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_most_one_holds_the_lock_and_no_update_is_lost(seed: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(one_interleaving(seed));
    }
}
