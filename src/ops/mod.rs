//! What each command means, without a terminal: loads, reads, decides and acts, and says so in values.

pub mod fault;

pub use fault::{Fault, Result};
