//! What runs as a function, and how its runtime is set up.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// The folder or the file, from the project's own; empty where it lies elsewhere.
    #[schemars(extend("x-unread" = true))]
    pub(crate) path: String,
    /// SHA-256, in base64, of the code as a zip file; absent where the folder was not looked at, and of an image: then it is not
    /// compared.
    #[serde(default)]
    #[schemars(extend("x-computed" = true, "x-files" = true))]
    pub(crate) sha256: Option<String>,
    /// The object in S3 that is the zip file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unread" = true))]
    pub(crate) object: Option<CodeObject>,
    /// The URI of the container image with its digest, in place of a zip file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
}

/// An object in S3 that is the zip file of a function's code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeObject {
    /// Name of the bucket, of the function's region.
    pub(crate) bucket: String,
    /// Key of the object.
    pub(crate) key: String,
    /// Version of the object; absent: the newest.
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// What overrides the settings of a container image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageConfig {
    /// What is run; empty: as the image says.
    #[serde(default)]
    pub(crate) entry_point: Vec<String>,
    /// What it is given; empty: as the image says.
    #[serde(default)]
    pub(crate) command: Vec<String>,
    /// The folder in which it is run; empty: as the image says.
    #[serde(default)]
    pub(crate) working_directory: String,
}

/// From what level on a log in JSON is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogLevels {
    /// What the code logs: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`.
    pub(crate) application: String,
    /// What Lambda logs: `DEBUG`, `INFO` or `WARN`.
    pub(crate) system: String,
}

/// The part of a VPC that a function runs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vpc {
    /// Ids of subnets; 1–16, all of one VPC.
    pub(crate) subnet_ids: BTreeSet<String>,
    /// Ids of security groups; 1–5, of that VPC.
    pub(crate) security_group_ids: BTreeSet<String>,
}

/// What code comes as unless it is an image.
pub(crate) const ZIP: &str = "Zip";
/// A container image.
pub(crate) const IMAGE: &str = "Image";

/// MB of ephemeral storage that a function has unless it is given more.
pub(crate) const USUAL_STORAGE: u32 = 512;

pub(super) fn zip() -> String {
    ZIP.to_owned()
}

pub(super) fn is_zip(package_type: &str) -> bool {
    package_type == ZIP
}

pub(super) fn usual_storage() -> u32 {
    USUAL_STORAGE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(super) fn is_usual_storage(megabytes: &u32) -> bool {
    *megabytes == USUAL_STORAGE
}
