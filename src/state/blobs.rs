//! Where states and locks are kept: named bytes, and writes that happen only if nothing changed meanwhile.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;

/// How the keys begin by which a store is tried out: each is used once, and nobody else knows it.
pub(super) const PROBE: &str = "probe-";

/// What a store calls the present contents of a key; opaque, and different after every write of other bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ETag(String);

impl ETag {
    /// An ETag as the store spells it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the store spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The contents of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The contents.
    pub bytes: Vec<u8>,
    /// What the store calls them.
    pub etag: ETag,
}

/// An earlier or present version of a key's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The store's id for it.
    pub id: String,
    /// When it was written, by the store's clock.
    pub modified: OffsetDateTime,
    /// Its length in bytes.
    pub size: u64,
    /// Whether it is the present version.
    pub latest: bool,
}

/// What must hold for a write to happen.
#[derive(Clone, Copy, Debug)]
pub enum Condition<'a> {
    /// The key does not exist.
    Absent,
    /// The key's contents are still these.
    Matches(&'a ETag),
}

/// Why a conditional write or deletion did not happen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PutError {
    /// The condition did not hold.
    #[error("somebody else changed it meanwhile")]
    Conflict,
    /// The call failed; it may have been carried out all the same if its reply was lost.
    #[error(transparent)]
    Failed(#[from] CallError),
}

/// A folder of named bytes that belongs to one environment.
pub trait Blobs: Send + Sync {
    /// The contents of `key`, or `None` where it does not exist.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>>;
    /// Writes `bytes` to `key` if `condition` holds, as one step.
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>>;
    /// Deletes `key` if its contents are still `etag`; what is gone already counts as deleted.
    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>>;
    /// The versions of `key`, newest first; `None` where the store keeps no earlier ones.
    fn versions<'a>(&'a self, _key: &'a str) -> BoxFuture<'a, Result<Option<Vec<Version>>, CallError>> {
        Box::pin(async { Ok(None) })
    }
    /// The contents of a version, or `None` where there is no such version.
    fn get_version<'a>(&'a self, _key: &'a str, _id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, CallError>> {
        Box::pin(async { Ok(None) })
    }
    /// Whether this place is known to honour conditions: [seen](Self::prove) by this process, or written down with a state
    /// that was read from it.
    fn is_proven(&self) -> bool {
        false
    }
    /// Says that this place was seen to honour conditions; written down with the next state, where a store can.
    fn prove(&self) {}
    /// Where it is, for people, with a slash at the end: `s3://bucket/folder/env/`.
    fn describe(&self) -> String;
}

/// Writes bytes that nobody else would write (they hold a random id), and tells a lost reply from a lost race.
///
/// Where a reply was lost and the call made again, by us or by the SDK, the second attempt finds the condition broken by
/// the first. What is there decides: if it is what we wrote, the write happened. So a call that
/// [failed](PutError::Failed) may be repeated with the same bytes and the same condition until it succeeds.
pub async fn put_surely(
    blobs: &dyn Blobs,
    key: &str,
    bytes: &[u8],
    condition: Condition<'_>,
) -> Result<ETag, PutError> {
    match blobs.put(key, bytes, condition).await {
        Err(PutError::Conflict) => match blobs.get(key).await? {
            Some(found) if found.bytes == bytes => Ok(found.etag),
            _ => Err(PutError::Conflict),
        },
        result => result,
    }
}

/// Whether a failure may pass by itself, so that the same call is worth repeating.
pub(super) fn may_pass(error: &CallError) -> bool {
    matches!(error.class, Class::Unreachable | Class::Unreadable | Class::Throttled | Class::Conflict | Class::Other)
}
