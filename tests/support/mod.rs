//! What the tests stand on: emulators of AWS, a proxy that adds what they leave out, and the built command.

pub(crate) mod api;
pub(crate) mod cli;
pub(crate) mod deployment;
pub(crate) mod emulator;
pub(crate) mod folder;
pub(crate) mod json;
pub(crate) mod liar;
pub(crate) mod pipelines;
pub(crate) mod planned;
pub(crate) mod proxy;
pub(crate) mod query;
pub(crate) mod rego;
pub(crate) mod schema;
pub(crate) mod signed;
pub(crate) mod spec;
pub(crate) mod sqs;
pub(crate) mod unsigned;
pub(crate) mod witness;
