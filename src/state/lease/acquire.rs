//! Getting the lock: at once if it is free, after a whole lease if its holder is dead, not at all while the holder lives.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::holder::{Holder, LockFile};
use super::keeper::Keeper;
use super::probe::{ProbeError, probe};
use super::{LOCK, Lease, Lost, Moment, Terms};
use crate::model::error::CallError;
use crate::state::blobs::{Blobs, Condition, ETag, PutError, put_surely};

/// The longest lease that is believed: a damaged lock does not lock for ever.
const LONGEST: Duration = Duration::from_hours(1);

/// Why the lock was not got.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Somebody else holds it, and lives.
    #[error("{location} is locked by {}", who(holder.as_deref()))]
    Locked {
        /// The environment's folder.
        location: String,
        /// The holder, where the lock can be read.
        holder: Option<Box<Holder>>,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Unfit(#[from] ProbeError),
    /// The store failed.
    #[error("the lock cannot be taken")]
    Failed(#[from] CallError),
}

/// A lock as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The holder; `None` where the lock cannot be understood.
    pub holder: Option<Holder>,
    /// After standing still for so long it may be taken over.
    ttl: Duration,
    etag: ETag,
}

/// How the wait for a lock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The holder; `None` where the lock cannot be understood.
    pub holder: Option<Holder>,
    /// After so long without a renewal the lock is taken over.
    pub left: Duration,
    /// Whether the holder was seen to renew it.
    pub alive: bool,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = who(self.holder.as_ref());
        if self.alive {
            write!(f, "waiting for {who} to finish")
        } else {
            write!(f, "waiting for {who} to renew or expire: {} s left", self.left.as_secs())
        }
    }
}

fn who(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "somebody whose lock file cannot be read".to_owned(), ToString::to_string)
}

/// Takes the lock for `holder` and starts renewing it; checks meanwhile that the store honours conditions.
///
/// A holder whose fate is unknown is watched, for at most one lease. For one that lives, this waits as long as
/// `patience`, counted from the start; zero is to give up as soon as it is seen to live. `waiting` hears how it stands,
/// every few seconds.
///
/// # Errors
/// When somebody else holds it and lives, or the store cannot be used.
pub async fn acquire(
    blobs: &Arc<dyn Blobs>,
    holder: Holder,
    terms: Terms,
    patience: Duration,
    waiting: &(dyn Fn(&Waiting) + Send + Sync),
) -> Result<Lease, AcquireError> {
    let (taken, fit) = tokio::join!(take(blobs, holder, terms, patience, waiting), probe(&**blobs));
    let lease = taken?;
    if let Err(unfit) = fit {
        // The store's first error is the one to tell of; the lock expires by itself.
        let _ = lease.release().await;
        return Err(unfit.into());
    }
    blobs.prove();
    Ok(lease)
}

/// The same, for a store of which the caller finds out itself whether it honours conditions: before anything is written
/// there but the lock.
///
/// # Errors
/// When somebody else holds it and lives, or the store fails.
pub async fn take(
    blobs: &Arc<dyn Blobs>,
    holder: Holder,
    terms: Terms,
    patience: Duration,
    waiting: &(dyn Fn(&Waiting) + Send + Sync),
) -> Result<Lease, AcquireError> {
    let mut watch =
        Watch { blobs: &**blobs, terms, patience, waiting, began: Instant::now(), seen: None, alive: false };
    let bytes = LockFile::new(&holder, terms.ttl, 0).render();
    // The earliest moment at which what we write can have been written, even by an attempt that seemed to fail. After
    // a long wait the lease is therefore renewed once more before it counts.
    let written = Moment::now();
    let mut dead: Option<ETag> = None;
    loop {
        let condition = dead.as_ref().map_or(Condition::Absent, Condition::Matches);
        match put_surely(&**blobs, LOCK, &bytes, condition).await {
            Ok(etag) => {
                let lease = Keeper::start(blobs, holder.clone(), terms, etag, written);
                match lease.confirm().await {
                    Ok(()) => return Ok(lease),
                    Err(Lost::Unrenewed(error)) => return Err(error.into()),
                    Err(Lost::Taken | Lost::Stopped) => {}
                }
            }
            Err(PutError::Conflict) => {}
            Err(PutError::Failed(error)) => return Err(error.into()),
        }
        dead = watch.until_free().await?;
    }
}

/// Watches a lock that somebody else holds.
struct Watch<'a> {
    blobs: &'a dyn Blobs,
    terms: Terms,
    patience: Duration,
    waiting: &'a (dyn Fn(&Waiting) + Send + Sync),
    began: Instant,
    /// The lock as it was last seen to change, and when that was.
    seen: Option<(ETag, Instant)>,
    alive: bool,
}

impl Watch<'_> {
    /// Returns once the lock can be had: `None` if it is gone, its ETag if its holder is dead.
    async fn until_free(&mut self) -> Result<Option<ETag>, AcquireError> {
        loop {
            let Some(lock) = look(self.blobs).await? else {
                // So that two who wait for each other's release do not ask without pause.
                sleep(self.terms.renew / 100).await;
                return Ok(None);
            };
            let left = lock.ttl.max(self.terms.ttl).saturating_sub(self.stood_still(&lock.etag));
            if left.is_zero() || lock.holder.as_ref().is_some_and(Holder::is_gone) {
                return Ok(Some(lock.etag));
            }
            if self.alive && self.began.elapsed() >= self.patience {
                let holder = lock.holder.map(Box::new);
                return Err(AcquireError::Locked { location: self.blobs.describe(), holder });
            }
            (self.waiting)(&Waiting { holder: lock.holder, left, alive: self.alive });
            sleep(self.terms.renew / 10).await;
        }
    }

    /// For how long the lock is known to have been as it is, by our own clock.
    fn stood_still(&mut self, etag: &ETag) -> Duration {
        match &self.seen {
            Some((before, since)) if before == etag => since.elapsed(),
            before => {
                self.alive |= before.is_some();
                self.seen = Some((etag.clone(), Instant::now()));
                Duration::ZERO
            }
        }
    }
}

/// The lock as it is now, or `None` where nobody holds it.
///
/// # Errors
/// When the store fails.
pub async fn look(blobs: &dyn Blobs) -> Result<Option<Lock>, CallError> {
    let found = blobs.get(LOCK).await?;
    Ok(found.map(|blob| match LockFile::parse(&blob.bytes) {
        Some((holder, ttl)) => Lock { holder: Some(holder), ttl: ttl.min(LONGEST), etag: blob.etag },
        None => Lock { holder: None, ttl: Duration::ZERO, etag: blob.etag },
    }))
}

/// Removes the lock whoever holds it, and returns what it was. A holder that lives notices with its next renewal, and
/// stops; its writes of the state are still conditional.
///
/// # Errors
/// When the store fails, or the lock is renewed again and again between reading and removing it.
pub async fn unlock(blobs: &dyn Blobs) -> Result<Option<Lock>, PutError> {
    for _ in 0..3 {
        let Some(lock) = look(blobs).await? else { return Ok(None) };
        match blobs.delete(LOCK, &lock.etag).await {
            Err(PutError::Conflict) => {}
            outcome => return outcome.map(|()| Some(lock)),
        }
    }
    Err(PutError::Conflict)
}
