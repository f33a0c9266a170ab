//! What there is to pay for, read from the attributes of resources: of a graph that is wanted, or of live ones.

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use crate::catalog::cloudwatch_alarm::Spec as Alarm;
pub(super) use crate::catalog::dynamodb_table::Spec as Table;
pub(super) use crate::catalog::firehose_delivery_stream::Spec as DeliveryStream;
pub(super) use crate::catalog::kinesis_stream::Spec as Stream;
pub(super) use crate::catalog::lambda_function::Spec as Function;
pub(super) use crate::catalog::s3_bucket::{LifecycleRule, Spec as Bucket, Transition};
pub(super) use crate::catalog::sqs_queue::Spec as Queue;

use crate::catalog;
use crate::catalog::facets::Price;
use crate::model::address::Address;

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

/// Everything that costs something, or that its cost depends on.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// The resources, each with its block: `stream.clicks`.
    pub(super) resources: Vec<(String, catalog::Resource)>,
    /// Blocks that AWS bills and that have no price.
    pub(super) uncounted: BTreeSet<String>,
}

impl Inventory {
    /// Takes stock. A type that this pipectl does not know, or attributes that do not fit their type, are not taken for free.
    pub(super) fn of<'a>(resources: impl IntoIterator<Item = Resource<'a>>) -> Self {
        let mut all = Self::default();
        for resource in resources {
            let block = resource.address.block_name().to_owned();
            match catalog::Resource::of(resource.kind, resource.attributes) {
                Some(known) => {
                    if known.of_type().price() == Price::Missing {
                        all.uncounted.insert(block.clone());
                    }
                    all.resources.push((block, known));
                }
                None => drop(all.uncounted.insert(block)),
            }
        }
        all
    }

    /// The streams, by block.
    pub(super) fn streams(&self) -> impl Iterator<Item = (&String, &Stream)> {
        self.resources.iter().filter_map(|(block, one)| match one {
            catalog::Resource::Stream(stream) => Some((block, &**stream)),
            _ => None,
        })
    }

    /// The delivery streams.
    pub(super) fn delivery_streams(&self) -> impl Iterator<Item = &DeliveryStream> {
        self.named_delivery_streams().map(|(_, stream)| stream)
    }

    /// The same, by block.
    pub(super) fn named_delivery_streams(&self) -> impl Iterator<Item = (&String, &DeliveryStream)> {
        self.resources.iter().filter_map(|(block, one)| match one {
            catalog::Resource::DeliveryStream(stream) => Some((block, &**stream)),
            _ => None,
        })
    }

    /// The delivery streams that read a stream.
    pub(super) fn readers(&self, stream: &Stream) -> u32 {
        self.delivery_streams().map(|one| u32::from(reads(one, &stream.name))).sum()
    }

    /// How many people a topic tells by mail.
    pub(super) fn mails(&self, topic: &str) -> u32 {
        let told = self.resources.iter().map(|(_, one)| match one {
            catalog::Resource::Subscription(one) => {
                u32::from(one.protocol.starts_with("email") && one.topic_arn.ends_with(&format!(":{topic}")))
            }
            _ => 0,
        });
        told.sum()
    }

    /// For how many days a log is kept; absent: for ever, or nobody knows.
    pub(super) fn log_days(&self, log_group: &str) -> Option<u32> {
        self.resources.iter().find_map(|(_, one)| match one {
            catalog::Resource::LogGroup(group) if group.name == log_group => group.retention_days,
            _ => None,
        })
    }
}

/// Whether a delivery stream reads the stream of that name.
pub(super) fn reads(one: &DeliveryStream, stream: &str) -> bool {
    let source = one.source.as_ref().and_then(|source| source.stream_arn.split_once(":stream/"));
    source.is_some_and(|(_, name)| name == stream)
}

/// Whether a delivery stream writes to the bucket of that name.
pub(super) fn writes(one: &DeliveryStream, bucket: &str) -> bool {
    one.bucket_arn.split_once(":::").is_some_and(|(_, name)| name == bucket)
}

/// How many metrics an alarm looks at: CloudWatch bills an alarm on an expression for each.
pub(super) fn metrics(alarm: &Alarm) -> u32 {
    alarm.metric.iter().chain(alarm.queries.iter().filter_map(|query| query.metric.as_ref())).map(|_| 1).sum()
}
