//! `[queue.<name>]`: an SQS queue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::topic::Topic;
use crate::spec::check::{Block, Checks};
use crate::spec::expect::Messages;
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec, json, kms};

/// An SQS queue: messages wait in it until somebody has dealt with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Name in AWS; absent: `<project>-<env>-<block>`, with `.fifo` behind it for a FIFO queue. 1–80 letters, digits, `_`
    /// and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it keeps messages in order and delivers each once (FIFO). Another answer is another queue, without the
    /// messages.
    #[serde(default)]
    pub fifo: bool,
    /// Of a FIFO queue: whether messages of the same content within five minutes are one.
    #[serde(default)]
    pub content_based_deduplication: bool,
    /// Of a FIFO queue: whether each message group has a throughput of its own, and duplicates are looked for within it.
    #[serde(default)]
    pub high_throughput: bool,
    /// How long a message that was received is hidden from others, in seconds; absent: six times the timeout of the
    /// function that reads the queue, as AWS advises, and 30 where none does.
    #[serde(default)]
    #[schemars(range(min = 0, max = 43_200))]
    pub visibility_timeout_seconds: Option<u32>,
    /// How long a message is kept, in seconds; absent: 4 days, and 14 for a queue of dead letters
    /// or of what a function has given up (`failures_to`).
    #[serde(default)]
    #[schemars(range(min = 60, max = 1_209_600))]
    pub retention_seconds: Option<u32>,
    /// How long a new message is held back, in seconds.
    #[serde(default)]
    #[schemars(range(min = 0, max = 900))]
    pub delay_seconds: u32,
    /// How long a receiver waits for a message where there is none, in seconds.
    #[serde(default = "twenty")]
    #[schemars(range(min = 0, max = 20))]
    pub receive_wait_seconds: u32,
    /// The largest message, in KiB.
    #[serde(default = "quarter")]
    #[schemars(range(min = 1, max = 1024))]
    pub max_message_kib: u32,
    /// KMS key (id, ARN or alias) that encrypts messages; absent: a key of SQS's own, at no cost.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// How long SQS goes on using a data key of the KMS key, in seconds.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 60, max = 86_400))]
    pub kms_reuse_seconds: u32,
    /// The queue for messages that are received again and again, and never deleted.
    #[serde(default)]
    pub dead_letters: Option<Ref<Queue>>,
    /// With `dead_letters`: after so many receptions; absent: 5.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub max_receives: Option<u32>,
    /// Access policy of one's own, as JSON; empty: none, as an emulator without TLS needs it; absent: one that refuses
    /// whatever does not come by TLS.
    #[serde(default)]
    pub policy: Option<String>,
    /// The messages that are expected, on average: what `pipectl cost` and the plan reckon with.
    #[serde(default)]
    pub expect: Option<Messages>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

fn twenty() -> u32 {
    20
}

fn quarter() -> u32 {
    256
}

fn five_minutes() -> u32 {
    300
}

/// What the names of FIFO queues end in, and no others.
pub(in crate::spec) const FIFO: &str = ".fifo";
/// The longest that SQS hides a message, in seconds.
const LONGEST_HIDDEN: u32 = 43_200;
const FOUR_DAYS: u32 = 345_600;
const FORTNIGHT: u32 = 1_209_600;

impl Queue {
    /// How long a message that was received is hidden from others, in seconds.
    pub fn visibility_timeout(&self, block: &str, spec: &Spec) -> u32 {
        let usual = || readers(block, spec).map(|(_, timeout)| (6 * timeout).min(LONGEST_HIDDEN)).max().unwrap_or(30);
        self.visibility_timeout_seconds.unwrap_or_else(usual)
    }

    /// How long a message is kept, in seconds.
    pub fn retention(&self, block: &str, spec: &Spec) -> u32 {
        let usual = if is_of_dead_letters(block, spec) { FORTNIGHT } else { FOUR_DAYS };
        self.retention_seconds.unwrap_or(usual)
    }

    /// After how many receptions a message is a dead letter.
    pub fn max_receives(&self) -> u32 {
        self.max_receives.unwrap_or(5)
    }

    fn check_form(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let only_fifo = [
            ("content_based_deduplication", self.content_based_deduplication),
            ("high_throughput", self.high_throughput),
        ];
        for (field, _) in only_fifo.into_iter().filter(|(_, set)| *set && !self.fifo) {
            checks.error(field, format!("`{field}` is for FIFO queues")).help("write `fifo = true`, or take it out");
        }
        if let Some(name) = self.name.as_ref().filter(|name| name.ends_with(FIFO) != self.fifo) {
            let (what, help) = if self.fifo {
                ("the name of a FIFO queue ends in `.fifo`", format!("write `name = \"{name}{FIFO}\"`"))
            } else {
                ("only the name of a FIFO queue ends in `.fifo`", "write `fifo = true`".to_owned())
            };
            checks.error("name", what).help(help);
        }
        let name = self.aws_name(block, spec);
        if name.strip_suffix(FIFO).unwrap_or(&name).contains('.') {
            checks.error(
                "name",
                format!("the SQS queue would be called `{name}`: there is no other `.` than in `.fifo`"),
            );
        }
        if self.max_receives.is_some() && self.dead_letters.is_none() {
            checks
                .error("max_receives", "nothing says where messages go after so many receptions")
                .help("write `dead_letters = \"queue.…\"`");
        }
    }

