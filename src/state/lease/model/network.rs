//! A store behind a network that is slow and loses messages, by dice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;

use crate::model::error::CallError;
use crate::model::kind::BoxFuture;
use crate::state::blobs::{Blob, Blobs, Condition, ETag, PutError};
use crate::state::memory::{Fault, Memory};

/// SplitMix64: one seed makes one interleaving.
#[derive(Clone)]
pub(super) struct Dice(Arc<Mutex<u64>>);

impl Dice {
    /// Dice of that seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// A number below `sides`.
    pub(super) fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    /// A time below so many milliseconds.
    pub(super) fn millis(&self, below: u64) -> Duration {
        Duration::from_millis(self.roll(below))
    }

    /// How long a message is on its way: mostly not long, now and then longer than is waited for, or than a lease.
    pub(super) fn delay(&self) -> Duration {
        match self.roll(100) {
            0 => self.millis(200_000),
            1..5 => self.millis(30_000),
            _ => self.millis(200),
        }
    }

    /// What goes wrong with a call: mostly nothing.
    pub(super) fn fault(&self) -> Fault {
        match self.roll(60) {
            0 | 1 => Fault::Failure,
            2 => Fault::LostReply,
            3 => Fault::RetriedAfterLoss,
            _ => Fault::None,
        }
    }
}

/// A store behind a network: a call takes its time there and back, and is carried out even if the caller is stopped,
/// or no longer waits for it.
pub(super) struct Network(pub(super) Arc<Memory>, pub(super) Dice);

impl Network {
    fn call<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> BoxFuture<'static, T> {
        let (there, back) = (self.1.delay(), self.1.delay());
        let carried_out = tokio::spawn(async move {
            sleep(there).await;
            let reply = call.await;
            sleep(back).await;
            reply
        });
        Box::pin(async move { carried_out.await.unwrap() })
    }
}

impl Blobs for Network {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
        let (memory, key) = (Arc::clone(&self.0), key.to_owned());
        self.call(async move { memory.get(&key).await })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>> {
        let (memory, key, bytes) = (Arc::clone(&self.0), key.to_owned(), bytes.to_owned());
        let etag = match condition {
            Condition::Absent => None,
            Condition::Matches(etag) => Some(etag.clone()),
        };
        self.call(async move {
            let condition = etag.as_ref().map_or(Condition::Absent, Condition::Matches);
            memory.put(&key, &bytes, condition).await
        })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
        let (memory, key, etag) = (Arc::clone(&self.0), key.to_owned(), etag.clone());
        self.call(async move { memory.delete(&key, &etag).await })
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}
