//! Firehose delivery streams to S3, from a Kinesis stream or from producers.

mod backup;
mod calls;
mod conversion;
mod convert;
mod encryption;
mod s3;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{DeliveryStreamDescription, DeliveryStreamStatus as Status, DeliveryStreamType};

use self::calls::{active, describe, gone, read_tags, request_deletion, settled};
pub(super) use self::conversion::DETAILS;
use self::convert::to_tags;
use crate::aws::error::{absent_is_none, failed, unbuildable};
use crate::aws::role::Service;
use crate::aws::{Aws, Calls, Result, Seen, retry, wait};
use crate::catalog::firehose_delivery_stream::{DeliveryStream, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;

const FIREHOSE: Service = Service { principal: "firehose.amazonaws.com" };

/// How long a stream just made may stay unseen, and how long others may go on overtaking an update.
const SETTLE: Duration = Duration::from_secs(15);

impl Calls for DeliveryStream {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::firehose).await;
        let (stream, tags) = tokio::join!(describe(&client, key), read_tags(&client, key));
        match stream? {
            // The one is on its way out, the other can only be deleted: what a plan must say is that it has to be
            // made. `create` makes room first.
            Some(stream) if matches!(stream.delivery_stream_status, Status::Deleting | Status::CreatingFailed) => {
                Ok(None)
            }
            Some(stream) => {
                // Deleted between the two calls: as good as absent.
                let seen = |tags| (convert::spec(&stream, tags), Outputs::from(&stream), convert::unmodelled(&stream));
                Ok(absent_is_none(tags)?.map(seen))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::firehose).await;
        match create_stream(&client, want).await {
            Err(error) if error.class == Class::InUse && made_room(&client, want).await? => {
                create_stream(&client, want).await?;
            }
            result => result?,
        }
        let unseen = |error: &CallError| error.class == Class::Absent;
        let made = wait::retry(SETTLE, unseen, || active(&client, &want.name)).await;
        if made.is_err() && has_failed(&client, &want.name).await {
            // Nothing but a deletion is possible any more, and nobody would look for it. What matters to the user
            // is why it failed; should this fail too, the next creation deletes it.
            let _ = request_deletion(&client, &want.name, false).await;
        }
        made.map(|stream| Some((convert::spec(&stream, want.tags.clone()), Outputs::from(&stream), Vec::new())))
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(retry::firehose).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::firehose).await;
        let (encrypted, buffer_key) = (want.encrypted, want.buffer_key.clone());
        if (Spec { tags: want.tags.clone(), encrypted, buffer_key, ..now.clone() }) != *want {
            set_destination(&client, now, want).await?;
        }
        if (now.encrypted, &now.buffer_key) != (want.encrypted, &want.buffer_key) {
            encryption::set(&client, want).await?;
        }
        if now.tags != want.tags {
            set_tags(&client, &want.name, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::firehose).await;
        // What was seen at work can be deleted as it is, unless others are at it.
        if step.seen.is_some_and(|seen| seen.outputs["status"] == Status::Active.as_str()) {
            match request_deletion(&client, key, false).await {
                Err(error) if error.class == Class::InUse => {}
                requested => {
                    requested?;
                    return gone(&client, key, false).await;
                }
            }
        }
        let Some(stream) = settled(&client, key).await? else { return Ok(()) };
        // Without force a grant on a KMS key that cannot be given back keeps the stream.
        let force = stream.delivery_stream_status == Status::DeletingFailed;
        if stream.delivery_stream_status != Status::Deleting {
            request_deletion(&client, key, force).await?;
        }
        gone(&client, key, force).await
    }
}

impl From<&DeliveryStreamDescription> for Outputs {
    fn from(stream: &DeliveryStreamDescription) -> Self {
        Self { arn: stream.delivery_stream_arn.clone(), status: stream.delivery_stream_status.to_string() }
    }
}

