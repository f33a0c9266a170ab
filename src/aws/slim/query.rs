//! The query protocol as EC2 speaks it: a form, and XML (<https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>).

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::metadata::{Builder, ErrorMetadata};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{BoxError, Call, Protocol, Service};

/// EC2's query protocol.
pub(crate) enum Query {}

impl Protocol for Query {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";

    fn target(_of: &str, _operation: &str) -> Option<String> {
        None
    }

    fn body<C: Call>(call: &C) -> Result<String, BoxError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", C::NAME).append_pair("Version", C::Of::OF);
        flatten("", &serde_json::to_value(call)?, &mut form);
        Ok(form.finish())
    }

    fn reply<T: DeserializeOwned>(body: &[u8]) -> Result<T, BoxError> {
        Ok(quick_xml::de::from_reader(body)?)
    }

    fn refusal(_headers: &Headers, body: &[u8]) -> Builder {
        let Refused { errors, error, request_id } = quick_xml::de::from_reader(body).unwrap_or_default();
        let mut refusal = ErrorMetadata::builder();
        if let Some(Error { code, message }) = errors.error.or(error) {
            refusal = refusal.code(code).message(message);
        }
        if let Some(id) = request_id {
            // Where `aws_types::request_id` looks.
            refusal = refusal.custom("aws_request_id", id);
        }
        refusal
    }
}

/// Writes members with their path; items of a list are counted from 1, and what is absent is not written.
fn flatten(path: &str, value: &Value, form: &mut form_urlencoded::Serializer<'_, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Null => {}
        Value::Bool(value) => _ = form.append_pair(path, &value.to_string()),
        Value::Number(value) => _ = form.append_pair(path, &value.to_string()),
        Value::String(value) => _ = form.append_pair(path, value),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&(index + 1).to_string()), item, form);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&below(name), member, form);
            }
        }
    }
}

/// A list in a reply: `<subnetSet><item>…</item></subnetSet>`.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Items<T> {
    /// Its items.
    pub(crate) item: Vec<T>,
}

// Derived, it would ask the same of `T`.
impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { item: Vec::new() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    #[serde(rename = "Errors")]
    errors: Errors,
    /// As the query protocol of other services has it.
    #[serde(rename = "Error")]
    error: Option<Error>,
    #[serde(rename = "RequestID", alias = "RequestId")]
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Errors {
    #[serde(rename = "Error")]
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}
