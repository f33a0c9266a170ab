//! A plan as a file: what stands in it besides the plan itself, and how it is written.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::{fmt, io};

use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::terraform::Sides;
use super::{CHANGES, DIGEST, FORMAT, Plan, RESOURCE_CHANGES, SUMMARY, VERSION, tree};
use crate::engine::plan::Change;

/// A plan as its file has it: in the order of its keys, with its summary and its digest. It is the file's text, or its
/// JSON. Of the changes only one at a time is made into JSON: all of them would take more memory than everything else.
#[derive(Clone, Debug)]
pub struct PlanFile<'a> {
    /// All but the changes.
    parts: Map<String, Value>,
    changes: &'a [Change],
    /// The entries for rules that read Terraform's plans, as texts: they are worked out once, and a text takes a small
    /// part of the memory of its tree.
    for_others: Arc<[Box<RawValue>]>,
    digest: String,
}

impl<'a> PlanFile<'a> {
    /// Seals a plan with the digest of all that it says.
    ///
    /// # Errors
    /// None in practice: every part of a plan has a JSON form.
    pub fn new(plan: &'a Plan) -> Result<Self, serde_json::Error> {
        let mut parts = Map::new();
        parts.insert("format".into(), FORMAT.into());
        parts.insert("version".into(), VERSION.into());
        if let Value::Object(rest) = serde_json::to_value(plan)? {
            parts.extend(rest);
        }
        parts.insert(SUMMARY.into(), serde_json::to_value(plan.summary())?);
        let for_others = entries(plan)?.into();
        let mut sealed = Self { parts, changes: &plan.changes.0, for_others, digest: String::new() };
        sealed.digest = digest(&Dense(&sealed));
        Ok(sealed.besides(DIGEST, sealed.digest.clone().into()))
    }

    /// SHA-256 of what the plan says, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The same with something beside it that is no part of the plan.
    #[must_use]
    pub fn besides(&self, key: &str, value: Value) -> Self {
        let mut more = self.clone();
        more.parts.insert(key.to_owned(), value);
        more
    }
}

impl PlanFile<'_> {
    /// Writes the file with the entries for others in some form.
    fn write<S: Serializer>(&self, serializer: S, for_others: &impl Serialize) -> Result<S::Ok, S::Error> {
        let keys: BTreeSet<&str> = self.parts.keys().map(String::as_str).chain([CHANGES, RESOURCE_CHANGES]).collect();
        let mut file = serializer.serialize_map(Some(keys.len()))?;
        for key in keys {
            match key {
                CHANGES => file.serialize_entry(key, &Each(self.changes, |change| serde_json::to_value(change))),
                RESOURCE_CHANGES => file.serialize_entry(key, for_others),
                _ => file.serialize_entry(key, &self.parts[key]),
            }?;
        }
        file.end()
    }
}

impl Serialize for PlanFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A text would stay on one line in a file that is made to be read.
        self.write(serializer, &Each(&self.for_others, |entry| tree(entry)))
    }
}

/// The file without white space, of which the digest is made: there the entries' texts stand as they are.
struct Dense<'a>(&'a PlanFile<'a>);

impl Serialize for Dense<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer, &self.0.for_others)
    }
}

impl fmt::Display for PlanFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_json::to_writer_pretty(Text(f), self).map_err(|_| fmt::Error)?;
        writeln!(f)
    }
}

/// Takes the bytes of a text, as JSON is written: no character comes in two pieces.
struct Text<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl io::Write for Text<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A list with the same of each of its items.
pub(super) struct Each<'a, T>(pub(super) &'a [T], pub(super) fn(&T) -> Result<Value, serde_json::Error>);

impl<T> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(items, json) = self;
        let mut list = serializer.serialize_seq(Some(items.len()))?;
        for item in *items {
            list.serialize_element(&json(item).map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

/// The entries of all changes for rules that read Terraform's plans. What they are made from is needed no longer then.
fn entries(plan: &Plan) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    let sides = Sides::of(plan);
    plan.changes.0.iter().flat_map(|change| sides.entries(change)).map(|entry| to_raw_value(&entry)).collect()
}

/// SHA-256 of JSON without white space, in hex.
pub(super) fn digest(file: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    // A hash takes everything, and every part of a plan has a JSON form; what has none has no plan's digest.
    let _ = serde_json::to_writer(&mut hash, file);
    hex::encode(hash.finalize())
}
