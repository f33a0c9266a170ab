//! What each command means, without a terminal: loads, reads, decides and acts, and says so in values.

pub mod data;
pub mod events;
pub mod fault;
pub mod layout;
pub mod logs;
mod pause;
pub mod send;
pub mod verify;

#[cfg(test)]
mod fake;

pub use fault::{Fault, Result};
