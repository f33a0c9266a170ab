//! Resources of CloudFormation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::catalog::Type;

/// The key by which [`named`] marks a name until the references are known.
pub(in crate::export) const NAMED: &str = "pipectl::named";

/// A resource of CloudFormation.
#[derive(Clone, Debug)]
pub(in crate::export) struct Part {
    /// Its type: `AWS::S3::Bucket`.
    pub(in crate::export) kind: &'static str,
    /// What its logical id has behind the address.
    pub(in crate::export) suffix: &'static str,
    /// What it is imported by.
    pub(in crate::export) identifier: BTreeMap<&'static str, String>,
    /// Its properties.
    pub(in crate::export) properties: Value,
}

impl Part {
    /// The resource of a type that is imported by an identifier.
    pub(in crate::export) fn new<const N: usize>(
        kind: &'static str,
        identifier: [(&'static str, &str); N],
        properties: Value,
    ) -> Self {
        let identifier = identifier.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Self { kind, suffix: "", identifier, properties }
    }

    /// With a logical id of its own, for the second resource of an address.
    pub(in crate::export) fn under(self, suffix: &'static str) -> Self {
        Self { suffix, ..self }
    }
}

/// Properties, without those that are null.
pub(in crate::export) fn properties<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let given = properties.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A text as it stands, also where it is the ARN of what is exported: two resources that refer to each other are a circle,
/// which CloudFormation refuses.
pub(in crate::export) fn verbatim(text: &str) -> Value {
    // There is no type of this name.
    json!({ NAMED: ["", text] })
}

/// The resource of a type that has this name: a `Ref`, or its name where it is not exported.
pub(in crate::export) fn named(one: Type, name: &str) -> Value {
    json!({ NAMED: [one.name(), name] })
}
