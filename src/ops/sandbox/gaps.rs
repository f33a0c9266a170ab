//! What the stand-in loses, of the version that is pinned: AWS keeps it.

/// An attribute that a resource loses in the stand-in, so that every plan wants to set it again.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// The type of the resource.
    pub kind: &'static str,
    /// The attribute.
    pub attribute: &'static str,
    /// What the stand-in does.
    pub why: &'static str,
}

/// All that is known and not made up for in `stand_in.py`.
pub const GAPS: &[Gap] = &[
    Gap { kind: "dynamodb_table", attribute: "recovery_days", why: "RecoveryPeriodInDays is accepted and forgotten" },
    Gap {
        kind: "firehose_delivery_stream",
        attribute: "file_extension",
        why: "FileExtension is accepted and forgotten",
    },
    Gap { kind: "firehose_delivery_stream", attribute: "time_zone", why: "CustomTimeZone is accepted and forgotten" },
    Gap {
        kind: "kinesis_stream",
        attribute: "shard_metrics",
        why: "EnableEnhancedMonitoring is accepted and forgotten",
    },
    Gap { kind: "s3_bucket", attribute: "transition_minimum", why: "the lifecycle's header is accepted and forgotten" },
];

/// What to say of them before a command runs.
pub fn told() -> String {
    format!(
        "the stand-in forgets {}: a plan that sets one of these again repairs that, and no change of somebody else's",
        names()
    )
}

/// What to say before a command runs where there is no `DuckDB`.
pub const NO_SQL: &str = "the stand-in fails Athena's queries and Firehose's conversions to Parquet: `pipectl sandbox \
                          --with-duckdb` runs both";

/// What to say of them after a command that did not end well, whatever its reason.
pub fn hint(code: u8) -> String {
    format!(
        "the command ended with {code}. Is it about {}? The stand-in forgets these, and AWS keeps them. What else works here \
         and not on AWS, or the other way round: {DOCUMENTED}",
        names()
    )
}

/// Where the stand-in's differences are told of.
const DOCUMENTED: &str = "docs/operations.md";

fn names() -> String {
    let lost: Vec<String> = GAPS.iter().map(|gap| format!("`{}` of {}", gap.attribute, gap.kind)).collect();
    lost.join(", ")
}
