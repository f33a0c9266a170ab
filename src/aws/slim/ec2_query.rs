//! The query protocol as EC2 speaks it: lists without a word between name and number, replies without a wrapper
//! (<https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>).

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::metadata::Builder;
use serde::Deserialize;

use super::query::{Lists, form, refusal};
use super::{BoxError, Call, Protocol};

/// EC2's query protocol.
pub(crate) enum Ec2Query {}

impl Protocol for Ec2Query {
    const CONTENT_TYPE: &'static str = "application/x-www-form-urlencoded";

    fn target(_of: &str, _operation: &str) -> Option<String> {
        None
    }

    fn body<C: Call>(call: &C) -> Result<String, BoxError> {
        form(call, Lists::Bare)
    }

    fn reply<C: Call>(body: &[u8]) -> Result<C::Reply, BoxError> {
        Ok(quick_xml::de::from_reader(body)?)
    }

    fn refusal(_headers: &Headers, body: &[u8]) -> Builder {
        refusal(body)
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
