//! S3 buckets with the settings of theirs that pipectl declares.

use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Resource, Result};
use crate::engine::kind::{Actions, Step};

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
    pub(crate) lifecycle: Vec<LifecycleRule>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
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
pub(crate) struct PublicAccessBlock {
    pub(crate) block_public_acls: bool,
    pub(crate) ignore_public_acls: bool,
    pub(crate) block_public_policy: bool,
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

/// A lifecycle rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Whether a delete marker with nothing behind it expires.
    #[serde(default)]
    pub(crate) expired_delete_markers: bool,
    /// Moves to other storage classes, in order of days.
    #[serde(default)]
    pub(crate) transitions: Vec<Transition>,
    /// What the live rule holds beyond this (tag filters, date rules …), so that it shows as a difference.
    #[serde(default)]
    pub(crate) other: Option<String>,
}

/// A move to another storage class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transition {
    /// Days after an object was made.
    pub(crate) days: u32,
    /// `STANDARD_IA`, `GLACIER` …
    pub(crate) class: String,
}

fn enforced() -> String {
    "BucketOwnerEnforced".to_owned()
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the bucket.
    pub(crate) arn: String,
}

/// S3 buckets with the settings of theirs that pipectl declares.
pub(crate) struct Bucket;

impl Resource for Bucket {
    const KIND: &'static str = "s3_bucket";
    const AWS_TYPE: &'static str = "AWS::S3::Bucket";
    const ACTIONS: Actions = Actions { read: &[], write: &[] };
    const EXAMPLES: &'static str = "";
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        todo!()
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        todo!()
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        todo!()
    }
}
