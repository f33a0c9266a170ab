//! What each command means, without a terminal.

pub mod sandbox;
