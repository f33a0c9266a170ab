//! When it is looked for events: often where a look costs next to nothing, seldom where it is a query.

use std::time::Duration;

use tokio::time::Instant;

use crate::ops::stop::{Stop, pause};

/// The longest time between two words on how far it has come.
const SILENCE: Duration = Duration::from_secs(5);
/// What Firehose and S3 need besides the buffer.
const WRITING: Duration = Duration::from_secs(10);

/// The times between looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Before the first.
    before: Duration,
    /// Before the next.
    between: Duration,
    /// Between two, at last.
    longest: Duration,
}

impl Pace {
    /// Of looks into a bucket or a table.
    pub(super) fn of_looks() -> Self {
        Self { before: Duration::ZERO, between: Duration::from_millis(500), longest: SILENCE }
    }

    /// Of queries, which are paid: before the buffer is written there is nothing to be found.
    pub(super) fn of_queries(buffer: Duration) -> Self {
        Self { before: buffer + WRITING, between: Duration::from_secs(20), longest: Duration::from_mins(2) }
    }

    /// Waits for the first look.
    pub(super) async fn begin(&self, end: Instant, show: &(dyn Fn() + Send + Sync), stop: &dyn Stop) {
        until(end.min(Instant::now() + self.before), show, stop).await;
    }

    /// Waits for the next look; not beyond `end`.
    pub(super) async fn rest(&mut self, end: Instant, show: &(dyn Fn() + Send + Sync), stop: &dyn Stop) {
        until(end.min(Instant::now() + self.between), show, stop).await;
        self.between = (self.between * 3 / 2).min(self.longest);
    }
}

async fn until(end: Instant, show: &(dyn Fn() + Send + Sync), stop: &dyn Stop) {
    while Instant::now() < end && stop.asked().is_none() {
        pause(end.min(Instant::now() + SILENCE), stop).await;
        show();
    }
}
