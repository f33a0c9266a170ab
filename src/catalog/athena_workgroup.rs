//! Athena's workgroups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing, Opens, Shuts};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;

/// A workgroup of Athena: where queries run, where their results go, and how much each may scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "Athena's switches")]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–128 of `[a-zA-Z0-9._-]`, and not `primary`, which every account has.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 1,024 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether queries can run in it.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Where results go: `s3://bucket/prefix/`.
    #[serde(default)]
    pub(crate) result_location: Option<String>,
    /// How results are encrypted; absent: as their bucket does.
    #[serde(default)]
    pub(crate) encryption: Option<Encryption>,
    /// KMS key that encrypts results; for `SSE_KMS` and `CSE_KMS`.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Account whose the bucket of the results has to be; 12 digits.
    #[serde(default)]
    pub(crate) expected_bucket_owner: Option<String>,
    /// Bytes that a query may scan before Athena stops it; at least 10,000,000.
    #[serde(default)]
    pub(crate) bytes_limit: Option<u64>,
    /// Whether these settings hold whatever a query says of its own.
    #[serde(default = "yes")]
    pub(crate) enforce: bool,
    /// Whether its queries are counted in CloudWatch.
    #[serde(default = "yes")]
    pub(crate) metrics: bool,
    /// Whether its queries may read buckets whose readers pay.
    #[serde(default)]
    pub(crate) requester_pays: bool,
    /// Version of the engine that queries run on; `AUTO`: the one that Athena chooses.
    #[serde(default = "auto")]
    pub(crate) engine: String,
    /// Whether results of a query that says its own encryption have to be encrypted at least as these are.
    #[serde(default)]
    pub(crate) minimum_encryption: bool,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// How results are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Encryption {
    /// By S3, with a key of its own.
    #[serde(rename = "SSE_S3")]
    S3,
    /// By S3, with a key in KMS.
    #[serde(rename = "SSE_KMS")]
    Kms,
    /// By Athena before they are written, with a key in KMS.
    #[serde(rename = "CSE_KMS")]
    Client,
}

fn yes() -> bool {
    true
}

/// The engine that Athena chooses.
pub(crate) fn auto() -> String {
    "AUTO".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the workgroup.
    pub(crate) arn: String,
}

/// Athena's workgroups.
pub(crate) struct Workgroup;

/// The workgroup that every account has, and that cannot be deleted.
pub(crate) const PRIMARY: &str = "primary";

const WORKGROUP: On = On::Arns(&["arn:{partition}:athena:{region}:{account}:workgroup/{name}"]);

const UPDATE: &[&str] = &["athena:UpdateWorkGroup"];

