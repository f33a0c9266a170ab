//! One binary of integration tests: each further one would link the whole SDK again.

// Clippy's leave for tests reaches only what stands in a test function; here everything is a test's.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod access;
mod access_keys;
mod analytics;
mod api_keys;
mod architecture;
mod blueprint;
mod boundaries;
mod circles;
mod cli;
mod conformance;
mod conftest;
mod cost;
mod coverage;
mod data_path;
mod direct;
mod e2e;
mod ecommerce;
mod emptying;
mod envs;
mod export;
mod faults;
mod fuzz;
mod gitlab;
mod harness;
mod hostile;
mod iam;
mod ignoring;
mod landing;
mod least_privilege;
mod limits;
mod moved;
mod operations;
mod orders;
mod page;
mod partitions;
mod policy;
mod preflight;
mod prices;
mod puts;
mod readme;
mod resealed;
mod sandbox;
mod secrets;
mod sending;
mod sources;
mod splicing;
mod store;
#[path = "../support/mod.rs"]
mod support;
mod validate;
mod warnings;
mod wiring;
mod witness;
