//! S3 buckets with the settings of theirs that pipectl declares.

mod lifecycle;
mod loss;
mod settings;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::bucket::{Bucket as Place, about};
use crate::aws::empty::{count_at_least, empty};
use crate::aws::error::{absent_is_done, failed};
use crate::aws::policy::Policy;
use crate::aws::tags::Tags;
use crate::aws::wait::{retry, until};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

use lifecycle::LifecycleRule;

/// How long a bucket may take to appear or to be gone, and late objects (Firehose's last) to stop coming.
const PATIENCE: Duration = Duration::from_mins(2);

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

fn enforced() -> String {
    "BucketOwnerEnforced".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the bucket.
    pub(crate) arn: String,
}

/// S3 buckets with the settings of theirs that pipectl declares.
pub(crate) struct Bucket;

const BUCKET: On = On::Arns(&["arn:{partition}:s3:::{name}"]);
const OBJECTS: On = On::Arns(&["arn:{partition}:s3:::{name}/*"]);

impl Resource for Bucket {
    const KIND: &'static str = "s3_bucket";
    const AWS_TYPE: &'static str = "AWS::S3::Bucket";
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
                "s3:GetBucketTagging",
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
    const WRITES: &'static Writes = &Writes {
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
            Update::new(
                "tags",
                &["s3:DeleteBucketTagging", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"],
            ),
        ],
    };
    const EXAMPLES: &'static str = r#"
        [first]
        name = "pipectl-conformance-bucket-123456789012"
        versioning = true
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

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let bucket = Place::new(aws, key).await?;
        let (exists, settings) = tokio::join!(bucket.exists(), settings::read(&bucket));
        // Without the bucket, its settings' errors say nothing new.
        if !exists? {
            return Ok(None);
        }
        let spec = match settings {
            Err(error) if settings::is_no_bucket(&error) => {
                retry(PATIENCE, settings::is_no_bucket, || Box::pin(settings::read(&bucket))).await?
            }
            settings => settings?,
        };
        Ok(Some((spec, Outputs { arn: bucket.scope.bucket_arn(key) })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let bucket = Place::new(aws, &want.name).await?;
        let call = "s3 CreateBucket";
        // In us-east-1 S3 answers 200 for a bucket that we have already, and resets its ACL.
        if bucket.exists().await? {
            let message = format!("bucket `{}` exists already in this account", want.name);
            return Err(CallError::own(Class::InUse, call, message));
        }
        let make = || async {
            let create = bucket
                .s3
                .create_bucket()
                .bucket(&want.name)
                .object_ownership(ObjectOwnership::from(want.object_ownership.as_str()))
                .set_create_bucket_configuration(birth(&bucket.scope.region, &want.tags)?);
            create.send().await.map_err(failed(call)).map(|_| ())
        };
        settings::patiently(make).await?;
        until("s3 HeadBucket", PATIENCE, || async { Ok(bucket.exists().await?.then_some(())) }).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        settings::write(&Place::new(aws, &want.name).await?, now, want).await
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        let bucket = Place::new(aws, key).await?;
        if !bucket.exists().await? {
            return Ok(());
        }
        if step.empty {
            empty(&bucket, step.note).await?;
            retry(PATIENCE, |error| is_passing(error) || is_not_empty(error), || remove_late(&bucket, step)).await?;
        } else {
            match retry(PATIENCE, is_passing, || remove(&bucket)).await {
                Err(error) if is_not_empty(&error) => return Err(not_empty(&bucket, error).await),
                result => result?,
            }
        }
        until("s3 DeleteBucket", PATIENCE, || async { Ok((!bucket.exists().await?).then_some(())) }).await
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        loss::warnings(now, want)
    }
}

/// What S3 takes when it makes a bucket: tags, so that a crash right after leaves it known as ours, and the region,
/// which for us-east-1 has no name here.
fn birth(region: &str, tags: &Tags) -> Result<Option<CreateBucketConfiguration>> {
    let elsewhere = (region != "us-east-1").then(|| BucketLocationConstraint::from(region));
    if elsewhere.is_none() && tags.is_empty() {
        return Ok(None);
    }
    let tags = (!tags.is_empty()).then(|| settings::tag_list(tags)).transpose()?;
    Ok(Some(CreateBucketConfiguration::builder().set_location_constraint(elsewhere).set_tags(tags).build()))
}

async fn remove(bucket: &Place) -> Result<()> {
    absent_is_done(about!(bucket, delete_bucket).send().await.map_err(failed("s3 DeleteBucket")))
}

/// Removes the emptied bucket; where something has come in since, empties it again for the next try.
async fn remove_late(bucket: &Place, step: &Step<'_>) -> Result<()> {
    let removed = remove(bucket).await;
    if removed.as_ref().is_err_and(is_not_empty) {
        empty(bucket, step.note).await?;
    }
    removed
}

fn is_passing(error: &CallError) -> bool {
    error.class == Class::Conflict
}

fn is_not_empty(error: &CallError) -> bool {
    error.code.as_deref() == Some("BucketNotEmpty")
}

/// Says what is in the way, and how it goes away.
async fn not_empty(bucket: &Place, error: CallError) -> CallError {
    let held = match count_at_least(bucket).await {
        Ok(count) => format!("holds at least {count} objects, old versions or delete markers"),
        // Counting is a courtesy, for which the permission may be missing.
        Err(_) => "is not empty".to_owned(),
    };
    CallError { message: format!("bucket `{}` {held}; `--empty-buckets` deletes them", bucket.name), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn us_east_1_has_no_location() {
        let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
        assert_eq!(birth("us-east-1", &Tags::new()).unwrap(), None);
        assert_eq!(birth("us-east-1", &tags).unwrap().unwrap().location_constraint(), None);
        assert_eq!(birth("eu-west-1", &tags).unwrap().unwrap().location_constraint().unwrap().as_str(), "eu-west-1");
    }
}
