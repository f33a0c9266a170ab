//! `docs/spec.md`: every table and every key of a spec, from the same schema that checks it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::blocks::Blocks;
use super::keywords::{self, alternatives, choices, types};
use super::nearest::listed;
use super::schema::json_schema;

const INTRODUCTION: &str = "\
# The spec

<!-- Generated from the types in src/spec by `UPDATE=1 cargo test docs_spec_md`; edit the doc comments there. -->

One TOML file describes one environment. This page lists everything that may stand in it; `pipectl schema` prints the same as a JSON
Schema, with which editors complete and check it.

- In every text, `${env}`, `${project}`, `${region}`, `${account}` and `${partition}` stand for the name of the environment, that of the
  project, the region, the account and what ARNs of the region begin with (`aws`, `aws-cn` …); `${table.sessions.name}` stands for the name in AWS of a block, and
  `${table.sessions.arn}` for its ARN where that follows from the name. `$${` is a literal `${`.
- `${values.team}` stands for what `[values]` says; in the blocks of a group `${param.shards}` and `${instance}` stand for what an instance
  says. A text that is nothing else becomes the value, whatever its type.
- A reference names another block as `\"kind.name\"`.
- Names of blocks begin with a letter and have at most 40 characters: lower-case letters, digits, `-` and `_`.
";

/// The keys of every block.
const EVERYWHERE: [&str; 5] = ["protect", "adopt", "ignore", "off", "external"];

/// The reference of the spec, in Markdown.
pub fn reference() -> String {
    let schema = json_schema();
    let properties = &schema["properties"];
    let mut text = INTRODUCTION.to_owned();
    let first = ["extends", "moved"].map(|key| row(key, &properties[key], false));
    section(&mut text, "Before any table", &Value::Null, &first);
    for name in ["project", "env", "state", "branches", "policy", "prices"] {
        let table = &properties[name];
        section(&mut text, &format!("`[{name}]`"), table, &rows("", table));
    }
    section(&mut text, "`[values]`", &properties["values"], &[]);
    let mut group = properties["group"]["additionalProperties"].clone();
    if let Some(keys) = group["properties"].as_object_mut() {
        keys.retain(|key, _| !Blocks::KINDS.contains(&key.as_str()));
    }
    section(&mut text, "`[group.<name>]`", &group, &rows("", &group));
    let instance = &properties["instances"]["additionalProperties"]["additionalProperties"];
    section(&mut text, "`[instances.<group>]`", &properties["instances"], &rows("<name>.", instance));
    let every = json!({ "description": "Whatever its kind." });
    let first = &properties[Blocks::KINDS[0]]["additionalProperties"]["properties"];
    let mut common = EVERYWHERE.map(|key| row(key, &first[key], false)).to_vec();
    common.extend(within("external", &first["external"]));
    section(&mut text, "Every block", &every, &common);
    for kind in Blocks::KINDS {
        let mut block = properties[kind]["additionalProperties"].clone();
        if let Some(keys) = block["properties"].as_object_mut() {
            keys.retain(|key, _| !EVERYWHERE.contains(&key.as_str()));
        }
        section(&mut text, &format!("`[{kind}.<name>]`"), &block, &rows("", &block));
    }
    text
}

fn section(text: &mut String, title: &str, schema: &Value, rows: &[String]) {
    let description = schema["description"].as_str().unwrap_or_default();
    // Writing to a `String` cannot fail.
    let _ = write!(text, "\n## {title}\n");
    if !description.is_empty() {
        let _ = write!(text, "\n{description}\n");
    }
    if !rows.is_empty() {
        let _ = write!(text, "\n| key | value | default | meaning |\n|---|---|---|---|\n{}\n", rows.join("\n"));
    }
}

