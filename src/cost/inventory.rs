//! What there is to pay for, read from the attributes of resources: of a graph that is wanted, or of live ones.

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use crate::catalog::cloudwatch_alarm::Spec as Alarm;
pub(super) use crate::catalog::firehose_delivery_stream::Spec as DeliveryStream;
pub(super) use crate::catalog::kinesis_stream::Spec as Stream;
pub(super) use crate::catalog::s3_bucket::{LifecycleRule, Spec as Bucket, Transition};

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

/// A resource of a type that costs something, by its block: `stream.clicks`.
pub(super) type Owned<T> = (String, T);

/// Everything that costs something.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) streams: Vec<Owned<Stream>>,
    pub(super) delivery_streams: Vec<Owned<DeliveryStream>>,
    pub(super) buckets: Vec<Owned<Bucket>>,
    pub(super) alarms: Vec<Owned<Alarm>>,
    /// Dashboards have nothing that their price depends on.
    pub(super) dashboards: Vec<String>,
    /// Blocks that AWS bills and that have no price.
    pub(super) uncounted: BTreeSet<String>,
}

impl Inventory {
    /// Takes stock. What does not cost anything by itself is left out; a type that this pipectl does not know, or attributes
    /// that do not fit their type, are not taken for free.
    pub(super) fn of<'a>(resources: impl IntoIterator<Item = Resource<'a>>) -> Self {
        let mut all = Self::default();
        for resource in resources {
            let block = resource.address.block_name().to_owned();
            match catalog::Resource::of(resource.kind, resource.attributes) {
                Some(catalog::Resource::Stream(stream)) => all.streams.push((block, *stream)),
                Some(catalog::Resource::DeliveryStream(stream)) => all.delivery_streams.push((block, *stream)),
                Some(catalog::Resource::Bucket(bucket)) => all.buckets.push((block, *bucket)),
                Some(catalog::Resource::Alarm(alarm)) => all.alarms.push((block, *alarm)),
                Some(catalog::Resource::Dashboard(_)) => all.dashboards.push(block),
                Some(other) => match other.of_type().price() {
                    Price::None(_) => {}
                    Price::Reckoned | Price::Missing => all.leave_out(block),
                },
                None => all.leave_out(block),
            }
        }
        all
    }

    fn leave_out(&mut self, block: String) {
        self.uncounted.insert(block);
    }

    /// The delivery streams that read a stream.
    pub(super) fn readers(&self, stream: &Stream) -> u32 {
        self.delivery_streams.iter().map(|(_, one)| u32::from(reads(one, &stream.name))).sum()
    }
}

/// Whether a delivery stream reads the stream of that name.
pub(super) fn reads(one: &DeliveryStream, stream: &str) -> bool {
    one.source.stream_arn.split_once(":stream/").is_some_and(|(_, name)| name == stream)
}

/// Whether a delivery stream writes to the bucket of that name.
pub(super) fn writes(one: &DeliveryStream, bucket: &str) -> bool {
    one.bucket_arn.split_once(":::").is_some_and(|(_, name)| name == bucket)
}

/// How many metrics an alarm looks at: CloudWatch bills an alarm on an expression for each.
pub(super) fn metrics(alarm: &Alarm) -> u32 {
    alarm.metric.iter().chain(alarm.queries.iter().filter_map(|query| query.metric.as_ref())).map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_a_price_is_reckoned_and_what_has_none_is_named() {
        for one in catalog::Type::ALL {
            let address = Address::block("block", one.name());
            let taken =
                |attributes: &Value| Inventory::of([Resource { address: &address, kind: one.name(), attributes }]);
            // Attributes that do not fit are named, whatever their type.
            assert_eq!(taken(&json!({ "nothing": "fits" })).uncounted.len(), 1, "{}", one.name());
            let all = taken(&one.example());
            let counted = all.streams.len()
                + all.delivery_streams.len()
                + all.buckets.len()
                + all.alarms.len()
                + all.dashboards.len();
            let expected = match one.price() {
                Price::Reckoned => (1, 0),
                Price::Missing => (0, 1),
                Price::None(_) => (0, 0),
            };
            assert_eq!((counted, all.uncounted.len()), expected, "{}", one.name());
        }
    }
}