impl ResourceType for Workgroup {
    const KIND: &'static str = "athena_workgroup";
    const AWS_TYPE: &'static str = "AWS::Athena::WorkGroup";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["athena:GetWorkGroup", "athena:ListTagsForResource"], WORKGROUP),
        // What else would be deleted with it.
        Grant::plan(
            &["athena:BatchGetNamedQuery", "athena:ListNamedQueries", "athena:ListPreparedStatements"],
            WORKGROUP,
        ),
        Grant::apply(
            &[
                "athena:CreateWorkGroup",
                "athena:DeleteWorkGroup",
                "athena:TagResource",
                "athena:UntagResource",
                "athena:UpdateWorkGroup",
            ],
            WORKGROUP,
        ),
        Grant::operate(
            &[
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            WORKGROUP,
        ),
        // Who queries writes and reads the results himself (<https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html>).
        Grant::operate(
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            On::Arns(&["arn:{partition}:s3:::{result_location}*"]),
        ),
        Grant::operate(
            &["s3:GetBucketLocation", "s3:ListBucket"],
            On::Arns(&["arn:{partition}:s3:::{result_location:bucket}"]),
        ),
        Grant::operate(&["kms:Decrypt", "kms:GenerateDataKey"], On::Key("kms_key"))
            .only_if("kms:ViaService", "s3.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["athena:CreateWorkGroup"],
        delete: &["athena:DeleteWorkGroup"],
        update: &[
            Update::new("description", UPDATE).saying("description"),
            Update::new("enabled", UPDATE).saying("state"),
            Update::new("result_location", UPDATE).saying("resultConfigurationUpdates"),
            Update::new("encryption", UPDATE).saying("resultConfigurationUpdates"),
            Update::new("kms_key", UPDATE).saying("resultConfigurationUpdates"),
            Update::new("expected_bucket_owner", UPDATE).saying("resultConfigurationUpdates"),
            // One member sets it, another one takes it away.
            Update::new("bytes_limit", UPDATE),
            Update::new("enforce", UPDATE).saying("enforceWorkGroupConfiguration"),
            Update::new("metrics", UPDATE).saying("publishCloudWatchMetricsEnabled"),
            Update::new("requester_pays", UPDATE).saying("requesterPaysEnabled"),
            Update::new("engine", UPDATE).saying("engineVersion"),
            Update::new("minimum_encryption", UPDATE).saying("enableMinimumEncryptionConfiguration"),
            Update::new("tags", &["athena:TagResource", "athena:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Bound("key"), &["kms_key"]),
            (Bound("owner of the bucket"), &["expected_bucket_owner"]),
            (Opens, &["enabled", "requester_pays"]),
            (Shuts, &["enforce", "minimum_encryption"]),
            (
                Nothing,
                &["name", "description", "result_location", "encryption", "bytes_limit", "metrics", "engine", "tags"],
            ),
        ],
    };
    const PRICE: Price = Price::None("queries are billed by what they scan: `pipectl query` says it of each");
    const IMPORT: Import =
        Import::None("which of its results and queries are a pipeline's does not show: write an `athena` block");
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Athena", dimension: "WorkGroup" };
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-lake"
        description = "Questions to the lake"
        result_location = "s3://conformance-results/athena/"
        encryption = "SSE_S3"
        bytes_limit = 10485760
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance-lake"
        enabled = false
        result_location = "s3://conformance-results/others/"
        encryption = "SSE_KMS"
        kms_key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        expected_bucket_owner = "123456789012"
        bytes_limit = 1000000000000
        enforce = false
        metrics = false
        requester_pays = true
        engine = "Athena engine version 3"
        minimum_encryption = true
        tags = { team = "data + platform" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("its results are in a bucket, which encrypts them")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows 1,000 of them, far more than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let Some(want) = want.filter(|want| want.name == now.name) else {
            let name = &now.name;
            return vec![format!(
                "The saved queries, the prepared statements and the history of queries of `{name}` are deleted with it; results that \
                 are in S3 stay."
            )];
        };
        let mut said = Vec::new();
        if now.enabled && !want.enabled {
            said.push("Queries are refused until it is enabled again.".to_owned());
        }
        if now.result_location != want.result_location {
            said.push(match &want.result_location {
                Some(to) => format!("Results go to {to} from then on; older ones stay where they are."),
                None => "Queries that do not say where their results go are refused.".to_owned(),
            });
        }
        if (now.encryption, &now.kms_key) != (want.encryption, &want.kms_key) {
            said.push(match &want.kms_key {
                Some(key) => format!("Who reads results needs the key {key} from then on."),
                None => "Older results stay encrypted as they are.".to_owned(),
            });
        }
        if let Some(owner) =
            want.expected_bucket_owner.as_ref().filter(|_| now.expected_bucket_owner != want.expected_bucket_owner)
        {
            said.push(format!("Queries fail unless the bucket of their results is of the account {owner}."));
        }
        if let Some(limit) = want.bytes_limit.filter(|limit| now.bytes_limit.is_none_or(|now| *limit < now)) {
            said.push(format!("Queries that scan more than {} MB are stopped.", limit / 1_000_000));
        }
        if !now.enforce && want.enforce {
            said.push("What a query says of its own of where its results go is passed over.".to_owned());
        }
        if now.metrics && !want.metrics {
            said.push("Alarms on its queries see nothing any more.".to_owned());
        }
        if now.requester_pays && !want.requester_pays {
            said.push("Queries of buckets whose readers pay are refused.".to_owned());
        }
        if now.engine != want.engine {
            said.push(format!(
                "Queries run on another engine ({}), which may answer or refuse otherwise.",
                want.engine
            ));
        }
        if !now.minimum_encryption && want.minimum_encryption {
            said.push("Queries that ask for weaker encryption of their results are refused.".to_owned());
        }
        said
    }
}
