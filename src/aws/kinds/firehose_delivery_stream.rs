//! Firehose delivery streams from a Kinesis stream to S3.

use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

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
    #[serde(default)]
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

impl Resource for DeliveryStream {
    const KIND: &'static str = "firehose_delivery_stream";
    const AWS_TYPE: &'static str = "AWS::KinesisFirehose::DeliveryStream";
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        todo!()
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        todo!()
    }
}
