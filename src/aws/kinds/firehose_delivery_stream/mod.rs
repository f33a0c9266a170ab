//! Firehose delivery streams from a Kinesis stream to S3.

mod calls;
mod convert;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_firehose::Client;
use aws_sdk_firehose::error::BuildError;
use aws_sdk_firehose::types::{DeliveryStreamDescription, DeliveryStreamStatus as Status, DeliveryStreamType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calls::{active, describe, gone, read_tags, request_deletion, settled};
use self::convert::to_tags;
use crate::aws::error::{absent_is_none, failed};
use crate::aws::role::Service;
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, retry, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// A Firehose delivery stream that reads a Kinesis stream and writes to S3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–64 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// The stream that it reads, and the role it reads with.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) source: Source,
    /// ARN of the role that it writes with.
    pub(crate) role_arn: String,
    /// ARN of the bucket that it writes to.
    pub(crate) bucket_arn: String,
    /// Key prefix, expressions (`!{timestamp:…}`) unresolved; empty: AWS's own date prefix.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Key prefix of what could not be delivered.
    #[serde(default)]
    pub(crate) error_prefix: String,
    /// Buffer size in MiB; 1–128.
    pub(crate) buffer_mib: u32,
    /// Buffer time in seconds; 0–900.
    pub(crate) buffer_seconds: u32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    pub(crate) compression: String,
    /// Extension of the keys, with its dot; empty: Firehose's own.
    #[serde(default)]
    pub(crate) file_extension: String,
    /// Time zone of the timestamps in keys.
    #[serde(default = "utc")]
    pub(crate) time_zone: String,
    /// ARN of the KMS key that objects are encrypted with; absent: the bucket's default.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Where delivery errors are logged; absent: nowhere.
    #[serde(default)]
    pub(crate) logging: Option<Logging>,
    /// What happens to records on the way, in this order.
    #[serde(default, deserialize_with = "convert::processors")]
    pub(crate) processors: Vec<Processor>,
    /// Partitioning by content; can be neither switched on nor off later.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) dynamic_partitioning: Option<DynamicPartitioning>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// The stream that it reads, and the role it reads with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// ARN of the Kinesis stream.
    pub(crate) stream_arn: String,
    /// ARN of the role.
    pub(crate) role_arn: String,
}

/// Where delivery errors are logged; both must exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logging {
    /// Name of the log group.
    pub(crate) group: String,
    /// Name of the log stream.
    pub(crate) stream: String,
}

/// A step of processing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Processor {
    /// `AppendDelimiterToRecord`, `MetadataExtraction`, `RecordDeAggregation`, `Lambda` …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its parameters that differ from AWS's defaults, by name.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

/// Partitioning by content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DynamicPartitioning {
    /// How long delivery is tried again, in seconds; 0–7200.
    pub(crate) retry_seconds: u32,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the delivery stream.
    pub(crate) arn: String,
    /// `ACTIVE`, `CREATING` …
    pub(crate) status: String,
}

/// Firehose delivery streams from a Kinesis stream to S3.
pub(crate) struct DeliveryStream;

/// What the conformance tests drive, with a role, a bucket, a stream and a log stream for it to stand on.
const EXAMPLES: &str = include_str!("examples.toml");

const FIREHOSE: Service = Service {
    principal: "firehose.amazonaws.com",
    not_known: &[
        "the role with name",
        "unable to assume role",
        "is not authorized to",
        "access was denied",
        "please check the role provided",
        "verify that the iam role has access",
        "security token included in the request is invalid",
    ],
};

/// How long a stream just made may stay unseen, and how long others may go on overtaking an update.
const SETTLE: Duration = Duration::from_secs(15);

const DELIVERY_STREAM: On = On::Arns(&["arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"]);

/// What changes where and how it delivers.
const DESTINATION: &[&str] = &["firehose:UpdateDestination"];

