//! One binary of integration tests: each further one would link the whole SDK again.

mod blueprint;
mod conformance;
mod envs;
mod validate;
