//! Plans and events to text, JSON and more: pure, so that everything a person reads can be a snapshot.

pub mod accept;
pub mod access;
pub mod child_pipeline;
pub mod cost;
pub mod deploy_policy;
pub mod drawing;
pub mod drift;
mod externals;
pub mod fields;
pub mod gitlab;
pub mod grants;
pub mod html;
pub mod import;
pub mod logs;
pub mod markdown;
pub mod plan;
pub mod preflight;
pub mod query;
mod renames;
pub mod send;
pub mod status;
pub mod style;
pub mod table;
pub mod value;
pub mod verify;
pub mod wrap;
