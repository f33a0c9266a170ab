//! Work that needs the lease on the state.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::stop::Stop;
use super::{Fault, Result, Site};
use crate::model::acting::Acting;
use crate::model::error::CallError;
use crate::state::State;
use crate::state::lease::{AcquireError, Holder, Lease, ProbeError, Terms, Waiting, take, try_out};
use crate::state::store::StateStore;

/// How long the answer to a request for the lock is waited for that a signal meets.
const ANSWER: Duration = Duration::from_secs(2);

/// How the lease is asked for.
pub struct Locking<'a> {
    /// Who asks.
    pub holder: Holder,
    /// How long a lease lasts.
    pub terms: Terms,
    /// How long a living holder is waited for.
    pub patience: Duration,
    /// Told while it waits.
    pub waiting: &'a (dyn Fn(&Waiting) + Send + Sync),
    /// Told why the lock could not be released: the work is done all the same, and the lock expires by itself.
    pub unreleased: &'a (dyn Fn(&CallError) + Send + Sync),
    /// Asked whether to go on.
    pub stop: &'a dyn Stop,
}

/// Takes the lease, does `work` once it is known that the store honours conditions, and releases the lease whatever came
/// of it.
///
/// # Errors
/// When somebody else holds it, and what the work fails with. A lock that cannot be released is no error.
pub async fn with_lease<T>(
    site: &Site,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease) -> Result<T>,
) -> Result<T> {
    with_lease_beside(site, locking, async |lease, beside| {
        beside.fit().await?;
        work(lease).await
    })
    .await
}

/// The same on a store that is not the site's own: the other end of a move.
///
/// # Errors
/// As those of [`with_lease`].
pub async fn with_lease_on<T>(
    store: &StateStore,
    acts_as: &Acting,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease) -> Result<T>,
) -> Result<T> {
    beside(store, acts_as, locking, async |lease, beside| {
        beside.fit().await?;
        work(lease).await
    })
    .await
}

/// What was found out beside the lock.
pub(super) struct Beside {
    /// The state as it was when the lock was asked for, if there was one that could be read: says what is worth reading,
    /// and nothing else, as others may have written it until the lock was got.
    pub(super) state: Option<State>,
    fit: oneshot::Receiver<std::result::Result<(), ProbeError>>,
}

impl Beside {
    /// Returns once it is known that the store honours conditions: to be awaited before the state is written.
    ///
    /// # Errors
    /// When it does not.
    pub(super) async fn fit(self) -> Result<()> {
        let found =
            self.fit.await.map_err(|_| anyhow::anyhow!("nobody found out whether the store honours conditions"))?;
        found.map_err(|unfit| unavailable(unfit.into()))
    }
}

/// As [`with_lease`], for work that reads a lot before it first writes the state. Whether the store honours conditions
/// stands beside a state that was written there; else it is found out meanwhile, and [`Beside::fit`] waits for that.
///
/// # Errors
/// As those of [`with_lease`].
pub(super) async fn with_lease_beside<T, E: From<Fault>>(
    site: &Site,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease, Beside) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    beside(&site.store, &site.acts_as, locking, work).await
}

async fn beside<T, E: From<Fault>>(
    store: &StateStore,
    acts_as: &Acting,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease, Beside) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let (blobs, unreleased) = (store.blobs(), locking.unreleased);
    let (lease, state) = taken(store, acts_as, locking).await?;
    let (sender, fit) = oneshot::channel();
    let tell = |found: std::result::Result<(), ProbeError>| {
        if found.is_ok() {
            blobs.prove();
        }
        // Work that has failed meanwhile does not ask.
        let _ = sender.send(found);
    };
    let trial = async {
        if blobs.is_proven() {
            tell(Ok(()));
        } else {
            // Who may not delete this file may not delete the lock either, and is told then.
            let _ = try_out(&**blobs, tell).await;
        }
    };
    let (result, ()) = tokio::join!(work(&lease, Beside { state, fit }), trial);
    give_back(lease, unreleased).await;
    result
}

/// The lease, and the state as it was when the lock was asked for. A signal ends the wait for either; a lock that was got
/// all the same is given back.
async fn taken(store: &StateStore, acts_as: &Acting, locking: Locking<'_>) -> Result<(Lease, Option<State>)> {
    let Locking { holder, terms, patience, waiting, unreleased, stop } = locking;
    let acts_as = Some(acts_as).filter(|acting| !acting.is_caller()).map(ToString::to_string);
    let holder = Holder { acts_as, ..holder };
    let waits = AtomicBool::new(false);
    let told = |who: &Waiting| {
        waits.store(true, Ordering::Relaxed);
        waiting(who);
    };
    let mut taking = pin!(take(store.blobs(), holder, terms, patience, &told));
    let mut loading = pin!(store.load());
    let mut early = None;
    let lease = loop {
        tokio::select! {
            taken = &mut taking => break taken.map_err(unavailable)?,
            state = &mut loading, if early.is_none() => early = Some(state),
            signal = stop.first() => {
                // The lock may be ours by now, and its answer on the way; somebody else's is not waited for.
                if !waits.load(Ordering::Relaxed)
                    && let Ok(Ok(lease)) = timeout(ANSWER, &mut taking).await
                {
                    give_back(lease, unreleased).await;
                }
                return Err(Fault::Interrupted { signal, partial: None });
            }
        }
    };
    let early = if let Some(early) = early {
        early
    } else {
        tokio::select! {
            state = &mut loading => state,
            signal = stop.first() => {
                give_back(lease, unreleased).await;
                return Err(Fault::Interrupted { signal, partial: None });
            }
        }
    };
    // An early state that cannot be read is no help; what is wrong with it is said when it is read under the lock.
    Ok((lease, early.ok().flatten().map(|early| early.state)))
}

async fn give_back(lease: Lease, unreleased: &(dyn Fn(&CallError) + Send + Sync)) {
    if let Err(error) = lease.release().await {
        unreleased(&error);
    }
}

fn unavailable(error: AcquireError) -> Fault {
    match error {
        AcquireError::Failed(error) => Fault::Call(error),
        AcquireError::Locked { .. } => Fault::Locked(error.to_string()),
        AcquireError::Unfit(_) => Fault::Other(error.into()),
    }
}
