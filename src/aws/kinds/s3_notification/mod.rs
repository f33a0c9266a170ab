//! One entry of a bucket's notification configuration; entries of others survive.
//!
//! S3 has one document for all entries of a bucket and only replaces it as a whole. So each change reads it, splices
//! its own entry, known by its id, and moves all else through as it is. Nothing guards the moment between reading and
//! writing (S3 takes no condition here): the result is read back.

pub(super) mod document;

use std::time::Duration;

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput as Live;
use aws_sdk_s3::types::NotificationConfiguration;
use document::{Entry, entries, ours, overlap, splice, to_aws};
use tokio::sync::Mutex;

use crate::aws::answers::passes;
use crate::aws::bucket::{Bucket, about};
use crate::aws::error::{absent_is_none, failed};
use crate::aws::wait::{retry, until};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::s3_notification::{Notification, Outputs, Spec, Told};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

/// How long another's write may be in progress, and the new policy of a queue or a function unknown to S3.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a bucket may show its configuration from before a write.
const STALE: Duration = Duration::from_mins(1);

/// One splice at a time: two entries of one bucket, applied at once, would each write the document without the other.
static SPLICING: Mutex<()> = Mutex::const_new(());

impl Calls for Notification {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (bucket, id) = parts(key)?;
        let Some(live) = live(&Bucket::new(aws, bucket).await?).await? else { return Ok(None) };
        Ok(ours(&live, bucket, id).map(|entry| (entry, outputs(&live, id), Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        put(&Bucket::new(aws, &want.bucket).await?, want, false)
            .await
            .map(|outputs| Some((want.clone(), outputs, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        put(&Bucket::new(aws, &want.bucket).await?, want, true).await.map(drop)
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (name, id) = parts(key)?;
        let bucket = Bucket::new(aws, name).await?;
        let _alone = SPLICING.lock().await;
        let remove = || async {
            match live(&bucket).await? {
                // Without validation: the entry of somebody else whose queue is gone must not keep ours alive.
                Some(live) if ours(&live, name, id).is_some() => write(&bucket, splice(live, id, None), true).await,
                _ => Ok(()),
            }
        };
        retry(PATIENCE, passes, remove).await?;
        let gone =
            || async { Ok(live(&bucket).await?.is_none_or(|live| ours(&live, name, id).is_none()).then_some(())) };
        until(READ, STALE, gone).await
    }
}

const READ: &str = "s3 GetBucketNotificationConfiguration";

const WRITE: &str = "s3 PutBucketNotificationConfiguration";

fn outputs(live: &Live, id: &str) -> Outputs {
    let others = entries(live).filter(|entry| entry.id != Some(id)).count();
    Outputs { others: others + usize::from(live.event_bridge_configuration.is_some()) }
}

/// Bucket and id of a key; a bucket's name holds no `|`.
fn parts(key: &str) -> Result<(&str, &str)> {
    key.split_once('|').ok_or_else(|| CallError::own(Class::Invalid, READ, format!("`{key}` is not `bucket|id`")))
}

/// The whole document, if there is the bucket.
pub(super) async fn live(bucket: &Bucket) -> Result<Option<Live>> {
    absent_is_none(about!(bucket, get_bucket_notification_configuration).send().await.map_err(failed(READ)))
}

async fn write(bucket: &Bucket, document: NotificationConfiguration, unchecked: bool) -> Result<()> {
    let put = about!(bucket, put_bucket_notification_configuration)
        .notification_configuration(document)
        .skip_destination_validation(unchecked);
    put.send().await.map_err(failed(WRITE))?;
    Ok(())
}

/// Writes our entry, in place of the present one or (`replaces` unset) as a new one; returns once it is read back.
async fn put(bucket: &Bucket, want: &Spec, replaces: bool) -> Result<Outputs> {
    let told = want.told().ok_or_else(|| {
        let message = format!("entry `{}` has to tell one queue or one function", want.id);
        CallError::own(Class::Invalid, WRITE, message)
    })?;
    let _alone = SPLICING.lock().await;
    let splice_in = || async {
        let live = live(bucket)
            .await?
            .ok_or_else(|| CallError::own(Class::Absent, WRITE, format!("bucket `{}` does not exist", want.bucket)))?;
        if !replaces && entries(&live).any(|entry| entry.id == Some(want.id.as_str())) {
            let message = format!("bucket `{}` has an entry `{}` already", want.bucket, want.id);
            return Err(CallError::own(Class::InUse, WRITE, message));
        }
        if let Some(other) = entries(&live).find(|entry| overlap(entry, want)) {
            return Err(overlapping(want, &other));
        }
        let entry = to_aws(want, told).map_err(|error| CallError::own(Class::Invalid, WRITE, error.to_string()))?;
        write(bucket, splice(live, &want.id, Some(entry)), false).await
    };
    retry(PATIENCE, |error| passes(error) || is_refused_destination(error), splice_in)
        .await
        .map_err(|error| explained(error, want, told))?;
    let written = || async {
        let Some(live) = live(bucket).await? else { return Ok(None) };
        let is_it = ours(&live, &want.bucket, &want.id).is_some_and(|entry| entry == *want);
        Ok(is_it.then(|| outputs(&live, &want.id)))
    };
    until(READ, STALE, written).await
}

/// S3 could not send its test message to a queue, or may not call a function; `InvalidArgument` is the code for whatever
/// it dislikes, so the message tells.
fn is_refused_destination(error: &CallError) -> bool {
    error.code.as_deref() == Some("InvalidArgument") && error.message.contains("Unable to validate the following dest")
}

/// Adds what to look at when S3 refuses the destination. S3 asks for it of every entry of the document, not of ours alone.
fn explained(error: CallError, want: &Spec, told: Told<'_>) -> CallError {
    if !is_refused_destination(&error) {
        return error;
    }
    let bucket = &want.bucket;
    let look = match told {
        Told::Queue(arn) => format!(
            "S3 could not send a test message: check that {arn} exists in the bucket's region, and that its policy allows \
             sqs:SendMessage to s3.amazonaws.com for bucket `{bucket}`. Snowpipe's queue belongs to Snowflake: compare the \
             ARN with `notification_channel` in SHOW PIPES"
        ),
        Told::Function(arn) => format!(
            "S3 may not call the function: check that {arn} exists in the bucket's region, and that its policy allows \
             lambda:InvokeFunction to s3.amazonaws.com for bucket `{bucket}` of this account"
        ),
    };
    let message = format!("{}. {look}", error.message.trim_end_matches('.'));
    CallError { message, ..error }
}

fn overlapping(want: &Spec, other: &Entry<'_>) -> CallError {
    let (prefix, suffix) = (other.prefix(), other.suffix());
    CallError::own(
        Class::InUse,
        WRITE,
        format!(
            "entry `{}` of bucket `{}` already sends such events to {} (prefix `{prefix}`, suffix `{suffix}`), and S3 \
             sends an event to one destination only: choose another prefix or suffix, or let an SNS topic tell both",
            other.id.unwrap_or_default(),
            want.bucket,
            other.target
        ),
    )
}