async fn create_stream(client: &Client, want: &Spec) -> Result<()> {
    const CALL: &str = "firehose CreateDeliveryStream";
    let call = client
        .create_delivery_stream()
        .delivery_stream_name(&want.name)
        .delivery_stream_type(match want.source {
            Some(_) => DeliveryStreamType::KinesisStreamAsSource,
            None => DeliveryStreamType::DirectPut,
        })
        .set_kinesis_stream_source_configuration(
            want.source.as_ref().map(TryInto::try_into).transpose().map_err(unbuildable(CALL))?,
        )
        .set_delivery_stream_encryption_configuration_input(encryption::configuration(want)?)
        .extended_s3_destination_configuration(want.try_into().map_err(unbuildable(CALL))?)
        .set_tags(to_tags(&want.tags).map_err(unbuildable(CALL))?);
    // Boxed, here and below: the request is large, and every future around it would be.
    let sent = async { Box::pin(call.send()).await.map(drop).map_err(failed(CALL)) };
    FIREHOSE.known(&roles(want), sent).await
}

/// After AWS has refused a name as taken: whether it is free now, because what held it was on its way out, or was
/// ours and failed to be created, which only a deletion ends.
async fn made_room(client: &Client, want: &Spec) -> Result<bool> {
    // One that is being created may be what an unanswered call of ours has begun: what comes next needs it ACTIVE.
    let Some(stream) = settled(client, &want.name).await? else { return Ok(true) };
    match stream.delivery_stream_status {
        Status::Deleting => {}
        Status::CreatingFailed if is_ours(client, want).await? => {
            request_deletion(client, &want.name, false).await?;
        }
        _ => return Ok(false),
    }
    gone(client, &want.name, false).await.map(|()| true)
}

/// Whether it is surely one that failed to be created, and not one that takes its time.
async fn has_failed(client: &Client, name: &str) -> bool {
    matches!(describe(client, name).await, Ok(Some(stream)) if stream.delivery_stream_status == Status::CreatingFailed)
}

async fn is_ours(client: &Client, want: &Spec) -> Result<bool> {
    let tags = read_tags(client, &want.name).await?;
    let marks = ["pipectl:project", "pipectl:env"];
    Ok(marks.iter().all(|mark| tags.contains_key(*mark) && tags.get(*mark) == want.tags.get(*mark)))
}

async fn set_destination(client: &Client, now: &Spec, want: &Spec) -> Result<()> {
    const CALL: &str = "firehose UpdateDestination";
    let update = || async {
        // AWS takes the change only for the version and the destination that it just showed.
        let stream = active(client, &want.name).await?;
        let destination = stream.destinations().first().map(|destination| destination.destination_id.clone());
        let call = client
            .update_destination()
            .delivery_stream_name(&want.name)
            .current_delivery_stream_version_id(&stream.version_id)
            .set_destination_id(destination)
            .extended_s3_destination_update(convert::destination(now, want).map_err(unbuildable(CALL))?);
        Box::pin(call.send()).await.map(drop).map_err(failed(CALL))
    };
    let overtaken = |error: &CallError| error.class == Class::Conflict;
    FIREHOSE.known(&roles(want), wait::retry(SETTLE, overtaken, update)).await
}

/// The roles that it works as.
fn roles(want: &Spec) -> Vec<&str> {
    [want.role_arn.as_str()].into_iter().chain(want.source.as_ref().map(|source| source.role_arn.as_str())).collect()
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, name: &str, now: &Tags, want: &Tags) -> Result<()> {
    const CALL: &str = "firehose TagDeliveryStream";
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_delivery_stream().delivery_stream_name(name).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("firehose UntagDeliveryStream"))?;
    }
    if let Some(tags) = to_tags(&write).map_err(unbuildable(CALL))? {
        let call = client.tag_delivery_stream().delivery_stream_name(name).set_tags(Some(tags)).send();
        call.await.map_err(failed(CALL))?;
    }
    Ok(())
}
