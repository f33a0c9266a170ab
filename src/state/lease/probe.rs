//! Whether a store honours conditions: one that ignores them would let two writers overwrite each other.

use uuid::Uuid;

use crate::model::error::CallError;
use crate::state::blobs::{Blobs, Condition, ETag, PROBE, PutError, put_surely};

/// Why a store is not used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It does what it was told to do only under a condition that does not hold.
    #[error("the endpoint of {location} ignores {ignored}: two writers could overwrite each other's state there")]
    Ignores {
        /// The store.
        location: String,
        /// The condition, in S3's words: `If-Match on PutObject`.
        ignored: &'static str,
    },
    /// It failed.
    #[error(transparent)]
    Failed(#[from] CallError),
}

/// Checks a store with a file of its own, which it removes again.
///
/// # Errors
/// When the store ignores a condition, or fails.
pub async fn probe(blobs: &dyn Blobs) -> Result<(), ProbeError> {
    let mut found = Ok(());
    let removed = try_out(blobs, |outcome| found = outcome).await;
    found.and(removed.map_err(ProbeError::from))
}

/// The same, and tells what it has found before it removes its file.
///
/// # Errors
/// When that file could not be removed: nobody asks for it again.
pub async fn try_out(blobs: &dyn Blobs, tell: impl FnOnce(Result<(), ProbeError>)) -> Result<(), CallError> {
    let id = Uuid::new_v4();
    let (key, bytes) = (format!("{PROBE}{id}"), id.to_string().into_bytes());
    let etag = match put_surely(blobs, &key, &bytes, Condition::Absent).await {
        Ok(etag) => etag,
        Err(error) => {
            tell(Err(match error {
                PutError::Failed(error) => error.into(),
                // Nobody else knows the id.
                PutError::Conflict => ignores(blobs, "what it was told: a new key conflicts"),
            }));
            return Ok(());
        }
    };
    tell(check(blobs, &key, &bytes).await);
    match blobs.delete(&key, &etag).await {
        Err(PutError::Failed(error)) => Err(error),
        Ok(()) | Err(PutError::Conflict) => Ok(()),
    }
}

/// Checks a store with a file that exists and holds `bytes`: three calls at once, none of which may do anything.
async fn check(blobs: &dyn Blobs, key: &str, bytes: &[u8]) -> Result<(), ProbeError> {
    let stale = ETag::new(format!("\"{}\"", Uuid::new_v4().simple()));
    let (create, replace, delete) = tokio::join!(
        blobs.put(key, bytes, Condition::Absent),
        blobs.put(key, bytes, Condition::Matches(&stale)),
        blobs.delete(key, &stale),
    );
    for (outcome, header) in [
        (create.map(|_| ()), "If-None-Match on PutObject"),
        (replace.map(|_| ()), "If-Match on PutObject"),
        (delete, "If-Match on DeleteObject"),
    ] {
        match outcome {
            Err(PutError::Conflict) => {}
            Err(PutError::Failed(error)) => return Err(error.into()),
            Ok(()) => return Err(ignores(blobs, header)),
        }
    }
    Ok(())
}

fn ignores(blobs: &dyn Blobs, ignored: &'static str) -> ProbeError {
    ProbeError::Ignores { location: blobs.describe(), ignored }
}
