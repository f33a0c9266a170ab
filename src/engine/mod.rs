//! Refresh, diff, plan, check, apply: knows resources only through the object-safe trait [`kind::Kind`].

pub mod address;
pub mod error;
pub mod graph;
pub mod kind;
pub mod scope;
