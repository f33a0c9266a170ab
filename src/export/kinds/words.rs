//! The words in which all types say what becomes of them, and in which they read what is Terraform's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::export::parts::value_of;

/// Why what has no name of ours does not go along where nobody has asked AWS.
pub(super) const UNKNOWN: &str =
    "its id, which AWS makes up, is not known here: it is once the environment is applied and read";

/// The name of an attribute, as JSON has it, which the attributes of the type must have.
macro_rules! attribute {
    ($spec:ident.$name:ident) => {{
        // Nobody calls it. It does not compile where there is no such attribute.
        let _ = |spec: $spec| spec.$name;
        stringify!($name)
    }};
}
pub(super) use attribute;

/// A text that AWS made up; none where nobody knows it.
pub(super) fn output(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The same of what the other tool imports it by: without it, it does not go along.
pub(super) fn known(text: &str) -> Result<&str, &'static str> {
    output(text).ok_or(UNKNOWN)
}

/// The value, or null where AWS takes an empty text or list for nothing at all.
pub(super) fn filled(value: impl Serialize) -> Value {
    let value = value_of(value);
    let empty = match &value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    };
    if empty { Value::Null } else { value }
}

/// Tags as CloudFormation has them: a list of pairs, in order of key.
pub(super) fn tag_list(tags: &BTreeMap<String, String>) -> Value {
    pairs(tags, "Key", "Value")
}

/// Texts by name as a list of pairs under two names.
pub(super) fn pairs(map: &BTreeMap<String, String>, name: &str, value: &str) -> Value {
    filled(map.iter().map(|(key, text)| json!({ name: key, value: text })).collect::<Vec<_>>())
}

/// The keys of what an attribute of Terraform's names: one, or none where it is absent.
pub(super) fn named_by(attributes: &Value, attribute: &str) -> Vec<String> {
    let name = text(&attributes[attribute]);
    if name.is_empty() { Vec::new() } else { vec![name.to_owned()] }
}

/// The key of what several attributes of Terraform's name together; none where one of them is absent.
pub(super) fn joined_by(attributes: &Value, names: &[&str]) -> Vec<String> {
    let parts: Vec<&str> = names.iter().map(|name| text(&attributes[*name])).collect();
    if parts.contains(&"") { Vec::new() } else { vec![parts.join("|")] }
}

/// A text among what is Terraform's; empty where it is absent.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list among what is Terraform's; none where it is absent.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
