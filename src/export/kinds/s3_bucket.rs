//! S3 buckets: one resource in CloudFormation, one for each setting in Terraform.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, named_by, s3_lifecycle, s3_notification, tag_list};
use crate::catalog::Type;
use crate::catalog::s3_bucket::{AccessLog, Bucket, Encryption, PublicAccessBlock, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Fields, Term, block, fields};
use crate::model::scope::Scope;

const ENCRYPTION: &str = "aws_s3_bucket_server_side_encryption_configuration";
const LIFECYCLE: &str = "aws_s3_bucket_lifecycle_configuration";
const LOGGING: &str = "aws_s3_bucket_logging";
const OWNERSHIP: &str = "aws_s3_bucket_ownership_controls";
const POLICY: &str = "aws_s3_bucket_policy";
const PUBLIC_ACCESS: &str = "aws_s3_bucket_public_access_block";
const VERSIONING: &str = "aws_s3_bucket_versioning";

impl Exported for Bucket {
    const TERRAFORM_TYPE: &'static str = "aws_s3_bucket";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_s3_bucket", |it| named_by(it, "bucket")),
        (ENCRYPTION, |it| named_by(it, "bucket")),
        (PUBLIC_ACCESS, |it| named_by(it, "bucket")),
        (OWNERSHIP, |it| named_by(it, "bucket")),
        (VERSIONING, |it| named_by(it, "bucket")),
        (POLICY, |it| named_by(it, "bucket")),
        (LIFECYCLE, |it| named_by(it, "bucket")),
        (LOGGING, |it| named_by(it, "bucket")),
    ];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.bucket_arn(&spec.name))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec {
            name,
            versioning,
            encryption,
            public_access_block,
            object_ownership,
            policy,
            lifecycle,
            transition_minimum,
            access_log,
            tags,
        } = it.spec;
        let bucket = fields([("bucket", name.into()), ("tags", tags.into())]);
        let bucket = terraform::Part::new("aws_s3_bucket", name, bucket).unread(&["force_destroy"]);
        let mut parts = vec![
            bucket,
            setting(name, ENCRYPTION, [("rule", encryption_block(encryption))]),
            setting(name, PUBLIC_ACCESS, access_fields(public_access_block)),
            setting(name, OWNERSHIP, [("rule", block([("object_ownership", object_ownership.into())]))]),
        ];
        if *versioning {
            let enabled = block([("status", "Enabled".into())]);
            parts.push(setting(name, VERSIONING, [("versioning_configuration", enabled)]));
        }
        if policy.is_some() {
            parts.push(setting(name, POLICY, [("policy", Term::encoded(policy))]));
        }
        if !lifecycle.is_empty() {
            let (rules, minimum) = (s3_lifecycle::rule_blocks(lifecycle), transition_minimum.into());
            let rules = [("transition_default_minimum_object_size", minimum), ("rule", rules)];
            parts.push(setting(name, LIFECYCLE, rules));
        }
        if let Some(AccessLog { bucket, prefix }) = access_log {
            let to = [("target_bucket", Term::named(Type::Bucket, bucket)), ("target_prefix", prefix.into())];
            parts.push(setting(name, LOGGING, to));
        }
        Ok(parts)
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let (name, policy) = (&it.spec.name, &it.spec.policy);
        let mut parts =
            vec![cloudformation::Part::new("AWS::S3::Bucket", [("BucketName", name)], bucket_properties(it))];
        if policy.is_some() {
            let policy = properties([("Bucket", named(Type::Bucket, name)), ("PolicyDocument", json!(policy))]);
            let part = cloudformation::Part::new("AWS::S3::BucketPolicy", [("Bucket", name)], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    }
}

/// A resource of Terraform that is a setting of the bucket: all of them are imported by its name.
fn setting(bucket: &str, kind: &'static str, rest: impl IntoIterator<Item = (&'static str, Term)>) -> terraform::Part {
    let own: Fields = fields([("bucket", Term::named(Type::Bucket, bucket))]);
    terraform::Part::new(kind, bucket, own.into_iter().chain(rest).collect())
}

fn encryption_block(Encryption { algorithm, kms_key, bucket_key }: &Encryption) -> Term {
    let default = block([("sse_algorithm", algorithm.into()), ("kms_master_key_id", kms_key.into())]);
    block([("apply_server_side_encryption_by_default", default), ("bucket_key_enabled", bucket_key.into())])
}

/// S3's four switches, which have the same names here and there.
fn access_fields(switches: &PublicAccessBlock) -> [(&'static str, Term); 4] {
    let PublicAccessBlock { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets } =
        switches;
    [
        ("block_public_acls", block_public_acls.into()),
        ("ignore_public_acls", ignore_public_acls.into()),
        ("block_public_policy", block_public_policy.into()),
        ("restrict_public_buckets", restrict_public_buckets.into()),
    ]
}

fn bucket_properties(it: &Typed<'_, Bucket>) -> Value {
    let Spec {
        name,
        versioning,
        encryption: Encryption { algorithm, kms_key, bucket_key },
        public_access_block,
        object_ownership,
        // A resource of its own.
        policy: _,
        lifecycle,
        transition_minimum,
        access_log,
        tags,
    } = it.spec;
    let default = properties([("SSEAlgorithm", json!(algorithm)), ("KMSMasterKeyID", json!(kms_key))]);
    let rule = json!({ "ServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key });
    let log = access_log.as_ref().map(|AccessLog { bucket, prefix }| {
        let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
        properties([("DestinationBucketName", named(Type::Bucket, bucket)), ("LogFilePrefix", json!(prefix))])
    });
    let versioning = versioning.then(|| json!({ "Status": "Enabled" }));
    properties([
        ("BucketName", json!(name)),
        ("BucketEncryption", json!({ "ServerSideEncryptionConfiguration": [rule] })),
        ("LifecycleConfiguration", s3_lifecycle::configuration(lifecycle, transition_minimum.as_deref())),
        ("LoggingConfiguration", json!(log)),
        ("NotificationConfiguration", s3_notification::configuration(it.estate, name)),
        ("OwnershipControls", json!({ "Rules": [{ "ObjectOwnership": object_ownership }] })),
        ("PublicAccessBlockConfiguration", access_properties(public_access_block)),
        ("VersioningConfiguration", json!(versioning)),
        ("Tags", tag_list(tags)),
    ])
}

fn access_properties(switches: &PublicAccessBlock) -> Value {
    let PublicAccessBlock { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets } =
        switches;
    json!({
        "BlockPublicAcls": block_public_acls,
        "IgnorePublicAcls": ignore_public_acls,
        "BlockPublicPolicy": block_public_policy,
        "RestrictPublicBuckets": restrict_public_buckets,
    })
}
