//! States and locks in S3.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::ObjectVersion;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::bucket::{Bucket, about};
use super::error::failed;
use super::wait::retry;
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::state::blobs::{Blob, Blobs, Condition, ETag, PutError, Version};
use crate::state::store::STATE;

const GET: &str = "s3 GetObject";
const LIST: &str = "s3 ListObjectsV2";
const PUT: &str = "s3 PutObject";
const DELETE: &str = "s3 DeleteObject";
const VERSIONS: &str = "s3 ListObjectVersions";

/// How long a write is repeated that met another one in flight.
const PATIENCE: Duration = Duration::from_secs(10);

/// The metadata of a state that says where it was written when that place had been seen to honour conditions. A copy of
/// the object elsewhere takes it along, and there it says nothing.
const PROVEN_AT: &str = "pipectl-conditions-honoured-at";

/// A folder of a bucket of the caller's own account. Encryption is the bucket's default.
pub struct S3Blobs {
    aws: Arc<Aws>,
    bucket: String,
    /// Empty, or with a slash at the end.
    folder: String,
    /// Whether this place has been seen to honour conditions, now or when its state was written.
    proven: AtomicBool,
}

impl S3Blobs {
    /// The folder of `bucket` with that path; empty for the whole bucket.
    pub fn new(aws: &Arc<Aws>, bucket: &str, folder: &str) -> Self {
        let folder = folder.trim_matches('/');
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { aws: Arc::clone(aws), bucket: bucket.to_owned(), folder, proven: AtomicBool::new(false) }
    }

    async fn bucket(&self) -> Result<Bucket> {
        Bucket::new(&self.aws, &self.bucket).await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.folder)
    }

    /// What a state is marked with that is written here: where requests for it go to, endpoint and bucket and all, as a
    /// digest. `None` where that cannot be told, so that the place is tried out each time.
    async fn mark(&self, bucket: &Bucket) -> Option<String> {
        let soon = PresigningConfig::expires_in(Duration::from_secs(1)).ok()?;
        let get = bucket.s3.get_object().bucket(&bucket.name).key(self.key(STATE)).presigned(soon).await.ok()?;
        let place = get.uri().split('?').next().unwrap_or_default();
        Some(format!("{:x}", Sha256::digest(place)))
    }

    async fn get_object(&self, key: &str, version: Option<&str>) -> Result<Option<Blob>> {
        let bucket = self.bucket().await?;
        let get = about!(bucket, get_object).key(self.key(key)).set_version_id(version.map(str::to_owned));
        let reply = match get.send().await.map_err(failed(GET)) {
            Ok(reply) => reply,
            Err(error) if is(&error, &["NoSuchKey", "NoSuchVersion"]) => return Ok(None),
            Err(error) if error.class == Class::Denied && version.is_none() && !self.lists(&bucket, key).await? => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let marked = reply.metadata().and_then(|all| all.get(PROVEN_AT)).filter(|_| key == STATE && version.is_none());
        if marked.is_some() && marked == self.mark(&bucket).await.as_ref() {
            self.proven.store(true, Ordering::Relaxed);
        }
        let etag = etag(GET, reply.e_tag.as_deref())?;
        let body = reply.body.collect().await;
        let bytes = body.map_err(|error| CallError::own(Class::Unreachable, GET, error.to_string()))?.to_vec();
        Ok(Some(Blob { bytes, etag }))
    }

    /// Whether `key` exists. S3 says of what does not exist that it is forbidden, unless the caller may list the whole
    /// bucket; the policies that pipectl prints allow a list of the environment's own folder alone.
    async fn lists(&self, bucket: &Bucket, key: &str) -> Result<bool> {
        let key = self.key(key);
        let list = about!(bucket, list_objects_v2).prefix(&key).max_keys(1).send().await;
        let page = list.map_err(|error| explain_denial(failed(LIST)(error)))?;
        // The shortest key that begins so comes first.
        Ok(page.contents().first().is_some_and(|object| object.key() == Some(&key)))
    }

    async fn put_object(&self, bucket: &Bucket, key: &str, bytes: &[u8], condition: Condition<'_>) -> Result<ETag> {
        let put = about!(bucket, put_object).key(self.key(key));
        let put = put.content_type("application/json").body(bytes.to_vec().into());
        let mark = if key == STATE && self.is_proven() { self.mark(bucket).await } else { None };
        let put = put.set_metadata(mark.map(|mark| [(PROVEN_AT.to_owned(), mark)].into()));
        let put = match condition {
            Condition::Absent => put.if_none_match("*"),
            Condition::Matches(etag) => put.if_match(etag.as_str()),
        };
        let reply = put.send().await.map_err(failed(PUT))?;
        etag(PUT, reply.e_tag.as_deref())
    }

    async fn delete_object(&self, bucket: &Bucket, key: &str, etag: &ETag) -> Result<()> {
        let delete = about!(bucket, delete_object).key(self.key(key)).if_match(etag.as_str());
        delete.send().await.map_err(failed(DELETE)).map(|_| ())
    }

    /// The versions of `key`; the listing is by prefix, the key's own come first and newest first.
    async fn list_versions(&self, key: &str) -> Result<Vec<Version>> {
        let (bucket, key) = (self.bucket().await?, self.key(key));
        let (mut versions, mut from) = (Vec::new(), (None, None));
        loop {
            let list = about!(bucket, list_object_versions).prefix(&key);
            let list = list.set_key_marker(from.0).set_version_id_marker(from.1);
            let page = list.send().await.map_err(failed(VERSIONS))?;
            versions.extend(page.versions().iter().filter(|version| version.key() == Some(&key)).filter_map(version));
            from = (page.next_key_marker, page.next_version_id_marker);
            if page.is_truncated != Some(true) || from.0.as_ref() != Some(&key) {
                return Ok(versions);
            }
        }
    }
}

