use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::model::error::CallError;
use crate::model::kind::BoxFuture;
use crate::model::scope::Scope;
use crate::state::blobs::{Blob, Blobs, PutError};
use crate::state::consumers::Consumer;
use crate::state::memory::{Call, Fault, Memory};
use crate::state::store::STATE;

/// A store in memory with a name of its own.
struct Named(Memory, &'static str);

impl Blobs for Named {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
        self.0.get(key)
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>> {
        self.0.put(key, bytes, condition)
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
        self.0.delete(key, etag)
    }

    fn describe(&self) -> String {
        format!("memory://{}/", self.1)
    }
}

/// A place, and the store of the environment in it.
fn place(name: &'static str) -> (Arc<Named>, StateStore) {
    let named = Arc::new(Named(Memory::default(), name));
    let store = StateStore::new(Arc::clone(&named) as Arc<dyn Blobs>, "acme", "dev");
    (named, store)
}

/// A place with a state in it, and one without.
async fn setting() -> ([Arc<Named>; 2], [StateStore; 2]) {
    let ((one, source), (other, target)) = (place("one"), place("other"));
    let state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
    source.save(&mut Versioned::new(state)).await.unwrap();
    let user = Consumer {
        lineage: uuid::Uuid::nil(),
        state: "memory://shop/state.json".into(),
        by: "ana@laptop".into(),
        since: time::OffsetDateTime::UNIX_EPOCH,
        uses: std::collections::BTreeMap::new(),
    };
    consumers::change(&*one, |all| _ = all.insert("shop/dev".into(), user.clone())).await.unwrap();
    ([one, other], [source, target])
}

/// How many of the places have a state that somebody could write.
async fn writable(stores: &[StateStore; 2]) -> usize {
    let mut count = 0;
    for store in stores {
        count += usize::from(matches!(store.load().await, Ok(Some(_))));
    }
    count
}

#[tokio::test(start_paused = true)]
async fn a_state_goes_to_another_place_and_its_old_one_says_where() {
    let (_, [source, target]) = setting().await;
    let before = source.load().await.unwrap().unwrap().state;
    let moved = move_state(&source, &target).await.unwrap();
    assert_eq!(moved.state, State { serial: before.serial + 1, ..before });
    assert_eq!(target.load().await.unwrap().unwrap().state, moved.state);
    let refused = source.load().await.unwrap_err();
    assert!(!refused.is_damage(), "nothing may take its place");
    let StateError::File { source: said, .. } = &refused else { panic!("{refused}") };
    assert_eq!(said, &FileError::Moved { to: "memory://other/state.json".into() });
    // The same again says that it is done, also when the state has gone on.
    let mut on = target.load().await.unwrap().unwrap();
    target.save(&mut on).await.unwrap();
    assert_eq!(move_state(&source, &target).await.unwrap(), MovedState { state: on.state.clone(), before: true });
    // And back.
    let back = move_state(&target, &source).await.unwrap();
    assert_eq!((back.before, back.state.serial), (false, on.state.serial + 1));
    assert!(matches!(target.load().await, Err(StateError::File { source: FileError::Moved { .. }, .. })));
}

#[tokio::test(start_paused = true)]
async fn what_lies_at_the_target_is_never_overwritten() {
    let (_, [source, target]) = setting().await;
    let there = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
    target.save(&mut Versioned::new(there.clone())).await.unwrap();
    let refused = move_state(&source, &target).await.unwrap_err();
    let said = "something is at memory://other/state.json already: a state with serial 1";
    assert_eq!(refused.to_string(), said);
    assert_eq!(target.load().await.unwrap().unwrap().state.lineage, there.lineage);
    assert!(matches!(move_state(&source, &source).await, Err(MoveError::Same(_))));
    let (_, nothing) = place("nothing");
    assert!(matches!(move_state(&nothing, &source).await, Err(MoveError::Nothing(_))));
    // Nor is what is of another environment, or damaged.
    let (named, foreign) = place("foreign");
    named.put(STATE, b"{\"format\": \"pipectl/state\"", Condition::Absent).await.unwrap();
    assert!(matches!(move_state(&source, &foreign).await, Err(MoveError::Taken { .. })));
    // What another place has begun to bring stays its own.
    let (_, third) = place("third");
    let arriving = Arriving::new(&Stored::after(&there), "memory://elsewhere/state.json").render();
    third.write(&arriving, Condition::Absent).await.unwrap();
    assert!(matches!(move_state(&source, &third).await, Err(MoveError::Taken { .. })));
    assert!(source.load().await.is_ok());
}

/// Whoever dies at the n-th call makes no further one.
async fn killed_at(n: usize, last: Fault) -> bool {
    let (places, stores) = setting().await;
    let calls = Arc::new(AtomicUsize::new(0));
    for place in &places {
        let calls = Arc::clone(&calls);
        place.0.inject(move |_, _| match calls.fetch_add(1, Ordering::Relaxed) + 1 {
            call if call < n => Fault::None,
            call if call == n => last,
            _ => Fault::Failure,
        });
    }
    let [source, target] = &stores;
    let died = move_state(source, target).await.is_err();
    for place in &places {
        place.0.inject(|_, _| Fault::None);
    }
    let left = writable(&stores).await;
    assert!(left <= 1, "{left} states can be written after {last:?} of call {n}");
    // As long as the old place counts, work goes on there.
    if let Ok(Some(mut on)) = source.load().await {
        source.save(&mut on).await.unwrap();
    }
    let lineage = move_state(source, target).await.unwrap().state.lineage;
    assert_eq!(writable(&stores).await, 1, "{last:?} of call {n}");
    assert_eq!(target.load().await.unwrap().unwrap().state.lineage, lineage);
    assert_eq!(consumers::load(&*places[1]).await.unwrap().len(), 1, "who uses its blocks goes along");
    died
}

#[tokio::test(start_paused = true)]
async fn at_whatever_call_it_is_killed_there_are_never_two_states_and_the_next_run_finishes() {
    for last in [Fault::Failure, Fault::LostReply] {
        let mut n = 1;
        while killed_at(n, last).await {
            n += 1;
        }
        assert!(n > 7, "{n} calls");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_the_state_meanwhile_keeps_it() {
    let (places, [source, target]) = setting().await;
    let mut other = source.load().await.unwrap().unwrap();
    other.state.protect = true;
    let next = file::render(&Stored::after(&other.state));
    // Another writer, whose lease nobody respects, comes between the look and the mark.
    let (one, etag) = (Arc::clone(&places[0]), other.etag.clone().unwrap());
    let written = Mutex::new(false);
    let writer = Arc::clone(&one);
    places[1].0.inject(move |call, _| {
        let mut written = written.lock().unwrap();
        if call == Call::Put && !*written {
            *written = true;
            let put = writer.put(STATE, &next, Condition::Matches(&etag));
            futures_util::FutureExt::now_or_never(put).unwrap().unwrap();
        }
        Fault::None
    });
    let refused = move_state(&source, &target).await.unwrap_err();
    assert!(matches!(refused, MoveError::State(StateError::Conflict { .. })), "{refused}");
    assert!(source.load().await.unwrap().unwrap().state.protect);
    assert!(move_state(&source, &target).await.unwrap().state.protect, "the next run takes what was written");
}
