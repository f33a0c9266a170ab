//! Refresh, diff, plan, check, apply: knows resources only through the object-safe trait [`Kind`](crate::model::kind::Kind).

pub mod accept;
pub mod access;
pub mod apply;
pub mod fresh;
pub mod journal;
pub mod plan;
pub mod planfile;
pub mod refresh;
pub mod revert;
pub mod review;
pub mod schedule;
pub mod steps;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod properties;
