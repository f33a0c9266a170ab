//! The command itself against emulators, as a user runs it: from `bootstrap` to `destroy`, disturbed in every way.

mod deployment;
mod drift;
mod inventory;
mod life;
mod round_trips;
mod secret;
