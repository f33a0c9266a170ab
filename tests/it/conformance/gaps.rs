//! What the emulators get wrong. The code follows AWS; a gap that is no more fails the test, and is to be struck off.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::support::deployment::Deployment;

/// Something that an emulator does not do as AWS does.
struct Gap {
    emulator: &'static str,
    kind: &'static str,
    /// The attribute that it loses, as a JSON pointer; empty where it cannot do the kind at all.
    field: &'static str,
    because: &'static str,
}

const TAGS_ASIDE: &str = "TagResource changes what GetTags returns, and nothing else";
const TAGS_OF_STAGES: &str = "TagResource and UntagResource know stages alone, and answer 404 for all else";

const SECOND: &str = "what a second PutFunctionEventInvokeConfig says stays behind what the first has said";

const MOVES: &str = "the header of PutBucketLifecycleConfiguration is accepted and forgotten";

/// What an emulator refuses: the examples go there without it.
const REFUSED: &[Gap] = &[Gap {
    emulator: "moto",
    kind: "s3_bucket",
    field: "/access_log",
    because: "PutBucketLogging asks for a statement whose Resource is a text, finds none in a list, and fails on a Principal `*`",
}];

/// The example of a kind as an emulator takes it.
pub(crate) fn taken(emulator: &str, kind: &str, mut example: Value) -> Value {
    for gap in REFUSED.iter().filter(|gap| (gap.emulator, gap.kind) == (emulator, kind)) {
        set(&mut example, gap.field, None);
    }
    example
}

