//! Sorting records into prefixes by what stands in them
//! (<https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html>).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Firehose;
use crate::spec::check::Checks;
use crate::spec::{jq, prefix};

/// Sorts records into prefixes by what stands in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicPartitioning {
    /// The keys, each with the jq expression that takes it out of a record: `customer = ".customer_id"`. A prefix
    /// names them as `!{partitionKeyFromQuery:customer}`. With a `transform` there may be none: a prefix names as
    /// `!{partitionKeyFromLambda:customer}` what the function gives with a record, `"metadata": {"partitionKeys": {…}}`.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// How long delivery is tried again, in seconds.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0, max = 7200))]
    pub retry_seconds: u32,
}

/// The longest query that Firehose takes, in characters.
const QUERY: usize = 5120;

fn five_minutes() -> u32 {
    300
}

impl Firehose {
    pub(super) fn check_partitioning(&self, checks: &mut Checks<'_>) {
        let expressions = prefix::expressions(&self.prefix).unwrap_or_default();
        let used = |namespace| expressions.iter().filter(move |e| e.namespace == namespace).map(|e| e.value);
        if used("partitionKeyFromLambda").next().is_some() && self.transform.is_none() {
            checks
                .error("prefix", "there is no Lambda function that could give partition keys")
                .help("write `transform = { function = \"function.NAME\" }`");
        }
        let Some(partitioning) = &self.dynamic_partitioning else {
            let by_function = self.transform.is_some() && used("partitionKeyFromLambda").next().is_some();
            if by_function || used("partitionKeyFromQuery").next().is_some() {
                checks
                    .error("prefix", "partition keys can only be used with `dynamic_partitioning`")
                    .help("write `dynamic_partitioning = { keys = { customer = \".customer_id\" } }`");
            }
            return;
        };
        if self.buffering.size_mib < 64 {
            let size = self.buffering.size_mib;
            checks
                .error("buffering.size_mib", format!("a buffer of {size} MiB is too small for dynamic partitioning"))
                .help("AWS asks for 64 to 128 MiB");
        }
        if partitioning.keys.is_empty() && used("partitionKeyFromLambda").next().is_none() {
            checks
                .error("dynamic_partitioning", "without a key there is nothing to sort records by")
                .help("write `keys = { customer = \".customer_id\" }`, or let `prefix` name a key that the function of `transform` gives: `!{partitionKeyFromLambda:customer}`");
        }
        let query = jq::object(&partitioning.keys).chars().count();
        if query > QUERY {
            checks.error(
                "dynamic_partitioning.keys",
                format!("together these make a query of {query} characters; Firehose takes {QUERY}"),
            );
        }
        for key in used("partitionKeyFromQuery").filter(|key| !partitioning.keys.contains_key(*key)) {
            checks.error("prefix", format!("there is no partition key `{key}` in `dynamic_partitioning.keys`"));
        }
        for (key, query) in &partitioning.keys {
            check_key(key, query, checks);
            if !used("partitionKeyFromQuery").any(|used| used == key) {
                checks
                    .error(
                        &format!("dynamic_partitioning.keys.{key}"),
                        format!("`prefix` does not use the key `{key}`"),
                    )
                    .help(format!("put `!{{partitionKeyFromQuery:{key}}}` into `prefix`, or take the key out"));
            }
        }
    }
}

/// Checks a partition key and the jq expression that takes it out of a record.
fn check_key(key: &str, query: &str, checks: &mut Checks<'_>) {
    let path = format!("dynamic_partitioning.keys.{key}");
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !key.starts_with(starts) || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        checks.error(&path, "a partition key is a letter or `_`, followed by letters, digits and `_`");
    }
    if let Some(jq::Fault { reason, at }) = jq::fault(query) {
        checks
            .error(&path, format!("jq 1.6, which Firehose runs, does not compile this at its character {at}: {reason}"))
            .help("write a jq expression that takes a value out of a record: `.customer_id // \"none\"`");
    } else if jq::is_constant(query) {
        checks
            .warning(&path, format!("`{query}` is the same for every record"))
            .help("a field of the record begins with a dot: `.customer_id`");
    }
}
