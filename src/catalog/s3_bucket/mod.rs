//! S3 buckets with the settings of theirs that pipectl declares.

mod loss;

use crate::catalog::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Names, Nothing, Shuts, Statements, Strictest};
use crate::model::access::Rules;
use crate::model::account::Quota;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::policy::Policy;
use crate::model::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in the partition; 3–63 of `[a-z0-9.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Whether objects keep their versions; once on it can only be suspended, which counts as off.
    #[serde(default)]
    pub(crate) versioning: bool,
    /// How new objects are encrypted.
    #[serde(default)]
    pub(crate) encryption: Encryption,
    /// What public access is blocked.
    #[serde(default)]
    pub(crate) public_access_block: PublicAccessBlock,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    #[serde(default = "enforced")]
    pub(crate) object_ownership: String,
    /// Bucket policy; absent: none.
    #[serde(default)]
    pub(crate) policy: Option<Policy>,
    /// Lifecycle rules, in order of id.
    #[serde(default)]
    pub(crate) lifecycle: BTreeSet<LifecycleRule>,
    /// The size from which the lifecycle rules move objects: `all_storage_classes_128K`, or `varies_by_storage_class`,
    /// which rules from before September 2024 have; absent: as it is, and the first of the two for new rules.
    #[serde(default)]
    #[schemars(extend("x-computed" = true))]
    pub(crate) transition_minimum: Option<String>,
    /// Where S3 writes down who has asked for what; absent: nowhere.
    #[serde(default)]
    pub(crate) access_log: Option<AccessLog>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// Where S3 writes down who has asked for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessLog {
    /// Name of the bucket.
    pub(crate) bucket: String,
    /// What the keys of its objects begin with.
    #[serde(default)]
    pub(crate) prefix: String,
}

/// How new objects are encrypted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub(crate) algorithm: String,
    /// KMS key (id, ARN or alias); absent: the account's `aws/s3` key, or none with AES256.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Whether a bucket key spares calls to KMS.
    #[serde(default)]
    pub(crate) bucket_key: bool,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { algorithm: "AES256".to_owned(), kms_key: None, bucket_key: false }
    }
}

/// What public access is blocked; all of it by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "S3's four switches")]
pub(crate) struct PublicAccessBlock {
    /// Whether new public ACLs are refused.
    pub(crate) block_public_acls: bool,
    /// Whether public ACLs count for nothing.
    pub(crate) ignore_public_acls: bool,
    /// Whether a public bucket policy is refused.
    pub(crate) block_public_policy: bool,
    /// Whether a public policy opens the bucket to its own account and AWS's services only.
    pub(crate) restrict_public_buckets: bool,
}

impl Default for PublicAccessBlock {
    fn default() -> Self {
        Self {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }
    }
}

pub(crate) fn enforced() -> String {
    "BucketOwnerEnforced".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the bucket.
    pub(crate) arn: String,
}

/// S3 buckets with the settings of theirs that pipectl declares.
pub(crate) struct Bucket;

pub(crate) const BUCKET: On = On::Arns(&["arn:{partition}:s3:::{name}"]);

const OBJECTS: On = On::Arns(&["arn:{partition}:s3:::{name}/*"]);

impl ResourceType for Bucket {
    const KIND: &'static str = "s3_bucket";
    const AWS_TYPE: &'static str = "AWS::S3::Bucket";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &[
                "s3:ListBucket",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketOwnershipControls",
                "s3:GetBucketPolicy",
                "s3:GetLifecycleConfiguration",
                "s3:GetBucketLogging",
                "s3:GetBucketTagging",
            ],
            BUCKET,
        ),
        // Whom it is open to, and where its data goes.
        Grant::plan(
            &[
                "s3:GetAccelerateConfiguration",
                "s3:GetBucketAcl",
                "s3:GetBucketCORS",
                "s3:GetBucketNotification",
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketRequestPayment",
                "s3:GetBucketWebsite",
                "s3:GetInventoryConfiguration",
                "s3:GetReplicationConfiguration",
            ],
            BUCKET,
        ),
        Grant::apply(
            &[
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:TagResource",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPolicy",
                "s3:DeleteBucketPolicy",
                "s3:PutLifecycleConfiguration",
                "s3:PutBucketLogging",
                "s3:PutBucketTagging",
                "s3:ListBucketVersions",
                "s3:ListBucketMultipartUploads",
            ],
            BUCKET,
        ),
        Grant::apply(&["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"], OBJECTS),
        Grant::operate(&["s3:ListBucket"], BUCKET),
        Grant::operate(&["s3:GetObject"], OBJECTS),
        Grant::operate(&["kms:Decrypt"], On::Key("encryption.kms_key"))
            .only_if("kms:ViaService", "s3.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["s3:CreateBucket"],
        delete: &["s3:DeleteBucket"],
        update: &[
            Update::new("versioning", &["s3:PutBucketVersioning"]),
            Update::new("encryption", &["s3:DeleteBucketEncryption", "s3:PutBucketEncryption"]),
            Update::new("public_access_block", &["s3:DeleteBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"]),
            Update::new("object_ownership", &["s3:DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"]),
            Update::new("policy", &["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"]),
            Update::new("lifecycle", &["s3:DeleteBucketLifecycle", "s3:PutBucketLifecycle"]),
            Update::new("transition_minimum", &["s3:PutBucketLifecycle"]),
            Update::new("access_log", &["s3:PutBucketLogging"]),
            Update::new(
                "tags",
                &["s3:DeleteBucketTagging", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"],
            ),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Statements, &["policy"]),
            (Shuts, &["public_access_block"]),
            // With any other, access control lists count beside the policy.
            (Strictest("BucketOwnerEnforced"), &["object_ownership"]),
            (Bound("key"), &["encryption.kms_key"]),
            // Whoever reads that bucket reads the keys of this one, and who asks for them.
            (Names, &["access_log.bucket"]),
            (
                Nothing,
                &[
                    "name",
                    "versioning",
                    "encryption.algorithm",
                    "encryption.bucket_key",
                    "lifecycle",
                    "transition_minimum",
                    "access_log.prefix",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/S3", dimension: "BucketName" };
    const MANAGED_BY: &'static [&'static str] = &["s3:GetBucketPolicy", "s3:PutBucketPolicy"];
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "s3_bucket"
        name = "pipectl-conformance-logs-123456789012"

        [needs.policy]
        Version = "2012-10-17"
        Statement = [{ Effect = "Allow", Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject", Resource = "arn:aws:s3:::pipectl-conformance-logs-123456789012/*" }]

        [first]
        name = "pipectl-conformance-bucket-123456789012"
        versioning = true
        access_log = { bucket = "pipectl-conformance-logs-123456789012", prefix = "bucket/" }
        tags = { "pipectl:env" = "test", team = "growth" }

        [[first.lifecycle]]
        id = "all"
        expire_days = 90
        noncurrent_days = 7
        abort_multipart_days = 3
        transitions = [{ days = 30, class = "STANDARD_IA" }, { days = 60, class = "GLACIER" }]

        [[first.lifecycle]]
        id = "markers"
        prefix = "events/"
        expired_delete_markers = true

        [second]
        name = "pipectl-conformance-bucket-123456789012"
        versioning = false
        encryption = { algorithm = "aws:kms", kms_key = "alias/events", bucket_key = true }
        object_ownership = "BucketOwnerPreferred"
        tags = { "pipectl:env" = "test", owner = "data" }

        [second.public_access_block]
        block_public_acls = false
        ignore_public_acls = true
        block_public_policy = false
        restrict_public_buckets = false

        [second.policy]
        Version = "2012-10-17"
        Statement = [{ Sid = "TlsOnly", Effect = "Deny", Principal = "*", Action = "s3:*", Resource = [
            "arn:aws:s3:::pipectl-conformance-bucket-123456789012", "arn:aws:s3:::pipectl-conformance-bucket-123456789012/*",
        ], Condition = { Bool = { "aws:SecureTransport" = "false" } } }]
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>
        match spec.encryption.algorithm.as_str() {
            "AES256" => AtRest::ByService { field: "kms_key" },
            "aws:kms" | "aws:kms:dsse" => AtRest::ByKms,
            _ => AtRest::Unknown,
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::Of(Quota::Buckets, 1)
    }

    fn unbind(live: &mut Spec) {
        live.policy = None;
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        loss::warnings(now, want)
    }
}

/// A lifecycle rule; rules are in order of id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LifecycleRule {
    /// Id, unique in the bucket; at most 255 characters.
    pub(crate) id: String,
    /// Whether it is carried out.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Only keys that begin with this; empty: all.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Days until an object expires.
    #[serde(default)]
    pub(crate) expire_days: Option<u32>,
    /// Days until a version that is no longer current expires.
    #[serde(default)]
    pub(crate) noncurrent_days: Option<u32>,
    /// Days until an unfinished multipart upload is given up.
    #[serde(default)]
    pub(crate) abort_multipart_days: Option<u32>,
    /// Whether a delete marker with nothing behind it expires; not in one rule with `expire_days`.
    #[serde(default)]
    pub(crate) expired_delete_markers: bool,
    /// Moves to other storage classes, in order of days.
    #[serde(default)]
    pub(crate) transitions: BTreeSet<Transition>,
    /// What the live rule holds beyond this (tag filters, date rules …), so that it shows as a difference.
    #[serde(default)]
    pub(crate) other: Option<String>,
}

impl LifecycleRule {
    /// A rule that is carried out, about all objects, and does nothing yet.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            enabled: true,
            prefix: String::new(),
            expire_days: None,
            noncurrent_days: None,
            abort_multipart_days: None,
            expired_delete_markers: false,
            transitions: BTreeSet::new(),
            other: None,
        }
    }
}

/// A move to another storage class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transition {
    /// Days after an object was made.
    pub(crate) days: u32,
    /// `STANDARD_IA`, `GLACIER` …
    pub(crate) class: String,
}

fn yes() -> bool {
    true
}
