//! SIGINT and SIGTERM: the first asks for a clean stop, the second for a quick one, whatever the command is at. Where there is
//! nothing to stop cleanly, the first ends the process, and says so.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::files::process::ignored_signals;
use crate::model::kind::BoxFuture;
use crate::ops::Fault;
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

static ASKED: LazyLock<watch::Sender<Asked>> = LazyLock::new(|| watch::Sender::new(Asked::default()));

/// What a signal meets that comes now.
#[derive(Debug)]
struct Now {
    /// How many parts of the command stop by themselves.
    watchers: usize,
    /// What is said where none does, as the process ends at once; none once something stopped by itself, and may have begun
    /// something.
    words: Option<&'static str>,
}

static NOW: Mutex<Now> = Mutex::new(Now { watchers: 0, words: Some("nothing was changed") });

/// How long the last words of a process may take: where nobody reads what it prints, they are never printed.
const SAID: Duration = Duration::from_secs(1);

fn now() -> MutexGuard<'static, Now> {
    NOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears signals from now on, on a thread of its own: a command that computes, or waits for a file, hears none. `end` says
/// that the process ends by a signal, where the command does not stop by itself, and `exit` ends it.
///
/// # Errors
/// When the system does not allow it.
pub(super) fn listen(end: impl Fn(Fault) + Send + Sync + 'static, exit: fn(u8) -> !) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let inside = runtime.enter();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    drop(inside);
    let (end, ignored) = (Arc::new(end), ignored_signals());
    let hear = async move {
        loop {
            let number = tokio::select! {
                _ = interrupt.recv() => 2,
                _ = terminate.recv() => 15,
            };
            // Held to the end: nobody is to start to watch, and then to change something, while the process ends.
            let now = now();
            if now.watchers > 0 {
                count(number);
            } else if ignored & (1 << (number - 1)) == 0 {
                leave(number, now.words, &end, exit);
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(hear))?;
    Ok(())
}

fn count(signal: u8) {
    ASKED.send_modify(|asked| {
        asked.times = asked.times.saturating_add(1);
        if asked.signal == 0 {
            asked.signal = signal;
        }
    });
}

/// Ends the process, whatever the command is at.
fn leave(
    signal: u8,
    words: Option<&'static str>,
    end: &Arc<impl Fn(Fault) + Send + Sync + 'static>,
    exit: fn(u8) -> !,
) -> ! {
    let fault = match words {
        Some(what) => Fault::Ended { signal, what },
        None => Fault::Interrupted { signal, partial: None },
    };
    let (code, end, (said, heard)) = (fault.exit_code(), Arc::clone(end), mpsc::channel());
    // The command may be printing to somebody who does not read.
    std::thread::spawn(move || {
        end(fault);
        // Nobody waits for it who has waited too long.
        let _ = said.send(());
    });
    // The code is the same without these words.
    let _ = heard.recv_timeout(SAID);
    exit(code)
}

/// From now on the command changes something and does not stop by itself: `words` are what a signal then says of that.
pub(super) fn begin(words: &'static str) {
    now().words = Some(words);
}

/// Somebody who stops by itself at a signal, for as long as there is this; where there is nobody, a signal ends the process.
pub(super) struct Signals(watch::Receiver<Asked>);

impl Signals {
    /// Starts to watch: from now on the second signal ends the command, and no longer the first the process.
    pub(super) fn watch() -> Self {
        Self::watch_for(Duration::ZERO)
    }

    /// The same for a command that holds a lock: it has some seconds for its last words.
    pub(super) fn watch_with_lock() -> Self {
        Self::watch_for(LAST_WORDS)
    }

    fn watch_for(patience: Duration) -> Self {
        let mut now = now();
        now.watchers += 1;
        now.words = None;
        ASKED.send_modify(|asked| asked.patience = asked.patience.max(patience));
        Self(ASKED.subscribe())
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        now().watchers -= 1;
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
