//! Who is told of a bucket's new objects, and what S3 and sense have against it.

use std::collections::BTreeSet;

use super::Spec;
use super::blocks::bucket::Bucket;
use super::blocks::function::{Function, Source};
use super::blocks::snowpipe::Snowpipe;
use super::blocks::stream::Stream;
use super::check::{Block as _, Checks};
use super::prefix;
use super::uses::Access;

/// A block that is told of a bucket's new objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notified<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    /// The name of the bucket's block.
    pub(super) bucket: &'a str,
    /// What the keys of the objects begin with.
    pub(super) prefix: &'a str,
    /// What they end with.
    pub(super) suffix: &'a str,
}

/// Every one, in the order of the kinds.
fn all(spec: &Spec) -> impl Iterator<Item = Notified<'_>> {
    let snowpipes = spec.blocks.snowpipe.own().iter().filter_map(|(name, block)| Notified::snowpipe(name, block));
    let functions = spec.blocks.function.own().iter();
    snowpipes.chain(functions.filter_map(|(name, block)| Notified::function(name, block.source.as_ref()?)))
}

impl<'a> Notified<'a> {
    /// A snowpipe, once it is known whom S3 tells.
    pub(super) fn snowpipe(name: &'a str, block: &'a Snowpipe) -> Option<Self> {
        let (bucket, prefix) = (block.bucket.name(), block.prefix.as_str());
        block.queue_arn.as_ref().map(|_| Self { kind: Snowpipe::KIND, name, bucket, prefix, suffix: "" })
    }

    /// A function, where its source is a bucket.
    pub(super) fn function(name: &'a str, source: &'a Source) -> Option<Self> {
        let (prefix, suffix) = (source.prefix(), source.suffix());
        let told = Self { kind: Function::KIND, name, bucket: source.from.name(), prefix, suffix };
        source.reads_bucket().then_some(told)
    }

    /// S3 refuses two entries for the same event whose prefixes and suffixes overlap, wherever they send it. `path` is
    /// where this one says its prefix.
    pub(super) fn check_overlap(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let itself = |other: &Notified<'_>| (other.kind, other.name) == (self.kind, self.name);
        for other in all(spec).take_while(|other| !itself(other)).filter(|other| self.overlaps(other)) {
            let (bucket, theirs) = (self.bucket, other.prefix);
            let address = format!("{}.{}", other.kind, other.name);
            checks
                .error(
                    path,
                    format!(
                        "on `{}.{bucket}` this overlaps with `{theirs}`, the prefix of `{address}`",
                        Bucket::KIND
                    ),
                )
                .help("S3 tells one destination of each object: give the two prefixes of which none begins with the other");
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let nested = |a: &str, b: &str, within: fn(&str, &str) -> bool| within(a, b) || within(b, a);
        self.bucket == other.bucket
            && nested(self.prefix, other.prefix, |a, b| a.starts_with(b))
            && nested(self.suffix, other.suffix, |a, b| a.ends_with(b))
    }

    /// A delivery stream may put what the function writes back where the function is told of it, and so on for ever: AWS
    /// stops what calls itself by queues and topics, and not by streams.
    pub(super) fn check_loop(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let written = streams_behind(self.name, spec);
        let back = |prefix: &str| {
            let prefix = prefix::literal(prefix);
            prefix.starts_with(self.prefix) || self.prefix.starts_with(prefix)
        };
        for (name, firehose) in spec.blocks.firehose.own() {
            // What Firehose calls an object ends with its extension, or with nothing that could be known.
            let named = firehose.file_extension.as_deref().unwrap_or_default().ends_with(self.suffix);
            let errors = firehose.error_prefix.as_deref().unwrap_or(&firehose.prefix);
            let here = firehose.destination.name() == self.bucket && (back(&firehose.prefix) || back(errors));
            if here && named && written.contains(firehose.source.name()) {
                checks
                    .warning(
                        path,
                        format!("it would be called for what it writes itself: `firehose.{name}` delivers that here"),
                    )
                    .help("write a `prefix` under which that one delivers nothing");
            }
        }
    }
}

/// The streams to which what a function writes gets, also by other functions.
fn streams_behind<'a>(function: &'a str, spec: &'a Spec) -> BTreeSet<&'a str> {
    let (mut streams, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![function]);
    while let Some(name) = next.pop() {
        let Some(own) = spec.blocks.function.own().get(name).filter(|_| seen.insert(name)) else { continue };
        for used in own.uses.iter().filter(|used| matches!(used.access, Access::Write | Access::Send)) {
            if used.kind == Stream::KIND {
                streams.insert(used.name.as_str());
            }
            let reads = |source: &Source| source.from.parts() == (used.kind.as_str(), used.name.as_str());
            let readers = spec.blocks.function.own().iter();
            let readers = readers.filter(|(_, reader)| reader.source.as_ref().is_some_and(reads));
            next.extend(readers.map(|(name, _)| name.as_str()));
        }
    }
    streams
}
