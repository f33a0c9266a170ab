//! Who uses what of an environment: other environments register here before they use a block of it, and no block that one of
//! them uses is deleted or replaced.
//!
//! No lock is shared between the two. A consumer registers, and then looks whether the block is about to be deleted; whoever
//! deletes writes down that it will, and then looks who has registered. Whichever comes second sees the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::blobs::{Blobs, Condition, ETag, PutError, put_surely};
use crate::model::error::CallError;

/// The file in the environment's folder.
pub const CONSUMERS: &str = "consumers.json";

const FORMAT: &str = "pipectl/consumers";
const VERSION: u64 = 1;

/// How often a write is tried again that somebody else's came before.
const ATTEMPTS: usize = 8;

/// Who uses what, by `project/env`.
pub type Consumers = BTreeMap<String, Consumer>;

/// Another environment that uses something of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// The lineage of its state: two environments that call themselves alike are told apart by it.
    pub lineage: Uuid,
    /// Where its state is.
    pub state: String,
    /// Who has registered it: `user@host`, or the CI job's URL.
    pub by: String,
    /// When it was last registered.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// What it uses, by the block's address here.
    pub uses: BTreeMap<String, Used>,
}

/// A resource that is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// Its kind: `kinesis_stream`.
    pub kind: String,
    /// What it is found by in AWS: it keeps that when its block gets another name.
    pub key: String,
}

/// Why it is not known who uses what, or could not be written down.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ConsumersError {
    /// The store failed.
    #[error("{0}{CONSUMERS}: {1}")]
    Failed(String, #[source] CallError),
    /// It cannot be read.
    #[error("{0}{CONSUMERS} cannot be used: {1}")]
    Damaged(String, String),
    /// Others wrote it again and again meanwhile.
    #[error("{0}{CONSUMERS} was written by others again and again")]
    Busy(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u64,
    /// Random: no two writes are the same bytes.
    write: Uuid,
    consumers: Consumers,
}

/// Who uses what of the environment whose folder this is.
///
/// # Errors
/// When it cannot be read: then nobody knows, and nothing may be deleted.
pub async fn load(blobs: &dyn Blobs) -> Result<Consumers, ConsumersError> {
    Ok(load_with_etag(blobs).await?.0)
}

async fn load_with_etag(blobs: &dyn Blobs) -> Result<(Consumers, Option<ETag>), ConsumersError> {
    let found = blobs.get(CONSUMERS).await.map_err(|error| ConsumersError::Failed(blobs.describe(), error))?;
    let Some(found) = found else { return Ok((Consumers::new(), None)) };
    let damaged = |why: String| ConsumersError::Damaged(blobs.describe(), why);
    let file: File = serde_json::from_slice(&found.bytes).map_err(|error| damaged(error.to_string()))?;
    if (file.format.as_str(), file.version) != (FORMAT, VERSION) {
        return Err(damaged(format!("it is {} of version {}", file.format.escape_debug(), file.version)));
    }
    Ok((file.consumers, Some(found.etag)))
}

/// Changes who uses what, as one step, and returns what `change` said of the list that it changed; the file goes with its last
/// entry.
///
/// # Errors
/// When it cannot be read or written.
pub async fn change<T>(blobs: &dyn Blobs, change: impl Fn(&mut Consumers) -> T) -> Result<T, ConsumersError> {
    let failed = |error| ConsumersError::Failed(blobs.describe(), error);
    for _ in 0..ATTEMPTS {
        let (before, etag) = load_with_etag(blobs).await?;
        let mut after = before.clone();
        let said = change(&mut after);
        if after == before {
            return Ok(said);
        }
        let done = match &etag {
            Some(etag) if after.is_empty() => blobs.delete(CONSUMERS, etag).await,
            etag => {
                let condition = etag.as_ref().map_or(Condition::Absent, Condition::Matches);
                put_surely(blobs, CONSUMERS, &render(after), condition).await.map(drop)
            }
        };
        match done {
            Ok(()) => return Ok(said),
            Err(PutError::Conflict) => {}
            Err(PutError::Failed(error)) => return Err(failed(error)),
        }
    }
    Err(ConsumersError::Busy(blobs.describe()))
}

fn render(consumers: Consumers) -> Vec<u8> {
    let file = File { format: FORMAT.to_owned(), version: VERSION, write: Uuid::new_v4(), consumers };
    // Texts and maps with texts for keys: nothing in it can fail to become JSON.
    serde_json::to_vec_pretty(&file).expect("consumers are plain data")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::future::join_all;

    use super::*;
    use crate::state::memory::Memory;

    fn consumer(state: &str) -> Consumer {
        let orders = Used { kind: "kinesis_stream".into(), key: "orders".into() };
        let uses = BTreeMap::from([("stream.orders".to_owned(), orders)]);
        Consumer {
            lineage: Uuid::nil(),
            state: state.into(),
            by: "ana@laptop".into(),
            since: OffsetDateTime::UNIX_EPOCH,
            uses,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_that_register_at_once_none_is_lost() {
        let memory = Arc::new(Memory::default());
        let names: Vec<String> = (0..5).map(|one| format!("shop/env{one}")).collect();
        let all = names.iter().map(|name| {
            let name = name.clone();
            change(&*memory, move |all| _ = all.insert(name.clone(), consumer("s3://a/b/state.json")))
        });
        for done in join_all(all).await {
            done.unwrap();
        }
        assert_eq!(load(&*memory).await.unwrap().into_keys().collect::<Vec<_>>(), names);
    }

    #[tokio::test(start_paused = true)]
    async fn the_file_goes_with_its_last_entry() {
        let memory = Memory::default();
        change(&memory, |all| _ = all.insert("shop/dev".into(), consumer("x"))).await.unwrap();
        assert!(memory.get(CONSUMERS).await.unwrap().is_some());
        change(&memory, |all| _ = all.remove("shop/dev")).await.unwrap();
        assert!(memory.get(CONSUMERS).await.unwrap().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_not_taken_for_nobody() {
        let memory = Memory::default();
        memory.put(CONSUMERS, b"{}", Condition::Absent).await.unwrap();
        assert!(matches!(load(&memory).await, Err(ConsumersError::Damaged(..))));
    }
}
