//! Buckets, and who is told of their objects.

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput as Live;

use crate::aws::bucket::{Bucket as Called, about};
use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result};
use crate::model::discovery::{Bucket, Notification, Target};

/// One bucket.
pub(super) async fn bucket(aws: &Aws, name: &str) -> Result<Option<Bucket>> {
    let called = Called::new(aws, name).await?;
    let call = about!(called, get_bucket_notification_configuration).send().await;
    let live = absent_is_none(call.map_err(failed("s3 GetBucketNotificationConfiguration")))?;
    Ok(live.map(|live| Bucket { notifications: notifications(live) }))
}

fn notifications(live: Live) -> Vec<Notification> {
    let entry = |id: Option<String>, target| Notification { id: id.unwrap_or_default(), target };
    let queues = live.queue_configurations.into_iter().flatten().map(|it| entry(it.id, Target::Queue(it.queue_arn)));
    let topics = live.topic_configurations.into_iter().flatten().map(|it| entry(it.id, Target::Topic(it.topic_arn)));
    let functions = live.lambda_function_configurations.into_iter().flatten();
    let functions = functions.map(|it| entry(it.id, Target::Function(it.lambda_function_arn)));
    let bridge = live.event_bridge_configuration.map(|_| entry(None, Target::EventBridge));
    queues.chain(topics).chain(functions).chain(bridge).collect()
}
