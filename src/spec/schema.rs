//! JSON Schema of a spec, made from the same types that it is read into.

pub(super) mod groups;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::blocks::Blocks;
use super::head::{Env, Project, State};
use super::keywords;
use super::member::OFF;
use super::moved::Moved;
use super::policy::Policy;
use super::prices::Prices;

/// What names of blocks look like: they become part of the names of AWS resources.
pub(super) const BLOCK_NAME: &str = "^[a-z][a-z0-9_-]*$";

/// The JSON Schema (draft 7) of one file of a spec, for editors: `#:schema pipectl.schema.json` in its first line.
///
/// Nothing in it is required: what a file leaves out may stand in one that it extends.
pub fn file_schema() -> Value {
    let mut schema = json_schema();
    for (name, table) in schema["properties"].as_object_mut().into_iter().flatten() {
        if !["extends", "values", "group", "instances"].contains(&name.as_str()) {
            may_be_filled_in(table);
        }
    }
    // The blocks of a group are those of a spec, but for their names.
    let kind = |kind: &str| json!({ "type": "object", "additionalProperties": { "$ref": format!("#/properties/{kind}/additionalProperties") } });
    schema["properties"]["group"]["additionalProperties"] = groups::group(&kind);
    without_required(&mut schema);
    schema
}

/// Lets a text with `${…}` stand where something else is asked for: it may become that.
fn may_be_filled_in(schema: &mut Value) {
    let filled = || json!({ "type": "string", "pattern": r"\$\{" });
    let types = keywords::types(schema);
    let is_text = keywords::choices(schema).is_none() && types == ["string"];
    let is_table = types.contains(&"object");
    let alternatives = if keywords::choices(schema).is_none() { schema.get_mut("anyOf") } else { None };
    if let Some(Value::Array(alternatives)) = alternatives {
        alternatives.iter_mut().for_each(may_be_filled_in);
    } else if is_table {
        for table in ["properties", "additionalProperties"] {
            match schema.get_mut(table) {
                Some(Value::Object(properties)) if table == "properties" => {
                    properties.values_mut().for_each(may_be_filled_in);
                }
                Some(values @ Value::Object(_)) => may_be_filled_in(values),
                _ => {}
            }
        }
    } else if !is_text && schema.is_object() {
        if let Some(items) = schema.get_mut("items") {
            may_be_filled_in(items);
        }
        let description = schema.get("description").cloned();
        let own = schema.take();
        *schema = json!({ "anyOf": [own, filled()] });
        if let Some(description) = description {
            schema["description"] = description;
        }
    }
}

fn without_required(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("required").is_some_and(Value::is_array) {
                object.remove("required");
            }
            object.values_mut().for_each(without_required);
        }
        Value::Array(items) => items.iter_mut().for_each(without_required),
        _ => {}
    }
}

/// The JSON Schema of a whole spec, every file that it extends merged in: what a spec is checked against.
///
/// Without references, and without `null`, which TOML does not have.
pub fn json_schema() -> Value {
    let Value::Object(mut properties) = schema_of::<Blocks>()["properties"].take() else { return Value::Null };
    for kind in properties.values_mut() {
        kind["propertyNames"] = json!({
            "description": "The name of a block begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`.",
            "pattern": BLOCK_NAME,
            "maxLength": 40,
        });
        if let Some(keys) = kind["additionalProperties"]["properties"].as_object_mut() {
            keys.insert(OFF.to_owned(), groups::off());
        }
    }
    properties.insert("values".to_owned(), groups::values());
    let any = |_: &str| json!({ "type": "object", "additionalProperties": { "type": "object" } });
    let group = groups::group(&any);
    properties.insert("group".to_owned(), json!({ "type": "object", "additionalProperties": group }));
    properties.insert("instances".to_owned(), groups::any_instances());
    let one = json!({ "type": "string" });
    properties.insert(
        "extends".to_owned(),
        json!({
            "description": "Files of the same folder, or below it, that this one builds on: tables are merged, and of anything else this file's value, or else the last one's, is taken.",
            "anyOf": [one, { "type": "array", "items": one }],
        }),
    );
    properties.insert(
        "moved".to_owned(),
        json!({
            "description": "Blocks that have got another name, parts and all: `moved = [{ from = \"stream.clicks\", to = \"stream.visits\" }]`. Their resources stay what they are, under the names that they have in AWS, which the block then says itself (`name = \"…\"`). Once it is applied, an entry may stay or go.",
            "type": "array",
            "items": schema_of::<Moved>(),
            "maxItems": 1000,
        }),
    );
    properties.insert("project".to_owned(), schema_of::<Project>());
    properties.insert("env".to_owned(), schema_of::<Env>());
    properties.insert("state".to_owned(), schema_of::<State>());
    properties.insert("policy".to_owned(), schema_of::<Policy>());
    properties.insert("prices".to_owned(), schema_of::<Prices>());
    properties.insert(
        "branches".to_owned(),
        json!({
            "description": "In `base.toml`: which environment a branch belongs to. `release/*` stands for every branch that begins so, except those that another line names more closely; a branch that is not listed belongs to the environment of its own name. The role that applies trusts the jobs of these branches.",
            "type": "object",
            "additionalProperties": one,
        }),
    );
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pipectl spec",
        "type": "object",
        "properties": properties,
        "required": ["project", "env"],
        "additionalProperties": false,
    })
}

