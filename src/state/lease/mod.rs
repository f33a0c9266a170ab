//! The lock on a state: held by whoever renews it, and never to be broken by hand.
//!
//! `state.lock` is created if it is absent, renewed if it is unchanged, and taken over only after it stood still for a
//! whole lease by the clock of the one who waits: no two clocks are ever compared. The lock keeps two applies from
//! working at the same time. That no update is ever lost does not hang on it: every write of the state is conditional.

mod acquire;
mod holder;
mod keeper;
pub(super) mod machine;
#[cfg(test)]
mod model;
mod probe;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::model::error::{CallError, Class};

pub use acquire::{AcquireError, Lock, Waiting, acquire, look, take, unlock};
pub use holder::{Holder, Process};
pub use probe::{ProbeError, probe, try_out};

/// The lock's file in the environment's folder.
pub const LOCK: &str = "state.lock";

/// How long a lease lasts and how often it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// After standing still for so long the lock may be taken over. Whole seconds.
    pub ttl: Duration,
    /// The time between two renewals; several fit into `ttl`.
    pub renew: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { ttl: Duration::from_secs(90), renew: Duration::from_secs(20) }
    }
}

impl Terms {
    /// How long after a renewal the holder trusts it: less than a lease, so that calls on their way still arrive
    /// before anybody else may begin.
    fn trusted(self) -> Duration {
        self.ttl.saturating_sub(self.renew / 2)
    }
}

/// Why a lease is no longer ours.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Lost {
    /// Somebody else has taken the lock over, or removed it.
    #[error("the lock was taken over or removed by somebody else")]
    Taken,
    /// The store took no renewal, tried for a whole lease.
    #[error("the lock could not be renewed in time")]
    Unrenewed(#[source] CallError),
    /// Nothing renews it any more.
    #[error("the renewal of the lock has stopped")]
    Stopped,
}

/// A held lock, renewed until it is released. Dropped instead, it is left to expire.
pub struct Lease {
    terms: Terms,
    standing: watch::Receiver<Standing>,
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<Result<(), CallError>>,
}

impl Lease {
    /// Whether the lock is certainly ours at this moment.
    pub fn holds(&self) -> bool {
        self.standing.borrow().holds(self.terms)
    }

    /// To be awaited before anything new is started. Returns at once while the lock is ours; after a pause of the
    /// whole machine it waits until a renewal has shown whether it still is.
    ///
    /// # Errors
    /// When it is lost.
    pub async fn confirm(&self) -> Result<(), Lost> {
        let mut standing = self.standing.clone();
        let seen = standing.wait_for(|now| now.lost.is_some() || now.holds(self.terms)).await;
        seen.map_or(Err(Lost::Stopped), |now| now.lost.clone().map_or(Ok(()), Err))
    }

    /// Returns as soon as the lock is lost.
    pub async fn lost(&self) -> Lost {
        let mut standing = self.standing.clone();
        let seen = standing.wait_for(|now| now.lost.is_some()).await;
        seen.ok().and_then(|now| now.lost.clone()).unwrap_or(Lost::Stopped)
    }

    /// Deletes the lock, if it is still ours.
    ///
    /// # Errors
    /// When the store does not answer: the lock then expires by itself.
    pub async fn release(self) -> Result<(), CallError> {
        // A keeper that no longer listens has lost the lock, and there is nothing to release.
        let _ = self.stop.send(());
        self.keeper.await.unwrap_or_else(|error| Err(CallError::own(Class::Other, "state unlock", error.to_string())))
    }
}

/// What the keeper knows of the lock.
#[derive(Clone, Debug)]
struct Standing {
    /// When the last successful renewal was begun: by the store's clock it happened then or later.
    renewed: Moment,
    lost: Option<Lost>,
}

impl Standing {
    fn holds(&self, terms: Terms) -> bool {
        self.lost.is_none() && self.renewed.age() < terms.trusted()
    }
}

/// A moment by both clocks: the monotonic one stands still while a laptop sleeps, the wall clock can be set back.
#[derive(Clone, Copy, Debug)]
struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Self { monotonic: Instant::now(), wall: machine::wall() }
    }

    /// The time since then, by whichever clock ran further.
    fn age(&self) -> Duration {
        self.monotonic.elapsed().max(machine::wall().duration_since(self.wall).unwrap_or_default())
    }
}
