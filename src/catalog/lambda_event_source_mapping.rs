//! Event source mappings: from a Kinesis stream, a table's stream or an SQS queue to a Lambda function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Names, Nothing, Opens};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// An event source mapping: Lambda reads the source in batches and calls the function with each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the function.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) function: String,
    /// ARN of the stream or queue; of a table's stream that of the table, for AWS makes up the rest of it.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) source_arn: String,
    /// What the stream of the table shows: with another view it is another stream, which is read from its beginning.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stream_view: Option<String>,
    /// Where in a stream it begins: `LATEST` or `TRIM_HORIZON`; absent of a queue.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) starting_position: Option<String>,
    /// ARN of the role that the function works as; Lambda reads the source as that role. AWS shows it with the function.
    #[schemars(extend("x-unread" = true))]
    pub(crate) role_arn: String,
    /// Whether it reads.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// The most records in a batch; 1–10,000.
    pub(crate) batch_size: u32,
    /// How long a batch is waited for, in seconds; 0–300.
    #[serde(default)]
    pub(crate) window_seconds: u32,
    /// The most calls at a time with messages of a queue, 2–1,000; absent: as many as the function gets.
    #[serde(default)]
    pub(crate) max_concurrency: Option<u32>,
    /// Batches of one shard that are processed at a time; 1–10.
    #[serde(default = "one")]
    pub(crate) parallelization: u32,
    /// Whether a batch that failed is halved, and each half tried by itself.
    #[serde(default)]
    pub(crate) bisect_on_error: bool,
    /// Whether the function says which records of a batch failed, so that the others are not tried again.
    #[serde(default)]
    pub(crate) report_failures: bool,
    /// How often a batch that failed is tried again, 0–10,000; absent: until its records expire.
    #[serde(default)]
    pub(crate) retries: Option<u32>,
    /// Records older than this are not tried, in seconds, 60–604,800; absent: until they expire.
    #[serde(default)]
    pub(crate) max_age_seconds: Option<u32>,
    /// ARN of the topic or queue that is told of batches that are given up.
    #[serde(default)]
    pub(crate) failure_arn: Option<String>,
    /// Patterns, of which a record has to match one to reach the function; none: all reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) filters: Vec<Value>,
    /// The seconds of a tumbling window of a stream, 1–900; absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tumbling_window_seconds: Option<u32>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the mapping.
    pub(crate) uuid: String,
    /// `Enabled`, `Creating` …
    pub(crate) status: String,
    /// ARN of the table's stream that it reads.
    pub(crate) stream_arn: Option<String>,
    /// What became of the last batch: `OK`, `PROBLEM: …`.
    pub(crate) last_result: Option<String>,
}

/// Event source mappings.
pub(crate) struct Mapping;

/// Of ids that AWS makes up: what narrows it is the function.
pub(crate) const MAPPING: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:event-source-mapping:*"]);

/// Lambda's events have the date of the API's version in their names.
const UPDATED: &[&str] = &["lambda:UpdateEventSourceMapping20150331"];

