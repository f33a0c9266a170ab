//! What happens to records before they are written: they are taken apart, unpacked, and given to a function
//! (<https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html>).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Firehose;
use crate::spec::blocks::function::Function;
use crate::spec::blocks::stream::Stream;
use crate::spec::check::{Block as _, Checks};
use crate::spec::uses::Access;
use crate::spec::{Ref, Spec};

/// A function that gets records in batches and gives each back: changed, dropped, or as one that it cannot make sense of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// The function. It answers `{"records": [{"recordId": …, "result": "Ok", "data": …}]}`: each record that it got under its
    /// id, as `Ok`, `Dropped` or `ProcessingFailed`, with its data in base 64, in 6 MB at most. What it fails goes to
    /// `error_prefix`.
    pub function: Ref<Function>,
    /// It is called as soon as this much has come together, in MiB …
    #[serde(default = "one_mib")]
    #[schemars(range(min = 0.2, max = 3.0))]
    pub buffer_mib: f64,
    /// … or after this many seconds at the latest.
    #[serde(default = "a_minute")]
    #[schemars(range(min = 0, max = 900))]
    pub buffer_seconds: u32,
    /// How often a call that failed is made again.
    #[serde(default = "three")]
    #[schemars(range(min = 0, max = 300))]
    pub retries: u32,
}

/// How a record that holds several is taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// A text that stands between them; absent: they are JSON documents that stand one behind the other, with or without a
    /// line feed between them.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1000))]
    pub delimiter: Option<String>,
}

/// What is made of the records by which CloudWatch Logs sends log events: packed, many in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogEvents {
    /// They are unpacked.
    Unpacked,
    /// They are unpacked, and the messages alone are kept, without what CloudWatch says of them.
    Messages,
}

fn one_mib() -> f64 {
    1.0
}

fn a_minute() -> u32 {
    60
}

fn three() -> u32 {
    3
}

/// The longest that Firehose waits for a function, and the least that AWS advises, in seconds.
const LONGEST: u32 = 300;
const ADVISED: u32 = 60;

impl Firehose {
    pub(super) fn check_processing(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.split.is_some() && self.dynamic_partitioning.is_none() {
            checks
                .error("split", "AWS takes records apart only to sort them: there is no `dynamic_partitioning`")
                .help("add `dynamic_partitioning`, or take the records apart in a function: `transform`");
        }
        let Some(transform) = &self.transform else { return };
        let called = &transform.function;
        let Some(function) = spec.blocks.function.own().get(called.name()) else { return };
        let seconds = function.timeout_seconds;
        if seconds > LONGEST {
            checks
                .error(
                    "transform.function",
                    format!("`{called}` may take {seconds} s, and Firehose waits for {LONGEST} s"),
                )
                .help(format!("write `timeout_seconds = {LONGEST}`, or less, in `{called}`"));
        } else if seconds < ADVISED {
            checks
                .warning("transform.function", format!("a call of `{called}` ends after {seconds} s"))
                .help(format!("AWS advises at least {ADVISED} s for a whole batch: `timeout_seconds` of `{called}`"));
        }
        if function.source.is_some() {
            checks
                .warning(
                    "transform.function",
                    format!("`{called}` has a `source` as well, whose events look otherwise"),
                )
                .help("give each a function of its own");
        }
        // What it puts there comes back to it, for ever.
        let comes_back = |kind: &str, block: &str, access| {
            function
                .uses
                .iter()
                .any(|one| one.access == access && (one.kind.as_str(), one.name.as_str()) == (kind, block))
        };
        let comes_back = match &self.source {
            Some(source) => comes_back(Stream::KIND, source.name(), Access::Write),
            None => comes_back(Self::KIND, name, Access::Put),
        };
        if comes_back {
            checks
                .warning("transform.function", format!("`{called}` may put records where it gets them from, for ever"))
                .help(format!("it gives records back in its answer: take that out of `uses` of `{called}`"));
        }
    }
}
