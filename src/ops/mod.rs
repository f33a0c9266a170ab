//! What each command means, without a terminal: loads, reads, decides and acts, and says so in values.

pub mod accept;
pub mod adoption;
pub mod amount;
pub mod apply;
mod arrivals;
pub mod build;
pub mod changed;
pub mod deploy_policy;
pub mod discovery;
pub mod drift;
pub mod events;
pub mod explain;
pub mod export;
pub mod externals;
pub mod fault;
pub mod folder;
pub mod grants;
pub mod ignoring;
pub mod import;
pub mod layout;
pub mod lock;
pub mod logs;
pub mod plan;
pub mod preconditions;
pub mod preflight;
pub mod query;
pub mod references;
pub mod request;
pub mod sandbox;
pub mod secrets;
pub mod send;
pub mod site;
pub mod state;
pub mod status;
pub mod stop;
#[cfg(test)]
mod types_tests;
pub mod unmodelled;
pub mod usage;
pub mod verify;

#[cfg(test)]
mod fake;

pub use fault::{Fault, Result};
pub use site::Site;
