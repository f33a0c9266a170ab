//! What Lambda and S3 have against a source, and what sense has.

use super::{AT_ONCE, FilterOn, Source};
use crate::spec::blocks::Kind;
use crate::spec::blocks::queue::{Queue, is_fifo};
use crate::spec::check::{Block as _, Checks};
use crate::spec::filter::{self, Grammar};
use crate::spec::notified::Notified;
use crate::spec::{Spec, prefix};

/// The most patterns of one source; more where the account has been allowed to.
const PATTERNS: usize = 5;

/// The most characters of a pattern, as JSON.
const PATTERN: usize = 4096;

impl Source {
    /// Checks what Lambda takes of this kind of source.
    pub(in crate::spec::blocks::function) fn check(
        &self,
        path: &str,
        function: &str,
        spec: &Spec,
        checks: &mut Checks<'_>,
    ) {
        if self.reads_bucket() {
            self.check_bucket(path, function, spec, checks);
            return;
        }
        if self.hears_topic() {
            self.check_topic(path, spec, checks);
            return;
        }
        if self.filter_on.is_some() {
            checks
                .error(&format!("{path}.filter_on"), "`filter_on` is for topics")
                .help("elsewhere `filter` looks at what a record or a message says");
        }
        let of_buckets = [("prefix", self.prefix.is_some()), ("suffix", self.suffix.is_some())];
        for (field, _) in of_buckets.into_iter().filter(|(_, set)| *set) {
            checks
                .error(&format!("{path}.{field}"), format!("`{field}` is for buckets"))
                .help(format!("the function gets every record and message of `{}`", self.from));
        }
        self.check_filter(path, checks);
        if self.reads_queue() {
            self.check_queue(path, spec, checks);
        } else {
            self.check_stream(path, spec, checks);
        }
        if self.reads_table() {
            self.check_table(path, spec, checks);
        }
    }

    fn check_table(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let (from, table) = (&self.from, self.from.name());
        if spec.blocks.table.external().contains_key(table) {
            checks
                .error(
                    &format!("{path}.from"),
                    format!("`{from}` is somebody else's, and so is whether it has a stream"),
                )
                .help("ask its owner to put what changes into a stream or a queue, and read that");
        }
        let Some(own) = spec.blocks.table.own().get(table) else { return };
        if own.stream.is_none() {
            checks
                .error(&format!("{path}.from"), format!("`{from}` has no stream"))
                .help(format!("write `stream = \"new-and-old-images\"` under `[{from}]`"));
        }
        for (i, pattern) in self.filter.iter().enumerate() {
            filter::table::check(&format!("{path}.filter.{i}"), pattern, own.stream, checks);
        }
    }

    fn check_stream(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.max_concurrency.is_some() {
            checks
                .error(&format!("{path}.max_concurrency"), "`max_concurrency` is for queues")
                .help("of a stream as many batches are processed at a time as it has shards, times `parallelization`");
        }
        if self.retries.is_none() && self.max_age_seconds.is_none() {
            checks
                .warning(path, format!("one bad record stops this shard of `{}` until it expires", self.from))
                .help("write `retries = 10`, or a `max_age_seconds`");
        }
        let told = self.failures_to.as_ref().filter(|to| to.kind() == Queue::KIND);
        if told.is_some_and(|to| is_fifo(to.name(), spec)) {
            checks.error(&format!("{path}.failures_to"), "Lambda tells no FIFO queue of what was given up");
        }
    }

