//! Work that needs the lease on the state.

use std::time::Duration;

use super::stop::Stop;
use super::{Fault, Result, Site};
use crate::model::error::CallError;
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
    /// Told why the lock could not be released: the work is done all the same, and the lock expires by itself.
    pub unreleased: &'a (dyn Fn(&CallError) + Send + Sync),
    /// Asked whether to go on.
    pub stop: &'a dyn Stop,
}

/// Takes the lease, does `work`, and releases the lease whatever came of it.
///
/// # Errors
/// When somebody else holds it, and what the work fails with. A lock that cannot be released is no error.
pub async fn with_lease<T>(
    site: &Site,
    locking: Locking<'_>,
    work: impl AsyncFnOnce(&Lease) -> Result<T>,
) -> Result<T> {
    let Locking { holder, terms, patience, waiting, unreleased, stop } = locking;
    let lease = tokio::select! {
        lease = acquire(site.store.blobs(), holder, terms, patience, waiting) => lease.map_err(unavailable)?,
        signal = stop.first() => return Err(Fault::Interrupted { signal, partial: None }),
    };
    let result = work(&lease).await;
    if let Err(error) = lease.release().await {
        unreleased(&error);
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
