//! What several steps ask of a Kinesis stream: how it is, and to get where it is awaited.

use std::time::Duration;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{StreamDescriptionSummary, StreamStatus};

use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Result, wait};
use crate::model::error::{CallError, Class};
use crate::model::tags;
use crate::model::tags::Tags;

/// A large stream is resharded in many minutes.
const LIMIT: Duration = Duration::from_mins(30);

/// The stream as it is, or `None` where there is none.
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<StreamDescriptionSummary>> {
    let call = client.describe_stream_summary().stream_name(name).send();
    let reply = absent_is_none(call.await.map_err(failed("kinesis DescribeStreamSummary")))?;
    Ok(reply.and_then(|reply| reply.stream_description_summary))
}

/// Its tags, all pages of them.
pub(super) async fn read_tags(client: &Client, name: &str) -> Result<Tags> {
    let mut tags = Vec::new();
    loop {
        let after = tags.last().map(|(key, _): &(String, String)| key.clone());
        let call = client.list_tags_for_stream().stream_name(name).set_exclusive_start_tag_key(after).limit(50).send();
        let reply = call.await.map_err(failed("kinesis ListTagsForStream"))?;
        let more = reply.has_more_tags && !reply.tags.is_empty();
        tags.extend(reply.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
        if !more {
            return Ok(tags::own(tags));
        }
    }
}

/// Waits until it takes records and changes.
pub(super) async fn active(client: &Client, name: &str) -> Result<StreamDescriptionSummary> {
    let what = format!("kinesis stream {name} to become ACTIVE");
    let look = || async {
        match describe(client, name).await? {
            Some(stream) if stream.stream_status == StreamStatus::Active => Ok(Some(stream)),
            Some(stream) if stream.stream_status != StreamStatus::Deleting => Ok(None),
            _ => Err(CallError::own(Class::Absent, &what, "somebody deleted it")),
        }
    };
    wait::until(&what, LIMIT, look).await
}

/// Waits until its name is free.
pub(super) async fn gone(client: &Client, name: &str) -> Result<()> {
    let look = || async { Ok(describe(client, name).await?.is_none().then_some(())) };
    wait::until(&format!("kinesis stream {name} to be gone"), LIMIT, look).await
}
