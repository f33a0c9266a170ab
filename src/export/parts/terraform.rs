//! Resources of Terraform.

use serde::Serialize;
use serde_json::Value;

use super::value_of;
use crate::catalog::Type;

/// A resource of Terraform.
#[derive(Clone, Debug)]
pub(in crate::export) struct Part {
    /// Its type: `aws_s3_bucket_policy`.
    pub(in crate::export) kind: &'static str,
    /// What its label has behind the address.
    pub(in crate::export) suffix: Option<String>,
    /// What it is imported by.
    pub(in crate::export) id: String,
    /// Its body.
    pub(in crate::export) fields: Fields,
    /// Arguments that exist in Terraform alone.
    pub(in crate::export) unread: &'static [&'static str],
    /// Arguments that others decide on.
    pub(in crate::export) ignored: Vec<String>,
}

impl Part {
    /// The resource of a type that is imported by `id`.
    pub(in crate::export) fn new(kind: &'static str, id: &str, fields: Fields) -> Self {
        Self { kind, suffix: None, id: id.to_owned(), fields, unread: &[], ignored: Vec::new() }
    }

    /// With a label of its own, for a type of which an address has several.
    pub(in crate::export) fn under(self, suffix: &str) -> Self {
        Self { suffix: Some(suffix.to_owned()), ..self }
    }

    /// With arguments that AWS knows nothing of. Terraform has defaults for them, which differ from the nothing that an
    /// import reads: ignored, they are no change.
    pub(in crate::export) fn unread(self, unread: &'static [&'static str]) -> Self {
        Self { unread, ..self }
    }
}

/// Arguments and nested blocks, in their order.
pub(crate) type Fields = Vec<(&'static str, Term)>;

/// An argument or nested blocks.
#[derive(Clone, Debug)]
pub(crate) enum Term {
    /// A value; null is not written at all. ARNs of exported resources become references.
    Plain(Value),
    /// The same as a text of JSON: a policy, a dashboard.
    Encoded(Value),
    /// The resource of a type that has this name; where it is not exported, its name.
    Named(Type, String),
    /// Names of the resource's own arguments.
    Names(Vec<String>),
    /// Nested blocks of one type.
    Blocks(Vec<Fields>),
}

impl<T: Serialize> From<T> for Term {
    fn from(value: T) -> Self {
        Self::Plain(value_of(value))
    }
}

impl Term {
    /// What is not written.
    pub(crate) fn none() -> Self {
        Self::Plain(Value::Null)
    }

    /// JSON as text; nothing for null.
    pub(crate) fn encoded(value: impl Serialize) -> Self {
        let value = value_of(value);
        if value.is_null() { Self::none() } else { Self::Encoded(value) }
    }

    /// The resource of a type that has this name.
    pub(crate) fn named(one: Type, name: &str) -> Self {
        Self::Named(one, name.to_owned())
    }
}

/// Arguments and nested blocks.
pub(crate) fn fields<const N: usize>(fields: [(&'static str, Term); N]) -> Fields {
    fields.into()
}

/// One nested block.
pub(crate) fn block<const N: usize>(fields: [(&'static str, Term); N]) -> Term {
    Term::Blocks(vec![fields.into()])
}

/// Nested blocks of one type.
pub(crate) fn blocks(blocks: impl IntoIterator<Item = Fields>) -> Term {
    Term::Blocks(blocks.into_iter().collect())
}
