//! What several steps ask of a Firehose delivery stream: how it is, to be deleted, and to get where it is awaited.

use std::time::Duration;

use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{DeliveryStreamDescription, DeliveryStreamStatus as Status, FailureDescription};

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Result, wait};
use crate::model::error::{CallError, Class};
use crate::model::tags;
use crate::model::tags::Tags;

/// AWS takes a minute or two to create one, and minutes to delete it.
pub(super) const LIMIT: Duration = Duration::from_mins(15);

/// The delivery stream as it is, or `None` where there is none.
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<DeliveryStreamDescription>> {
    let call = client.describe_delivery_stream().delivery_stream_name(name).send();
    let reply = absent_is_none(call.await.map_err(failed("firehose DescribeDeliveryStream")))?;
    Ok(reply.and_then(|reply| reply.delivery_stream_description))
}

/// Its tags, all pages of them.
pub(super) async fn read_tags(client: &Client, name: &str) -> Result<Tags> {
    let mut tags = Vec::new();
    loop {
        let after = tags.last().map(|(key, _): &(String, String)| key.clone());
        let call = client.list_tags_for_delivery_stream().delivery_stream_name(name);
        let call = call.set_exclusive_start_tag_key(after).limit(50).send();
        let reply = call.await.map_err(failed("firehose ListTagsForDeliveryStream"))?;
        let more = reply.has_more_tags && !reply.tags.is_empty();
        tags.extend(reply.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
        if !more {
            return Ok(tags::own(tags));
        }
    }
}

/// Begins its deletion; a missing one counts as deleted.
pub(super) async fn request_deletion(client: &Client, name: &str, force: bool) -> Result<()> {
    let call = client.delete_delivery_stream().delivery_stream_name(name).allow_force_delete(force).send();
    absent_is_done(call.await.map_err(failed("firehose DeleteDeliveryStream")))
}

/// Waits until it is usable.
pub(super) async fn active(client: &Client, name: &str) -> Result<DeliveryStreamDescription> {
    let what = format!("firehose delivery stream {name} to become ACTIVE");
    let look = || async {
        let Some(stream) = describe(client, name).await? else {
            return Err(CallError::own(Class::Absent, &what, "it does not exist"));
        };
        match stream.delivery_stream_status {
            Status::Active => Ok(Some(stream)),
            Status::Creating => Ok(None),
            _ => Err(CallError::own(Class::Stuck, &what, state(&stream))),
        }
    };
    wait::until(&what, LIMIT, look).await
}

/// Waits until it is created or has failed to be: AWS takes no deletion before.
pub(super) async fn settled(client: &Client, name: &str) -> Result<Option<DeliveryStreamDescription>> {
    let look = || async {
        let stream = describe(client, name).await?;
        let creating = stream.as_ref().is_some_and(|stream| stream.delivery_stream_status == Status::Creating);
        Ok((!creating).then_some(stream))
    };
    wait::until(&format!("firehose delivery stream {name} to be created"), LIMIT, look).await
}

/// Waits until its name is free. `forced`: a deletion that failed before is under way again, and shows as failed until it gets on.
pub(super) async fn gone(client: &Client, name: &str, forced: bool) -> Result<()> {
    let what = format!("firehose delivery stream {name} to be gone");
    let look = || async {
        match describe(client, name).await? {
            None => Ok(Some(())),
            Some(stream) if stream.delivery_stream_status == Status::DeletingFailed && !forced => {
                let message = format!("{}; running the same command again forces the deletion", state(&stream));
                Err(CallError::own(Class::Stuck, &what, message))
            }
            Some(_) => Ok(None),
        }
    };
    wait::until(&what, LIMIT, look).await
}

/// `it is CREATING_FAILED: KMS_KEY_NOT_FOUND: …`.
fn state(stream: &DeliveryStreamDescription) -> String {
    let why = stream.failure_description.as_ref().map(reason).unwrap_or_default();
    format!("it is {}{why}", stream.delivery_stream_status)
}

/// `: KMS_KEY_NOT_FOUND: …`.
pub(super) fn reason(FailureDescription { r#type, details, .. }: &FailureDescription) -> String {
    format!(": {type}: {details}")
}
