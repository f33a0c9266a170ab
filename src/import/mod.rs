//! What exists and is not pipectl's, found and named, so that a spec can be made of it. Pure.

mod path;
mod readers;
pub mod stack;
pub mod walk;
mod watch;
pub mod wiring;

pub use wiring::{Found, LeftOut, Wiring};
