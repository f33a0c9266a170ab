//! The tables of a spec that are no blocks: `[project]`, `[env]`, `[state]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checks;
use super::tags::{self, Tags};

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
    /// Tags of every resource, besides pipectl's own.
    #[serde(default)]
    pub tags: Tags,
}

impl Env {
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        for (key, value) in &self.tags {
            if let Some(fault) = tags::fault(key, value) {
                checks.error(&format!("tags.{key}"), fault);
            }
        }
    }
}

/// Where the state is kept: `bucket` and `folder`; or `bucket_ssm` and `folder_ssm`; or `local`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// S3 bucket.
    #[serde(default)]
    #[schemars(length(min = 3, max = 63))]
    pub bucket: Option<String>,
    /// Folder in the bucket; each environment has its own within it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub folder: Option<String>,
    /// SSM parameter that holds the name of the bucket.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub bucket_ssm: Option<String>,
    /// SSM parameter that holds the folder.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2048))]
    pub folder_ssm: Option<String>,
    /// Local folder, for trying things out; nothing guards it against a writer on another machine.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub local: Option<String>,
}

/// The one of the three ways to say where the state is that a `[state]` table takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateLocation<'a> {
    /// A folder of a bucket.
    Bucket {
        /// Name of the bucket.
        bucket: &'a str,
        /// Folder in it.
        folder: &'a str,
    },
    /// The same, looked up in SSM.
    Parameters {
        /// Name of the parameter that holds the name of the bucket.
        bucket: &'a str,
        /// Name of the parameter that holds the folder.
        folder: &'a str,
    },
    /// A local folder.
    Local(&'a str),
}

impl State {
    /// Where it is; never absent in a spec that was loaded.
    pub fn location(&self) -> Option<StateLocation<'_>> {
        let Self { bucket, folder, bucket_ssm, folder_ssm, local } = self;
        match [bucket, folder, bucket_ssm, folder_ssm, local].map(Option::as_deref) {
            [Some(bucket), Some(folder), None, None, None] => Some(StateLocation::Bucket { bucket, folder }),
            [None, None, Some(bucket), Some(folder), None] => Some(StateLocation::Parameters { bucket, folder }),
            [None, None, None, None, Some(folder)] => Some(StateLocation::Local(folder)),
            _ => None,
        }
    }

    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        if self.location().is_none() {
            checks
                .error("", "`state` must say in exactly one way where the state is")
                .help("give `bucket` and `folder`, or `bucket_ssm` and `folder_ssm`, or `local`");
        }
    }
}