impl Blobs for S3Blobs {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>>> {
        Box::pin(self.get_object(key, None))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, std::result::Result<ETag, PutError>> {
        Box::pin(async move {
            let bucket = self.bucket().await?;
            let put = || self.put_object(&bucket, key, bytes, condition);
            retry(PATIENCE, met_another, put).await.map_err(|error| match condition {
                // S3 answers so to If-Match on what does not exist.
                Condition::Matches(_) if is(&error, &["NoSuchKey"]) => PutError::Conflict,
                _ => refused(error),
            })
        })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, std::result::Result<(), PutError>> {
        Box::pin(async move {
            let bucket = self.bucket().await?;
            match retry(PATIENCE, met_another, || self.delete_object(&bucket, key, etag)).await {
                Err(error) if is(&error, &["NoSuchKey"]) => Ok(()),
                outcome => outcome.map_err(refused),
            }
        })
    }

    fn versions<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<Version>>>> {
        Box::pin(async move { self.list_versions(key).await.map(Some) })
    }

    fn get_version<'a>(&'a self, key: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move { Ok(self.get_object(key, Some(id)).await?.map(|blob| blob.bytes)) })
    }

    fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    fn prove(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    fn describe(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.folder)
    }
}

fn is(error: &CallError, codes: &[&str]) -> bool {
    error.code.as_deref().is_some_and(|code| codes.contains(&code))
}

/// Another write was in flight. Which of the two wins is open; the same call again finds out.
fn met_another(error: &CallError) -> bool {
    is(error, &["ConditionalRequestConflict"])
}

/// 412 is the answer to a condition that does not hold; everything else is a failure.
fn refused(error: CallError) -> PutError {
    if is(&error, &["PreconditionFailed"]) { PutError::Conflict } else { PutError::Failed(error) }
}

/// Without `s3:ListBucket` nobody can tell the absent from the forbidden.
fn explain_denial(error: CallError) -> CallError {
    if error.class != Class::Denied {
        return error;
    }
    let message = format!(
        "{} (GetObject was refused; whether the object exists is not known unless s3:ListBucket is allowed below its folder)",
        error.message
    );
    CallError { message, ..error }
}

fn etag(call: &str, etag: Option<&str>) -> Result<ETag> {
    let none = || CallError::own(Class::Other, call, "the endpoint returns no ETag, without which no state is safe");
    etag.map(ETag::new).ok_or_else(none)
}

fn version(version: &ObjectVersion) -> Option<Version> {
    let modified = OffsetDateTime::from_unix_timestamp(version.last_modified()?.secs()).ok()?;
    let size = version.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    Some(Version { id: version.version_id()?.to_owned(), modified, size, latest: version.is_latest() == Some(true) })
}
