//! pipectl provisions whole clickstream pipelines on AWS from one declarative file per environment.

pub mod aws;
pub mod engine;
pub mod ops;
pub mod state;
