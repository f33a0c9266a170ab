//! Kinesis data streams.
//!
//! AWS refuses a change while another is under way, so each one is followed by a wait for ACTIVE.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing};
use crate::model::access::Rules;
use crate::model::account::Quota;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;

/// A Kinesis data stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the stream, unique in its account and region; 1–128 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Who decides on the number of shards.
    pub(crate) mode: Mode,
    /// Open shards; only in provisioned mode, where it is required.
    #[serde(default)]
    pub(crate) shards: Option<u32>,
    /// How long a record stays readable, in hours; 24–8760.
    #[serde(default = "one_day")]
    pub(crate) retention_hours: u32,
    /// KMS key (id, ARN or `alias/…`) that encrypts records at rest; absent: not encrypted.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Metrics kept per shard (paid): `IncomingBytes` … ; `ALL` is spelt out.
    #[serde(default, deserialize_with = "spelt_out")]
    pub(crate) shard_metrics: BTreeSet<String>,
    /// Largest record, in KiB; 1024–10240.
    #[serde(default = "one_mib")]
    pub(crate) max_record_kib: u32,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// Who decides on the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Mode {
    /// The user, by `shards`.
    #[serde(rename = "PROVISIONED")]
    Provisioned,
    /// AWS, by the traffic.
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

fn one_day() -> u32 {
    24
}

pub(crate) fn one_mib() -> u32 {
    1024
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the stream.
    pub(crate) arn: String,
    /// `ACTIVE`, `UPDATING` …
    pub(crate) status: String,
}

/// The names that `ALL` stands for; AWS returns these, never `ALL`.
pub(crate) const SHARD_METRICS: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
];

fn spelt_out<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<BTreeSet<String>, D::Error> {
    let names = BTreeSet::deserialize(deserializer)?;
    Ok(if names.contains("ALL") { SHARD_METRICS.map(str::to_owned).into() } else { names })
}

/// Kinesis data streams.
pub(crate) struct Stream;

/// UpdateShardCount's limit in 24 hours, per stream.
const LADDER_LIMIT: usize = 10;

pub(crate) const STREAM: On = On::Arns(&["arn:{partition}:kinesis:{region}:{account}:stream/{name}"]);

/// Checked on the stream and on the key.
const ENCRYPTION: &[&str] = &["kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"];

impl ResourceType for Stream {
    const KIND: &'static str = "kinesis_stream";
    const AWS_TYPE: &'static str = "AWS::Kinesis::Stream";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"], STREAM),
        // Who else reads it.
        Grant::plan(&["kinesis:GetResourcePolicy", "kinesis:ListStreamConsumers"], STREAM),
        Grant::apply(
            &[
                "kinesis:AddTagsToStream",
                "kinesis:CreateStream",
                "kinesis:DecreaseStreamRetentionPeriod",
                "kinesis:DeleteStream",
                "kinesis:IncreaseStreamRetentionPeriod",
                "kinesis:RemoveTagsFromStream",
                "kinesis:UpdateMaxRecordSize",
            ],
            STREAM,
        ),
        Grant::apply(ENCRYPTION, STREAM),
        Grant::apply(ENCRYPTION, On::Key("kms_key")),
        Grant::apply(
            &[
                "kinesis:DisableEnhancedMonitoring",
                "kinesis:EnableEnhancedMonitoring",
                "kinesis:UpdateShardCount",
                "kinesis:UpdateStreamMode",
            ],
            On::All,
        ),
        Grant::operate(&["kinesis:PutRecords"], STREAM),
        Grant::operate(&["kms:GenerateDataKey"], On::Key("kms_key"))
            .only_if("kms:ViaService", "kinesis.{region}.{domain}"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["kinesis:CreateStream"],
        delete: &["kinesis:DeleteStream"],
        update: &[
            Update::new("mode", &["kinesis:UpdateStreamMode"]),
            Update::new(
                "shards",
                &["kinesis:MergeShards", "kinesis:SplitShard", "kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"],
            ),
            Update::new(
                "retention_hours",
                &["kinesis:DecreaseStreamRetentionPeriod", "kinesis:IncreaseStreamRetentionPeriod"],
            ),
            Update::new("kms_key", &["kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"]),
            Update::new("shard_metrics", &["kinesis:DisableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring"]),
            Update::new("max_record_kib", &["kinesis:UpdateMaxRecordSize"]),
            Update::new(
                "tags",
                &[
                    "kinesis:AddTagsToStream",
                    "kinesis:RemoveTagsFromStream",
                    "kinesis:TagResource",
                    "kinesis:UntagResource",
                ],
            ),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Bound("key"), &["kms_key"]),
            (Nothing, &["name", "mode", "shards", "retention_hours", "shard_metrics", "max_record_kib", "tags"]),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Kinesis", dimension: "StreamName" };
    // Without a change of `mode` or `max_record_kib`: emulators lack UpdateStreamMode and UpdateMaxRecordSize.
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-clicks"
        mode = "PROVISIONED"
        shards = 1
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance-clicks"
        mode = "PROVISIONED"
        shards = 5
        retention_hours = 48
        kms_key = "alias/aws/kinesis"
        shard_metrics = ["IncomingBytes", "IteratorAgeMilliseconds"]
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        match &spec.kms_key {
            // Encrypted, a stream always is with a key in KMS.
            Some(_) => AtRest::ByKms,
            None => AtRest::Plain { field: "encrypted" },
        }
    }

