//! TOML files in, one checked [`Spec`] out; or every mistake in them, each with its place.
//!
//! Knows nothing of AWS's API, of terminals or of what the blocks become: only of what may be written.

pub mod blocks;
pub mod check;
pub mod diagnostic;
mod document;
mod interpolate;
mod nearest;
pub mod place;
pub mod refs;
mod tree;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use blocks::Blocks;
pub use check::{Block, Checks, Declared};
pub use refs::{Ref, Target};

/// One environment as its files describe it: `extends` merged, `${…}` filled in, defaults set, everything checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spec {
    /// `[project]`.
    pub project: Project,
    /// `[env]`.
    pub env: Env,
    /// `[state]`, where the spec says it.
    pub state: Option<StateTable>,
    /// `[branches]`: which environment a branch is deployed to.
    pub branches: BTreeMap<String, String>,
    /// The blocks.
    #[serde(flatten)]
    pub blocks: Blocks,
}

/// What all environments have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name of the project; resources are called `<project>-<env>-<block>` unless they are given a name.
    #[schemars(length(min = 1, max = 32), regex(pattern = "^[a-z][a-z0-9-]*$"))]
    pub name: String,
}

/// The environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Env {
    /// Name of the environment; if given, that of the file.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32), regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub name: String,
    /// AWS region: `eu-west-1`.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)+-[0-9]$"))]
    pub region: String,
    /// The only AWS account, twelve digits, that this environment may be applied to; absent: any.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account_id: Option<String>,
    /// Whether pipectl refuses to destroy the environment, and to delete or replace anything in it.
    #[serde(default)]
    pub protect: bool,
    /// Tags of every resource; up to 40 besides pipectl's own.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// Where the state is kept: `bucket` and `folder`, or the names of the SSM parameters that hold these, or a local folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateTable {
    /// S3 bucket.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Folder in the bucket.
    #[serde(default)]
    pub folder: Option<String>,
    /// SSM parameter that holds the bucket's name.
    #[serde(default)]
    pub bucket_ssm: Option<String>,
    /// SSM parameter that holds the folder's name.
    #[serde(default)]
    pub folder_ssm: Option<String>,
    /// Local folder, for trying things out: nothing guards it against a second writer elsewhere.
    #[serde(default)]
    pub local: Option<String>,
}
