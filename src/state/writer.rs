//! Writes the state while an apply goes on: what is recorded meanwhile is written together.
//!
//! At most one write is in flight, and the newest state is always written last. A write that fails for good ends the
//! writer; what it could not write is kept for [`super::rescue`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::State;
use super::file::Stored;
use super::store::{StateError, StateStore, Versioned};
use crate::engine::error::{CallError, Class};

/// Keeps a state and writes it behind the caller's back. Dropped without [`finish`](Self::finish), it stops where it is.
pub struct Writer {
    shared: Arc<Shared>,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

struct Shared {
    newest: Mutex<Newest>,
    wake: Notify,
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
        let shared = Arc::new(Shared { newest: Mutex::new(newest), wake: Notify::new() });
        let (sender, progress) = watch::channel(Progress { durable: 0, written: versioned, failed: None });
        let task = tokio::spawn(write(Arc::clone(&shared), store, sender));
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
    /// When it could not be written; [`unwritten`](Self::unwritten) still has it.
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
        let (state, recorded) = {
            let newest = shared.newest();
            (newest.state.clone(), newest.recorded)
        };
        if recorded == durable {
            shared.wake.notified().await;
            continue;
        }
        let attempt = Stored::after(&State { serial: written.state.serial, ..state });
        if let Err(error) = store.put(&mut written, &attempt).await {
            progress.send_modify(|now| now.failed = Some(Failure { error, attempt }));
            return;
        }
        durable = recorded;
        progress.send_replace(Progress { durable, written: written.clone(), failed: None });
    }
}

/// The writer's task is gone without a word: only if it panicked.
fn stopped() -> StateError {
    let source = CallError::own(Class::Other, "state write", "the writer has stopped");
    StateError::Write { location: String::new(), source }
}