    fn takes(spec: &Spec) -> Takes {
        match spec.mode {
            Mode::OnDemand => Takes::Of(Quota::OnDemandStreams, 1),
            Mode::Provisioned => Takes::Of(Quota::Shards, spec.shards.unwrap_or_default().into()),
        }
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is a replacement: the old stream is deleted.
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!("The records in `{}` are deleted with it.", now.name)];
        };
        let mut warnings = Vec::new();
        if want.retention_hours < now.retention_hours {
            let (old, new) = (now.retention_hours, want.retention_hours);
            warnings.push(format!("Records older than {new} hours are lost: retention shrinks from {old} hours."));
        }
        if want.mode != now.mode {
            warnings.push("AWS allows two switches of a stream's mode in 24 hours; this is one.".to_owned());
        }
        if let (Some(old), Some(new)) = (now.shards, want.shards)
            && new < old
        {
            warnings.push(format!(
                "It takes {new} MB or {new},000 records a second from then on, and no longer {old}: more are throttled."
            ));
        }
        if want.max_record_kib < now.max_record_kib {
            warnings.push(format!("Records of more than {} KiB are refused from then on.", want.max_record_kib));
        }
        if want.kms_key != now.kms_key {
            let old = "who reads older ones needs the old key until they expire";
            let new = want.kms_key.as_ref().map(|_| "who writes and reads new records needs their key");
            let both: Vec<&str> = now.kms_key.as_ref().map(|_| old).into_iter().chain(new).collect();
            warnings.push(format!("Records are encrypted otherwise from then on: {}.", both.join(", ")));
        }
        if let (Some(old), Some(new)) = (now.shards, want.shards)
            && let steps = ladder(old, new).len()
            && steps > LADDER_LIMIT
        {
            warnings.push(format!(
                "{old} to {new} shards takes {steps} calls of UpdateShardCount (at most double, at least half each), \
                 and AWS refuses more than {LADDER_LIMIT} in 24 hours."
            ));
        }
        warnings
    }
}

/// The targets of the calls that lead from `now` shards to `want`: UpdateShardCount at most doubles and at least
/// halves.
pub(crate) fn ladder(now: u32, want: u32) -> Vec<u32> {
    let (now, want) = (now.max(1), want.max(1));
    let next = |now: &u32| (*now != want).then(|| want.clamp(now.div_ceil(2), now.saturating_mul(2)));
    std::iter::successors(Some(now), next).skip(1).collect()
}
