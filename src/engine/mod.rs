//! Refresh, diff, plan, check, apply: knows resources only through the object-safe trait [`kind::Kind`].

pub mod accept;
pub mod access;
pub mod account;
pub mod address;
pub mod apply;
pub mod attributes;
pub mod data;
pub mod diff;
pub mod discovery;
pub mod error;
pub mod fresh;
pub mod grant;
pub mod graph;
pub mod journal;
pub mod kind;
pub mod package;
pub mod plan;
pub mod planfile;
pub mod refresh;
pub mod revert;
pub mod schedule;
pub mod scope;
pub mod secrets;
pub mod steps;
pub mod trail;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod properties;
