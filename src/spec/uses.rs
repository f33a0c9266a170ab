//! What a function may use: `"table.sessions:write"`, `"bucket.raw/clicks/:read"`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::blocks::Kind;
use super::blocks::bucket::Bucket;
use super::check::{Block as _, Checks};
use super::member;
use super::nearest::listed;
use super::prefix;
use crate::model::address::Address;

/// A block that a function may use, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Use {
    /// The kind of the block: `table`.
    pub kind: String,
    /// Its name: `sessions`.
    pub name: String,
    /// Of a bucket, with what the keys of the objects begin: `clicks/`; empty for all of it.
    pub prefix: String,
    /// For what.
    pub access: Access,
}

/// What a function may do with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Get what is in a table, a stream, a bucket, a dataset, a secret or a schema registry.
    Read,
    /// Put into a table, a stream or a bucket.
    Write,
    /// Put records straight into a firehose.
    Put,
    /// Publish to a topic.
    Publish,
    /// Put messages into a queue.
    Send,
    /// Get messages from a queue, and delete them.
    Receive,
    /// Run queries in a workgroup of Athena, and get their results; ask a table for what has a key, and nothing else.
    Query,
    /// Call a function.
    Invoke,
    /// Start a job, a workflow or a crawler, and see how it fares.
    Start,
    /// Encrypt and decrypt with a key.
    Use,
    /// Encrypt with a key, and get data keys of it.
    Encrypt,
    /// Decrypt with a key.
    Decrypt,
    /// Become another role.
    Assume,
}

/// Whether a function may use a block.
#[derive(Clone, Copy, Debug)]
pub enum Uses {
    /// For these.
    For(&'static [Access]),
    /// Not at all, for this reason.
    None(&'static str),
}

impl Uses {
    /// For what.
    pub fn allowed(self) -> &'static [Access] {
        match self {
            Self::For(allowed) => allowed,
            Self::None(_) => &[],
        }
    }
}

impl Access {
    const ALL: [Self; 13] = [
        Self::Read,
        Self::Write,
        Self::Put,
        Self::Publish,
        Self::Send,
        Self::Receive,
        Self::Query,
        Self::Invoke,
        Self::Start,
        Self::Use,
        Self::Encrypt,
        Self::Decrypt,
        Self::Assume,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Put => "put",
            Self::Publish => "publish",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Query => "query",
            Self::Invoke => "invoke",
            Self::Start => "start",
            Self::Use => "use",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
            Self::Assume => "assume",
        }
    }
}

impl Use {
    /// The address of the block.
    pub fn address(&self) -> Address {
        Address::block(&self.kind, &self.name)
    }

    /// Checks that the block exists, and can be used so.
    pub(super) fn check(&self, path: &str, checks: &mut Checks<'_>) {
        let Self { kind, name, prefix, access } = self;
        let allowed = Kind::named(kind).map_or(&[][..], |kind| kind.uses().allowed());
        if allowed.is_empty() {
            let usable = Kind::ALL.iter().filter(|kind| !kind.uses().allowed().is_empty());
            checks
                .error(path, format!("a function cannot use a `{kind}`"))
                .help(format!("it can use a {}", listed(usable.map(|kind| kind.name()), "or")));
            return;
        }
        if !allowed.contains(access) {
            let words = allowed.iter().map(|access| access.word());
            checks
                .error(path, format!("`{}` says nothing of a {kind}", access.word()))
                .help(format!("write `{kind}.{name}:` and {}", listed(words, "or")));
        }
        if *access == Access::Put && checks.says(kind, name, "source") {
            checks
                .error(path, format!("`{kind}.{name}` reads a stream, and takes no records besides"))
                .help("write to its stream: `stream.NAME:write`; or take its `source` away");
        }
        let in_part = !prefix.is_empty();
        if in_part && kind != Bucket::KIND {
            checks
                .error(path, format!("a {kind} has no prefix `{prefix}`: only a bucket is used in part"))
                .help(format!("write `{kind}.{name}:{access}`"));
        } else if in_part {
            prefix::check_literal(path, prefix, checks);
            if !prefix.ends_with('/') {
                checks
                    .error(path, "it is used below a folder: without `/` at its end its namesakes belong to it as well")
                    .help(format!("write `{kind}.{name}/{prefix}/:{access}`"));
            }
        }
        if let Some(at) = checks.off(kind, name) {
            checks.error(path, format!("`{kind}.{name}` is switched off")).help(member::remedy(at));
        } else if !checks.declares(kind, name) {
            checks.error(path, format!("this spec has no `{kind}.{name}`"));
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "{}.{}{slash}{}:{}", self.kind, self.name, self.prefix, self.access.word())
    }
}

impl TryFrom<String> for Use {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let malformed = || format!("`{text}` is not of the form `kind.name:access`, or `bucket.name/prefix/:access`");
        let (used, access) = text.rsplit_once(':').ok_or_else(malformed)?;
        let (kind, rest) = used.split_once('.').ok_or_else(malformed)?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if rest.contains('/') && prefix.is_empty() {
            return Err(malformed());
        }
        let access = Access::ALL.into_iter().find(|known| known.word() == access).ok_or_else(malformed)?;
        Ok(Self { kind: kind.to_owned(), name: name.to_owned(), prefix: prefix.to_owned(), access })
    }
}

impl From<Use> for String {
    fn from(used: Use) -> Self {
        used.to_string()
    }
}

impl JsonSchema for Use {
    fn schema_name() -> Cow<'static, str> {
        "use".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = Access::ALL.map(Access::word).join("|");
        json_schema!({ "type": "string", "pattern": format!(r"^[a-z_]+\.[a-z][a-z0-9_-]*(/.+)?:({words})$") })
    }

    fn inline_schema() -> bool {
        true
    }
}
