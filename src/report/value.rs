//! A value on one line.

use serde_json::Value;

use super::style::Clean;

/// How many characters of a value are shown where it is not asked for in full.
const SHORT: usize = 100;

/// A value as a person reads it: strings in quotes, absent as `(none)`, long ones cut unless `full`.
pub fn inline(value: &Value, full: bool) -> String {
    let text = match value {
        Value::Null => return "(none)".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        other => other.to_string(),
    };
    let text = Clean(&text).to_string();
    let length = text.chars().count();
    if full || length <= SHORT {
        return text;
    }
    let head: String = text.chars().take(SHORT).collect();
    format!("{head}… ({length} characters; --full shows all)")
}
