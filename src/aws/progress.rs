//! How a step that waits below the SDK says so: whoever waits there knows nothing of steps, and the step nothing of waits.

use std::future::Future;
use std::pin::pin;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

tokio::task_local! {
    static TOLD: UnboundedSender<String>;
}

/// Does `work`, and passes what is [said](say) in it on to `note` while it goes on.
pub(super) async fn telling<T>(note: &(dyn Fn(String) + Send + Sync), work: impl Future<Output = T>) -> T {
    let (told, mut heard) = unbounded_channel();
    let mut work = pin!(TOLD.scope(told, work));
    loop {
        tokio::select! {
            biased;
            Some(text) = heard.recv() => note(text),
            done = &mut work => return done,
        }
    }
}

/// Tells the step that is waiting; nobody where nothing tells.
pub(super) fn say(text: impl Into<String>) {
    // A step that has ended has nobody to tell.
    let _ = TOLD.try_with(|told| told.send(text.into()));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn what_is_said_below_a_step_reaches_it_while_it_waits() {
        let heard = Mutex::new(Vec::new());
        let note = |text| heard.lock().unwrap().push(text);
        let work = async {
            say("waits");
            tokio::task::yield_now().await;
            assert_eq!(*heard.lock().unwrap(), ["waits"]);
            5
        };
        assert_eq!(telling(&note, work).await, 5);
        say("to nobody");
    }
}
