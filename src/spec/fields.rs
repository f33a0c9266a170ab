//! The fields of a block kind, and what could be written into each to bring about a value in AWS.

use serde_json::Value;

use super::blocks::Blocks;
use super::edit::Edit;
use super::keywords::{alternatives, choices, types};
use super::schema::schema_of;

/// A field of a block kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The keys below the block: `buffering`, `size_mib`.
    pub path: Vec<String>,
    takes: Takes,
}

/// What may stand in a field.
#[derive(Clone, Debug, PartialEq)]
enum Takes {
    /// One of these.
    Choices(Vec<Value>),
    /// Whatever is of such a type.
    Types(Vec<String>),
    /// Values of such a type under keys of the user's own: tags.
    Map(Vec<String>),
}

/// The fields of the blocks of a kind, those within tables included; those within arrays are not fields of the block.
pub fn fields(kind: &str) -> Vec<Field> {
    let mut all = Vec::new();
    let blocks = schema_of::<Blocks>();
    collect(&blocks["properties"][kind]["additionalProperties"], &mut Vec::new(), &mut all);
    all
}

fn collect(block: &Value, path: &mut Vec<String>, all: &mut Vec<Field>) {
    for (key, schema) in block["properties"].as_object().into_iter().flatten() {
        path.push(key.clone());
        collect(schema, path, all);
        if let Some(takes) = takes(schema) {
            all.push(Field { path: path.clone(), takes });
        }
        path.pop();
    }
}

fn takes(schema: &Value) -> Option<Takes> {
    if let Some(choices) = choices(schema) {
        return Some(Takes::Choices(choices.into_iter().cloned().collect()));
    }
    let of = |schema: &Value| -> Vec<String> {
        let alternatives = alternatives(schema).unwrap_or(std::slice::from_ref(schema));
        alternatives.iter().flat_map(types).map(str::to_owned).collect()
    };
    match of(schema).as_slice() {
        [one] if one == "boolean" => Some(Takes::Choices(vec![true.into(), false.into()])),
        [one] if one == "object" && schema["additionalProperties"].is_object() => {
            Some(Takes::Map(of(&schema["additionalProperties"])))
        }
        [one] if one == "object" => None,
        types => Some(Takes::Types(types.to_vec())),
    }
}

impl Field {
    /// The edits of a block, `kind` and `name`, in this field by which a resource might come to have `value` under `key`,
    /// a null meaning that it has nothing there.
    pub fn edits(&self, block: [&str; 2], key: &str, value: &Value) -> Vec<Edit> {
        let edit = |below: &[String], value: Option<&Value>| {
            let path = block.iter().map(ToString::to_string).chain(self.path.iter().chain(below).cloned()).collect();
            Edit { path, header: block.len(), value: value.cloned() }
        };
        match &self.takes {
            Takes::Choices(choices) => choices.iter().map(|choice| edit(&[], Some(choice))).collect(),
            Takes::Types(_) if value.is_null() => vec![edit(&[], None)],
            Takes::Types(types) if fits(types, value) => vec![edit(&[], Some(value))],
            Takes::Map(_) if value.is_null() => vec![edit(&[key.to_owned()], None)],
            Takes::Map(types) if fits(types, value) => vec![edit(&[key.to_owned()], Some(value))],
            Takes::Types(_) | Takes::Map(_) => Vec::new(),
        }
    }
}

fn fits(types: &[String], value: &Value) -> bool {
    types.iter().any(|name| match name.as_str() {
        "string" => value.is_string(),
        // Numbers of AWS are often floats that are whole.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "array" => value.is_array(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edits(kind: &str, path: &str, key: &str, value: &Value) -> Vec<String> {
        let fields = fields(kind);
        let field = fields.iter().find(|field| field.path.join(".") == path).unwrap();
        let edits = field.edits([kind, "clicks"], key, value);
        edits.iter().map(|edit| format!("{} {}", edit.path.join("."), edit.line())).collect()
    }

    #[test]
    fn a_field_takes_what_fits_its_type() {
        assert_eq!(
            edits("stream", "retention_hours", "retention_hours", &json!(48)),
            ["stream.clicks.retention_hours retention_hours = 48"]
        );
        assert_eq!(edits("stream", "retention_hours", "name", &json!("48")), [""; 0]);
        assert_eq!(
            edits("firehose", "buffering.size_mib", "buffer_mib", &json!(5)),
            ["firehose.clicks.buffering.size_mib buffering.size_mib = 5"]
        );
    }

    #[test]
    fn of_a_choice_every_one_may_be_what_aws_calls_something_else() {
        assert_eq!(edits("firehose", "compression", "compression", &json!("GZIP")).len(), 5);
        assert_eq!(edits("bucket", "versioning", "versioning", &json!(null)).len(), 2);
    }

    #[test]
    fn a_tag_comes_and_goes_under_its_own_key() {
        assert_eq!(edits("topic", "tags", "owner", &json!("me")), ["topic.clicks.tags.owner tags.owner = \"me\""]);
        assert_eq!(edits("topic", "tags", "owner", &json!(null)), ["topic.clicks.tags.owner tags.owner"]);
    }

    #[test]
    fn every_kind_has_fields() {
        for kind in Blocks::KINDS {
            assert!(fields(kind).iter().any(|field| field.path == ["protect"]), "{kind}");
        }
    }
}