const GAPS: &[Gap] = &[
    Gap { emulator: "MiniStack", kind: "s3_bucket", field: "/transition_minimum", because: MOVES },
    Gap { emulator: "moto", kind: "s3_bucket", field: "/transition_minimum", because: MOVES },
    Gap {
        emulator: "MiniStack",
        kind: "cloudwatch_alarm",
        field: "/queries",
        because: "PutMetricAlarm forgets Metrics, so metric math",
    },
    Gap {
        emulator: "MiniStack",
        kind: "cloudwatch_alarm",
        field: "/metric/statistic",
        because: "PutMetricAlarm forgets ExtendedStatistic, so percentiles",
    },
    Gap {
        emulator: "MiniStack",
        kind: "kinesis_stream",
        field: "/shard_metrics",
        because: "EnableEnhancedMonitoring is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "dynamodb_table",
        field: "/recovery_days",
        because: "RecoveryPeriodInDays is accepted and forgotten",
    },
    Gap {
        emulator: "moto",
        kind: "dynamodb_table",
        field: "/kms_key",
        because: "UpdateTable forgets SSESpecification",
    },
    Gap {
        emulator: "moto",
        kind: "lambda_function",
        field: "/architecture",
        because: "UpdateFunctionCode forgets Architectures",
    },
    Gap {
        emulator: "moto",
        kind: "lambda_function",
        field: "/tracing",
        because: "UpdateFunctionConfiguration forgets TracingConfig",
    },
    Gap {
        emulator: "MiniStack",
        kind: "lambda_event_source_mapping",
        field: "/tumbling_window_seconds",
        because: "TumblingWindowInSeconds is accepted and forgotten",
    },
    Gap { emulator: "moto", kind: "lambda_function", field: "/log_group", because: "it knows no LoggingConfig" },
    Gap { emulator: "moto", kind: "lambda_function", field: "/log_levels", because: "it knows no LoggingConfig" },
    Gap {
        emulator: "moto",
        kind: "lambda_function",
        field: "/ephemeral_storage_mb",
        because: "UpdateFunctionConfiguration forgets EphemeralStorage",
    },
    Gap { emulator: "moto", kind: "lambda_event_invoke_config", field: "/retries", because: SECOND },
    Gap { emulator: "moto", kind: "lambda_event_invoke_config", field: "/max_age_seconds", because: SECOND },
    Gap { emulator: "moto", kind: "lambda_event_invoke_config", field: "/success_arn", because: SECOND },
    Gap { emulator: "moto", kind: "lambda_event_invoke_config", field: "/failure_arn", because: SECOND },
    Gap {
        emulator: "moto",
        kind: "sqs_queue",
        field: "/dead_letters_of",
        because: "RedriveAllowPolicy is accepted and forgotten",
    },
    Gap { emulator: "MiniStack", kind: "apigateway_rest_api", field: "/tags", because: TAGS_ASIDE },
    Gap { emulator: "MiniStack", kind: "apigateway_stage", field: "/tags", because: TAGS_ASIDE },
    Gap { emulator: "MiniStack", kind: "apigateway_api_key", field: "/tags", because: TAGS_ASIDE },
    Gap { emulator: "MiniStack", kind: "apigateway_usage_plan", field: "/tags", because: TAGS_ASIDE },
    Gap { emulator: "moto", kind: "apigateway_api_key", field: "", because: TAGS_OF_STAGES },
    Gap { emulator: "moto", kind: "apigateway_usage_plan", field: "", because: TAGS_OF_STAGES },
    Gap { emulator: "moto", kind: "apigateway_rest_api", field: "", because: TAGS_OF_STAGES },
    Gap {
        emulator: "MiniStack",
        kind: "athena_workgroup",
        field: "/expected_bucket_owner",
        because: "UpdateWorkGroup forgets ExpectedBucketOwner",
    },
    Gap {
        emulator: "MiniStack",
        kind: "athena_workgroup",
        field: "/minimum_encryption",
        because: "UpdateWorkGroup forgets EnableMinimumEncryptionConfiguration",
    },
    Gap {
        emulator: "moto",
        kind: "athena_named_query",
        field: "",
        because: "BatchGetNamedQuery is answered with an error of its own, 500",
    },
    Gap {
        emulator: "moto",
        kind: "athena_prepared_statement",
        field: "",
        because: "GetPreparedStatement of one that is not there answers 500",
    },
    Gap {
        emulator: "moto",
        kind: "athena_workgroup",
        field: "",
        because: "UpdateWorkGroup is answered with an error of its own, 500",
    },
    Gap {
        emulator: "MiniStack",
        kind: "firehose_delivery_stream",
        field: "/backup",
        because: "S3BackupConfiguration is accepted and forgotten, and nothing is copied; S3BackupMode is kept",
    },
    Gap {
        emulator: "MiniStack",
        kind: "firehose_delivery_stream",
        field: "/file_extension",
        because: "FileExtension is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "firehose_delivery_stream",
        field: "/time_zone",
        because: "CustomTimeZone is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "glue_job",
        field: "/execution_class",
        because: "ExecutionClass is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "glue_job",
        field: "/maintenance_window",
        because: "MaintenanceWindow is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "glue_job",
        field: "/max_concurrent_runs",
        because: "ExecutionProperty is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "glue_job",
        field: "/notify_delay_minutes",
        because: "NotificationProperty is accepted and forgotten",
    },
    Gap {
        emulator: "MiniStack",
        kind: "glue_job",
        field: "/queuing",
        because: "JobRunQueuingEnabled is accepted and forgotten",
    },
    Gap { emulator: "moto", kind: "glue_crawler", field: "", because: "UpdateCrawler answers 500" },
    Gap { emulator: "moto", kind: "glue_job", field: "", because: "UpdateJob answers 500" },
    Gap { emulator: "MiniStack", kind: "glue_registry", field: "", because: "CreateRegistry is unknown to it" },
    Gap { emulator: "MiniStack", kind: "glue_schema", field: "", because: "CreateSchema is unknown to it" },
    Gap { emulator: "moto", kind: "glue_registry", field: "", because: "ListSchemas and UpdateRegistry answer 500" },
    Gap {
        emulator: "moto",
        kind: "glue_schema",
        field: "",
        because: "its registry cannot be deleted again: ListSchemas answers 500",
    },
    Gap { emulator: "moto", kind: "glue_trigger", field: "", because: "UpdateTrigger answers 500" },
    Gap { emulator: "moto", kind: "glue_workflow", field: "", because: "a second CreateWorkflow of a name is taken" },
];