    fn check_queue(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let of_streams = [
            ("starting_position", self.starting_position.is_some()),
            ("parallelization", self.parallelization.is_some()),
            ("bisect_on_error", self.bisect_on_error.is_some()),
            ("retries", self.retries.is_some()),
            ("max_age_seconds", self.max_age_seconds.is_some()),
            ("failures_to", self.failures_to.is_some()),
            ("tumbling_window_seconds", self.tumbling_window_seconds.is_some()),
        ];
        for (field, _) in of_streams.into_iter().filter(|(_, set)| *set) {
            checks
                .error(&format!("{path}.{field}"), format!("`{field}` is for streams"))
                .help(format!("messages come back until `[{}]` has them among its `dead_letters`", self.from));
        }
        let fifo = is_fifo(self.from.name(), spec);
        if fifo && self.window_seconds > 0 {
            checks.error(&format!("{path}.window_seconds"), "Lambda does not wait for the messages of a FIFO queue");
        }
        if fifo && self.batch_size() > AT_ONCE {
            checks.error(
                &format!("{path}.batch_size"),
                format!("of a FIFO queue one call gets {AT_ONCE} messages at most"),
            );
        } else if self.batch_size() > AT_ONCE && self.window_seconds == 0 {
            checks
                .error(&format!("{path}.batch_size"), format!("more than {AT_ONCE} messages have to be waited for"))
                .help("write `window_seconds = 1`, or more");
        }
    }

    fn check_bucket(&self, path: &str, function: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let filters = [("filter", !self.filter.is_empty()), ("filter_on", self.filter_on.is_some())];
        for (field, _) in self.of_readers().into_iter().chain(filters).filter(|(_, set)| *set) {
            checks
                .error(&format!("{path}.{field}"), format!("`{field}` is for streams and queues"))
                .help("S3 calls the function once for each new object, Lambda tries a call that failed twice more, and nothing waits");
        }
        if spec.blocks.bucket.external().contains_key(self.from.name()) {
            checks
                .error(
                    &format!("{path}.from"),
                    format!("`{}` is somebody else's, and its owner says whom it tells", self.from),
                )
                .help("ask its owner to send its notifications to a queue, and read that");
        }
        prefix::check_literal(&format!("{path}.prefix"), self.prefix(), checks);
        if let Some(told) = Notified::function(function, self) {
            told.check_overlap(&format!("{path}.prefix"), spec, checks);
            told.check_loop(&format!("{path}.from"), spec, checks);
        }
    }
    /// What is said of what Lambda reads alone, and whether it is.
    fn of_readers(&self) -> [(&'static str, bool); 12] {
        [
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
            ("tumbling_window_seconds", self.tumbling_window_seconds.is_some()),
        ]
    }

    fn check_topic(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let of_buckets = [("prefix", self.prefix.is_some()), ("suffix", self.suffix.is_some())];
        for (field, _) in self.of_readers().into_iter().chain(of_buckets).filter(|(_, set)| *set) {
            checks
                .error(&format!("{path}.{field}"), format!("a topic has no `{field}`"))
                .help("SNS calls the function once for each message, and Lambda tries a call that failed twice more");
        }
        let name = spec.blocks.aws_name(Kind::Topic, self.from.name(), spec);
        if name.is_some_and(|name| name.strip_suffix(".fifo").is_some()) {
            checks
                .error(&format!("{path}.from"), format!("`{}` is a FIFO topic, and calls no function", self.from))
                .help("let it send to a FIFO queue, and read that");
        }
        let grammar = match self.filter_on.unwrap_or_default() {
            FilterOn::Attributes => Grammar::Attributes,
            FilterOn::Body => Grammar::Body,
        };
        filter::check_policy(&format!("{path}.filter"), &self.filter, grammar, checks);
        if self.filter.is_empty() && self.filter_on.is_some() {
            checks.error(&format!("{path}.filter_on"), "there is no `filter` that could look at it");
        }
    }

    fn check_filter(&self, path: &str, checks: &mut Checks<'_>) {
        if self.filter.len() > PATTERNS {
            checks
                .warning(
                    &format!("{path}.filter"),
                    format!("Lambda takes {PATTERNS} patterns, unless the account's quota is higher"),
                )
                .help("write alternatives into one pattern: `type = [\"a\", \"b\"]`, or `\"$or\" = [{ … }, { … }]`");
        }
        for (i, (pattern, whole)) in self.filter.iter().zip(self.patterns()).enumerate() {
            let at = format!("{path}.filter.{i}");
            filter::check(&at, pattern, Grammar::Lambda, checks);
            let size = whole.to_string().chars().count();
            if size > PATTERN {
                checks.error(&at, format!("as JSON this has {size} characters; Lambda takes {PATTERN} of a pattern"));
            }
        }
    }
}
