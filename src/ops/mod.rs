//! What each command means, without a terminal: loads, reads, decides and acts, and says so in values.

pub mod fault;
pub mod plan;
pub mod sandbox;
pub mod site;

pub use fault::{Fault, Result};
pub use site::Site;
