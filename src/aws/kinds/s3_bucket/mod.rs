//! S3 buckets with the settings of theirs that pipectl declares.

mod lifecycle;
mod logging;
mod settings;

use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};

use crate::aws::answers::passes;
use crate::aws::bucket::{Bucket as BucketCalls, about};
use crate::aws::empty::{count_at_least, empty};
use crate::aws::error::{absent_is_done, failed};
use crate::aws::wait::{retry, until};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::s3_bucket::{Bucket, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

/// How long a bucket may take to appear or to be gone, and late objects (Firehose's last, and the logs of a bucket that is
/// gone, which S3 writes as it can) to stop coming.
const PATIENCE: Duration = Duration::from_mins(2);

impl Calls for Bucket {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let bucket = BucketCalls::new(aws, key).await?;
        let (exists, settings) = tokio::join!(bucket.exists(), settings::read(&bucket));
        // Without the bucket, its settings' errors say nothing new.
        if !exists? {
            return Ok(None);
        }
        let spec = match settings {
            Err(error) if settings::is_no_bucket(&error) => {
                retry(PATIENCE, settings::is_no_bucket, || Box::pin(settings::read(&bucket))).await?
            }
            settings => settings?,
        };
        Ok(Some((spec, Outputs { arn: bucket.scope.bucket_arn(key) }, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let bucket = BucketCalls::new(aws, &want.name).await?;
        let call = "s3 CreateBucket";
        // In us-east-1 S3 answers 200 for a bucket that we have already, and resets its ACL; elsewhere it refuses that itself.
        if bucket.scope.region == "us-east-1" && bucket.exists().await? {
            let message = format!("bucket `{}` exists already in this account", want.name);
            return Err(CallError::own(Class::InUse, call, message));
        }
        let make = async {
            let create = bucket
                .s3
                .create_bucket()
                .bucket(&want.name)
                .object_ownership(ObjectOwnership::from(want.object_ownership.as_str()))
                .set_create_bucket_configuration(birth(&bucket.scope.region, &want.tags)?);
            create.send().await.map_err(failed(call)).map(|_| ())
        };
        make.await?;
        settings::write_new(&bucket, want).await?;
        Ok(Some((want.clone(), Outputs { arn: bucket.scope.bucket_arn(&want.name) }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        settings::write(&BucketCalls::new(aws, &want.name).await?, now, want).await
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let bucket = BucketCalls::new(aws, key).await?;
        if step.empty {
            match empty(&bucket, step.note).await {
                Err(error) if settings::is_no_bucket(&error) => return Ok(()),
                result => result?,
            }
            retry(PATIENCE, |error| passes(error) || is_not_empty(error), || remove_late(&bucket, step)).await?;
        } else {
            match retry(PATIENCE, passes, || remove(&bucket)).await {
                Err(error) if is_not_empty(&error) => return Err(not_empty(&bucket, error).await),
                result => result?,
            }
        }
        // S3 makes known everywhere what buckets there are a moment later; until then its name is taken.
        until("s3 DeleteBucket", PATIENCE, || async { Ok((!bucket.exists().await?).then_some(())) }).await
    }
}

/// What S3 takes when it makes a bucket: tags, so that a crash right after leaves it known as ours, and the region,
/// which for us-east-1 has no name here.
fn birth(region: &str, tags: &Tags) -> Result<Option<CreateBucketConfiguration>> {
    let elsewhere = (region != "us-east-1").then(|| BucketLocationConstraint::from(region));
    if elsewhere.is_none() && tags.is_empty() {
        return Ok(None);
    }
    let tags = (!tags.is_empty()).then(|| settings::tag_list(tags)).transpose()?;
    Ok(Some(CreateBucketConfiguration::builder().set_location_constraint(elsewhere).set_tags(tags).build()))
}

async fn remove(bucket: &BucketCalls) -> Result<()> {
    absent_is_done(about!(bucket, delete_bucket).send().await.map_err(failed("s3 DeleteBucket")))
}

/// Removes the emptied bucket; where something has come in since, empties it again for the next try.
async fn remove_late(bucket: &BucketCalls, step: &StepContext<'_>) -> Result<()> {
    let removed = remove(bucket).await;
    if removed.as_ref().is_err_and(is_not_empty) {
        empty(bucket, step.note).await?;
    }
    removed
}

fn is_not_empty(error: &CallError) -> bool {
    error.code.as_deref() == Some("BucketNotEmpty")
}

/// Says what is in the way, and how it goes away.
async fn not_empty(bucket: &BucketCalls, error: CallError) -> CallError {
    let held = match count_at_least(bucket).await {
        Ok(count) => format!("holds at least {count} objects, old versions or delete markers"),
        // Counting is a courtesy, for which the permission may be missing.
        Err(_) => "is not empty".to_owned(),
    };
    CallError { message: format!("bucket `{}` {held}; `--empty-buckets` deletes them", bucket.name), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn us_east_1_has_no_location() {
        let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
        assert_eq!(birth("us-east-1", &Tags::new()).unwrap(), None);
        assert_eq!(birth("us-east-1", &tags).unwrap().unwrap().location_constraint(), None);
        assert_eq!(birth("eu-west-1", &tags).unwrap().unwrap().location_constraint().unwrap().as_str(), "eu-west-1");
    }
}
