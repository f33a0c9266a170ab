//! The policies that `pipectl deploy-policy` prints are enough and least: tried with real access keys on MiniStack,
//! which verifies them and enforces what they allow.

mod calls;
pub(crate) mod deployments;
mod document;
mod documents;
mod gaps;
mod kinds;
mod lake;
mod roles;
mod state;
mod trial;
