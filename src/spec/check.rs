//! What a block kind is to the rest of the spec, and how its checks report what they find.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Spec;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::external::Externals;
use super::member::Member;
use super::metrics::Metrics;
use super::names::{self, Name};
use super::place::SourceSpan;
use super::tree::Node;
use super::uses::Uses;

/// One block kind: a struct whose fields, doc comments, defaults and schema attributes are the whole
/// description of what a user may write under `[kind.name]`.
///
/// The struct derives `serde` and `schemars`, and has `#[serde(deny_unknown_fields)]`. Ranges, lengths, patterns
/// and choices stand on the fields (`#[schemars(range(min = 1, max = 128))]`) and are checked without further code,
/// as are references to other blocks ([`super::refs::Ref`]).
pub trait Block: Clone + PartialEq + Serialize + DeserializeOwned + JsonSchema {
    /// The word before the dot: `stream`.
    const KIND: &'static str;

    /// The metrics that CloudWatch has of it, or why it has none that an alarm could watch.
    const METRICS: Metrics;

    /// For what a function may use it, or why it may not.
    const USES: Uses;

    /// Whether it can be somebody else's, and how it is named then.
    const EXTERNAL: Externals;

    /// The name in AWS of its own resource, and what the names of its parts begin with.
    fn aws_name(&self, block: &str, spec: &Spec) -> String;

    /// The same where `name` is absent, before anything can be read but names: what `${kind.name.name}` stands for.
    fn unnamed(project: &str, env: &str, block: &str) -> String {
        names::unnamed(project, env, block)
    }

    /// The names that it takes in AWS, for itself and its parts: their spelling is checked, and that they are unique.
    fn names(&self, _name: &str, _spec: &Spec) -> Vec<Name> {
        Vec::new()
    }

    /// Checks what the schema cannot say, and reports by the path below the block: `buffering.size_mib`;
    /// the empty path is the block itself.
    ///
    /// Runs as soon as the file can be read into the types, which says little about values and references: these may
    /// still be out of range, and lead nowhere.
    fn check(&self, _name: &str, _spec: &Spec, _checks: &mut Checks<'_>) {}
}

/// What a spec was read from.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    /// The merged tree of its files.
    pub(super) tree: &'a Node,
    /// The project's folder.
    pub(super) root: &'a Path,
    /// The blocks that are switched off, and where that is said.
    pub(super) off: &'a BTreeMap<String, String>,
    /// The blocks that instances of groups have made, by address.
    pub(super) members: &'a BTreeMap<String, Member>,
}

/// Collects what the checks of one block find.
pub struct Checks<'a> {
    /// The whole spec, to find places in.
    tree: &'a Node,
    root: &'a Path,
    off: &'a BTreeMap<String, String>,
    address: String,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Checks<'a> {
    pub(super) fn new(text: Text<'a>, address: String, diagnostics: &'a mut Diagnostics) -> Self {
        Self { tree: text.tree, root: text.root, off: text.off, address, diagnostics }
    }

    /// Whether that block says something under a key.
    pub fn says(&self, kind: &str, name: &str, key: &str) -> bool {
        self.tree.get(kind).and_then(|blocks| blocks.get(name)).is_some_and(|block| block.get(key).is_some())
    }

    /// Whether the spec has a block of that kind and name, readable or not.
    pub fn declares(&self, kind: &str, name: &str) -> bool {
        self.tree.get(kind).is_some_and(|blocks| blocks.get(name).is_some())
    }

    /// Where it is said that a block is switched off.
    pub fn off(&self, kind: &str, name: &str) -> Option<&'a str> {
        self.off.get(&format!("{kind}.{name}")).map(String::as_str)
    }

    /// The project's folder, in which its files lie.
    pub fn root(&self) -> &'a Path {
        self.root
    }

    /// Reports an error at `path` below the block; add what to do about it with [`Diagnostic::help`].
    pub fn error(&mut self, path: &str, message: impl Into<String>) -> &mut Diagnostic {
        let place = self.locate(path);
        self.diagnostics.error(place, message)
    }

    /// Reports something that is allowed, and probably not meant.
    pub fn warning(&mut self, path: &str, message: impl Into<String>) -> &mut Diagnostic {
        let place = self.locate(path);
        self.diagnostics.warning(place, message)
    }

    /// Reports a file that `path` names outside the project's folder. Whether it lies inside, as far as its path tells.
    pub(super) fn stays_inside(&mut self, path: &str, file: &str) -> bool {
        let outside = file.starts_with('/') || file.split('/').any(|part| part == "..");
        if outside {
            self.error(path, "the file lies outside the project's folder").help("copy it into the project");
        }
        !outside
    }

    fn locate(&self, path: &str) -> SourceSpan {
        let address = &self.address;
        if path.is_empty() { self.tree.locate(address) } else { self.tree.locate(&format!("{address}.{path}")) }
    }
}

/// A block as it is written in a spec: its own settings, and those that every block takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared<B> {
    /// Its own settings; also reached by dereferencing.
    pub block: B,
    /// Whether its resources may be neither deleted nor replaced.
    pub protect: bool,
    /// Whether resources that exist already, and are nobody's, may be taken over.
    pub adopt: bool,
    /// The fields that are left alone once the resource exists, as they are written.
    pub ignore: Vec<String>,
}

impl<B> Deref for Declared<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.block
    }
}

impl<'de, B: Block> Deserialize<'de> for Declared<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Map::deserialize(deserializer)?;
        let mut flag = |key| table.remove(key).map_or(Ok(false), bool::deserialize).map_err(D::Error::custom);
        let (protect, adopt) = (flag("protect")?, flag("adopt")?);
        let ignore = table.remove("ignore").map_or(Ok(Vec::new()), Vec::deserialize).map_err(D::Error::custom)?;
        let block = B::deserialize(Value::Object(table)).map_err(D::Error::custom)?;
        Ok(Self { block, protect, adopt, ignore })
    }
}

impl<B: Block> Serialize for Declared<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a, B> {
            #[serde(flatten)]
            block: &'a B,
            protect: bool,
            adopt: bool,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            ignore: &'a [String],
        }
        Flat { block: &self.block, protect: self.protect, adopt: self.adopt, ignore: &self.ignore }
            .serialize(serializer)
    }
}

/// The schema of `ignore`.
fn ignored() -> Value {
    json!({
        "type": "array",
        "items": { "type": "string", "minLength": 1, "maxLength": 300 },
        "maxItems": 100,
        "uniqueItems": true,
        "default": [],
        "description": "Fields that somebody else decides on once the resource exists: `\"shards\"`, `\"tags.team\"`; of a part, its name and its attribute, `\"role.description\"`. What is live stays, and is no drift; a creation takes the spec's value. Nothing that guards can be left alone, nor what a change would replace the resource for; [types.md](types.md) lists what can.",
    })
}

impl<B: Block> JsonSchema for Declared<B> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        B::KIND.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = B::json_schema(generator);
        let properties = schema.ensure_object().entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            let flag = |text: &str| json!({ "type": "boolean", "default": false, "description": text });
            properties.insert(
                "protect".to_owned(),
                flag("Whether pipectl refuses to delete or replace the resources of this block."),
            );
            properties.insert(
                "adopt".to_owned(),
                flag("Whether resources of this block that exist already under their names may be taken over, its parts included; what another environment has marked as its own only by `--adopt ADDRESS`. Does nothing once they are."),
            );
            properties.insert("ignore".to_owned(), ignored());
        }
        schema
    }

    fn inline_schema() -> bool {
        true
    }
}
