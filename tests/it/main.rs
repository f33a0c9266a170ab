//! One binary of integration tests: each further one would link the whole SDK again.

// Clippy's leave for tests reaches only what stands in a test function; here everything is a test's.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod access_keys;
mod analytics;
mod api_keys;
mod architecture;
mod blueprint;
mod cli;
mod conformance;
mod conftest;
mod cost;
mod data_path;
mod e2e;
mod ecommerce;
mod emptying;
mod envs;
mod export;
mod faults;
mod fuzz;
mod gitlab;
mod harness;
mod iam;
mod least_privilege;
mod orders;
mod page;
mod policy;
mod preflight;
mod readme;
mod secrets;
mod splicing;
mod store;
#[path = "../support/mod.rs"]
mod support;
mod validate;
mod wiring;
