//! pipectl provisions whole clickstream pipelines on AWS from one declarative file per environment.

pub mod aws;
pub mod blueprint;
mod catalog;
pub mod cli;
pub mod cost;
pub mod engine;
pub mod export;
pub mod files;
pub mod import;
pub mod model;
pub mod ops;
pub mod policy;
pub mod report;
pub mod spec;
pub mod state;
