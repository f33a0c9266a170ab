//! A container image as the code of a function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Function;
use crate::spec::check::Checks;

/// What overrides the settings of a container image; what is left out is as the image says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// What is run, `ENTRYPOINT`.
    #[serde(default)]
    #[schemars(length(max = 1500))]
    pub entry_point: Vec<String>,
    /// What it is given, `CMD`: `["app.handler"]`.
    #[serde(default)]
    #[schemars(length(max = 1500))]
    pub command: Vec<String>,
    /// The folder in which it is run, `WORKDIR`.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub working_directory: String,
}

/// Checks that the image can be run here, and that nothing is said that Lambda takes of zip files alone.
pub(super) fn check(function: &Function, region: &str, checks: &mut Checks<'_>) {
    let there = function.image.as_deref().and_then(|image| image.split_once(".dkr.ecr."));
    let there = there.and_then(|(_, rest)| rest.split('.').next());
    if let Some(there) = there.filter(|there| *there != region) {
        checks
            .error("image", format!("the image is in the region `{there}`, and the function in `{region}`"))
            .help(format!("copy it to a repository in `{region}`: Lambda takes no other"));
    }
    for (key, said) in [
        ("code", function.code.is_some()),
        ("build", !function.build.is_empty()),
        ("runtime", function.runtime.is_some()),
        ("handler", function.handler.is_some()),
        ("layers", !function.layers.is_empty()),
    ] {
        if said {
            checks
                .error(key, format!("an `image` is the whole code: it has no `{key}`"))
                .help("take it out; `image_config` overrides what the image runs");
        }
    }
}