impl Resource for DeliveryStream {
    const KIND: &'static str = "firehose_delivery_stream";
    const AWS_TYPE: &'static str = "AWS::KinesisFirehose::DeliveryStream";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"], DELIVERY_STREAM),
        Grant::apply(
            &[
                "firehose:CreateDeliveryStream",
                "firehose:DeleteDeliveryStream",
                "firehose:TagDeliveryStream",
                "firehose:UntagDeliveryStream",
                "firehose:UpdateDestination",
            ],
            DELIVERY_STREAM,
        ),
        Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}", "{source.role_arn}"]))
            .only_if("iam:PassedToService", "firehose.amazonaws.com"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
        Grant::operate(&["kms:Decrypt"], On::Key("kms_key")).only_if("kms:ViaService", "s3.{region}.{domain}"),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["firehose:CreateDeliveryStream"],
        delete: &["firehose:DeleteDeliveryStream"],
        update: &[
            Update::new("role_arn", DESTINATION).saying("roleARN"),
            Update::new("bucket_arn", DESTINATION).saying("bucketARN"),
            Update::new("prefix", DESTINATION).saying("prefix"),
            Update::new("error_prefix", DESTINATION).saying("errorOutputPrefix"),
            Update::new("buffer_mib", DESTINATION).saying("sizeInMBs"),
            Update::new("buffer_seconds", DESTINATION).saying("intervalInSeconds"),
            Update::new("compression", DESTINATION).saying("compressionFormat"),
            Update::new("file_extension", DESTINATION).saying("fileExtension"),
            Update::new("time_zone", DESTINATION).saying("customTimeZone"),
            Update::new("kms_key", DESTINATION).saying("encryptionConfiguration"),
            Update::new("logging", DESTINATION).saying("cloudWatchLoggingOptions"),
            Update::new("processors", DESTINATION).saying("processingConfiguration"),
            Update::new("tags", &["firehose:TagDeliveryStream", "firehose:UntagDeliveryStream"]),
        ],
    };
    const EXAMPLES: &'static str = EXAMPLES;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
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
                Ok(absent_is_none(tags)?.map(|tags| (convert::spec(&stream, tags), Outputs::from(&stream))))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
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
        made.map(drop)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(retry::firehose).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::firehose).await;
        if (Spec { tags: want.tags.clone(), ..now.clone() }) != *want {
            set_destination(&client, want).await?;
        }
        if now.tags != want.tags {
            set_tags(&client, &want.name, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::firehose).await;
        let Some(stream) = settled(&client, key).await? else { return Ok(()) };
        // Without force a grant on a KMS key that cannot be given back keeps the stream.
        let force = stream.delivery_stream_status == Status::DeletingFailed;
        if stream.delivery_stream_status != Status::Deleting {
            request_deletion(&client, key, force).await?;
        }
        gone(&client, key, force).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        for (live, spelt) in now.processors.iter_mut().zip(&want.processors) {
            // Reading drops a processor's role where it is the destination's, which is AWS's default.
            if spelt.parameters.get("RoleArn") == Some(&now.role_arn) {
                live.parameters.entry("RoleArn".to_owned()).or_insert_with(|| now.role_arn.clone());
            }
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        const FROM_LATEST: &str = "Firehose starts at the end of its Kinesis stream";
        let key = |spec: &Spec| (spec.name.clone(), spec.source.clone(), spec.dynamic_partitioning.clone());
        match (now, want) {
            (None, Some(_)) => {
                vec![format!("{FROM_LATEST}: records put before it is ACTIVE are not delivered.")]
            }
            (Some(now), Some(want)) if key(now) != key(want) => vec![format!(
                "{FROM_LATEST}: records put between the deletion of the old one and the new one's being ACTIVE are not \
                 delivered."
            )],
            (Some(now), None) => {
                vec![format!("Records that `{}` has not delivered yet are not delivered any more.", now.name)]
            }
            _ => Vec::new(),
        }
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
        .delivery_stream_type(DeliveryStreamType::KinesisStreamAsSource)
        .kinesis_stream_source_configuration((&want.source).try_into().map_err(misfit(CALL))?)
        .extended_s3_destination_configuration(want.try_into().map_err(misfit(CALL))?)
        .set_tags(to_tags(&want.tags).map_err(misfit(CALL))?);
    // Boxed, here and below: the request is large, and every future around it would be.
    let send = || async { Box::pin(call.clone().send()).await.map(drop).map_err(failed(CALL)) };
    FIREHOSE.once_known(&[&want.role_arn, &want.source.role_arn], send).await
}

/// For `map_err`: a part of a request that the SDK refuses to build.
fn misfit(call: &str) -> impl FnOnce(BuildError) -> CallError {
    move |error| CallError::own(Class::Invalid, call, error.to_string())
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

async fn set_destination(client: &Client, want: &Spec) -> Result<()> {
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
            .extended_s3_destination_update(want.try_into().map_err(misfit(CALL))?);
        Box::pin(call.send()).await.map(drop).map_err(failed(CALL))
    };
    let overtaken = |error: &CallError| error.class == Class::Conflict;
    let update = || wait::retry(SETTLE, overtaken, update);
    FIREHOSE.once_known(&[&want.role_arn, &want.source.role_arn], update).await
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, name: &str, now: &Tags, want: &Tags) -> Result<()> {
    const CALL: &str = "firehose TagDeliveryStream";
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_delivery_stream().delivery_stream_name(name).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("firehose UntagDeliveryStream"))?;
    }
    if let Some(tags) = to_tags(&write).map_err(misfit(CALL))? {
        let call = client.tag_delivery_stream().delivery_stream_name(name).set_tags(Some(tags)).send();
        call.await.map_err(failed(CALL))?;
    }
    Ok(())
}
