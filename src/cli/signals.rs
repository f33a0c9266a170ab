//! SIGINT and SIGTERM: the first asks for a clean stop, the second for a quick one.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::engine::kind::BoxFuture;
use crate::ops::stop::Stop;

/// What the signals have asked for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    /// How many signals came.
    times: u8,
    /// The first one's number: 2 (SIGINT) or 15 (SIGTERM).
    signal: u8,
}

/// Watches for the signals from now on.
pub(super) struct Signals(watch::Receiver<Asked>);

impl Signals {
    /// Starts to watch; from now on the signals no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(super) fn watch() -> std::io::Result<Self> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (sender, receiver) = watch::channel(Asked::default());
        tokio::spawn(async move {
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => 2,
                    _ = terminate.recv() => 15,
                };
                sender.send_modify(|asked| {
                    asked.times = asked.times.saturating_add(1);
                    if asked.signal == 0 {
                        asked.signal = number;
                    }
                });
            }
        });
        Ok(Self(receiver))
    }

    /// What was asked for so far.
    fn now(&self) -> Asked {
        *self.0.borrow()
    }

    /// Returns at the `times`-th signal.
    async fn come(&self, times: u8) -> Asked {
        let mut receiver = self.0.clone();
        let asked = receiver.wait_for(|asked| asked.times >= times).await.map(|asked| *asked);
        match asked {
            Ok(asked) => asked,
            // The watching task lives as long as the runtime.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Stop for Signals {
    fn asked(&self) -> Option<u8> {
        let asked = self.now();
        (asked.times > 0).then_some(asked.signal)
    }

    fn first(&self) -> BoxFuture<'_, u8> {
        Box::pin(async { self.come(1).await.signal })
    }

    fn urged(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.come(2).await;
        })
    }
}
