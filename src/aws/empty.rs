//! Emptying a bucket: every object with all its versions, delete markers, and unfinished uploads.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, Error, MultipartUpload, ObjectIdentifier};
use futures_util::future::ready;
use futures_util::stream::{self, Stream, TryStreamExt as _};

use super::Result;
use super::bucket::{Bucket, about};
use super::error::{absent_is_done, entry_failed, failed};
use super::wait::retry;
use crate::model::error::{CallError, Class};

/// Batches (pages of 1,000) deleted at once: about what S3 takes in a second, 3,500 deletions.
const BATCHES: usize = 4;
/// Unfinished uploads of a page given up at once.
const IN_FLIGHT: usize = 8;
/// How long a batch is tried again where S3 could not delete some of it at the moment.
const PATIENCE: Duration = Duration::from_mins(1);

/// Deletes everything in `bucket`; `note` gets the progress.
///
/// # Errors
/// The first failure of a call, or of an object: then its key and AWS's code are in the message.
pub async fn empty(bucket: &Bucket, note: &(dyn Fn(String) + Send + Sync)) -> Result<()> {
    let done = &AtomicUsize::new(0);
    let delete = |page: Vec<ObjectIdentifier>| async move {
        let count = page.len();
        let batch = Delete::builder().set_objects(Some(page)).quiet(true).build().map_err(unbuildable)?;
        retry(PATIENCE, is_passing, || delete_batch(bucket, &batch)).await?;
        let done = done.fetch_add(count, Ordering::Relaxed) + count;
        note(format!("deleted {done} objects, old versions and delete markers"));
        Ok(())
    };
    let abort = |page: Vec<MultipartUpload>| {
        stream::iter(page.into_iter().map(Ok)).try_for_each_concurrent(IN_FLIGHT, |upload| abort(bucket, upload))
    };
    tokio::try_join!(
        Box::pin(drain(|from| versions(bucket, from), delete)),
        Box::pin(drain(|from| uploads(bucket, from), abort)),
    )?;
    Ok(())
}

/// Deletes each page of a listing while the next ones are listed; and begins again until nothing is left, as nobody says
/// how S3 lists on from an entry that is gone, and something may come in meanwhile.
async fn drain<T, L, D>(list: impl Fn(Marker) -> L, delete: impl Fn(Vec<T>) -> D) -> Result<()>
where
    L: Future<Output = Result<Page<T>>>,
    D: Future<Output = Result<()>>,
{
    loop {
        let found = &AtomicUsize::new(0);
        let full = pages(&list).try_filter(|page| ready(!page.is_empty()));
        let counted = full.inspect_ok(|page| _ = found.fetch_add(page.len(), Ordering::Relaxed));
        counted.try_for_each_concurrent(BATCHES, &delete).await?;
        if found.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
    }
}

/// How many versions and delete markers there are at the least: those of the listing's first page.
///
/// # Errors
/// When it cannot be listed.
pub async fn count_at_least(bucket: &Bucket) -> Result<usize> {
    Ok(versions(bucket, Marker::default()).await?.0.len())
}

/// Where a listing goes on: after this key, and this version or upload of it.
#[derive(Default)]
struct Marker {
    key: Option<String>,
    id: Option<String>,
}

/// A page of a listing, and where the next begins if there is one.
type Page<T> = (Vec<T>, Option<Marker>);

/// The pages of a listing, one after the other; the SDK has no paginators for these two.
fn pages<T, F>(page: impl Fn(Marker) -> F) -> impl Stream<Item = Result<Vec<T>>>
where
    F: Future<Output = Result<Page<T>>>,
{
    stream::try_unfold(Some(Marker::default()), move |from| {
        let page = from.map(&page);
        async move {
            match page {
                Some(page) => page.await.map(Some),
                None => Ok(None),
            }
        }
    })
}

async fn versions(bucket: &Bucket, from: Marker) -> Result<Page<ObjectIdentifier>> {
    let list = about!(bucket, list_object_versions).set_key_marker(from.key).set_version_id_marker(from.id);
    let reply = list.send().await.map_err(failed("s3 ListObjectVersions"))?;
    let ListObjectVersionsOutput { versions, delete_markers, next_key_marker: key, .. } = reply;
    let next = (reply.is_truncated == Some(true)).then_some(Marker { key, id: reply.next_version_id_marker });
    let versions = versions.unwrap_or_default().into_iter().map(|version| (version.key, version.version_id));
    let markers = delete_markers.unwrap_or_default().into_iter().map(|marker| (marker.key, marker.version_id));
    let identify = |(key, id)| ObjectIdentifier::builder().set_key(key).set_version_id(id).build();
    let page = versions.chain(markers).map(identify).collect::<std::result::Result<_, _>>().map_err(unbuildable)?;
    Ok((page, next))
}

async fn uploads(bucket: &Bucket, from: Marker) -> Result<Page<MultipartUpload>> {
    let list = about!(bucket, list_multipart_uploads).set_key_marker(from.key).set_upload_id_marker(from.id);
    let reply = list.send().await.map_err(failed("s3 ListMultipartUploads"))?;
    let next = Marker { key: reply.next_key_marker, id: reply.next_upload_id_marker };
    Ok((reply.uploads.unwrap_or_default(), (reply.is_truncated == Some(true)).then_some(next)))
}

/// Deletes a batch; what is gone already counts as deleted, so that it can be tried again as it is.
async fn delete_batch(bucket: &Bucket, batch: &Delete) -> Result<()> {
    let call = "s3 DeleteObjects";
    let reply = about!(bucket, delete_objects).delete(batch.clone()).send().await.map_err(failed(call))?;
    match reply.errors() {
        [] => Ok(()),
        [first, ..] => Err(undeletable(call, first, reply.errors().len())),
    }
}

/// S3 answers 200 to a batch of which it could not delete everything.
fn undeletable(call: &str, first: &Error, count: usize) -> CallError {
    let (code, key) = (first.code().unwrap_or("no code"), first.key().unwrap_or_default());
    let version = first.version_id().map(|id| format!(" (version {id})")).unwrap_or_default();
    let reason = first.message().unwrap_or_default();
    let others = if count > 1 { format!("; nor could {} others", count - 1) } else { String::new() };
    entry_failed(call, code, format!("`{key}`{version} could not be deleted: {reason}{others}"))
}

/// S3's "try again", which inside a batch no SDK does.
fn is_passing(error: &CallError) -> bool {
    error.class == Class::Throttled || matches!(error.code.as_deref(), Some("InternalError" | "ServiceUnavailable"))
}

async fn abort(bucket: &Bucket, upload: MultipartUpload) -> Result<()> {
    let call = about!(bucket, abort_multipart_upload).set_key(upload.key).set_upload_id(upload.upload_id);
    absent_is_done(call.send().await.map_err(failed("s3 AbortMultipartUpload")))
}

/// A listing with an entry that has no key; S3 sends none.
fn unbuildable(error: impl std::error::Error) -> CallError {
    CallError::own(Class::Other, "s3 DeleteObjects", error.to_string())
}
