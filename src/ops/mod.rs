//! What each command means, without a terminal: loads, reads, decides and acts, and says so in values.

pub mod apply;
pub mod fault;
pub mod lock;
pub mod plan;
pub mod sandbox;
pub mod site;
pub mod state;
pub mod stop;

pub use fault::{Fault, Result};
pub use site::Site;