    fn check_dead_letters(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let Some(to) = self.dead_letters.as_ref().filter(|to| spec.blocks.has(Self::KIND, to.name())) else { return };
        if to.name() == block {
            checks.error("dead_letters", "a queue is not the queue of its own dead letters");
        }
        if is_fifo(to.name(), spec) != self.fifo {
            let kind = if self.fifo { "FIFO" } else { "standard" };
            checks
                .error("dead_letters", format!("the dead letters of a {kind} queue go to a {kind} queue"))
                .help(format!("write `fifo = {}` under `[{to}]`", self.fifo));
        }
        // How long another owner keeps messages is not known.
        let Some(failed) = spec.blocks.queue.own().get(to.name()) else { return };
        // A dead letter is as old as the message that it was.
        if failed.retention(to.name(), spec) <= self.retention(block, spec) {
            checks
                .warning(
                    "dead_letters",
                    format!("`{to}` keeps messages no longer than this queue: they may expire unseen"),
                )
                .help(format!("give `{to}` a longer `retention_seconds`"));
        }
    }

    fn check_readers(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let hidden = self.visibility_timeout(block, spec);
        for (function, timeout) in readers(block, spec).filter(|(_, timeout)| *timeout > hidden) {
            checks
                .error(
                    "visibility_timeout_seconds",
                    format!("`function.{function}` takes up to {timeout} s, and sees a message again after {hidden} s"),
                )
                .help(format!("write {} or more: six times its timeout, as AWS advises", 6 * timeout));
        }
        if self.dead_letters.is_none() && readers(block, spec).next().is_some() {
            checks
                .warning("", "a message that its function cannot deal with comes back until it expires")
                .help("write `dead_letters = \"queue.…\"`");
        }
    }
}

/// The functions that read a queue, with their timeouts in seconds.
fn readers<'a>(queue: &'a str, spec: &'a Spec) -> impl Iterator<Item = (&'a str, u32)> {
    let reads = move |source: &super::function::Source| source.reads_queue() && source.from.name() == queue;
    let functions = spec.blocks.function.own().iter();
    let functions = functions.filter(move |(_, function)| function.reads().any(reads));
    functions.map(|(name, function)| (name.as_str(), function.timeout_seconds))
}

/// Whether what arrives in a queue is what failed elsewhere: dead letters of another queue, or what a function was given
/// and could not deal with. Nobody reads such a queue in the ordinary course of things.
pub fn is_of_dead_letters(queue: &str, spec: &Spec) -> bool {
    let told = |to: &Ref<super::function::Told>| to.kind() == Queue::KIND && to.name() == queue;
    let sources = spec.blocks.function.own().values().flat_map(|function| function.reads());
    let topics = spec.blocks.topic.own().values().flat_map(|topic| &topic.subscribe);
    let undelivered = topics.filter_map(|one| one.dead_letters.as_ref()).any(|to| to.name() == queue);
    undelivered
        || !dead_letters_of(queue, spec).is_empty()
        || sources.filter_map(|source| source.failures_to.as_ref()).any(told)
}

/// Whether a queue is a FIFO queue, whosever it is; that of another owner has it in its name.
pub fn is_fifo(queue: &str, spec: &Spec) -> bool {
    let external = || spec.blocks.aws_name(Kind::Queue, queue, spec).is_some_and(|name| name.ends_with(FIFO));
    spec.blocks.queue.own().get(queue).map_or_else(external, |own| own.fifo)
}

/// The topics that send to a queue, messages or what they could not pass on.
pub fn topics_of(queue: &str, spec: &Spec) -> Vec<String> {
    let is = |to: &Option<Ref<Queue>>| to.as_ref().is_some_and(|to| to.name() == queue);
    let sends = |topic: &Topic| topic.subscribe.iter().any(|one| is(&one.to) || is(&one.dead_letters));
    spec.blocks.topic.own().iter().filter(|(_, topic)| sends(topic)).map(|(name, _)| name.clone()).collect()
}

/// The queues whose dead letters go to a queue.
pub fn dead_letters_of<'a>(queue: &str, spec: &'a Spec) -> Vec<(&'a str, &'a Queue)> {
    let sends = |other: &Queue| other.dead_letters.as_ref().is_some_and(|to| to.name() == queue);
    let queues = spec.blocks.queue.own().iter().filter(|(_, other)| sends(other));
    queues.map(|(name, other)| (name.as_str(), &other.block)).collect()
}

/// How many messages wait to be received.
pub(super) const WAITING: &str = "ApproximateNumberOfMessagesVisible";

/// One dead letter is one too many; elsewhere messages may wait, and only how long tells.
fn usual_metric(queue: &str, spec: &Spec) -> &'static str {
    if is_of_dead_letters(queue, spec) { WAITING } else { "ApproximateAgeOfOldestMessage" }
}

impl Block for Queue {
    const KIND: &'static str = "queue";
    const METRICS: Metrics = Metrics::Of(Source { metrics: sources::QUEUE, usual: Usual::Metric(usual_metric) });
    const USES: Uses = Uses::For(&[Access::Send, Access::Receive]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "sqs",
        prefix: "",
        suffix: "",
        within: Within::Region,
        name: &names::QUEUE,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        let name = spec.name_of(block, self.name.as_ref());
        if self.fifo && self.name.is_none() { name + FIFO } else { name }
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::QUEUE, self.aws_name(block, spec), "name")]
    }

    fn check(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        self.check_form(name, spec, checks);
        self.check_dead_letters(name, spec, checks);
        self.check_readers(name, spec, checks);
        json::check("policy", self.policy.as_ref(), checks);
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
