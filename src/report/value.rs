//! A value on one line.

use serde_json::Value;

use super::style::Clean;

/// How many characters of a value are shown where it is not asked for in full.
pub(super) const SHORT: usize = 100;

/// About how long the word is that something was cut.
const CUT: usize = 40;

/// A value as a person reads it: strings in quotes, absent as `(none)`, long ones cut unless `full`.
pub fn inline(value: &Value, full: bool) -> String {
    let text = shown(value);
    let length = text.chars().count();
    // Nothing is cut that is no longer than the word of its having been cut.
    if full || length <= SHORT + CUT {
        return text;
    }
    let head: String = text.chars().take(SHORT).collect();
    format!("{head}… ({length} characters; --full shows all)")
}

/// The whole value, without what is not set in it.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "(none)".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        other => set(other).to_string(),
    };
    Clean(&text).to_string()
}

/// The whole value over several lines, without what is not set in it.
pub(super) fn lines(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => {
            let text = format!("{:#}", set(value));
            text.lines().map(|line| Clean(line).to_string()).collect::<Vec<_>>().join("\n")
        }
        scalar => shown(scalar),
    }
}

fn set(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(members.map(|(key, member)| (key.clone(), set(member))).collect())
        }
        Value::Array(list) => list.iter().map(set).collect(),
        other => other.clone(),
    }
}
