//! What a function reads: a stream shard by shard, a queue message by message, or a bucket's objects as they come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;
use crate::spec::blocks::Kind;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::blocks::queue::{Queue, is_fifo};
use crate::spec::blocks::stream::Stream;
use crate::spec::check::{Block as _, Checks};
use crate::spec::notified::Notified;
use crate::spec::{Ref, Spec, Target, prefix};

/// What a function reads, or of whose objects it is told, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The stream, the queue, or the bucket: of a bucket S3 tells the function of each new object (`s3:ObjectCreated:*`), which
    /// the function may read.
    pub from: Ref<Readable>,
    /// Of a stream: where it begins; absent: with the oldest record that the stream still has.
    #[serde(default)]
    pub starting_position: Option<StartingPosition>,
    /// Of a stream or a queue: whether it reads.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The most records, or messages, that one call gets; absent: 100 of a stream, 10 of a queue.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000))]
    pub batch_size: Option<u32>,
    /// How long a batch is waited for, in seconds; not of a FIFO queue, and not of a bucket.
    #[serde(default)]
    #[schemars(range(min = 0, max = 300))]
    pub window_seconds: u32,
    /// Of a queue: the most calls at a time; absent: as many as Lambda gives the function.
    #[serde(default)]
    #[schemars(range(min = 2, max = 1000))]
    pub max_concurrency: Option<u32>,
    /// Of a stream: batches of one shard that are processed at a time; absent: 1.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10))]
    pub parallelization: Option<u32>,
    /// Of a stream: whether a batch that failed is halved, and each half tried by itself, so that one bad record is found;
    /// absent: yes.
    #[serde(default)]
    pub bisect_on_error: Option<bool>,
    /// Whether the function returns which records failed (`batchItemFailures`). Of a stream the first of them and those
    /// behind it are tried again, and those before it are done; of a queue those alone are tried again.
    #[serde(default)]
    pub report_failures: bool,
    /// Of a stream: how often a batch that failed is tried again; absent: until its records expire, while the shard stands
    /// still.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10_000))]
    pub retries: Option<u32>,
    /// Of a stream: records older than this are not tried, in seconds; absent: until they expire.
    #[serde(default)]
    #[schemars(range(min = 60, max = 604_800))]
    pub max_age_seconds: Option<u32>,
    /// Of a stream: the topic or queue that is told which records were given up; their content stays in the stream until it
    /// expires. A queue has `dead_letters` of its own.
    #[serde(default)]
    pub failures_to: Option<Ref<Told>>,
    /// Of a bucket: only objects whose keys begin with this are told of and readable; absent: all.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub prefix: Option<String>,
    /// Of a bucket: only objects whose keys end with this are told of; absent: all.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub suffix: Option<String>,
}

/// The kinds of block that a function can have as its source.
#[derive(Clone, Debug, PartialEq)]
pub enum Readable {}

impl Target for Readable {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Stream, Kind::Queue, Kind::Bucket]
    }
}

/// The kinds of block that can be told of what was given up.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {}

impl Target for Told {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Topic, Kind::Queue]
    }
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartingPosition {
    /// With the oldest record that the stream still has.
    #[default]
    TrimHorizon,
    /// With what comes from then on.
    Latest,
}

/// Lambda takes more messages than this at once only where it may wait for them, and from a FIFO queue never.
const AT_ONCE: u32 = 10;

impl Source {
    /// Whether it reads a queue.
    pub fn reads_queue(&self) -> bool {
        self.from.kind() == Queue::KIND
    }

    /// Whether it reads a stream.
    pub fn reads_stream(&self) -> bool {
        self.from.kind() == Stream::KIND
    }

    /// Whether S3 tells it of a bucket's objects.
    pub fn reads_bucket(&self) -> bool {
        self.from.kind() == Bucket::KIND
    }

    /// What the keys of a bucket's objects begin with.
    pub fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    /// What the keys of a bucket's objects end with.
    pub fn suffix(&self) -> &str {
        self.suffix.as_deref().unwrap_or_default()
    }

    /// The most records, or messages, that one call gets.
    pub fn batch_size(&self) -> u32 {
        self.batch_size.unwrap_or(if self.reads_queue() { AT_ONCE } else { 100 })
    }

