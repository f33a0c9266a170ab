//! Pauses that end early when the user wants to stop.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How often a long pause asks whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Whether an operation is to stop; asked often, so it must be cheap.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Send + Sync);

/// Waits until `end`, or until `stop` says so.
pub(super) async fn until(end: Instant, stop: Stop<'_>) {
    while Instant::now() < end && !stop() {
        sleep_until(end.min(Instant::now() + LOOK)).await;
    }
}
