//! What a JSON Schema says, keyword by keyword.

use serde_json::Value;

use super::tree::{Data, Node};

/// The items of a keyword that holds a list.
pub(super) fn list<'s>(schema: &'s Value, keyword: &str) -> Option<&'s [Value]> {
    schema[keyword].as_array().map(Vec::as_slice)
}

/// The values that a schema allows, if it names them one by one.
pub(super) fn choices(schema: &Value) -> Option<Vec<&Value>> {
    if let Some(choice) = schema.get("const") {
        return Some(vec![choice]);
    }
    if let Some(choices) = list(schema, "enum") {
        return Some(choices.iter().collect());
    }
    let alternatives: Vec<_> = list(schema, "oneOf")?.iter().map(choices).collect::<Option<_>>()?;
    Some(alternatives.into_iter().flatten().collect())
}

/// The schemas of which a value must fit one.
pub(super) fn alternatives(schema: &Value) -> Option<&[Value]> {
    list(schema, "anyOf").or_else(|| list(schema, "oneOf"))
}

/// The keys that a table must have; of a block those that it must have unless it is external.
pub(super) fn required(schema: &Value, external: bool) -> impl Iterator<Item = &str> {
    let own = list(&schema["then"], "required").filter(|_| !external);
    list(schema, "required").into_iter().chain(own).flatten().filter_map(Value::as_str)
}

/// The types that a schema allows, by JSON Schema's names; none where it does not say.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is of such a type; an integer is also a number.
pub(super) fn fits_type(schema: &Value, node: &Node) -> bool {
    let types = types(schema);
    let fits = |name: &&str| match node.data {
        Data::String(_) => *name == "string",
        Data::Integer(_) => matches!(*name, "integer" | "number"),
        Data::Float(_) => *name == "number",
        Data::Boolean(_) => *name == "boolean",
        Data::Datetime(_) => false,
        Data::Array(_) => *name == "array",
        Data::Table(_) => *name == "object",
    };
    types.is_empty() || types.iter().any(fits)
}

/// A type in TOML's words.
pub(super) fn in_words(json_type: &str) -> &'static str {
    match json_type {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array",
        _ => "a table",
    }
}

/// The range that a number had to be in, if it is not.
pub(super) fn out_of_range(schema: &Value, number: f64) -> Option<String> {
    let limit = |keyword: &str| schema[keyword].as_f64();
    let (least, most) = (limit("minimum"), limit("maximum").or_else(|| most_of_format(schema)));
    let (above, below) = (limit("exclusiveMinimum"), limit("exclusiveMaximum"));
    let inside = least.is_none_or(|least| number >= least)
        && most.is_none_or(|most| number <= most)
        && above.is_none_or(|above| number > above)
        && below.is_none_or(|below| number < below);
    if inside {
        return None;
    }
    if let (Some(least), Some(most)) = (least, most) {
        return Some(format!("between {least} and {most}"));
    }
    let limits = [("at least", least), ("greater than", above), ("at most", most), ("less than", below)];
    let said: Vec<String> = limits.iter().filter_map(|(words, limit)| Some(format!("{words} {}", (*limit)?))).collect();
    Some(said.join(" and "))
}

/// The size that a text, an array or a table had to have, if it has not; the limits are named by their keywords.
pub(super) fn out_of_size(schema: &Value, size: usize, [least, most]: [&str; 2]) -> Option<String> {
    let limit = |keyword: &str| schema[keyword].as_u64().and_then(|limit| usize::try_from(limit).ok());
    let (least, most) = (limit(least), limit(most));
    if least.is_none_or(|least| size >= least) && most.is_none_or(|most| size <= most) {
        return None;
    }
    Some(match (least, most) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, most) => format!("at most {}", most.unwrap_or(usize::MAX)),
    })
}

/// Whether a text would be of a wanted type if only it were not quoted.
pub(super) fn without_quotes(text: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|name| match *name {
        "integer" => text.parse::<i64>().is_ok(),
        "number" => text.parse::<f64>().is_ok(),
        "boolean" => text.parse::<bool>().is_ok(),
        _ => false,
    })
}

/// The largest number of the Rust type that a schema was made from; its smallest is a keyword of its own.
fn most_of_format(schema: &Value) -> Option<f64> {
    match schema["format"].as_str()? {
        "uint8" => Some(u8::MAX.into()),
        "uint16" => Some(u16::MAX.into()),
        "uint32" => Some(u32::MAX.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_out_of_range_are_told_the_range() {
        let of = |schema: &Value, number: f64| out_of_range(schema, number).unwrap_or_default();
        assert_eq!(of(&json!({ "minimum": 1, "maximum": 5 }), 5.0), "");
        assert_eq!(of(&json!({ "minimum": 1, "maximum": 5 }), 6.0), "between 1 and 5");
        assert_eq!(of(&json!({ "minimum": 1 }), 0.0), "at least 1");
        assert_eq!(of(&json!({ "exclusiveMinimum": 0, "maximum": 1 }), 0.0), "greater than 0 and at most 1");
        assert_eq!(of(&json!({ "format": "uint8", "minimum": 0 }), 256.0), "between 0 and 255");
    }

    #[test]
    fn sizes_out_of_limits_are_told_the_limits() {
        let of = |schema: &Value, size| out_of_size(schema, size, ["minLength", "maxLength"]).unwrap_or_default();
        assert_eq!(of(&json!({}), 0), "");
        assert_eq!(of(&json!({ "minLength": 3, "maxLength": 63 }), 2), "3 to 63");
        assert_eq!(of(&json!({ "minLength": 12, "maxLength": 12 }), 11), "12");
        assert_eq!(of(&json!({ "maxLength": 5 }), 6), "at most 5");
    }
}