/// What an emulator loses of a resource only when something else of it changes, so that no kind by itself shows it.
const LOST_LATER: &[Gap] = &[Gap {
    emulator: "moto",
    kind: "sqs_queue",
    field: "/policy",
    because: "SetQueueAttributes without Policy deletes it",
}];

/// The kinds in which an emulator has gaps.
pub(super) fn kinds(emulator: &str) -> impl Iterator<Item = &'static str> {
    GAPS.iter().filter(move |gap| gap.emulator == emulator).map(|gap| gap.kind)
}

/// Why an emulator cannot do a kind at all, if it cannot.
pub(crate) fn whole(emulator: &str, kind: &str) -> Option<&'static str> {
    let gap = GAPS.iter().find(|gap| gap.emulator == emulator && gap.kind == kind && gap.field.is_empty());
    gap.map(|gap| gap.because)
}

/// Whether an emulator loses the attribute of a kind at a path (`metric.statistic`).
pub(crate) fn loses(emulator: &str, kind: &str, path: &str) -> bool {
    let field = format!("/{}", path.replace('.', "/"));
    GAPS.iter().chain(LOST_LATER).any(|gap| gap.emulator == emulator && gap.kind == kind && gap.field == field)
}

impl Deployment {
    /// What the emulator has lost of an environment that was just applied, as [`Self::drift`] says it: each a fault of
    /// its own that the list of gaps names.
    pub(crate) fn lost(&self) -> BTreeSet<String> {
        let (lost, drift) = self.by_gaps(self.drift());
        assert_eq!(drift, BTreeSet::new(), "does not come back as it was written");
        lost
    }

    /// What was changed outside pipectl, as [`Self::drift`] says it, but for what the emulator has lost by itself.
    pub(crate) fn drift_beyond_gaps(&self) -> BTreeSet<String> {
        self.by_gaps(self.drift()).1
    }

    /// Those of some changes that are not what the emulator has lost by itself.
    pub(crate) fn beyond_gaps(&self, changes: BTreeSet<String>) -> BTreeSet<String> {
        self.by_gaps(changes).1
    }

    fn by_gaps(&self, changes: BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        let records = self.records();
        changes.into_iter().partition(|line| {
            let (address, field) = line.split_once(' ').unwrap();
            let record = records.get(&address.parse().unwrap());
            record.is_some_and(|record| loses(self.emulator, &record.kind, field))
        })
    }
}

/// The attributes of one kind that one emulator loses, and whether it was seen to.
pub(super) struct Gaps(Vec<(&'static Gap, AtomicBool)>);

impl Gaps {
    /// Those of a kind on an emulator.
    pub(super) fn of(emulator: &str, kind: &str) -> Self {
        let here = |gap: &&Gap| gap.emulator == emulator && gap.kind == kind && !gap.field.is_empty();
        Self(GAPS.iter().filter(here).map(|gap| (gap, AtomicBool::new(false))).collect())
    }

    /// Attributes as the emulator should have returned them.
    pub(super) fn fill(&self, mut live: Value, want: &Value) -> Value {
        for (gap, seen) in &self.0 {
            if live.pointer(gap.field) != want.pointer(gap.field) {
                seen.store(true, Ordering::Relaxed);
                set(&mut live, gap.field, want.pointer(gap.field));
            }
        }
        live
    }

    /// Asserts that every gap still is one.
    pub(super) fn all_seen(&self) {
        for (gap, seen) in &self.0 {
            let Gap { emulator, field, because, .. } = gap;
            assert!(
                seen.load(Ordering::Relaxed),
                "{emulator} keeps {field}, although the list of gaps says: {because}"
            );
        }
    }
}

/// Gives the member at `pointer` a value, or removes it.
fn set(tree: &mut Value, pointer: &str, value: Option<&Value>) {
    let (parent, name) = pointer.rsplit_once('/').expect("a JSON pointer begins with a slash");
    let Some(parent) = tree.pointer_mut(parent).and_then(Value::as_object_mut) else { return };
    match value {
        Some(value) => parent.insert(name.to_owned(), value.clone()),
        None => parent.remove(name),
    };
}
