//! The way that records take through what is named: streams, delivery streams, buckets.

use std::collections::BTreeSet;

use super::Wiring;
use crate::model::discovery::{DeliveryStream, Destination, Source};
use crate::model::scope::Scope;

/// What a user names of a pipeline, by its names in AWS; any of it leads to the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Streams.
    pub streams: Vec<String>,
    /// Buckets.
    pub buckets: Vec<String>,
    /// Delivery streams.
    pub firehoses: Vec<String>,
}

/// What lies on the way. From what is named it leads up to where the records come from and down to where they go, and
/// does not turn round: what else reads the same stream or writes to the same bucket is another pipeline's.
#[derive(Debug, Default)]
pub(super) struct DataPath<'a> {
    /// Names of the streams.
    pub(super) streams: BTreeSet<&'a str>,
    /// The delivery streams.
    pub(super) deliveries: Vec<&'a DeliveryStream>,
    /// Names of the buckets.
    pub(super) buckets: BTreeSet<&'a str>,
}

impl<'a> DataPath<'a> {
    /// The way through what is named. What cannot be taken is left in `wiring`.
    pub(super) fn follow(start: &'a Start, all: &'a [DeliveryStream], scope: &Scope, wiring: &mut Wiring) -> Self {
        let mut path = Self::default();
        path.streams.extend(start.streams.iter().map(String::as_str));
        path.buckets.extend(start.buckets.iter().map(String::as_str));
        for delivery in all {
            let reads =
                stream_of(delivery, scope).is_some_and(|stream| start.streams.iter().any(|name| name == stream));
            let writes =
                bucket_of(delivery, scope).is_some_and(|bucket| start.buckets.iter().any(|name| name == bucket));
            if reads || writes || start.firehoses.contains(&delivery.name) {
                path.deliveries.push(delivery);
            }
        }
        for delivery in &path.deliveries {
            path.streams.extend(stream_of(delivery, scope));
            path.buckets.extend(bucket_of(delivery, scope));
        }
        path.leave_others(all, scope, wiring);
        path.deliveries.retain(|delivery| match unfit(delivery, scope) {
            Some(reason) => {
                wiring.leave(format!("the delivery stream {}", delivery.name), reason);
                false
            }
            None => true,
        });
        path
    }

    /// Whether a delivery stream lies on it.
    pub(super) fn has(&self, delivery: &DeliveryStream) -> bool {
        self.deliveries.iter().any(|taken| taken.name == delivery.name)
    }

    /// Names the delivery streams that share a stream or a bucket with it.
    fn leave_others(&self, all: &[DeliveryStream], scope: &Scope, wiring: &mut Wiring) {
        for other in all.iter().filter(|other| !self.has(other)) {
            let stream = stream_of(other, scope).filter(|stream| self.streams.contains(stream));
            let bucket = bucket_of(other, scope).filter(|bucket| self.buckets.contains(bucket));
            let shares = match (stream, bucket) {
                (Some(stream), _) => format!("reads the stream {stream} too"),
                (None, Some(bucket)) => format!("writes to the bucket {bucket} too"),
                (None, None) => continue,
            };
            let name = &other.name;
            let then = unfit(other, scope).unwrap_or_else(|| format!("`--firehose {name}` takes it along"));
            wiring.leave(
                format!("the delivery stream {name}"),
                format!("it {shares}, off the way of what is named; {then}"),
            );
        }
    }
}

/// The name of the stream that it reads, where that is ours.
pub(super) fn stream_of<'a>(delivery: &'a DeliveryStream, scope: &Scope) -> Option<&'a str> {
    match &delivery.source {
        Source::Stream(arn) => scope.resource_of("kinesis", arn)?.strip_prefix("stream/"),
        Source::Producers | Source::Other(_) => None,
    }
}

/// The name of the bucket that it writes to.
fn bucket_of<'a>(delivery: &'a DeliveryStream, scope: &Scope) -> Option<&'a str> {
    match &delivery.destination {
        Destination::Bucket(arn) => scope.resource_of("s3", arn),
        Destination::Other(_) => None,
    }
}

/// Why pipectl has no such delivery streams; absent where it has.
fn unfit(delivery: &DeliveryStream, scope: &Scope) -> Option<String> {
    match (&delivery.source, &delivery.destination) {
        (Source::Other(source), _) => Some(format!(
            "its source is {source}, and pipectl has delivery streams from a Kinesis stream or from producers alone"
        )),
        (Source::Stream(arn), _) if stream_of(delivery, scope).is_none() => {
            Some(format!("the stream that it reads is in another account or region: {arn}"))
        }
        (_, Destination::Other(service)) => {
            Some(format!("its destination is {service}, and pipectl has delivery streams to S3 alone"))
        }
        (Source::Stream(_) | Source::Producers, Destination::Bucket(_)) => None,
    }
}
