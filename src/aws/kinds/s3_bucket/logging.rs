//! A bucket's access log: server access logging, as S3 calls it.

use std::time::Duration;

use aws_sdk_s3::types::{BucketLoggingStatus, LoggingEnabled};

use crate::aws::Result;
use crate::aws::bucket::{Bucket, about};
use crate::aws::error::{failed, unbuildable};
use crate::aws::wait::retry;
use crate::catalog::s3_bucket::AccessLog;
use crate::model::error::CallError;

/// For as long S3 may not know a bucket, or the policy of one, that was just made.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where requests are logged.
pub(super) async fn read(bucket: &Bucket) -> Result<Option<AccessLog>> {
    Ok(live(bucket).await?.map(|it| AccessLog { bucket: it.target_bucket, prefix: it.target_prefix }))
}

async fn live(bucket: &Bucket) -> Result<Option<LoggingEnabled>> {
    let reply = about!(bucket, get_bucket_logging).send().await.map_err(failed("s3 GetBucketLogging"))?;
    Ok(reply.logging_enabled)
}

/// Writes it, or switches it off.
pub(super) async fn write(bucket: &Bucket, want: Option<&AccessLog>) -> Result<()> {
    retry(PATIENCE, is_no_target, || put(bucket, want)).await
}

async fn put(bucket: &Bucket, want: Option<&AccessLog>) -> Result<()> {
    let enabled = match want {
        None => None,
        Some(want) => Some(enabled(live(bucket).await?, want)?),
    };
    let status = BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
    let put = about!(bucket, put_bucket_logging).bucket_logging_status(status);
    put.send().await.map_err(failed("s3 PutBucketLogging"))?;
    Ok(())
}

/// How objects are called below the prefix, and who else may read them, is somebody's decision, and stays.
fn enabled(now: Option<LoggingEnabled>, want: &AccessLog) -> Result<LoggingEnabled> {
    let (format, grants) = now.map(|now| (now.target_object_key_format, now.target_grants)).unwrap_or_default();
    let enabled = LoggingEnabled::builder()
        .target_bucket(&want.bucket)
        .target_prefix(&want.prefix)
        .set_target_object_key_format(format)
        .set_target_grants(grants);
    enabled.build().map_err(unbuildable("s3_bucket"))
}

/// The bucket of the log is missing, or S3 may not write to it.
fn is_no_target(error: &CallError) -> bool {
    error.code.as_deref() == Some("InvalidTargetBucketForLogging")
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::Client;

    use super::*;
    use crate::aws::scripted::{Scripted, ok};
    use crate::model::scope::Scope;

    const GET: &str = "GET /";
    const PUT: &str = "PUT /";

    fn logged() -> String {
        let format = "<PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix>";
        format!(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>old/</TargetPrefix>\
             <TargetObjectKeyFormat>{format}</TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>"
        )
    }

    async fn bucket(service: &Scripted) -> Bucket {
        let s3 = service.aws().await.client(Client::new).await;
        Bucket { s3, name: "raw".into(), scope: Scope::new("123456789012", "eu-west-1") }
    }

    #[tokio::test]
    async fn another_prefix_keeps_how_objects_are_called_below_it() {
        let log = |prefix: &str| AccessLog { bucket: "logs".into(), prefix: prefix.into() };
        let service = Scripted::new(vec![ok(GET, logged().into()), ok(GET, logged().into())]);
        let bucket = bucket(&service).await;
        assert_eq!(read(&bucket).await.unwrap(), Some(log("old/")));
        let now = live(&bucket).await.unwrap();
        let written = enabled(now.clone(), &log("raw/")).unwrap();
        assert_eq!(written.target_prefix, "raw/");
        assert_eq!(written.target_object_key_format, now.unwrap().target_object_key_format);
        assert!(written.target_object_key_format.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_policy_that_has_not_spread_is_waited_for() {
        let denied = "<Error><Code>InvalidTargetBucketForLogging</Code><Message>no</Message></Error>";
        let refused = ok(PUT, denied.into()).status(400);
        let service = Scripted::new(vec![refused, ok(PUT, "".into())]);
        write(&bucket(&service).await, None).await.unwrap();
        assert_eq!(service.operations(), [PUT, PUT]);
    }

    #[tokio::test]
    async fn a_bucket_that_logs_nothing_has_no_log() {
        let service = Scripted::new(vec![ok(GET, "<BucketLoggingStatus/>".into())]);
        assert_eq!(read(&bucket(&service).await).await.unwrap(), None);
    }
}
