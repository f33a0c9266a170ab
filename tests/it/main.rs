//! One binary of integration tests: each further one would link the whole SDK again.

mod access_keys;
mod conformance;
mod harness;
mod iam;
#[path = "../support/mod.rs"]
mod support;
