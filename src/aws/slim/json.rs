//! AWS's JSON protocol, version 1.1 (<https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>).

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::metadata::{Builder, ErrorMetadata};
use serde::Deserialize;

use super::{BoxError, Call, Protocol};

/// AWS's JSON protocol.
pub(crate) enum Json {}

impl Protocol for Json {
    const CONTENT_TYPE: &'static str = "application/x-amz-json-1.1";

    fn target(of: &str, operation: &str) -> Option<String> {
        Some(format!("{of}.{operation}"))
    }

    fn body<C: Call>(call: &C) -> Result<String, BoxError> {
        Ok(serde_json::to_string(call)?)
    }

    /// Of operations that have none, an empty body.
    fn reply<C: Call>(body: &[u8]) -> Result<C::Reply, BoxError> {
        Ok(serde_json::from_slice(if body.is_empty() { b"{}" } else { body })?)
    }

    /// From the header, `__type` or `code`, without namespace and URL.
    fn refusal(headers: &Headers, body: &[u8]) -> Builder {
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
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(rename = "__type")]
    kind: Option<String>,
    code: Option<String>,
    #[serde(alias = "Message", alias = "errorMessage")]
    message: Option<String>,
}
