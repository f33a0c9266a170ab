//! What the lease needs of the machine that it runs on: its wall clock, and tasks. The model check puts another in
//! place, whose clock jumps and whose processes are stopped and continued.

#[cfg(not(test))]
pub(super) use tokio::spawn;

/// What time it is.
#[cfg(not(test))]
pub(super) fn wall() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[cfg(test)]
pub(super) use super::model::{spawn, wall};
