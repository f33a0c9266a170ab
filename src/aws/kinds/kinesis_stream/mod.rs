//! Kinesis data streams.
//!
//! AWS refuses a change while another is under way, so each one is followed by a wait for ACTIVE.

mod calls;
mod change;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{
    EncryptionType, EnhancedMetrics, StreamDescriptionSummary, StreamMode, StreamModeDetails, StreamStatus,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use tokio::sync::Semaphore;

use self::calls::{active, describe, gone, read_tags};
use self::change::{Change, ladder, settled};
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::tags::Tags;
use crate::aws::{Aws, Resource, Result, kms, retry, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// A Kinesis data stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the stream, unique in its account and region; 1–128 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Who decides on the number of shards.
    pub(crate) mode: Mode,
    /// Open shards; only in provisioned mode, where it is required.
    #[serde(default)]
    pub(crate) shards: Option<u32>,
    /// How long a record stays readable, in hours; 24–8760.
    #[serde(default = "one_day")]
    pub(crate) retention_hours: u32,
    /// KMS key (id, ARN or `alias/…`) that encrypts records at rest; absent: not encrypted.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Metrics kept per shard (paid): `IncomingBytes` … ; `ALL` is spelt out.
    #[serde(default, deserialize_with = "spelt_out")]
    pub(crate) shard_metrics: BTreeSet<String>,
    /// Largest record, in KiB; 1024–10240.
    #[serde(default = "one_mib")]
    pub(crate) max_record_kib: u32,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// Who decides on the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Mode {
    /// The user, by `shards`.
    #[serde(rename = "PROVISIONED")]
    Provisioned,
    /// AWS, by the traffic.
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

fn one_day() -> u32 {
    24
}

fn one_mib() -> u32 {
    1024
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the stream.
    pub(crate) arn: String,
    /// `ACTIVE`, `UPDATING` …
    pub(crate) status: String,
}

/// The names that `ALL` stands for; AWS returns these, never `ALL`.
const SHARD_METRICS: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
];

fn spelt_out<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<BTreeSet<String>, D::Error> {
    let names = BTreeSet::deserialize(deserializer)?;
    Ok(if names.contains("ALL") { SHARD_METRICS.map(str::to_owned).into() } else { names })
}

/// Kinesis data streams.
pub(crate) struct Stream;

/// AWS creates at most five streams of an account and region at a time (CreateStream's documentation): the sixth
/// waits its turn here instead of failing there.
static CREATING: Semaphore = Semaphore::const_new(5);

/// How long a stream just made may stay unseen.
const UNSEEN: Duration = Duration::from_secs(15);

/// UpdateShardCount's limit in 24 hours, per stream.
const LADDER_LIMIT: usize = 10;

const STREAM: On = On::Arns(&["arn:{partition}:kinesis:{region}:{account}:stream/{name}"]);

/// Checked on the stream and on the key.
const ENCRYPTION: &[&str] = &["kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"];

impl Resource for Stream {
    const KIND: &'static str = "kinesis_stream";
    const AWS_TYPE: &'static str = "AWS::Kinesis::Stream";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"], STREAM),
        Grant::apply(
            &[
                "kinesis:AddTagsToStream",
                "kinesis:CreateStream",
                "kinesis:DecreaseStreamRetentionPeriod",
                "kinesis:DeleteStream",
                "kinesis:IncreaseStreamRetentionPeriod",
                "kinesis:RemoveTagsFromStream",
                "kinesis:UpdateMaxRecordSize",
            ],
            STREAM,
        ),
        Grant::apply(ENCRYPTION, STREAM),
        Grant::apply(ENCRYPTION, On::Key("kms_key")),
        Grant::apply(
            &[
                "kinesis:DisableEnhancedMonitoring",
                "kinesis:EnableEnhancedMonitoring",
                "kinesis:UpdateShardCount",
                "kinesis:UpdateStreamMode",
            ],
            On::All,
        ),
        Grant::operate(&["kinesis:PutRecords"], STREAM),
        Grant::operate(&["kms:GenerateDataKey"], On::Key("kms_key"))
            .only_if("kms:ViaService", "kinesis.{region}.{domain}"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["kinesis:CreateStream"],
        delete: &["kinesis:DeleteStream"],
        update: &[
            Update::new("mode", &["kinesis:UpdateStreamMode"]),
            Update::new(
                "shards",
                &["kinesis:MergeShards", "kinesis:SplitShard", "kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"],
            ),
            Update::new(
                "retention_hours",
                &["kinesis:DecreaseStreamRetentionPeriod", "kinesis:IncreaseStreamRetentionPeriod"],
            ),
            Update::new("kms_key", &["kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"]),
            Update::new("shard_metrics", &["kinesis:DisableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring"]),
            Update::new("max_record_kib", &["kinesis:UpdateMaxRecordSize"]),
            Update::new(
                "tags",
                &[
                    "kinesis:AddTagsToStream",
                    "kinesis:RemoveTagsFromStream",
                    "kinesis:TagResource",
                    "kinesis:UntagResource",
                ],
            ),
        ],
    };
    // Without a change of `mode` or `max_record_kib`: emulators lack UpdateStreamMode and UpdateMaxRecordSize.
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-clicks"
        mode = "PROVISIONED"
        shards = 1
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance-clicks"
        mode = "PROVISIONED"
        shards = 5
        retention_hours = 48
        kms_key = "alias/aws/kinesis"
        shard_metrics = ["IncomingBytes", "IteratorAgeMilliseconds"]
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(retry::kinesis).await;
        let (stream, tags) = tokio::join!(describe(&client, key), read_tags(&client, key));
        match stream? {
            // It cannot be kept or changed any more, and is gone by the time a plan is carried out: what the plan
            // must say is that it has to be made. `create` waits until the name is free.
            Some(stream) if stream.stream_status == StreamStatus::Deleting => Ok(None),
            Some(stream) => {
                // Deleted between the two calls: as good as absent.
                Ok(absent_is_none(tags)?.map(|tags| (spec(&stream, tags), Outputs::from(&stream))))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::kinesis).await;
        let _turn = CREATING.acquire().await;
        match create_stream(&client, want).await {
            Err(error) if error.class == Class::InUse && made_room(&client, &want.name).await? => {
                create_stream(&client, want).await?;
            }
            result => result?,
        }
        let unseen = |error: &CallError| error.class == Class::Absent;
        wait::retry(UNSEEN, unseen, || active(&client, &want.name)).await.map(drop)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(retry::kinesis).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::kinesis).await;
        let change = Change::begin(&client, &want.name, step.note).await?;
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

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::kinesis).await;
        match describe(&client, key).await? {
            None => return Ok(()),
            Some(stream) if stream.stream_status == StreamStatus::Deleting => {}
            Some(_) => {
                let delete = || client.delete_stream().stream_name(key).enforce_consumer_deletion(true).send();
                absent_is_done(settled("kinesis DeleteStream", delete).await)?;
            }
        }
        gone(&client, key).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is a replacement: the old stream is deleted.
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!("The records in `{}` are deleted with it.", now.name)];
        };
        let mut warnings = Vec::new();
        if want.retention_hours < now.retention_hours {
            let (old, new) = (now.retention_hours, want.retention_hours);
            warnings.push(format!("Records older than {new} hours are lost: retention shrinks from {old} hours."));
        }
        if want.mode != now.mode {
            warnings.push("AWS allows two switches of a stream's mode in 24 hours; this is one.".to_owned());
        }
        if let (Some(old), Some(new)) = (now.shards, want.shards)
            && let steps = ladder(old, new).len()
            && steps > LADDER_LIMIT
        {
            warnings.push(format!(
                "{old} to {new} shards takes {steps} calls of UpdateShardCount (at most double, at least half each), \
                 and AWS refuses more than {LADDER_LIMIT} in 24 hours."
            ));
        }
        warnings
    }
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
        .set_tags(Some(want.tags.clone().into_iter().collect()));
    call.send().await.map_err(failed("kinesis CreateStream")).map(drop)
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
