//! What a function reads: a stream shard by shard, or a queue message by message.

use super::Source;
use crate::spec::Spec;
use crate::spec::blocks::queue::{Queue, is_fifo};
use crate::spec::check::{Block as _, Checks};

/// Lambda takes more messages than this at once only where it may wait for them, and from a FIFO queue never.
const AT_ONCE: u32 = 10;

impl Source {
    /// Whether it reads a queue; else a stream.
    pub fn reads_queue(&self) -> bool {
        self.from.kind() == Queue::KIND
    }

    /// The most records, or messages, that one call gets.
    pub fn batch_size(&self) -> u32 {
        self.batch_size.unwrap_or(if self.reads_queue() { AT_ONCE } else { 100 })
    }

    /// Checks what Lambda takes of this kind of source.
    pub(super) fn check(&self, spec: &Spec, checks: &mut Checks<'_>) {
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
}
