//! Who tells whether a caller may call: sub-objects of an API, by their names.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An authorizer of an API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorizer {
    /// `TOKEN` is a function that gets a token, `REQUEST` one that gets the request, `COGNITO_USER_POOLS` are user pools.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// ARN of the function.
    #[serde(default)]
    pub(crate) function_arn: Option<String>,
    /// ARN of the role as which the function is called; absent: by a permission of the function's.
    #[serde(default)]
    pub(crate) credentials: Option<String>,
    /// ARNs of the user pools.
    #[serde(default)]
    pub(crate) user_pools: BTreeSet<String>,
    /// What a request has to have, as AWS has it: `method.request.header.Authorization`.
    #[serde(default)]
    pub(crate) identity_sources: BTreeSet<String>,
    /// What a token has to look like, as a regular expression.
    #[serde(default)]
    pub(crate) validation: Option<String>,
    /// How long its word is good for, in seconds.
    #[serde(default = "five_minutes")]
    pub(crate) ttl_seconds: u32,
}

fn five_minutes() -> u32 {
    300
}
