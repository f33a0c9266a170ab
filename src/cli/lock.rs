//! The lock on a state, as a command asks for it.

use std::time::Duration;

use super::printer::Printer;
use super::signals::Signals;
use crate::model::error::CallError;
use crate::ops::lock::Locking;
use crate::ops::stop::Stop;
use crate::report::style::Clean;
use crate::state::lease::{Holder, Terms, Waiting};

/// What a command needs in order to ask for the lock, and to give it back when a signal comes.
pub(super) struct Lock {
    command: String,
    patience: Duration,
    signals: Signals,
    waiting: Box<dyn Fn(&Waiting) + Send + Sync>,
    unreleased: Box<dyn Fn(&CallError) + Send + Sync>,
}

impl Lock {
    /// For a command, by its words: `state push`. From now on signals ask for a clean stop.
    pub(super) fn new(command: impl Into<String>, printer: Printer) -> Self {
        let signals = Signals::watch_with_lock();
        let waiting = move |waiting: &Waiting| printer.say(&format!("  {}", Clean(&waiting.to_string())));
        let unreleased = move |error: &CallError| {
            let error = Clean(&error.to_string()).to_string();
            let until = terms().ttl.as_secs();
            printer
                .warn(&format!("the lock could not be released, and expires by itself after {until} seconds: {error}"));
        };
        let (waiting, unreleased) = (Box::new(waiting), Box::new(unreleased));
        Self { command: command.into(), patience: Duration::ZERO, signals, waiting, unreleased }
    }

    /// Waits for another holder while that lives, for so long.
    pub(super) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Returns once a signal has asked for a clean stop.
    pub(super) async fn interrupted(&self) {
        self.signals.first().await;
    }

    /// What operations take.
    pub(super) fn locking(&self) -> Locking<'_> {
        Locking {
            holder: Holder::new(format!("pipectl {}", self.command), |name| std::env::var(name).ok()),
            terms: terms(),
            patience: self.patience,
            waiting: &*self.waiting,
            unreleased: &*self.unreleased,
            stop: &self.signals,
        }
    }
}

/// How long a lease lasts: 90 s, or shorter where a test says so.
fn terms() -> Terms {
    let seconds = std::env::var("PIPECTL_LEASE_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    match seconds.filter(|seconds| (3..=3600).contains(seconds)) {
        Some(seconds) => {
            Terms { ttl: Duration::from_secs(seconds), renew: Duration::from_millis(seconds * 1000 * 2 / 9) }
        }
        None => Terms::default(),
    }
}
