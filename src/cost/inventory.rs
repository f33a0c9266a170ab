//! What there is to pay for, read from the attributes of resources: of a graph that is wanted, or of live ones.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::address::Address;

/// One resource: its address, its kind and its attributes in canonical form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    /// Where it stands in the spec.
    pub(super) address: &'a Address,
    /// `kinesis_stream`.
    pub(super) kind: &'a str,
    /// Its attributes, in the shape of its kind.
    pub(super) attributes: &'a Value,
}

/// A resource of a kind that costs something, by its block: `stream.clicks`.
pub(super) type Owned<T> = (String, T);

/// Everything that costs something.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) streams: Vec<Owned<Stream>>,
    pub(super) delivery_streams: Vec<Owned<DeliveryStream>>,
    pub(super) buckets: Vec<Owned<Bucket>>,
    pub(super) alarms: Vec<Owned<Alarm>>,
    /// Dashboards have nothing that their price depends on.
    pub(super) dashboards: Vec<Owned<()>>,
    /// Blocks that AWS bills, and of whose service there are no prices.
    pub(super) uncounted: BTreeSet<String>,
}

/// A `kinesis_stream`.
#[derive(Debug, Deserialize)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) shards: Option<u32>,
    pub(super) retention_hours: u32,
    pub(super) kms_key: Option<String>,
    pub(super) shard_metrics: Vec<String>,
}

/// A `firehose_delivery_stream`.
#[derive(Debug, Deserialize)]
pub(super) struct DeliveryStream {
    source: Source,
    bucket_arn: String,
    pub(super) buffer_mib: u32,
    pub(super) buffer_seconds: u32,
    pub(super) compression: String,
    pub(super) kms_key: Option<String>,
    pub(super) dynamic_partitioning: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Source {
    stream_arn: String,
}

/// An `s3_bucket`.
#[derive(Debug, Deserialize)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) versioning: bool,
    pub(super) encryption: Encryption,
    pub(super) lifecycle: Vec<Rule>,
}

/// The default encryption of a bucket.
#[derive(Debug, Deserialize)]
pub(super) struct Encryption {
    pub(super) algorithm: String,
    #[serde(default)]
    pub(super) bucket_key: bool,
}

/// A lifecycle rule.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    pub(super) expire_days: Option<u32>,
    pub(super) noncurrent_days: Option<u32>,
    #[serde(default)]
    pub(super) transitions: Vec<Transition>,
}

/// A move to another storage class.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Transition {
    pub(super) days: u32,
    pub(super) class: String,
}

/// A `cloudwatch_alarm`.
#[derive(Debug, Deserialize)]
pub(super) struct Alarm {
    metric: Option<Value>,
    #[serde(default)]
    queries: Vec<Query>,
}

#[derive(Debug, Deserialize)]
struct Query {
    metric: Option<Value>,
}

impl Inventory {
    /// Takes stock. What does not cost anything by itself, a role or a log group without errors in it, is left out.
    pub(super) fn of<'a>(resources: impl IntoIterator<Item = Resource<'a>>) -> Self {
        let mut all = Self::default();
        for resource in resources {
            match resource.kind {
                "kinesis_stream" => add(&mut all.streams, resource),
                "firehose_delivery_stream" => add(&mut all.delivery_streams, resource),
                "s3_bucket" => add(&mut all.buckets, resource),
                "cloudwatch_alarm" => add(&mut all.alarms, resource),
                "apigateway_rest_api"
                | "dynamodb_table"
                | "events_rule"
                | "lambda_function"
                | "secretsmanager_secret"
                | "sqs_queue" => {
                    all.uncounted.insert(resource.address.block_name().to_owned());
                }
                "cloudwatch_dashboard" => all.dashboards.push((resource.address.block_name().to_owned(), ())),
                _ => {}
            }
        }
        all
    }

    /// The delivery streams that read a stream.
    pub(super) fn readers(&self, stream: &Stream) -> u32 {
        self.delivery_streams.iter().map(|(_, one)| u32::from(one.reads(&stream.name))).sum()
    }
}

/// Attributes in canonical form always fit: they went through the kind's own type.
fn add<T: DeserializeOwned>(all: &mut Vec<Owned<T>>, resource: Resource<'_>) {
    if let Ok(read) = T::deserialize(resource.attributes) {
        all.push((resource.address.block_name().to_owned(), read));
    }
}

impl DeliveryStream {
    /// Whether it reads the stream of that name.
    pub(super) fn reads(&self, stream: &str) -> bool {
        self.source.stream_arn.split_once(":stream/").is_some_and(|(_, name)| name == stream)
    }

    /// Whether it writes to the bucket of that name.
    pub(super) fn writes(&self, bucket: &str) -> bool {
        self.bucket_arn.split_once(":::").is_some_and(|(_, name)| name == bucket)
    }
}

impl Alarm {
    /// How many metrics it looks at: CloudWatch bills an alarm on an expression for each.
    pub(super) fn metrics(&self) -> u32 {
        self.metric.iter().chain(self.queries.iter().filter_map(|query| query.metric.as_ref())).map(|_| 1).sum()
    }
}
