//! The blocks of one kind: those that are the environment's own, and those that are somebody else's.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::check::{Block, Declared};
use super::external::{self, External, FoundBy};
use super::member::OFF;

/// The blocks of a kind, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Declarations<B> {
    own: BTreeMap<String, Declared<B>>,
    external: BTreeMap<String, External>,
}

impl<B> Declarations<B> {
    /// Those that are the environment's own.
    pub fn own(&self) -> &BTreeMap<String, Declared<B>> {
        &self.own
    }

    /// The same, to be changed.
    pub fn own_mut(&mut self) -> &mut BTreeMap<String, Declared<B>> {
        &mut self.own
    }

    /// Those that are somebody else's.
    pub fn external(&self) -> &BTreeMap<String, External> {
        &self.external
    }

    pub(super) fn external_mut(&mut self) -> &mut BTreeMap<String, External> {
        &mut self.external
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.own.contains_key(name) || self.external.contains_key(name)
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.own.remove(name);
        self.external.remove(name);
    }
}

// Derived, it would ask the same of `B`.
impl<B> Default for Declarations<B> {
    fn default() -> Self {
        Self { own: BTreeMap::new(), external: BTreeMap::new() }
    }
}

impl<B: Block> Declarations<B> {
    /// Those that can be read, each in the first form that can.
    pub(super) fn readable(forms: [&Value; 3]) -> Self {
        let mut read = Self::default();
        for name in forms[0].as_object().into_iter().flatten().map(|(name, _)| name) {
            let _ = forms.into_iter().find_map(|form| read.take(name, form[name].clone()).ok());
        }
        read
    }

    fn take(&mut self, name: &str, block: Value) -> serde_json::Result<()> {
        if block.get(external::KEY).is_some() {
            self.external.insert(name.to_owned(), External::deserialize(block)?);
        } else {
            self.own.insert(name.to_owned(), Declared::deserialize(block)?);
        }
        Ok(())
    }
}

impl<'de, B: Block> Deserialize<'de> for Declarations<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut read = Self::default();
        for (name, block) in Map::deserialize(deserializer)? {
            read.take(&name, block).map_err(D::Error::custom)?;
        }
        Ok(read)
    }
}

impl<B: Block> Serialize for Declarations<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged, bound = "B: Block")]
        enum One<'a, B> {
            Own(&'a Declared<B>),
            External(&'a External),
        }
        let own = self.own.iter().map(|(name, block)| (name, One::Own(block)));
        let external = self.external.iter().map(|(name, block)| (name, One::External(block)));
        serializer.collect_map(own.chain(external).collect::<BTreeMap<_, _>>())
    }
}

impl<B: Block> JsonSchema for Declarations<B> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("blocks of kind {}", B::KIND).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut block = generator.subschema_for::<Declared<B>>().to_value();
        if let (Some(found_by), Some(block)) = (found_by::<B>(generator), block.as_object_mut()) {
            may_be_external(block, found_by);
        }
        let mut schema = Schema::default();
        schema.insert("type".to_owned(), "object".into());
        schema.insert("additionalProperties".to_owned(), block);
        schema
    }

    fn inline_schema() -> bool {
        true
    }
}

/// The schema of `external`, for a kind that can be.
fn found_by<B: Block>(generator: &mut SchemaGenerator) -> Option<Value> {
    let text = match B::EXTERNAL {
        external::Externals::ByArn(_) => {
            "That this one exists already and is somebody else's: its ARN, or what it is found by. Everything may refer to it, and nothing of it is made, changed, tagged or deleted. No other key stands beside it but `kms_key`, the customer's key that encrypts its data, where AWS may not be asked for that."
        }
        external::Externals::ByName(_) => {
            "That this one exists already and is somebody else's: what it is found by. Everything may refer to it, and nothing of it is made, changed, tagged or deleted. No other key stands beside it."
        }
        external::Externals::Never(_) => return None,
    };
    let mut schema = generator.subschema_for::<FoundBy>().to_value();
    schema["description"] = text.into();
    Some(schema)
}

/// A block has its own keys, or `external`. The condition is none of `required`, which files that others extend lose.
fn may_be_external(block: &mut Map<String, Value>, found_by: Value) {
    if let Some(properties) = block.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(external::KEY.to_owned(), found_by);
    }
    // Whether a block is switched off is settled before anything else of it is looked at.
    let keys: Vec<&str> = external::KEYS.into_iter().chain([OFF]).collect();
    let required = block.remove("required").unwrap_or_else(|| json!([]));
    block.insert("if".to_owned(), json!({ "properties": { external::KEY: false } }));
    block.insert("then".to_owned(), json!({ "required": required }));
    block.insert("else".to_owned(), json!({ "propertyNames": { "enum": keys } }));
}
