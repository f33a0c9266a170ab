//! How many calls may be under way at once: as many as a service takes, learnt from it where it does not say.
//!
//! As TCP finds out what a network takes: wide at first, half as wide whenever it was too much, and wider by one for
//! each second in which it was not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

/// Rates are counted by the second.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Slots for calls. Each takes one call at a time, and rests after the reply.
#[derive(Debug)]
pub(super) struct Window {
    slots: Arc<Semaphore>,
    size: Mutex<Size>,
}

#[derive(Debug)]
struct Size {
    /// How many slots there are to be, and how many there may be at most.
    slots: usize,
    most: usize,
    /// How many more there are still, all of them taken: these vanish with the calls that have them.
    surplus: usize,
    rest: Duration,
    /// When it was last narrowed, and widened.
    narrowed: Option<Instant>,
    widened: Option<Instant>,
}

impl Window {
    /// A window of `slots`, which rest that long after each call; with a rest of a second they are so many calls a
    /// second.
    pub(super) fn new(slots: usize, rest: Duration) -> Arc<Self> {
        let size = Size { slots, most: slots, surplus: 0, rest, narrowed: None, widened: None };
        Arc::new(Self { slots: Arc::new(Semaphore::new(slots)), size: Mutex::new(size) })
    }

    /// A slot, once there is one.
    pub(super) async fn enter(self: Arc<Self>) -> Slot {
        // Nobody closes it.
        let permit = Arc::clone(&self.slots).acquire_owned().await.ok();
        Slot { window: self, permit }
    }

    fn size(&self) -> MutexGuard<'_, Size> {
        self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service refused a call as one too many: half the slots from now on, and no more calls than slots a second.
    /// What else it refuses within that second tells nothing new.
    fn narrow(&self) {
        let mut size = self.size();
        if is_fresh(size.narrowed) {
            return;
        }
        let gone = size.slots / 2;
        size.slots -= gone;
        size.surplus += gone - self.slots.forget_permits(gone);
        size.rest = size.rest.max(SECOND);
        size.narrowed = Some(Instant::now());
    }

    /// The service took a call: a slot more, where it has taken them for a second.
    fn widen(&self) {
        let mut size = self.size();
        if size.slots == size.most || is_fresh(size.narrowed) || is_fresh(size.widened) {
            return;
        }
        size.slots += 1;
        size.widened = Some(Instant::now());
        match size.surplus.checked_sub(1) {
            Some(left) => size.surplus = left,
            None => self.slots.add_permits(1),
        }
    }

    /// A slot is no longer needed by its call.
    fn leave(&self, permit: OwnedSemaphorePermit) {
        let mut size = self.size();
        match size.surplus.checked_sub(1) {
            Some(left) => {
                size.surplus = left;
                permit.forget();
            }
            None => drop(permit),
        }
    }
}

/// Whether less than a second has passed since.
fn is_fresh(time: Option<Instant>) -> bool {
    time.is_some_and(|time| time.elapsed() < SECOND)
}

/// A slot that a call has taken; free again when it is dropped and has rested.
#[derive(Debug)]
pub(super) struct Slot {
    window: Arc<Window>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Slot {
    /// What the service made of the call: refused it as one too many, or did not get round to answering it, or not.
    pub(super) fn answered(&self, throttled: bool) {
        if throttled {
            self.window.narrow();
        } else {
            self.window.widen();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let (window, rest) = (Arc::clone(&self.window), self.window.size().rest);
        match Handle::try_current() {
            Ok(runtime) if !rest.is_zero() => {
                runtime.spawn(async move {
                    sleep(rest).await;
                    window.leave(permit);
                });
            }
            // Without a runtime nobody waits any more.
            _ => window.leave(permit),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures_util::future::join_all;

    use super::*;

    /// A service that takes so many calls in any second, and says so to nobody.
    #[derive(Default)]
    struct Service {
        taken: Mutex<VecDeque<Instant>>,
        refused: Mutex<usize>,
    }

    impl Service {
        const RATE: usize = 20;

        /// Whether it takes a call.
        async fn call(&self) -> bool {
            sleep(Duration::from_millis(50)).await;
            let (mut taken, now) = (self.taken.lock().unwrap(), Instant::now());
            taken.retain(|call| now - *call < SECOND);
            let free = taken.len() < Self::RATE;
            if free {
                taken.push_back(now);
            } else {
                *self.refused.lock().unwrap() += 1;
            }
            free
        }
    }

    /// How long `count` calls take that are asked for at once and again until they are taken; how often one was refused.
    async fn all_taken(window: &Arc<Window>, count: usize) -> (Duration, usize) {
        let (service, zero) = (Service::default(), Instant::now());
        let call = || async {
            loop {
                let slot = Arc::clone(window).enter().await;
                let taken = service.call().await;
                slot.answered(!taken);
                if taken {
                    return;
                }
            }
        };
        join_all((0..count).map(|_| call())).await;
        (zero.elapsed(), service.refused.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_service_takes_is_learnt_from_what_it_refuses() {
        let (took, refused) = all_taken(&Window::new(128, Duration::ZERO), 1800).await;
        let least = Duration::from_secs((1800 / Service::RATE) as u64);
        assert!(took < least.mul_f64(1.6), "{took:?}, and {least:?} at the least");
        // The 128 that went first, half of them, and so on; then those that find out whether it takes more by now.
        assert!(refused < 400, "{refused}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_fits_the_window_waits_for_nothing() {
        let zero = Instant::now();
        let window = Window::new(128, Duration::ZERO);
        let held = join_all((0..128).map(|_| Arc::clone(&window).enter())).await;
        assert!(zero.elapsed().is_zero());
        assert!(tokio::time::timeout(SECOND, Arc::clone(&window).enter()).await.is_err(), "one more");
        drop(held);
        assert!(tokio::time::timeout(SECOND, window.enter()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_narrowed_window_grows_back_to_what_it_was_and_no_further() {
        let window = Window::new(8, Duration::ZERO);
        let held = join_all((0..8).map(|_| Arc::clone(&window).enter())).await;
        held[0].answered(true);
        held[1].answered(true);
        assert_eq!(window.size().slots, 4, "two refusals at once are one");
        drop(held);
        for _ in 0..60 {
            Arc::clone(&window).enter().await.answered(false);
            sleep(SECOND / 2).await;
        }
        sleep(SECOND).await;
        let size = window.size();
        assert_eq!((size.slots, size.surplus, window.slots.available_permits()), (8, 0, 8));
    }
}
