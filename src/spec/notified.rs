//! Who is told of a bucket's new objects, and what S3 and sense have against it.

use std::collections::BTreeSet;

use super::Spec;
use super::blocks::athena::Athena;
use super::blocks::bucket::Bucket;
use super::blocks::firehose::Firehose;
use super::blocks::function::{Function, Source};
use super::blocks::snowpipe::Snowpipe;
use super::blocks::stream::Stream;
use super::check::{Block as _, Checks};
use super::prefix;
use super::uses::{Access, Use};

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
    let told = |(name, block)| Function::reads(block).filter_map(move |source| Notified::function(name, source));
    snowpipes.chain(functions.map(|(name, block)| (name.as_str(), &block.block)).flat_map(told))
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

    /// What the function writes may come back to where it is told of it, by a delivery stream or as the result of a query, and
    /// so on for ever: AWS stops what calls itself by queues and topics, and not by streams.
    pub(super) fn check_loop(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let mut warn = |what: String| {
            checks
                .warning(path, format!("it would be called for what it writes itself: {what}"))
                .help("write a `prefix` under which that writes nothing");
        };
        let all: Vec<&Use> = functions_behind(self.name, spec).into_iter().flat_map(|own| &own.uses).collect();
        let uses = |kind: &str, name: &str, access| {
            all.iter().any(|one| one.access == access && (one.kind.as_str(), one.name.as_str()) == (kind, name))
        };
        for (name, firehose) in spec.blocks.firehose.own() {
            // What Firehose calls an object ends with its extension, or with nothing that could be known.
            let named = firehose.file_extension.as_deref().unwrap_or_default().ends_with(self.suffix);
            let errors = firehose.error_prefix.as_deref().unwrap_or(&firehose.prefix);
            let here = firehose.destination.name() == self.bucket
                && [firehose.prefix.as_str(), errors].into_iter().any(|prefix| self.is_under(prefix::literal(prefix)));
            let copied = firehose.backup.as_ref().is_some_and(|backup| {
                backup.bucket.name() == self.bucket && self.is_under(prefix::literal(&backup.prefix))
            });
            let fed = match &firehose.source {
                Some(source) => uses(Stream::KIND, source.name(), Access::Write),
                None => uses(Firehose::KIND, name, Access::Put),
            };
            if (here && named || copied) && fed {
                warn(format!("`firehose.{name}` delivers that here"));
            }
        }
        for used in all.iter().filter(|used| used.access == Access::Write && used.kind == Bucket::KIND) {
            if used.name == self.bucket && self.is_under(&used.prefix) {
                warn(format!("it may write here, by `{used}`"));
            }
        }
        for (name, athena) in spec.blocks.athena.own() {
            let named = RESULTS.iter().any(|ending| ending.ends_with(self.suffix));
            let here = athena.results.name() == self.bucket && self.is_under(&athena.prefix(name));
            if here && named && uses(Athena::KIND, name, Access::Query) {
                warn(format!("results of `athena.{name}` go here"));
            }
        }
    }

    /// Whether something of what is written under a prefix is what the function is told of.
    fn is_under(&self, prefix: &str) -> bool {
        prefix.starts_with(self.prefix) || self.prefix.starts_with(prefix)
    }
}

/// With what the keys of results of Athena's queries end.
const RESULTS: [&str; 3] = [".csv", ".txt", ".metadata"];

/// A function, and those that it calls or that read what it writes into streams, queues and tables, and so on.
fn functions_behind<'a>(function: &'a str, spec: &'a Spec) -> Vec<&'a Function> {
    let all = spec.blocks.function.own();
    let (mut found, mut seen, mut next) = (Vec::new(), BTreeSet::new(), vec![function]);
    while let Some(name) = next.pop() {
        let Some(own) = all.get(name).filter(|_| seen.insert(name)) else { continue };
        found.push(&own.block);
        let written = |source: &Source| {
            let writes = |used: &&Use| matches!(used.access, Access::Write | Access::Send | Access::Publish);
            let parts = source.from.parts();
            own.uses.iter().filter(writes).any(|used| (used.kind.as_str(), used.name.as_str()) == parts)
        };
        let called = own.uses.iter().filter(|used| used.access == Access::Invoke).map(|used| used.name.as_str());
        next.extend(called);
        let readers = all.iter().filter(|(_, reader)| reader.reads().any(written));
        next.extend(readers.map(|(name, _)| name.as_str()));
    }
    found
}
