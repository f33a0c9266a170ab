//! SIGINT and SIGTERM: the first asks for a clean stop, the second for a quick one, whatever the command is at.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::model::kind::BoxFuture;
use crate::ops::stop::Stop;

/// How long a command that holds a lock may take after the second signal, to save the state and to give the lock back. The
/// third ends it at once.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What the signals have asked this process for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    /// How many signals came.
    times: u8,
    /// The first one's number: 2 (SIGINT) or 15 (SIGTERM).
    signal: u8,
    /// How long the second is waited for.
    patience: Duration,
}

/// Whether somebody counts them already.
static WATCHED: AtomicBool = AtomicBool::new(false);

static ASKED: LazyLock<watch::Sender<Asked>> = LazyLock::new(|| watch::Sender::new(Asked::default()));

/// Watches for the signals from now on; where nobody does, the first ends the process.
pub(super) struct Signals(watch::Receiver<Asked>);

impl Signals {
    /// Starts to watch; from now on the second signal ends the command, and no longer the first the process.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(super) fn watch() -> std::io::Result<Self> {
        Self::watch_for(Duration::ZERO)
    }

    /// The same for a command that holds a lock: it has some seconds for its last words.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(super) fn watch_with_lock() -> std::io::Result<Self> {
        Self::watch_for(LAST_WORDS)
    }

    fn watch_for(patience: Duration) -> std::io::Result<Self> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        ASKED.send_modify(|asked| asked.patience = asked.patience.max(patience));
        let receiver = ASKED.subscribe();
        if WATCHED.swap(true, Ordering::Relaxed) {
            return Ok(Self(receiver));
        }
        tokio::spawn(async move {
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => 2,
                    _ = terminate.recv() => 15,
                };
                ASKED.send_modify(|asked| {
                    asked.times = asked.times.saturating_add(1);
                    if asked.signal == 0 {
                        asked.signal = number;
                    }
                });
            }
        });
        Ok(Self(receiver))
    }
}

/// Returns with the first signal's number at the `times`-th signal.
async fn come(times: u8) -> Asked {
    let asked = ASKED.subscribe().wait_for(|asked| asked.times >= times).await.map(|asked| *asked);
    match asked {
        Ok(asked) => asked,
        // The sender is never dropped.
        Err(_) => std::future::pending().await,
    }
}

/// Returns at the first signal, where any is watched for, with its number.
pub(super) async fn asked() -> u8 {
    come(1).await.signal
}

/// Returns with the first signal's number when nobody wants to wait any longer for the command to end by itself: at the
/// second signal, or a little later where a lock is held.
pub(super) async fn impatience() -> u8 {
    let asked = come(2).await;
    tokio::select! {
        () = sleep(asked.patience) => {}
        _ = come(3) => {}
    }
    asked.signal
}

impl Stop for Signals {
    fn asked(&self) -> Option<u8> {
        let asked = *self.0.borrow();
        (asked.times > 0).then_some(asked.signal)
    }

    fn first(&self) -> BoxFuture<'_, u8> {
        Box::pin(asked())
    }

    fn urged(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            come(2).await;
        })
    }
}