/// A row for every key of a table, those of tables within it with their dotted path.
fn rows(prefix: &str, schema: &Value) -> Vec<String> {
    let required = |name: &str| keywords::required(schema, false).any(|other| other == name);
    let mut rows = Vec::new();
    let mut properties: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    properties.sort_by_key(|(name, _)| !required(name));
    for (name, property) in properties {
        let path = format!("{prefix}{name}");
        rows.push(row(&path, property, required(name)));
        rows.extend(within(&path, property));
        rows.extend(self::rows(&format!("{path}."), property));
        rows.extend(self::rows(&format!("{path}[]."), &property["items"]));
        rows.extend(self::rows(&format!("{path}.<name>."), &property["additionalProperties"]));
        rows.extend(within(&format!("{path}.<name>"), &property["additionalProperties"]));
    }
    rows
}

/// The rows of a table that a key may hold instead of something else.
fn within(path: &str, schema: &Value) -> Vec<String> {
    let tables = alternatives(schema).into_iter().flatten();
    tables.flat_map(|table| rows(&format!("{path}."), table)).collect()
}

fn row(path: &str, schema: &Value, required: bool) -> String {
    let default = match &schema["default"] {
        _ if required => "required".to_owned(),
        Value::Null | Value::Object(_) => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::String(text) if text.is_empty() => String::new(),
        default => format!("`{default}`"),
    };
    let meaning = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
    let cells = [format!("`{path}`"), value(schema), default, meaning].map(|cell| cell.replace('|', "\\|"));
    format!("| {} |", cells.join(" | "))
}

/// What a value may be, in words: `integer, 1 to 128`.
fn value(schema: &Value) -> String {
    if let Some(choices) = choices(schema) {
        let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        return choices.join(", ");
    }
    if let Some(alternatives) = alternatives(schema) {
        return alternatives.iter().map(value).collect::<Vec<_>>().join(" or ");
    }
    if let Some(kinds) = schema["x-refers-to"].as_array() {
        return format!("reference to {}", listed(kinds.iter().filter_map(Value::as_str), "or"));
    }
    match types(schema).as_slice() {
        ["array"] => {
            format!("array of {}{}", value(&schema["items"]), limits(schema, "minItems", "maxItems", " items"))
        }
        ["object"] if schema["additionalProperties"].is_object() => {
            format!(
                "table of {}{}",
                value(&schema["additionalProperties"]),
                limits(schema, "minProperties", "maxProperties", " entries")
            )
        }
        ["object"] => "table".to_owned(),
        [] => "any".to_owned(),
        ["string"] => format!("string{}", limits(schema, "minLength", "maxLength", " characters")),
        other => format!("{}{}", other.join(" or "), limits(schema, "minimum", "maximum", "")),
    }
}

fn limits(schema: &Value, least: &str, most: &str, of: &str) -> String {
    // Of numbers, zero is the schema's way to say that the type has no sign: worth a word only beside an upper limit.
    match (&schema[least], &schema[most]) {
        (Value::Null, Value::Null) => String::new(),
        (least, Value::Null) if least == 0 => String::new(),
        (least, Value::Null) => format!(", at least {least}{of}"),
        (Value::Null, most) => format!(", at most {most}{of}"),
        (least, most) => format!(", {least} to {most}{of}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn docs_spec_md_is_what_the_types_say() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, reference()).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written == reference(), "docs/spec.md is out of date: run `UPDATE=1 cargo test docs_spec_md`");
    }

    #[test]
    fn every_key_of_every_block_has_its_meaning_and_its_value() {
        let rows = reference();
        for row in rows.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            assert!(!cells[1].is_empty() && !cells.last().unwrap().is_empty(), "{row}");
        }
    }

    #[test]
    fn values_are_told_in_words() {
        assert_eq!(value(&json!({ "type": "integer", "minimum": 1, "maximum": 128 })), "integer, 1 to 128");
        assert_eq!(value(&json!({ "type": "integer", "format": "uint32", "minimum": 0 })), "integer");
        assert_eq!(value(&json!({ "enum": ["a", "b"] })), "`\"a\"`, `\"b\"`");
        assert_eq!(value(&json!({ "type": "array", "items": { "type": "string" } })), "array of string");
        let reference = json!({ "type": "string", "x-refers-to": ["stream", "firehose"] });
        assert_eq!(value(&reference), "reference to `stream` or `firehose`");
    }
}
