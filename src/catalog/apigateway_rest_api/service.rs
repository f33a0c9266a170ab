//! What a method asks of a service of AWS, without a function between.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a method asks of a service of AWS, and what it makes of the reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// What is called: `arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord`.
    pub(crate) uri: String,
    /// By which method of HTTP.
    #[serde(default = "post")]
    pub(crate) http_method: String,
    /// ARN of the role as which it is called.
    #[serde(default)]
    pub(crate) credentials: Option<String>,
    /// What becomes of a request of a type that no template is for: `NEVER` refuses it with status 415, `WHEN_NO_MATCH` and
    /// `WHEN_NO_TEMPLATES` pass it on as it came.
    #[serde(default = "never")]
    pub(crate) passthrough: String,
    /// What the call has besides its body, as AWS has it: `integration.request.header.Content-Type`.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// What makes the body of the call of a request, by the type of the request.
    #[serde(default)]
    pub(crate) templates: BTreeMap<String, String>,
    /// What is answered, by status.
    #[serde(default)]
    pub(crate) answers: BTreeMap<String, Answer>,
}

/// What is answered to whom a service has replied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// The statuses of the reply for which this is the answer, as a regular expression; absent: all others.
    #[serde(default)]
    pub(crate) pattern: Option<String>,
    /// Headers of the answer.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// What makes the body of the answer of the reply, by type.
    #[serde(default)]
    pub(crate) templates: BTreeMap<String, String>,
}

pub(crate) fn post() -> String {
    "POST".to_owned()
}

/// What lets no request pass that no template is for.
pub(crate) fn never() -> String {
    "NEVER".to_owned()
}
