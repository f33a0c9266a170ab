//! Where the code of a function is.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Function;
use super::image;
use crate::files::project::{Links, Project};
use crate::spec::Ref;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::check::{Block as _, Checks};

/// The code of a function: files of the project, or a zip file in S3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Code {
    /// A folder or a file of the project.
    Files(String),
    /// A zip file in S3.
    Object(CodeObject),
}

/// A zip file in S3, which somebody else has put there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeObject {
    /// The bucket, of the function's region.
    pub bucket: Ref<Bucket>,
    /// The key of the object.
    #[schemars(length(min = 1, max = 1024))]
    pub key: String,
    /// The version of the object, where the bucket has versions; absent: the newest.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1024))]
    pub version: Option<String>,
    /// The SHA-256 of the zip file in base64: `openssl dgst -sha256 -binary clean.zip | base64`. AWS does not tell where code came from: by
    /// this it is known whether another runs.
    #[schemars(regex(pattern = "^[A-Za-z0-9+/]{43}=$"))]
    pub sha256: String,
}

/// Checks that there is code, that all is said of it that it needs, and nothing that it has no use for.
pub(super) fn check(function: &Function, block: &str, region: &str, checks: &mut Checks<'_>) {
    if function.image.is_some() {
        return image::check(function, region, checks);
    }
    if function.image_config.is_some() {
        checks.error("image_config", "there is no `image` whose settings it could override").help("take it out");
    }
    if lacks("image", block, checks) && lacks("code", block, checks) {
        checks.error("", "there is neither `code` nor an `image`").help("write `code = \"functions/NAME\"`");
    }
    for (key, example) in [("runtime", "runtime = \"python3.14\""), ("handler", "handler = \"app.handler\"")] {
        if lacks("image", block, checks) && lacks(key, block, checks) {
            checks
                .error("", format!("the key `{key}` is missing"))
                .help(format!("write `{example}`: an `image` alone has none"));
        }
    }
    let Some(path) = function.files() else {
        if !function.build.is_empty() {
            checks.error("build", "a command makes code of a folder of the project, and there is none");
        }
        return;
    };
    if path.is_empty() {
        checks.error("code", "an empty path is no folder");
    }
    let project = Project::at(checks.root()).ok();
    let Some(file) = project.and_then(|project| project.inside(path, Links::Refused).ok()) else { return };
    if file.as_path().is_file() {
        check_file(Path::new(path), function, checks);
    }
}

/// Whether a block says nothing under a key. What is said and does not fit has been reported.
fn lacks(key: &str, block: &str, checks: &Checks<'_>) -> bool {
    !checks.says(Function::KIND, block, key)
}

/// What is certain of one file: a zip file is what it is.
fn check_file(file: &Path, function: &Function, checks: &mut Checks<'_>) {
    if !function.build.is_empty() {
        checks.error("build", "a command makes code of a folder, and this is a file").help("name its folder as `code`");
    }
    let zipped = file.extension().is_some_and(|end| end == "zip");
    let language = function.runtime().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let (stem, named) = (file.file_stem().and_then(|stem| stem.to_str()), function.handler().rsplit_once('.'));
    if zipped || !["nodejs", "python", "ruby"].contains(&language) {
        return;
    }
    if let (Some(stem), Some((module, name))) = (stem, named)
        && module != stem
    {
        checks
            .error("handler", format!("the code is one file, and `{module}` is none in it"))
            .help(format!("write `{stem}.{name}`"));
    }
}