impl ResourceType for Mapping {
    const KIND: &'static str = "lambda_event_source_mapping";
    const AWS_TYPE: &'static str = "AWS::Lambda::EventSourceMapping";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["lambda:ListEventSourceMappings"], On::All),
        Grant::plan(&["dynamodb:DescribeTable"], On::Arns(&["{source_arn}"])).given("stream_view"),
        Grant::apply(&["lambda:CreateEventSourceMapping"], On::All)
            .only_if("lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{function}"),
        Grant::apply(&["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"], MAPPING)
            .only_if("lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{function}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["lambda:CreateEventSourceMapping20150331"],
        delete: &["lambda:DeleteEventSourceMapping20150331"],
        update: &[
            Update::new("batch_size", UPDATED).saying("batchSize"),
            Update::new("bisect_on_error", UPDATED).saying("bisectBatchOnFunctionError"),
            Update::new("enabled", UPDATED).saying("enabled"),
            Update::new("failure_arn", UPDATED).saying("destinationConfig"),
            Update::new("filters", UPDATED).saying("filterCriteria"),
            Update::new("max_age_seconds", UPDATED).saying("maximumRecordAgeInSeconds"),
            Update::new("max_concurrency", UPDATED).saying("scalingConfig"),
            Update::new("parallelization", UPDATED).saying("parallelizationFactor"),
            Update::new("report_failures", UPDATED).saying("functionResponseTypes"),
            Update::new("retries", UPDATED).saying("maximumRetryAttempts"),
            Update::new("tumbling_window_seconds", UPDATED).saying("tumblingWindowInSeconds"),
            Update::new("window_seconds", UPDATED).saying("maximumBatchingWindowInSeconds"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Opens, &["enabled"]),
            (Names, &["function", "source_arn"]),
            (
                Nothing,
                &[
                    "stream_view",
                    "starting_position",
                    "role_arn",
                    "batch_size",
                    "window_seconds",
                    "max_concurrency",
                    "parallelization",
                    "bisect_on_error",
                    "report_failures",
                    "retries",
                    "max_age_seconds",
                    "failure_arn",
                    "filters",
                    "tumbling_window_seconds",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::None("what it calls is billed with the function");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("calls are counted for the function");
    const EXAMPLES: &'static str = include_str!("lambda_event_source_mapping.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.function, spec.source_arn)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it passes records on")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        now.role_arn.clone_from(&want.role_arn);
        // One of them has to match: which comes first says nothing.
        let within = |these: &[Value], those: &[Value]| these.iter().all(|one| those.contains(one));
        if within(&now.filters, &want.filters) && within(&want.filters, &now.filters) {
            now.filters.clone_from(&want.filters);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let lost = |spec: &Spec| spec.starting_position.as_deref() == Some("LATEST");
        match (now, want) {
            (None, Some(want)) if lost(want) => {
                vec![
                    "It begins at the end of its source: records put before it is Enabled are not processed."
                        .to_owned(),
                ]
            }
            (Some(now), Some(want))
                if Self::key(now) != Self::key(want)
                    || now.starting_position != want.starting_position
                    || now.stream_view != want.stream_view =>
            {
                let Some(position) = &want.starting_position else { return Vec::new() };
                vec![format!("It forgets how far `{}` has read, and begins at {position}.", now.function)]
            }
            (Some(now), Some(want)) if now.enabled && !want.enabled => {
                vec![format!("`{}` reads no more: what expires meanwhile is lost to it.", now.function)]
            }
            (Some(now), Some(want)) => now.narrowed_by(want),
            _ => Vec::new(),
        }
    }
}

impl Spec {
    /// What is given up sooner, or read more slowly.
    pub(crate) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        // Absent is for ever.
        let fewer = |now: Option<u32>, want: Option<u32>| want.is_some_and(|want| now.is_none_or(|now| want < now));
        let sooner = fewer(self.retries, want.retries) || fewer(self.max_age_seconds, want.max_age_seconds);
        let sooner = sooner.then(|| match &want.failure_arn {
            Some(arn) => format!("A batch that fails is given up sooner, and only told of to {arn}."),
            None => "A batch that fails is given up sooner, and is lost to it then.".to_owned(),
        });
        let untold = self.failure_arn.is_some() && want.failure_arn != self.failure_arn;
        let untold = untold.then(|| {
            format!("{} no longer hears of batches that are given up.", self.failure_arn.as_deref().unwrap_or_default())
        });
        let slower = fewer(self.max_concurrency, want.max_concurrency) || want.parallelization < self.parallelization;
        let slower = slower.then(|| {
            "It is processed more slowly: what falls behind the retention of its source is lost to it.".to_owned()
        });
        let passed = (self.filters != want.filters && !want.filters.is_empty()).then(|| want.passed_over());
        let cut =
            self.tumbling_window_seconds.is_some() && self.tumbling_window_seconds != want.tumbling_window_seconds;
        let cut =
            cut.then(|| format!("What `{}` has gathered in the window under way may be lost to it.", self.function));
        [sooner, untold, slower, passed, cut].into_iter().flatten().collect()
    }

    fn passed_over(&self) -> String {
        let lost = if self.reads_queue() { "Lambda deletes it from the queue" } else { "it is passed over for good" };
        format!("What matches none of its filters does not reach `{}`: {lost}.", self.function)
    }

    /// The name of the table whose stream it reads.
    pub(crate) fn table(&self) -> Option<&str> {
        table_of(&self.source_arn)
    }

    /// Whether the source is a queue, of which Lambda refuses what it takes of streams.
    pub(crate) fn reads_queue(&self) -> bool {
        self.source_arn.split(':').nth(2) == Some("sqs")
    }
}

/// What stands between the ARN of a table and the label of its stream.
pub(crate) const STREAM: &str = "/stream/";

/// The name in the ARN of a table.
pub(crate) fn table_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    resource.strip_prefix("table/").filter(|name| service == "dynamodb" && !name.contains('/'))
}

/// What the mapping of a source is found by: of a table's stream the table, for AWS makes up the rest.
pub(crate) fn found_by(source: &str) -> &str {
    source.split_once(STREAM).map_or(source, |(table, _)| if table_of(table).is_some() { table } else { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_a_table_is_found_by_its_table() {
        let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
        assert_eq!(found_by(&format!("{table}/stream/2026-12-01T00:00:00.000")), table);
        assert_eq!((table_of(table), table_of(&format!("{table}/stream/x"))), (Some("orders"), None));
        let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
        assert_eq!((found_by(stream), table_of(stream)), (stream, None));
    }
}