/// The tidied schema of one type, by itself.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// Removes what `Option` brings in: the type `null`, the value `null`, and the choice between something and `null`.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            without_null(object);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn without_null(schema: &mut Map<String, Value>) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_mut_slice() {
            let only = only.take();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
        alternatives.retain(|alternative| alternative["type"] != "null");
        if let [Value::Object(only)] = alternatives.as_mut_slice() {
            let only = std::mem::take(only);
            schema.remove("anyOf");
            for (keyword, value) in only {
                // What is said of the field says more than what is said of its type.
                schema.entry(keyword).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use super::*;

    /// A choice.
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code, reason = "only its schema is of interest")]
    enum Choice {
        /// The one.
        One,
        /// The other.
        Other,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is of interest")]
    struct Optional {
        /// A number.
        #[schemars(range(min = 1, max = 5))]
        number: Option<u32>,
        /// Which.
        #[serde(default)]
        choice: Option<Choice>,
    }

    #[test]
    fn options_leave_no_null_behind() {
        let schema = schema_of::<Optional>();
        assert!(!schema.to_string().contains("null"), "{schema}");
        assert_eq!(
            schema["properties"]["number"],
            json!({ "description": "A number.", "type": "integer", "format": "uint32", "minimum": 1, "maximum": 5 })
        );
        assert_eq!(schema["properties"]["choice"]["description"], "Which.");
        assert_eq!(schema["properties"]["choice"]["oneOf"][0]["const"], "one");
    }

    #[test]
    fn a_file_may_leave_out_what_another_says_and_name_nothing_unknown() {
        let mut blocks = 0;
        each_schema(&file_schema(), &mut |schema| {
            assert!(!schema.contains_key("required"));
            blocks += usize::from(schema.get("additionalProperties") == Some(&Value::Bool(false)));
        });
        assert!(blocks > 10);
    }

    #[test]
    fn an_editor_lets_a_value_be_one_that_is_filled_in_and_knows_the_blocks_of_a_group() {
        let schema = file_schema();
        let stream = &schema["properties"]["stream"]["additionalProperties"];
        let shards = &stream["properties"]["shards"];
        assert_eq!(shards["anyOf"][0]["type"], "integer");
        assert_eq!(shards["anyOf"][1], json!({ "type": "string", "pattern": r"\$\{" }));
        assert!(shards["description"].is_string());
        assert_eq!(stream["properties"]["name"]["type"], "string", "a text is one already");
        let group = &schema["properties"]["group"]["additionalProperties"]["properties"];
        let of_group = group["stream"]["additionalProperties"]["$ref"].as_str().unwrap();
        assert_eq!(schema.pointer(of_group.trim_start_matches('#')), Some(stream));
    }

    /// A rule that the walk does not know would be published, and never enforced.
    #[test]
    fn every_keyword_of_the_schema_is_one_that_is_enforced() {
        let known = "additionalProperties anyOf const default description enum exclusiveMaximum exclusiveMinimum format \
            items maxItems maxLength maxProperties maximum minItems minLength minProperties minimum oneOf pattern properties propertyNames \
            required title type uniqueItems $schema if then else";
        let known: BTreeSet<&str> = known.split_whitespace().collect();
        each_schema(&json_schema(), &mut |schema| {
            for (keyword, value) in schema {
                assert!(known.contains(keyword.as_str()) || keyword.starts_with("x-"), "{keyword}: {value}");
            }
        });
    }

    #[test]
    fn every_pattern_of_the_schema_is_one_that_we_can_match() {
        each_schema(&json_schema(), &mut |schema| {
            if let Some(pattern) = schema.get("pattern") {
                regex_lite::Regex::new(pattern.as_str().unwrap()).unwrap();
            }
        });
    }

    fn each_schema(schema: &Value, visit: &mut dyn FnMut(&Map<String, Value>)) {
        let Value::Object(object) = schema else { return };
        visit(object);
        for (keyword, value) in object {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    properties.values().for_each(|next| each_schema(next, visit));
                }
                ("anyOf" | "oneOf", Value::Array(next)) => next.iter().for_each(|next| each_schema(next, visit)),
                ("items" | "additionalProperties" | "propertyNames", next) => each_schema(next, visit),
                _ => {}
            }
        }
    }
}
