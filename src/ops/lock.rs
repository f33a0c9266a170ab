//! Work that needs the lease on the state.

use std::time::Duration;

use anyhow::Context;

use super::stop::Stop;
use super::{Fault, Result, Site};
use crate::state::lease::{AcquireError, Holder, Lease, Terms, Waiting, acquire};

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
    /// Asked whether to go on.
    pub stop: &'a dyn Stop,
}

/// Takes the lease, does `work`, and releases the lease whatever came of it.
///
/// # Errors
/// When somebody else holds it, and what the work fails with.
pub async fn with_lease<T>(
    site: &Site,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease) -> Result<T>,
) -> Result<T> {
    let Locking { holder, terms, patience, waiting, stop } = locking;
    let lease = tokio::select! {
        lease = acquire(site.store.blobs(), holder, terms, patience, waiting) => lease.map_err(unavailable)?,
        signal = stop.first() => return Err(Fault::Interrupted { signal, partial: None }),
    };
    let result = work(&lease).await;
    // What was done is done and saved; a lock that cannot be released expires by itself.
    let released = lease.release().await;
    if result.is_ok() {
        released.context("the lock could not be released; it expires by itself")?;
    }
    result
}

fn unavailable(error: AcquireError) -> Fault {
    match error {
        AcquireError::Failed(error) => Fault::Call(error),
        AcquireError::Locked { .. } => Fault::Locked(error.to_string()),
        AcquireError::Unfit(_) => Fault::Other(error.into()),
    }
}
