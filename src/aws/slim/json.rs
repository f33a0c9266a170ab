//! AWS's JSON protocol, version 1.1 (<https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>).

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::metadata::{Builder, ErrorMetadata};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The type of a request's body.
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(rename = "__type")]
    kind: Option<String>,
    code: Option<String>,
    #[serde(alias = "Message", alias = "errorMessage")]
    message: Option<String>,
}

/// Code and message of a reply that refuses: from the header, `__type` or `code`, without namespace and URL.
pub(super) fn refusal(headers: &Headers, body: &[u8]) -> Builder {
    let body: Body = serde_json::from_slice(body).unwrap_or_default();
    let code = headers.get("x-amzn-errortype").map(str::to_owned).or(body.kind).or(body.code);
    let code = code.map(|code| {
        let code = code.split(':').next().unwrap_or_default();
        code.rsplit('#').next().unwrap_or_default().to_owned()
    });
    let mut refusal = ErrorMetadata::builder();
    if let Some(code) = code {
        refusal = refusal.code(code);
    }
    if let Some(message) = body.message {
        refusal = refusal.message(message);
    }
    refusal
}

/// The reply; of operations that have none, an empty body.
pub(super) fn reply<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
}
