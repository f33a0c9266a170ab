//! What the lease and the state's writer need of the machine that they run on: its wall clock, and tasks. The model check puts another in
//! place, whose clock jumps and whose processes are stopped and continued.

#[cfg(not(test))]
pub(in crate::state) use tokio::spawn;

/// What time it is.
#[cfg(not(test))]
pub(super) fn wall() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[cfg(test)]
pub(in crate::state) use super::model::spawn;
#[cfg(test)]
pub(super) use super::model::wall;
