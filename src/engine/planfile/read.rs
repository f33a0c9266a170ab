//! A plan from a file's bytes. Most of a file is its changes: only one at a time is a tree of JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::file::{Each, digest};
use super::terraform::Sides;
use super::{CHANGES, DIGEST, FORMAT, NotAPlan, Plan, RESOURCE_CHANGES, SUMMARY, VERSION, terraform_actions, tree};
use crate::engine::plan::{Change, Changes};
use crate::model::attributes::share;

/// The plan in a file's bytes, and its digest.
///
/// # Errors
/// When it is damaged, edited, of a newer format, or no plan at all.
pub fn read(bytes: &[u8]) -> Result<(Plan, String), NotAPlan> {
    let Once(mut file) = serde_json::from_slice(bytes).map_err(NotAPlan::Damaged)?;
    let part = |key: &str| file.get(key).and_then(|part| tree(part).ok());
    if part("format").as_ref().and_then(Value::as_str) != Some(FORMAT) {
        return Err(NotAPlan::Foreign);
    }
    let version = match part("version").as_ref().and_then(Value::as_u64) {
        Some(version @ 1..=VERSION) => version,
        Some(found) if found > VERSION => {
            let made_by = part("made_by").as_ref().and_then(Value::as_str).unwrap_or("a newer pipectl").to_owned();
            return Err(NotAPlan::Newer { found, made_by });
        }
        _ => return Err(NotAPlan::Foreign),
    };
    let stated = part(DIGEST);
    file.remove(DIGEST);
    let digest = digest(&Parts(&file));
    if stated.as_ref().and_then(Value::as_str) != Some(&digest) {
        return Err(NotAPlan::Edited);
    }
    let for_others = file.remove(RESOURCE_CHANGES);
    let summary = file.remove(SUMMARY);
    let plan = assembled(&file).map_err(NotAPlan::Damaged)?;
    if !says_the_same(&plan, version, for_others, summary) {
        return Err(NotAPlan::Edited);
    }
    Ok((plan, digest))
}

/// Whether what stands in a file for others, who make rules for plans, says what its changes say.
fn says_the_same(plan: &Plan, version: u64, for_others: Option<&RawValue>, summary: Option<&RawValue>) -> bool {
    let said = for_others.and_then(|part| serde_json::from_str::<Vec<&RawValue>>(part.get()).ok()).unwrap_or_default();
    // Version 1 has pipectl's own attributes, from which nothing has to be made.
    let sides = (version > 1).then(|| Sides::of(plan));
    let entries = |change| match &sides {
        Some(sides) => sides.entries(change),
        None => vec![entry_of_version_1(change)],
    };
    let mut said = said.into_iter();
    let same = |entry: Value| said.next().and_then(|said| tree(said).ok()) == Some(entry);
    plan.changes.0.iter().flat_map(entries).all(same)
        && said.next().is_none()
        && summary.and_then(|part| tree(part).ok()) == serde_json::to_value(plan.summary()).ok()
}

/// A change among the `resource_changes` of version 1.
fn entry_of_version_1(change: &Change) -> Value {
    json!({
        "address": change.address,
        "mode": "managed",
        "type": change.kind,
        "name": change.address.block_name(),
        "provider_name": "pipectl",
        "change": {
            "actions": terraform_actions(change),
            "before": change.before,
            "after": change.after,
            "after_unknown": {},
        },
    })
}

/// The parts of a file, none of which stands there twice: whoever reads the first of two would see another plan.
struct Once<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Once<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut parts = BTreeMap::new();
                while let Some((key, part)) = map.next_entry::<String, &'de RawValue>()? {
                    if let Some(_first) = parts.insert(key.clone(), part) {
                        return Err(A::Error::custom(format!("`{key}` stands there twice")));
                    }
                }
                Ok(parts)
            }
        }
        Ok(Self(deserializer.deserialize_map(Parts)?))
    }
}

/// The plan of these parts.
fn assembled(file: &BTreeMap<String, &RawValue>) -> Result<Plan, serde_json::Error> {
    let changes = file.get(CHANGES).ok_or_else(|| serde_json::Error::missing_field(CHANGES))?;
    let changes: Vec<&RawValue> = serde_json::from_str(changes.get())?;
    let changes: Result<Vec<Change>, _> = changes.into_iter().map(change).collect();
    let rest = file.iter().filter(|(key, _)| *key != CHANGES);
    let rest: Map<String, Value> = rest.map(|(key, part)| Ok((key.clone(), tree(part)?))).collect::<Result<_, _>>()?;
    Ok(Plan { changes: Changes(changes?), ..serde_json::from_value(Value::Object(rest))? })
}

/// One change, whose attributes are held once where they stay as they are.
fn change(part: &RawValue) -> Result<Change, serde_json::Error> {
    let mut change: Change = serde_json::from_value(tree(part)?)?;
    if let (Some(before), Some(after)) = (&change.before, &mut change.after) {
        share(after, before);
    }
    Ok(change)
}

/// The parts of a file that was read, of whose lists one item at a time is made into a tree.
struct Parts<'a>(&'a BTreeMap<String, &'a RawValue>);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_map(Some(self.0.len()))?;
        for (key, part) in self.0 {
            match serde_json::from_str::<Vec<&RawValue>>(part.get()) {
                Ok(items) => file.serialize_entry(key, &Each(&items, |item| tree(item))),
                Err(_) => file.serialize_entry(key, &tree(part).map_err(S::Error::custom)?),
            }?;
        }
        file.end()
    }
}
