//! Writes the state while an apply goes on: what is recorded meanwhile is written together.
//!
//! At most one write is in flight, and the newest state is always written last. A write that fails for good ends the
//! writer; what it could not write is kept for [`super::rescue`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::State;
use super::file::Stored;
use super::lease::machine;
use super::store::{StateError, StateStore, Versioned};
use crate::model::error::{CallError, Class};

/// For how many times as long as the copy of a state took its next write waits: a large state costs a tenth of a
/// processor, a small one is written at once.
const REST: u32 = 20;

/// Keeps a state and writes it behind the caller's back. Dropped without [`finish`](Self::finish), it stops where it is.
pub struct Writer {
    shared: Arc<Shared>,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

struct Shared {
    newest: Mutex<Newest>,
    wake: Notify,
    /// Somebody waits for the write.
    hurry: Notify,
}

struct Newest {
    state: State,
    /// How many changes were recorded.
    recorded: u64,
}

#[derive(Clone)]
struct Progress {
    /// How many of the recorded changes the store holds.
    durable: u64,
    /// What the store holds.
    written: Versioned,
    failed: Option<Failure>,
}

#[derive(Clone)]
struct Failure {
    error: StateError,
    /// The write that failed; it may have happened all the same.
    attempt: Stored,
}

impl Writer {
    /// Goes on from `versioned`, the state as it was read.
    pub fn start(store: StateStore, versioned: Versioned) -> Self {
        let newest = Newest { state: versioned.state.clone(), recorded: 0 };
        let shared = Arc::new(Shared { newest: Mutex::new(newest), wake: Notify::new(), hurry: Notify::new() });
        let (sender, progress) = watch::channel(Progress { durable: 0, written: versioned, failed: None });
        let task = machine::spawn(write(Arc::clone(&shared), store, sender));
        Self { shared, progress, task }
    }

    /// Changes the state, and lets it be written soon.
    pub fn record<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut newest = self.shared.newest();
        newest.recorded += 1;
        let value = change(&mut newest.state);
        drop(newest);
        self.shared.wake.notify_one();
        value
    }

    /// The state with everything that was recorded.
    pub fn state(&self) -> State {
        self.shared.newest().state.clone()
    }

