//! AWS's query protocol: a form, and XML (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>).
//!
//! Lists are those with a `member` between name and number, as nearly all are. No call here gives a map or a flattened list:
//! those would be written as members, and the test against AWS's model would say so.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::metadata::{Builder, ErrorMetadata};
use serde::Deserialize;
use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::{BoxError, Call, Nothing, Protocol, Service};

/// AWS's query protocol.
pub(crate) enum Query {}

impl Protocol for Query {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";

    fn target(_of: &str, _operation: &str) -> Option<String> {
        None
    }

    fn body<C: Call>(call: &C) -> Result<String, BoxError> {
        form(call, Lists::Members)
    }

    /// What stands in `<OperationResult>`. An operation that says nothing has none: of every other, a reply without it is
    /// none of AWS's, and no empty one.
    fn reply<C: Call>(body: &[u8]) -> Result<C::Reply, BoxError> {
        if TypeId::of::<C::Reply>() == TypeId::of::<Nothing>() {
            return Ok(quick_xml::de::from_reader(body)?);
        }
        let mut reply = quick_xml::de::Deserializer::from_reader(body);
        Ok(reply.deserialize_map(Wrapped::<C>(PhantomData))?)
    }

    fn refusal(_headers: &Headers, body: &[u8]) -> Builder {
        refusal(body)
    }
}

/// Reads `<OperationResponse>`, in which the result is.
struct Wrapped<C>(PhantomData<C>);

impl<'de, C: Call> Visitor<'de> for Wrapped<C> {
    type Value = C::Reply;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the reply to {}", C::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reply: A) -> Result<C::Reply, A::Error> {
        let mut result = None;
        while let Some(name) = reply.next_key::<String>()? {
            if name.strip_suffix("Result") == Some(C::NAME) {
                result = Some(reply.next_value()?);
            } else {
                reply.next_value::<IgnoredAny>()?;
            }
        }
        result.ok_or_else(|| A::Error::custom(format_args!("it has no {}Result", C::NAME)))
    }
}

/// How items of a list are named in a form.
#[derive(Clone, Copy)]
pub(super) enum Lists {
    /// `Filter.1`.
    Bare,
    /// `Capabilities.member.1`; of an empty one its name alone.
    Members,
}

/// The body of a request.
pub(super) fn form<C: Call>(call: &C, lists: Lists) -> Result<String, BoxError> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", C::NAME).append_pair("Version", C::Of::OF);
    flatten("", &serde_json::to_value(call)?, lists, &mut form);
    Ok(form.finish())
}

/// Writes members with their path; items of a list are counted from 1, and what is absent is not written.
fn flatten(path: &str, value: &Value, lists: Lists, form: &mut form_urlencoded::Serializer<'_, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Null => {}
        Value::Bool(value) => _ = form.append_pair(path, &value.to_string()),
        Value::Number(value) => _ = form.append_pair(path, &value.to_string()),
        Value::String(value) => _ = form.append_pair(path, value),
        Value::Array(items) => {
            if items.is_empty() && matches!(lists, Lists::Members) {
                form.append_pair(path, "");
            }
            for (index, item) in items.iter().enumerate() {
                let name = match lists {
                    Lists::Bare => below(&(index + 1).to_string()),
                    Lists::Members => below(&format!("member.{}", index + 1)),
                };
                flatten(&name, item, lists, form);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&below(name), member, lists, form);
            }
        }
    }
}

/// What a reply that refuses says: EC2's `<Response><Errors><Error>`, and the others' `<ErrorResponse><Error>`.
pub(super) fn refusal(body: &[u8]) -> Builder {
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

/// A list in a reply: `<StackResourceSummaries><member>…</member></StackResourceSummaries>`.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Members<T> {
    /// Its items.
    pub(crate) member: Vec<T>,
}

// Derived, it would ask the same of `T`.
impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { member: Vec::new() }
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
