//! The words that all parts speak: addresses, errors, grants, and the traits by which AWS is reached.

pub mod access;
pub mod account;
pub mod acting;
pub mod address;
pub mod attributes;
pub mod audit;
pub mod data;
pub mod diff;
pub mod discovery;
pub mod error;
pub mod future;
pub mod grant;
pub mod graph;
pub mod kind;
pub mod kms;
pub mod left_alone;
pub mod partition;
pub mod pattern;
pub mod policy;
pub mod price;
pub mod queries;
pub mod scope;
pub mod secrets;
pub mod tags;
pub mod text;
pub mod unmodelled;
