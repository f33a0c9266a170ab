//! A bucket's access log: server access logging, as S3 calls it.

use std::time::Duration;

use aws_sdk_s3::types::{BucketLoggingStatus, LoggingEnabled};

use super::settings::patiently;
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
    retry(PATIENCE, is_no_target, || patiently(|| put(bucket, want))).await
}

async fn put(bucket: &Bucket, want: Option<&AccessLog>) -> Result<()> {
    let enabled = match want {
        None => None,
        Some(want) => {
            // How objects are called below the prefix, and who else may read them, is somebody's decision, and stays.
            let now = live(bucket).await?;
            let (format, grants) = now.map(|now| (now.target_object_key_format, now.target_grants)).unwrap_or_default();
            let enabled = LoggingEnabled::builder()
                .target_bucket(&want.bucket)
                .target_prefix(&want.prefix)
                .set_target_object_key_format(format)
                .set_target_grants(grants);
            Some(enabled.build().map_err(unbuildable("s3_bucket"))?)
        }
    };
    let status = BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
    let put = about!(bucket, put_bucket_logging).bucket_logging_status(status);
    put.send().await.map_err(failed("s3 PutBucketLogging"))?;
    Ok(())
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
        let service = Scripted::new(vec![ok(GET, logged().into()), ok(PUT, "".into())]);
        let bucket = bucket(&service).await;
        let log = |prefix: &str| AccessLog { bucket: "logs".into(), prefix: prefix.into() };
        assert_eq!(read(&bucket).await.unwrap(), Some(log("old/")));
        write(&bucket, Some(&log("raw/"))).await.unwrap();
        let sent = service.last(PUT).to_string();
        assert!(sent.contains("raw/") && sent.contains("EventTime"), "{sent}");
        write(&bucket, None).await.unwrap();
        assert!(!service.last(PUT).to_string().contains("LoggingEnabled"), "{}", service.last(PUT));
    }

    #[tokio::test]
    async fn a_bucket_that_logs_nothing_has_no_log() {
        let service = Scripted::new(vec![ok(GET, "<BucketLoggingStatus/>".into())]);
        assert_eq!(read(&bucket(&service).await).await.unwrap(), None);
    }
}
