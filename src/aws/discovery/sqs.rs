//! Queues, and where their dead letters go.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::Value;

use crate::aws::error::{absent_is_none, failed, garbled};
use crate::aws::{Aws, Result};

/// The ARN of the queue to which the dead letters of one go.
pub(super) async fn dead_letters(aws: &Aws, queue: &str) -> Result<Option<String>> {
    const CALL: &str = "sqs GetQueueAttributes";
    let client = aws.client(Client::new).await;
    let call = client.get_queue_url().queue_name(queue).send().await;
    let reply = absent_is_none(call.map_err(failed("sqs GetQueueUrl")))?;
    let Some(url) = reply.and_then(|reply| reply.queue_url) else { return Ok(None) };
    let call = client.get_queue_attributes().queue_url(url).attribute_names(Name::RedrivePolicy).send().await;
    let reply = absent_is_none(call.map_err(failed(CALL)))?;
    let text = reply.and_then(|reply| reply.attributes?.remove(&Name::RedrivePolicy)).filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(None) };
    let policy: Value = serde_json::from_str(&text).map_err(|error| garbled(CALL, "RedrivePolicy", &text, &error))?;
    Ok(policy["deadLetterTargetArn"].as_str().map(str::to_owned))
}
