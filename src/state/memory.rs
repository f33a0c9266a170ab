//! A store in memory, for tests: faithful, until it is told to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use super::blobs::{Blob, Blobs, Condition, ETag, PutError, Version};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The call fails and changes nothing.
    Failure,
    /// The call is carried out, but fails for the caller.
    LostReply,
    /// The call is carried out, its reply is lost, and the SDK's second attempt meets the first one's result.
    RetriedAfterLoss,
    /// The call changes nothing and reports a conflict.
    Conflict,
    /// The call is carried out whatever its condition says, as by an endpoint that does not know the headers.
    IgnoredCondition,
}

/// A call that is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `get`, `versions` or `get_version`.
    Read,
    /// `put`.
    Put,
    /// `delete`.
    Delete,
}

type Script = Box<dyn FnMut(Call, &str) -> Fault + Send>;

/// A store in memory that keeps every version.
pub struct Memory {
    keys: Mutex<BTreeMap<String, Vec<Stored>>>,
    script: Mutex<Script>,
}

/// One write; a deletion has no bytes.
struct Stored {
    bytes: Option<Vec<u8>>,
    modified: OffsetDateTime,
}

impl Default for Memory {
    fn default() -> Self {
        Self { keys: Mutex::default(), script: Mutex::new(Box::new(|_, _| Fault::None)) }
    }
}

impl Memory {
    /// From now on asks `script` what goes wrong with each call on a key.
    pub fn inject(&self, script: impl FnMut(Call, &str) -> Fault + Send + 'static) {
        *lock(&self.script) = Box::new(script);
    }

    /// Every content that `key` ever had, oldest first.
    pub fn written(&self, key: &str) -> Vec<Vec<u8>> {
        let keys = lock(&self.keys);
        keys.get(key).into_iter().flatten().filter_map(|stored| stored.bytes.clone()).collect()
    }

    fn fault(&self, call: Call, key: &str) -> Fault {
        (lock(&self.script))(call, key)
    }

    fn read(&self, key: &str) -> Result<MutexGuard<'_, BTreeMap<String, Vec<Stored>>>, CallError> {
        match self.fault(Call::Read, key) {
            Fault::None => Ok(lock(&self.keys)),
            _ => Err(unreachable("get")),
        }
    }

    /// Changes `key` as `fault` lets it; `bytes` is `None` for a deletion.
    fn write(&self, call: Call, key: &str, bytes: Option<&[u8]>, condition: Condition<'_>) -> Result<ETag, PutError> {
        let fault = self.fault(call, key);
        let mut keys = lock(&self.keys);
        let versions = keys.entry(key.to_owned()).or_default();
        let now = current(versions).map(|blob| blob.etag);
        let holds = match (condition, &now) {
            (Condition::Absent, None) => true,
            (Condition::Matches(want), Some(now)) => want == now,
            (Condition::Matches(_), None) => call == Call::Delete,
            (Condition::Absent, Some(_)) => false,
        };
        match fault {
            Fault::Failure => return Err(unreachable("put").into()),
            Fault::Conflict => return Err(PutError::Conflict),
            _ if !holds && fault != Fault::IgnoredCondition => return Err(PutError::Conflict),
            _ if bytes.is_none() && now.is_none() => return Ok(etag(versions.len())),
            _ => versions.push(Stored { bytes: bytes.map(<[u8]>::to_vec), modified: OffsetDateTime::now_utc() }),
        }
        match fault {
            Fault::LostReply => Err(unreachable("put").into()),
            Fault::RetriedAfterLoss if call == Call::Put => Err(PutError::Conflict),
            _ => Ok(etag(versions.len())),
        }
    }
}

impl Blobs for Memory {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
        Box::pin(async move { Ok(self.read(key)?.get(key).and_then(|versions| current(versions))) })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>> {
        Box::pin(async move { self.write(Call::Put, key, Some(bytes), condition) })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
        Box::pin(async move { self.write(Call::Delete, key, None, Condition::Matches(etag)).map(|_| ()) })
    }

    fn versions<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<Version>>, CallError>> {
        Box::pin(async move {
            let keys = self.read(key)?;
            let stored = keys.get(key).map(Vec::as_slice).unwrap_or_default();
            let version = |(at, stored): (usize, &Stored)| {
                let size = stored.bytes.as_ref()?.len() as u64;
                Some(Version { id: at.to_string(), modified: stored.modified, size, latest: false })
            };
            let mut versions: Vec<Version> = stored.iter().enumerate().rev().filter_map(version).collect();
            if let (Some(newest), Some(Stored { bytes: Some(_), .. })) = (versions.first_mut(), stored.last()) {
                newest.latest = true;
            }
            Ok(Some(versions))
        })
    }

    fn get_version<'a>(&'a self, key: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, CallError>> {
        Box::pin(async move {
            let keys = self.read(key)?;
            let stored = id.parse::<usize>().ok().and_then(|at| keys.get(key)?.get(at));
            Ok(stored.and_then(|stored| stored.bytes.clone()))
        })
    }

    fn describe(&self) -> String {
        "memory://".to_owned()
    }
}

fn current(versions: &[Stored]) -> Option<Blob> {
    let bytes = versions.last()?.bytes.clone()?;
    Some(Blob { bytes, etag: etag(versions.len()) })
}

fn etag(version: usize) -> ETag {
    ETag::new(version.to_string())
}

fn unreachable(verb: &str) -> CallError {
    CallError::own(Class::Unreachable, format!("memory {verb}"), "the store does not answer")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
