//! How a running operation learns that it should end.

use tokio::time::{Instant, sleep_until};

use crate::model::kind::BoxFuture;

/// What the user or the system has asked a running operation for.
pub trait Stop: Send + Sync {
    /// The signal that asked for a clean stop, if one has: 2 (SIGINT) or 15 (SIGTERM).
    fn asked(&self) -> Option<u8>;
    /// Returns with the signal once a clean stop is asked for.
    fn first(&self) -> BoxFuture<'_, u8>;
    /// Returns once somebody does not want to wait for what is in flight either.
    fn urged(&self) -> BoxFuture<'_, ()>;
}

/// Nobody asks.
pub struct Never;

impl Stop for Never {
    fn asked(&self) -> Option<u8> {
        None
    }

    fn first(&self) -> BoxFuture<'_, u8> {
        Box::pin(std::future::pending())
    }

    fn urged(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

/// Waits until `end`, or until a clean stop is asked for.
pub(super) async fn pause(end: Instant, stop: &dyn Stop) {
    tokio::select! {
        () = sleep_until(end) => {}
        _ = stop.first() => {}
    }
}
