//! Kinesis data streams.

use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

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
    #[serde(default)]
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

/// Kinesis data streams.
pub(crate) struct Stream;

impl Resource for Stream {
    const KIND: &'static str = "kinesis_stream";
    const AWS_TYPE: &'static str = "AWS::Kinesis::Stream";
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
