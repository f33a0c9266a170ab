//! The command itself against emulators, as a user runs it: from `bootstrap` to `destroy`, disturbed in every way.

mod adoption;
mod changes;
mod crashes;
mod deployment;
mod drift;
mod failures;
mod inventory;
mod life;
mod locks;
mod realism;
mod rebuilding;
mod replacement;
mod round_trips;
mod scale;
mod secret;
mod stale;
mod state_trouble;
