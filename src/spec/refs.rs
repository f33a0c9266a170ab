//! References from one block to another: `source = "stream.clicks"`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::blocks::Kind;
use super::check::Block;
use crate::model::address::Address;

/// Which kinds of block a reference may lead to.
///
/// Every [`Block`] is a target by itself; where several kinds will do, a marker type lists them.
pub trait Target {
    /// Their kinds.
    fn kinds() -> Vec<Kind>;
}

impl<B: Block> Target for B {
    fn kinds() -> Vec<Kind> {
        Kind::named(B::KIND).into_iter().collect()
    }
}

/// The words for a target's kinds.
fn words<T: Target>() -> Vec<&'static str> {
    T::kinds().into_iter().map(Kind::name).collect()
}

/// A reference to a block of one of `T`'s kinds, written `"kind.name"`.
///
/// That it leads to a block of a right kind is checked while the spec is loaded, from the schema's
/// `x-refers-to`, wherever the field stands. Whoever holds a loaded spec may rely on it.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String", bound = "")]
pub struct Ref<T> {
    kind: String,
    name: String,
    target: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    /// The kind of the block that it leads to: `stream`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The name of the block that it leads to: `clicks`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Kind and name of the block that it leads to.
    pub fn parts(&self) -> (&str, &str) {
        (&self.kind, &self.name)
    }

    /// The same reference, where blocks of other kinds would do as well.
    pub fn widen<U: Target>(&self) -> Ref<U> {
        Ref { kind: self.kind.clone(), name: self.name.clone(), target: PhantomData }
    }

    /// The address of the block that it leads to.
    pub fn address(&self) -> Address {
        Address::block(&self.kind, &self.name)
    }
}

impl<T> fmt::Display for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Derived, these would ask the same of `T`, which is only a mark.
impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self { kind: self.kind.clone(), name: self.name.clone(), target: PhantomData }
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        (&self.kind, &self.name) == (&other.kind, &other.name)
    }
}

impl<T> Eq for Ref<T> {}

impl<T> TryFrom<String> for Ref<T> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (kind, name) = text.split_once('.').ok_or_else(|| format!("`{text}` is not of the form `kind.name`"))?;
        Ok(Self { kind: kind.to_owned(), name: name.to_owned(), target: PhantomData })
    }
}

impl<T> From<Ref<T>> for String {
    fn from(reference: Ref<T>) -> Self {
        reference.to_string()
    }
}

impl<T: Target> JsonSchema for Ref<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("reference to {}", words::<T>().join(" or ")).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-refers-to": words::<T>() })
    }

    fn inline_schema() -> bool {
        true
    }
}
