//! What may be written in `[values]`, `[group.<name>]` and `[instances.<group>]`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BLOCK_NAME, schema_of};
use crate::spec::blocks::Blocks;
use crate::spec::member::OFF;
use crate::spec::tree::{Node, Table};

/// The table of a group's parameters.
pub(in crate::spec) const PARAM: &str = "param";
/// What stands for the name of an instance.
pub(in crate::spec) const INSTANCE: &str = "instance";

/// A parameter of a group.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is of interest: a parameter is read with its place")]
struct Parameter {
    /// What its value is.
    r#type: Type,
    /// Its value in instances that give none; absent: every instance gives one.
    default: Option<Value>,
    /// The least that a number may be.
    min: Option<f64>,
    /// The most that a number may be.
    max: Option<f64>,
    /// The values that it may have; absent: any of its type.
    #[schemars(length(min = 1, max = 1000))]
    one_of: Option<Vec<Value>>,
    /// What it is for.
    #[schemars(length(max = 1000))]
    description: Option<String>,
}

/// What the value of a parameter is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only its schema is of interest")]
enum Type {
    /// A text.
    String,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Several values.
    Array,
}

/// What names of values, parameters and instances look like.
fn name(what: &str) -> Value {
    json!({
        "description": format!("The name of {what} begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`."),
        "pattern": BLOCK_NAME,
        "maxLength": 40,
    })
}

/// The name of a block in a group: that of a block, or one with `${instance}` in it.
fn member_name() -> Value {
    json!({
        "description": "The name of a block in a group begins with a letter or with `${instance}`: lower-case letters, digits, `-` and `_`.",
        "pattern": r"^([a-z]|\$\{instance\})([a-z0-9_-]|\$\{instance\})*$",
        "maxLength": 60,
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "maxLength": 1000, "description": description })
}

/// `[values]`.
pub(in crate::spec) fn values() -> Value {
    json!({
        "description": "Values of the spec's own: `${values.team}` stands for one in every text of the spec. A text that is nothing else becomes the value, whatever its type.",
        "type": "object",
        "additionalProperties": { "type": ["string", "integer", "number", "boolean", "array"], "description": "The value." },
    })
}

/// The same, names and all.
pub(in crate::spec) fn named_values() -> Value {
    let mut schema = values();
    schema["propertyNames"] = name("a value");
    schema
}

/// `[group.<name>]`, with that for the blocks of each kind; in it the parameters that `declared` says.
pub(in crate::spec) fn group(kinds: &dyn Fn(&str) -> Value) -> Value {
    let mut properties = Map::new();
    properties.insert("description".to_owned(), text("What an instance of it is."));
    properties.insert(
        PARAM.to_owned(),
        json!({
            "description": "What differs from instance to instance: `${param.shards}` stands for it in every text of the group's blocks.",
            "type": "object",
            "additionalProperties": schema_of::<Parameter>(),
        }),
    );
    for kind in Blocks::KINDS {
        properties.insert((*kind).to_owned(), kinds(kind));
    }
    json!({
        "description": "Blocks that are written once and made once for each instance. The group itself makes nothing. `stream.events` of the instance `clicks` is the block `stream.clicks-events`; a name with `${instance}` in it, quoted, says otherwise what it becomes (`\"${instance}\"`). Within the group `stream.events` refers to the same instance's; whatever else a reference names is a block of the spec.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of the groups that are written: parameters fit what they say of themselves.
pub(in crate::spec) fn groups(written: &Table) -> Value {
    let member = |_: &str| json!({ "type": "object", "propertyNames": member_name(), "additionalProperties": { "type": "object" } });
    let each = written.iter().map(|(name, entry)| {
        let mut schema = group(&member);
        let parameters = entry.node.get(PARAM).and_then(Node::as_table).into_iter().flatten();
        let param = &mut schema["properties"][PARAM];
        let usual = param["additionalProperties"].clone();
        let mut own = Map::new();
        for (parameter, entry) in parameters {
            let mut schema = usual.clone();
            let value = value(&entry.node);
            schema["properties"]["one_of"]["items"] = json!({ "type": value.get("type") });
            schema["properties"]["default"] = value;
            own.insert(parameter.clone(), schema);
        }
        param["properties"] = own.into();
        param["propertyNames"] = self::name("a parameter");
        (name.clone(), schema)
    });
    let properties: Map<String, Value> = each.collect();
    json!({ "type": "object", "propertyNames": name("a group"), "properties": properties })
}

/// The schema of the instances of these groups.
pub(in crate::spec) fn instances(groups: &Table) -> Value {
    let properties: Map<String, Value> = groups
        .iter()
        .map(|(group, entry)| {
            let schema = json!({
                "type": "object",
                "propertyNames": name("an instance"),
                "additionalProperties": instance(&entry.node),
            });
            (group.clone(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// `[instances.<group>]` of groups that are not known.
pub(in crate::spec) fn any_instances() -> Value {
    json!({
        "description": "The instances of each group, by name: `clicks = { shards = 4 }`. An instance gives the group's parameters; a table of it changes one block of this instance alone (`[instances.feed.clicks.stream.events]`), and `off = true` switches it off.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": { "type": "object", "description": "The parameters of one instance.", "properties": { OFF: off() } },
        },
    })
}

fn instance(group: &Node) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for kind in Blocks::KINDS {
        if let Some(members) = group.get(kind).and_then(Node::as_table) {
            let any = |(name, _): (&String, _)| (name.clone(), json!({ "type": "object" }));
            let members: Map<String, Value> = members.iter().map(any).collect();
            let schema = json!({ "type": "object", "properties": members, "additionalProperties": false });
            properties.insert((*kind).to_owned(), schema);
        }
    }
    for (name, entry) in group.get(PARAM).and_then(Node::as_table).into_iter().flatten() {
        properties.insert(name.clone(), value(&entry.node));
        if entry.node.get("default").is_none() {
            required.push(name.clone());
        }
    }
    properties.insert(OFF.to_owned(), off());
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The schema of `off`.
pub(in crate::spec) fn off() -> Value {
    json!({
        "type": "boolean",
        "default": false,
        "description": "Whether it is left out of this environment, as if it were not written: a block of a file that others extend is switched off by `off = true` in the environment's own.",
    })
}

/// The schema of a parameter's value, as far as the parameter can be read.
fn value(parameter: &Node) -> Value {
    let types = ["string", "integer", "number", "boolean", "array"];
    let said = parameter.get("type").and_then(Node::as_str).filter(|name| types.contains(name));
    let mut schema = Map::new();
    let mut put = |keyword: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(keyword.to_owned(), value);
        }
    };
    put("type", said.map(Value::from));
    if ["integer", "number"].map(Some).contains(&said) {
        put("minimum", parameter.get("min").map(Node::to_json).filter(Value::is_number));
        put("maximum", parameter.get("max").map(Node::to_json).filter(Value::is_number));
    }
    put("enum", parameter.get("one_of").map(Node::to_json).filter(Value::is_array));
    put("description", parameter.get("description").and_then(Node::as_str).map(Value::from));
    Value::Object(schema)
}

/// The names that no parameter may have, as they mean something else in an instance.
pub(in crate::spec) fn is_taken(name: &str) -> bool {
    name == OFF || Blocks::KINDS.contains(&name)
}

/// What `${instance}` is in the name of a block of a group.
pub(in crate::spec) fn block_name(member: &str, instance: &str) -> String {
    let asked = format!("${{{INSTANCE}}}");
    if member.contains(&asked) { member.replace(&asked, instance) } else { format!("{instance}-{member}") }
}
