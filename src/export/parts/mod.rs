//! What resources are made of in other tools: the words in which the kinds say it, and from which files are written.

pub(super) mod cloudformation;
pub(super) mod terraform;

use serde::Serialize;
use serde_json::Value;

/// An attribute of a type as JSON. All of them have texts for keys, which is all that JSON asks for.
pub(super) fn value_of(attribute: impl Serialize) -> Value {
    serde_json::to_value(attribute).unwrap_or_default()
}
