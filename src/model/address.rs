//! The address of a resource: the block that a user wrote, and the part of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names one resource of an environment: `stream.clicks`, or `firehose.clicks/role` for a part of a block.
///
/// Unique by construction: the block's kind and name are keys of the TOML file, the part is the blueprint's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    block: String,
    part: Option<String>,
}

impl Address {
    /// The address of the resource that a block itself stands for: `stream.clicks`.
    pub fn block(kind: &str, name: &str) -> Self {
        Self { block: format!("{kind}.{name}"), part: None }
    }

    /// The address of another part of the same block: `firehose.clicks` → `firehose.clicks/role`.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        Self { block: self.block.clone(), part: Some(part.to_owned()) }
    }

    /// Where the state keeps a resource that its successor under another key has replaced, until it is deleted.
    #[must_use]
    pub fn retired(&self, key: &str) -> Self {
        let key: String = key.chars().filter(|letter| !letter.is_control()).collect();
        let part = match &self.part {
            Some(part) => format!("{part}/was:{key}"),
            None => format!("was:{key}"),
        };
        Self { block: self.block.clone(), part: Some(part) }
    }

    /// The name of the block, whatever its kind.
    pub fn name(&self) -> &str {
        self.block.split_once('.').map_or(&self.block, |(_, name)| name)
    }

    /// The part of the block: `role`; none for the resource that the block itself stands for.
    pub fn part_name(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// Whether it names another: the same one, or a block whose part that is.
    pub fn covers(&self, other: &Address) -> bool {
        self == other || (self.part.is_none() && self.block == other.block)
    }

    /// `kind.name` of the block.
    pub fn block_name(&self) -> &str {
        &self.block
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Some(part) => write!(f, "{}/{part}", self.block),
            None => f.write_str(&self.block),
        }
    }
}

/// Why a text is not an address.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an address: expected `kind.name` or `kind.name/part`")]
pub struct NotAnAddress(String);

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (block, part) = match text.split_once('/') {
            Some((block, part)) => (block, Some(part.to_owned())),
            None => (text, None),
        };
        let whole = block.split_once('.').is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty());
        if !whole || part.as_deref() == Some("") || text.chars().any(char::is_control) {
            return Err(NotAnAddress(text.escape_debug().to_string()));
        }
        Ok(Self { block: block.to_owned(), part })
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}
