//! DynamoDB tables.

mod loss;

use crate::catalog::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A DynamoDB table with its secondary indexes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 3–255 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// The attribute whose value decides where an item lies.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) partition_key: Key,
    /// The attribute by which the items of one partition key are sorted.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) sort_key: Option<Key>,
    /// Local secondary indexes, by name, at most 5; made with the table, and at no other time.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) local_indexes: BTreeMap<String, LocalIndex>,
    /// Global secondary indexes, by name; at most 20.
    #[serde(default)]
    pub(crate) global_indexes: BTreeMap<String, GlobalIndex>,
    /// Provisioned throughput; absent: on demand.
    #[serde(default)]
    pub(crate) capacity: Option<Capacity>,
    /// The attribute with the time, in seconds since 1970, after which an item may be deleted; absent: none is.
    #[serde(default)]
    pub(crate) ttl_attribute: Option<String>,
    /// Days back to which the table can be restored, 1–35; absent: no point-in-time recovery.
    #[serde(default)]
    pub(crate) recovery_days: Option<u32>,
    /// KMS key (ARN, id or alias); absent: a key that DynamoDB itself owns.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Whether AWS refuses to delete the table.
    #[serde(default)]
    pub(crate) deletion_protection: bool,
    /// What its stream shows of a changed item: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`; absent: it
    /// has none.
    #[serde(default)]
    pub(crate) stream_view: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// An attribute that is a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    /// Its name; 1–255 characters.
    pub(crate) name: String,
    /// `S` (string), `N` (number) or `B` (binary).
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// A local secondary index: the table's partition key and another sort key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalIndex {
    /// The attribute that it sorts by.
    pub(crate) sort_key: Key,
    /// What it holds.
    pub(crate) projection: Projection,
}

/// A global secondary index: keys of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GlobalIndex {
    /// Its partition key.
    pub(crate) partition_key: Key,
    /// Its sort key.
    #[serde(default)]
    pub(crate) sort_key: Option<Key>,
    /// What it holds.
    pub(crate) projection: Projection,
    /// Provisioned throughput, where the table has one.
    #[serde(default)]
    pub(crate) capacity: Option<Capacity>,
}

/// What an index holds of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// With `INCLUDE`: the attributes besides the keys.
    #[serde(default)]
    pub(crate) attributes: BTreeSet<String>,
}

/// Provisioned throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capacity {
    /// Read capacity units: strongly consistent reads of up to 4 KB a second.
    pub(crate) read: u32,
    /// Write capacity units: writes of up to 1 KB a second.
    pub(crate) write: u32,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the table.
    pub(crate) arn: String,
    /// `ACTIVE`, `UPDATING` …
    pub(crate) status: String,
    /// ARN of its stream, while it has one.
    pub(crate) stream_arn: Option<String>,
}

/// DynamoDB tables.
pub(crate) struct Table;

/// What the conformance tests drive.
pub(crate) const EXAMPLES: &str = include_str!("examples.toml");

pub(crate) const TABLE: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}"]);

const UPDATED: &[&str] = &["dynamodb:UpdateTable"];

impl ResourceType for Table {
    const KIND: &'static str = "dynamodb_table";
    const AWS_TYPE: &'static str = "AWS::DynamoDB::Table";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &[
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:ListTagsOfResource",
            ],
            TABLE,
        ),
        // Who else reads it, and what else it costs.
        Grant::plan(
            &[
                "dynamodb:DescribeContributorInsights",
                "dynamodb:DescribeKinesisStreamingDestination",
                "dynamodb:GetResourcePolicy",
            ],
            TABLE,
        ),
        Grant::apply(
            &[
                "dynamodb:CreateTable",
                "dynamodb:DeleteTable",
                "dynamodb:TagResource",
                "dynamodb:UntagResource",
                "dynamodb:UpdateContinuousBackups",
                "dynamodb:UpdateTable",
                "dynamodb:UpdateTimeToLive",
            ],
            TABLE,
        ),
        Grant::operate(&["dynamodb:BatchGetItem"], TABLE),
        Grant::operate(&["kms:Decrypt"], On::Key("kms_key")).only_if("kms:ViaService", "dynamodb.{region}.{domain}"),
        // DynamoDB makes its grant on the key in the caller's name.
        Grant::apply(
            &["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            On::Key("kms_key"),
        )
        .only_if("kms:ViaService", "dynamodb.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["dynamodb:CreateTable"],
        delete: &["dynamodb:DeleteTable"],
        update: &[
            Update::new("capacity", UPDATED).saying("provisionedThroughput"),
            Update::new("deletion_protection", UPDATED).saying("deletionProtectionEnabled"),
            Update::new("global_indexes", UPDATED).saying("globalSecondaryIndexUpdates"),
            Update::new("kms_key", UPDATED).saying("sSESpecification"),
            Update::new("recovery_days", &["dynamodb:UpdateContinuousBackups"]),
            Update::new("stream_view", UPDATED).saying("streamSpecification"),
            Update::new("tags", &["dynamodb:TagResource", "dynamodb:UntagResource"]),
            Update::new("ttl_attribute", &["dynamodb:UpdateTimeToLive"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Bound("key"), &["kms_key"]),
            (
                Nothing,
                &[
                    "name",
                    "partition_key",
                    "sort_key",
                    "local_indexes",
                    "global_indexes",
                    "capacity",
                    "ttl_attribute",
                    "recovery_days",
                    "deletion_protection",
                    "stream_view",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/DynamoDB", dimension: "TableName" };
    const EXAMPLES: &'static str = EXAMPLES;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        match &spec.kms_key {
            Some(_) => AtRest::ByKms,
            // <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html>
            None => AtRest::ByService { field: "kms_key" },
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
        // AWS shows the key behind an alias, and only KMS could tell which alias that is.
        let alias = want.kms_key.as_ref().filter(|key| key.contains("alias/"));
        if let (Some(now), Some(alias)) = (&mut now.kms_key, alias) {
            now.clone_from(alias);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        want.filter(|want| now.is_kept_by(want)).map_or_else(|| now.end(), |want| now.losses(want))
    }
}

/// Whether an index is wanted as it is; its throughput alone can be changed in place.
pub(crate) fn stays(name: &str, now: &GlobalIndex, want: &Spec) -> bool {
    let Some(want) = want.global_indexes.get(name) else { return false };
    *want == GlobalIndex { capacity: want.capacity, ..now.clone() }
}

impl Key {
    /// What AWS never leaves out, and its model allows it to.
    pub(crate) fn unknown() -> Self {
        Self { name: String::new(), kind: String::new() }
    }
}
