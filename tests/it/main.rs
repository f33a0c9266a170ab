//! One binary of integration tests: each further one would link the whole SDK again.

// Clippy knows only functions marked as tests for tests, not what they call.
#![allow(clippy::unwrap_used)]

mod conformance;
mod emptying;
mod splicing;
