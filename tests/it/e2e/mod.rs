//! The command itself against emulators, as a user runs it: from `bootstrap` to `destroy`, disturbed in every way.

mod accepting;
mod adoption;
mod changes;
mod crashes;
mod damage;
mod drift;
mod explaining;
mod failures;
mod importing;
pub(crate) mod inventory;
mod leaving;
pub(crate) mod life;
mod locks;
mod logs;
mod meddling;
mod preflight;
mod realism;
mod rebuilding;
mod replacement;
mod reverting;
mod round_trips;
mod scale;
mod secret;
mod signals;
mod stale;
mod state_trouble;
mod terraform;