    /// Returns once everything that has been recorded so far is in the store.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn flush(&self) -> Result<(), StateError> {
        let recorded = self.shared.newest().recorded;
        let mut progress = self.progress.clone();
        self.shared.hurry.notify_one();
        let seen = progress.wait_for(|now| now.durable >= recorded || now.failed.is_some()).await;
        match seen.as_deref() {
            Ok(now) if now.durable >= recorded => Ok(()),
            Ok(Progress { failed: Some(failure), .. }) => Err(failure.error.clone()),
            _ => Err(stopped()),
        }
    }

    /// Returns as soon as a write has failed for good: from then on nothing new should be started.
    pub async fn failed(&self) -> StateError {
        let mut progress = self.progress.clone();
        let seen = progress.wait_for(|now| now.failed.is_some()).await;
        seen.ok().and_then(|now| Some(now.failed.as_ref()?.error.clone())).unwrap_or_else(stopped)
    }

    /// Writes what is left, and returns the state as the store holds it.
    ///
    /// # Errors
    /// When it could not be written; `unwritten` still has it.
    pub async fn finish(&self) -> Result<Versioned, StateError> {
        self.flush().await?;
        Ok(self.progress.borrow().written.clone())
    }

    /// The newest state as it would have been written, if the writer has failed.
    pub(super) fn unwritten(&self) -> Option<Stored> {
        let Failure { attempt, .. } = self.progress.borrow().failed.clone()?;
        Some(Stored { state: State { serial: attempt.state.serial, ..self.state() }, write: attempt.write })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(shared: Arc<Shared>, store: StateStore, progress: watch::Sender<Progress>) {
    let Progress { mut durable, mut written, .. } = progress.borrow().clone();
    loop {
        let began = Instant::now();
        let (state, recorded) = {
            let newest = shared.newest();
            (newest.state.clone(), newest.recorded)
        };
        if recorded == durable {
            shared.wake.notified().await;
            continue;
        }
        let attempt = Stored::after(&State { serial: written.state.serial, ..state });
        let rest = began.elapsed() * REST;
        if let Err(error) = store.put(&mut written, &attempt).await {
            progress.send_modify(|now| now.failed = Some(Failure { error, attempt }));
            return;
        }
        durable = recorded;
        progress.send_replace(Progress { durable, written: written.clone(), failed: None });
        tokio::select! {
            () = sleep(rest) => {}
            () = shared.hurry.notified() => {}
        }
    }
}

/// The writer's task is gone without a word: only if it panicked.
fn stopped() -> StateError {
    let source = CallError::own(Class::Other, "state write", "the writer has stopped");
    StateError::Write { location: String::new(), source }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::model::kind::BoxFuture;
    use crate::model::scope::Scope;
    use crate::state::blobs::{Blob, Blobs, Condition, ETag, PutError};
    use crate::state::file;
    use crate::state::memory::{Fault, Memory};
    use crate::state::rescue::{PushError, push, rescue};
    use crate::state::store::STATE;

    /// A store that takes half a second to write, and one write at a time.
    struct Slow(Arc<Memory>, AtomicUsize);

    impl Blobs for Slow {
        fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
            self.0.get(key)
        }

        fn put<'a>(
            &'a self,
            key: &'a str,
            bytes: &'a [u8],
            condition: Condition<'a>,
        ) -> BoxFuture<'a, Result<ETag, PutError>> {
            Box::pin(async move {
                assert_eq!(self.1.fetch_add(1, Ordering::SeqCst), 0, "two writes at the same time");
                sleep(Duration::from_millis(500)).await;
                let result = self.0.put(key, bytes, condition).await;
                self.1.fetch_sub(1, Ordering::SeqCst);
                result
            })
        }

        fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
            self.0.delete(key, etag)
        }

        fn describe(&self) -> String {
            self.0.describe()
        }
    }

    fn setting() -> (Arc<Memory>, StateStore, Writer) {
        let memory = Arc::new(Memory::default());
        let store = StateStore::new(Arc::new(Slow(Arc::clone(&memory), AtomicUsize::new(0))), "acme", "dev");
        let state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
        let writer = Writer::start(store.clone(), Versioned::new(state));
        (memory, store, writer)
    }

    fn record(writer: &Writer, number: u32) {
        writer.record(|state| state.outputs.insert(format!("n{number}"), number.into()));
    }

    fn stored(memory: &Memory) -> Vec<State> {
        let read = |bytes: &Vec<u8>| file::parse(bytes, "acme", "dev").unwrap().state;
        memory.written(STATE).iter().map(read).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_flush_returns_when_everything_recorded_is_stored() {
        let (memory, store, writer) = setting();
        record(&writer, 1);
        writer.flush().await.unwrap();
        assert_eq!(stored(&memory).last().unwrap().outputs.len(), 1);
        writer.flush().await.unwrap();
        assert_eq!(stored(&memory).len(), 1, "nothing new, nothing written");
        assert_eq!(writer.finish().await.unwrap(), store.load().await.unwrap().unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_recorded_during_a_write_is_written_together_and_the_newest_last() {
        let (memory, _, writer) = setting();
        for number in 0..100 {
            record(&writer, number);
            sleep(Duration::from_millis(13)).await;
        }
        let written = writer.finish().await.unwrap();
        let states = stored(&memory);
        assert!(states.len() <= 4, "{} writes in 1.3 s", states.len());
        assert_eq!(states.last().unwrap().outputs.len(), 100);
        assert_eq!(written.state, *states.last().unwrap());
        assert_eq!(
            states.iter().map(|state| state.serial).collect::<Vec<_>>(),
            (1..=states.len() as u64).collect::<Vec<_>>()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_away_for_half_a_minute_is_waited_for() {
        let (memory, _, writer) = setting();
        let back = Instant::now() + Duration::from_secs(30);
        memory.inject(move |_, _| if Instant::now() < back { Fault::Failure } else { Fault::None });
        record(&writer, 1);
        writer.flush().await.unwrap();
        assert!(Instant::now() >= back);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_reply_is_no_conflict() {
        for fault in [Fault::LostReply, Fault::RetriedAfterLoss] {
            let (memory, _, writer) = setting();
            let mut faults = std::iter::once(fault);
            memory.inject(move |_, _| faults.next().unwrap_or(Fault::None));
            for number in 0..3 {
                record(&writer, number);
                writer.flush().await.unwrap();
            }
            assert_eq!(stored(&memory).len(), 3, "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn another_writer_is_noticed_at_once_and_not_overwritten() {
        let (memory, store, writer) = setting();
        let mut other = Versioned::new(State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1")));
        store.save(&mut other).await.unwrap();
        record(&writer, 1);
        assert!(matches!(writer.failed().await, StateError::Conflict { .. }));
        assert!(matches!(writer.finish().await, Err(StateError::Conflict { .. })));
        assert_eq!(stored(&memory), [other.state]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_store_will_not_take_is_rescued_and_pushed_later() {
        for fault in [Fault::Failure, Fault::LostReply] {
            let (memory, store, writer) = setting();
            let folder = tempfile::tempdir().unwrap();
            record(&writer, 1);
            writer.flush().await.unwrap();
            assert_eq!(rescue(&writer, folder.path()).unwrap(), None, "nothing is unwritten");
            memory.inject(move |_, _| fault);
            record(&writer, 2);
            assert!(matches!(writer.failed().await, StateError::Write { .. }));
            record(&writer, 3);
            assert!(writer.flush().await.is_err());
            let rescued = rescue(&writer, folder.path()).unwrap().unwrap();
            assert_eq!(rescued.path, folder.path().join("errored-state-dev.json"));
            assert!(rescue(&writer, folder.path()).unwrap().unwrap().path.ends_with("errored-state-dev-2.json"));

            memory.inject(|_, _| Fault::None);
            let pushed = push(&store, &rescued.path).await.unwrap();
            assert_eq!(pushed.state.outputs.len(), 3, "{fault:?}");
            assert_eq!(store.load().await.unwrap(), Some(pushed));
            let again = push(&store, &rescued.path).await;
            assert!(matches!(again, Err(PushError::GoneOn { .. })), "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    #[cfg(unix)]
    async fn a_rescued_state_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (memory, _, writer) = setting();
        memory.inject(|_, _| Fault::Failure);
        record(&writer, 1);
        writer.failed().await;
        let folder = tempfile::tempdir().unwrap();
        let path = rescue(&writer, folder.path()).unwrap().unwrap().path;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
