//! Kinesis data streams.
//!
//! AWS refuses a change while another is under way, so each one is followed by a wait for ACTIVE.

mod calls;
mod change;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{
    EncryptionType, EnhancedMetrics, StreamDescriptionSummary, StreamMode, StreamModeDetails, StreamStatus,
};
use tokio::sync::Semaphore;

use self::calls::{active, describe, gone, read_tags};
use self::change::Change;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen, retry, wait};
use crate::catalog::kinesis_stream::{Mode, Outputs, Spec, Stream, one_mib};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

/// AWS creates at most five streams of an account and region at a time (CreateStream's documentation): the sixth
/// waits its turn here instead of failing there.
static CREATING: Semaphore = Semaphore::const_new(5);

/// How long a stream just made may stay unseen.
const UNSEEN: Duration = Duration::from_secs(15);

impl Calls for Stream {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::kinesis).await;
        let (stream, tags) = tokio::join!(describe(&client, key), read_tags(&client, key));
        match stream? {
            // It cannot be kept or changed any more, and is gone by the time a plan is carried out: what the plan
            // must say is that it has to be made. `create` waits until the name is free.
            Some(stream) if stream.stream_status == StreamStatus::Deleting => Ok(None),
            Some(stream) => {
                // Deleted between the two calls: as good as absent.
                Ok(absent_is_none(tags)?.map(|tags| (spec(&stream, tags), Outputs::from(&stream), Vec::new())))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::kinesis).await;
        let turn = CREATING.acquire().await;
        match create_stream(&client, want).await {
            Err(error) if error.class == Class::InUse && made_room(&client, &want.name).await? => {
                create_stream(&client, want).await?;
            }
            result => result?,
        }
        let unseen = |error: &CallError| error.class == Class::Absent;
        // Firehose takes no stream as its source, and Kinesis no change, before it is ACTIVE. Its tags are looked at beside: an
        // endpoint older than CreateStream's tags leaves them out, and nothing else says whose the stream is.
        let (stream, tags) = tokio::try_join!(
            wait::retry(UNSEEN, unseen, || active(&client, &want.name)),
            wait::retry(UNSEEN, unseen, || read_tags(&client, &want.name)),
        )?;
        drop(turn);
        let change = Change::of(&client, &want.name, stream.stream_arn.clone(), step.note);
        make_right(&change, &spec(&stream, tags), want).await?;
        Ok(Some((want.clone(), Outputs::from(&stream), Vec::new())))
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(retry::kinesis).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::kinesis).await;
        make_right(&Change::begin(&client, &want.name, step.note).await?, now, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::kinesis).await;
        let call = client.delete_stream().stream_name(key).enforce_consumer_deletion(true).send();
        match call.await.map_err(failed("kinesis DeleteStream")) {
            // Nothing else can be wanted of a stream that is on its way out.
            Err(error) if error.class == Class::InUse && leaves(&client, key).await? => {}
            result => absent_is_done(result)?,
        }
        // Its name stays taken until it is gone.
        gone(&client, key).await
    }
}

/// One change after another: Kinesis takes none while another is under way.
async fn make_right(change: &Change<'_>, now: &Spec, want: &Spec) -> Result<()> {
    if now.mode != want.mode {
        change.mode(want.mode).await?;
    }
    if now.shards != want.shards
        && let Some(shards) = want.shards
    {
        change.shards(shards).await?;
    }
    if now.max_record_kib != want.max_record_kib {
        change.max_record_size(want.max_record_kib).await?;
    }
    if now.retention_hours != want.retention_hours {
        change.retention(now.retention_hours, want.retention_hours).await?;
    }
    if now.kms_key != want.kms_key {
        change.encryption(now.kms_key.as_deref(), want.kms_key.as_deref()).await?;
    }
    if now.shard_metrics != want.shard_metrics {
        change.shard_metrics(&now.shard_metrics, &want.shard_metrics).await?;
    }
    if now.tags != want.tags {
        change.tags(&now.tags, &want.tags).await?;
    }
    Ok(())
}

/// The spec that the live stream is equal to.
fn spec(stream: &StreamDescriptionSummary, tags: Tags) -> Spec {
    let on_demand = stream.stream_mode_details().is_some_and(|mode| mode.stream_mode == StreamMode::OnDemand);
    let encrypted = stream.encryption_type == Some(EncryptionType::Kms);
    let metrics = stream.enhanced_monitoring().iter().flat_map(EnhancedMetrics::shard_level_metrics);
    Spec {
        name: stream.stream_name.clone(),
        mode: if on_demand { Mode::OnDemand } else { Mode::Provisioned },
        // On demand the number is AWS's own affair and changes by itself.
        shards: (!on_demand).then(|| stream.open_shard_count.cast_unsigned()),
        retention_hours: stream.retention_period_hours.cast_unsigned(),
        kms_key: stream.key_id.clone().filter(|_| encrypted),
        shard_metrics: metrics.map(ToString::to_string).collect(),
        max_record_kib: stream.max_record_size_in_kib.map_or_else(one_mib, i32::cast_unsigned),
        tags,
    }
}

impl From<&StreamDescriptionSummary> for Outputs {
    fn from(stream: &StreamDescriptionSummary) -> Self {
        Self { arn: stream.stream_arn.clone(), status: stream.stream_status.to_string() }
    }
}

impl From<Mode> for StreamModeDetails {
    fn from(mode: Mode) -> Self {
        let mode = match mode {
            Mode::Provisioned => StreamMode::Provisioned,
            Mode::OnDemand => StreamMode::OnDemand,
        };
        // The builder only asks for the field that is set here.
        Self::builder().stream_mode(mode).build().expect("its only field is set")
    }
}

async fn create_stream(client: &Client, want: &Spec) -> Result<()> {
    let call = client
        .create_stream()
        .stream_name(&want.name)
        .stream_mode_details(want.mode.into())
        .set_shard_count(want.shards.filter(|_| want.mode == Mode::Provisioned).map(u32::cast_signed))
        .max_record_size_in_kib(want.max_record_kib.cast_signed())
        // AWS refuses an empty map.
        .set_tags((!want.tags.is_empty()).then(|| want.tags.clone().into_iter().collect()));
    call.send().await.map_err(failed("kinesis CreateStream")).map(drop)
}

/// Whether the stream is being deleted.
async fn leaves(client: &Client, name: &str) -> Result<bool> {
    Ok(describe(client, name).await?.is_none_or(|stream| stream.stream_status == StreamStatus::Deleting))
}

/// After AWS has refused a name as taken: whether it is free now, because what held it was on its way out.
async fn made_room(client: &Client, name: &str) -> Result<bool> {
    match describe(client, name).await?.map(|stream| stream.stream_status) {
        None => Ok(true),
        Some(StreamStatus::Deleting) => gone(client, name).await.map(|()| true),
        // It may be what an unanswered call of ours has begun: what comes next needs it ACTIVE.
        Some(_) => active(client, name).await.map(|_| false),
    }
}
