//! What a function reads: a stream shard by shard, a table's changes, a queue message by message, or a bucket's objects as they
//! come.

mod check;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::yes;
use crate::spec::blocks::Kind;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::blocks::queue::Queue;
use crate::spec::blocks::stream::Stream;
use crate::spec::blocks::table::Table;
use crate::spec::blocks::topic::Topic;
use crate::spec::check::Block as _;
use crate::spec::{Ref, Target, filter};

/// What a function reads, or of whose objects it is told, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The stream, the queue, the table, the topic, or the bucket. Of a table the function gets what changes, by its `stream`, and all that
    /// is said of streams here holds; of a bucket S3 tells the function of each new object (`s3:ObjectCreated:*`), which
    /// the function may read.
    pub from: Ref<Readable>,
    /// Of a stream, a queue or a table: patterns, of which a record or message has to match one to reach the function; absent: all do. A
    /// pattern looks like the record's JSON, with a list of what matches in the place of each value:
    /// `[{ type = ["purchase"], amount = [{ numeric = [">", 100] }] }]`. In such a list stand values and
    /// `{ prefix = "a" }`, `{ suffix = "a" }`, `{ equals-ignore-case = "a" }`, `{ anything-but = ["a"] }`,
    /// `{ numeric = [">=", 0, "<", 9] }`, `{ exists = true }` and `{ null = true }`; `"$or" = [{ … }, { … }]` is one of several
    /// patterns. What is no JSON matches none. Messages of a queue that match none are deleted.
    /// Of a table a pattern is one of the stream's record, where numbers are texts:
    /// `[{ eventName = ["INSERT"], dynamodb = { NewImage = { state = { S = ["paid"] } } } }]`.
    /// Of a topic a pattern is one of the message's attributes, or of what it says: `filter_on`.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub filter: Vec<Map<String, Value>>,
    /// Of a topic: what `filter` looks at; absent: the attributes of a message. SNS charges for looking at what messages say.
    #[serde(default)]
    pub filter_on: Option<FilterOn>,
    /// Of a stream: the seconds of a tumbling window, over which the function hands on a state from call to call; absent: none.
    #[serde(default)]
    #[schemars(range(min = 1, max = 900))]
    pub tumbling_window_seconds: Option<u32>,
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
        vec![Kind::Stream, Kind::Queue, Kind::Bucket, Kind::Table, Kind::Topic]
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

/// What a filter of messages looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FilterOn {
    /// The attributes that come with a message.
    #[default]
    Attributes,
    /// The message itself, which is JSON.
    Body,
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

    /// Whether it reads a stream, or that of a table.
    pub fn reads_stream(&self) -> bool {
        self.from.kind() == Stream::KIND || self.reads_table()
    }

    /// Whether it reads the stream of a table.
    pub fn reads_table(&self) -> bool {
        self.from.kind() == Table::KIND
    }

    /// Whether S3 tells it of a bucket's objects.
    pub fn reads_bucket(&self) -> bool {
        self.from.kind() == Bucket::KIND
    }

    /// Whether a topic passes its messages on to it.
    pub fn hears_topic(&self) -> bool {
        self.from.kind() == Topic::KIND
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

    /// The patterns of `filter` as Lambda applies them, to all that it knows of a record or a message.
    pub fn patterns(&self) -> Vec<Value> {
        let whole = |pattern| {
            if self.reads_table() {
                return filter::to_aws(pattern);
            }
            let within = if self.reads_queue() { "body" } else { "data" };
            Value::Object(Map::from_iter([(within.to_owned(), filter::to_aws(pattern))]))
        };
        self.filter.iter().map(whole).collect()
    }
}