    /// Checks what Lambda takes of this kind of source.
    pub(super) fn check(&self, function: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.reads_bucket() {
            self.check_bucket(function, spec, checks);
            return;
        }
        let of_buckets = [("prefix", self.prefix.is_some()), ("suffix", self.suffix.is_some())];
        for (field, _) in of_buckets.into_iter().filter(|(_, set)| *set) {
            checks
                .error(&format!("source.{field}"), format!("`{field}` is for buckets"))
                .help(format!("the function gets every record and message of `{}`", self.from));
        }
        if self.reads_queue() {
            self.check_queue(spec, checks);
        } else {
            self.check_stream(spec, checks);
        }
    }

    fn check_stream(&self, spec: &Spec, checks: &mut Checks<'_>) {
        if self.max_concurrency.is_some() {
            checks
                .error("source.max_concurrency", "`max_concurrency` is for queues")
                .help("of a stream as many batches are processed at a time as it has shards, times `parallelization`");
        }
        if self.retries.is_none() && self.max_age_seconds.is_none() {
            checks
                .warning("source", format!("one bad record stops this shard of `{}` until it expires", self.from))
                .help("write `retries = 10`, or a `max_age_seconds`");
        }
        let told = self.failures_to.as_ref().filter(|to| to.kind() == Queue::KIND);
        if told.is_some_and(|to| is_fifo(to.name(), spec)) {
            checks.error("source.failures_to", "Lambda tells no FIFO queue of what was given up");
        }
    }

    fn check_queue(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let of_streams = [
            ("starting_position", self.starting_position.is_some()),
            ("parallelization", self.parallelization.is_some()),
            ("bisect_on_error", self.bisect_on_error.is_some()),
            ("retries", self.retries.is_some()),
            ("max_age_seconds", self.max_age_seconds.is_some()),
            ("failures_to", self.failures_to.is_some()),
        ];
        for (field, _) in of_streams.into_iter().filter(|(_, set)| *set) {
            checks
                .error(&format!("source.{field}"), format!("`{field}` is for streams"))
                .help(format!("messages come back until `[{}]` has them among its `dead_letters`", self.from));
        }
        let fifo = is_fifo(self.from.name(), spec);
        if fifo && self.window_seconds > 0 {
            checks.error("source.window_seconds", "Lambda does not wait for the messages of a FIFO queue");
        }
        if fifo && self.batch_size() > AT_ONCE {
            checks.error("source.batch_size", format!("of a FIFO queue one call gets {AT_ONCE} messages at most"));
        } else if self.batch_size() > AT_ONCE && self.window_seconds == 0 {
            checks
                .error("source.batch_size", format!("more than {AT_ONCE} messages have to be waited for"))
                .help("write `window_seconds = 1`, or more");
        }
    }

    fn check_bucket(&self, function: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let of_readers = [
            ("starting_position", self.starting_position.is_some()),
            ("enabled", !self.enabled),
            ("batch_size", self.batch_size.is_some()),
            ("window_seconds", self.window_seconds > 0),
            ("max_concurrency", self.max_concurrency.is_some()),
            ("parallelization", self.parallelization.is_some()),
            ("bisect_on_error", self.bisect_on_error.is_some()),
            ("report_failures", self.report_failures),
            ("retries", self.retries.is_some()),
            ("max_age_seconds", self.max_age_seconds.is_some()),
            ("failures_to", self.failures_to.is_some()),
        ];
        for (field, _) in of_readers.into_iter().filter(|(_, set)| *set) {
            checks
                .error(&format!("source.{field}"), format!("`{field}` is for streams and queues"))
                .help("S3 calls the function once for each new object, Lambda tries a call that failed twice more, and nothing waits");
        }
        if spec.blocks.bucket.external().contains_key(self.from.name()) {
            checks
                .error("source.from", format!("`{}` is somebody else's, and its owner says whom it tells", self.from))
                .help("ask its owner to send its notifications to a queue, and read that");
        }
        prefix::check_literal("source.prefix", self.prefix(), checks);
        if let Some(told) = Notified::function(function, self) {
            told.check_overlap("source.prefix", spec, checks);
            told.check_loop("source.from", spec, checks);
        }
    }
}
