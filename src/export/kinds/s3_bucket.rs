//! S3 buckets: one resource in CloudFormation, one for each setting in Terraform.

use serde_json::{Value, json};

use super::{Mapping, Subject, filled, named_by, s3_lifecycle, s3_notification, tag_list};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{Fields, Part, Term, block, fields};

const ENCRYPTION: &str = "aws_s3_bucket_server_side_encryption_configuration";
const LIFECYCLE: &str = "aws_s3_bucket_lifecycle_configuration";
const OWNERSHIP: &str = "aws_s3_bucket_ownership_controls";
const POLICY: &str = "aws_s3_bucket_policy";
const PUBLIC_ACCESS: &str = "aws_s3_bucket_public_access_block";
const VERSIONING: &str = "aws_s3_bucket_versioning";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "s3_bucket",
    arn: Some(|it| it.estate.scope.bucket_arn(it.name())),
    terraform_type: "aws_s3_bucket",
    terraform_keys: &[
        ("aws_s3_bucket", |it| named_by(it, "bucket")),
        (ENCRYPTION, |it| named_by(it, "bucket")),
        (PUBLIC_ACCESS, |it| named_by(it, "bucket")),
        (OWNERSHIP, |it| named_by(it, "bucket")),
        (VERSIONING, |it| named_by(it, "bucket")),
        (POLICY, |it| named_by(it, "bucket")),
        (LIFECYCLE, |it| named_by(it, "bucket")),
    ],
    terraform: |it| {
        let bucket = fields([("bucket", it["name"].clone().into()), ("tags", it["tags"].clone().into())]);
        let bucket = Part::new("aws_s3_bucket", it.name(), bucket).unread(&["force_destroy"]);
        let mut parts = vec![
            bucket,
            setting(it, ENCRYPTION, [("rule", encryption_block(it))]),
            setting(it, PUBLIC_ACCESS, access_fields(&it["public_access_block"])),
            setting(it, OWNERSHIP, [("rule", ownership_block(it))]),
        ];
        if it["versioning"] == true {
            let enabled = block([("status", json!("Enabled").into())]);
            parts.push(setting(it, VERSIONING, [("versioning_configuration", enabled)]));
        }
        if it["policy"].is_object() {
            parts.push(setting(it, POLICY, [("policy", Term::encoded(&it["policy"]))]));
        }
        if !filled(&it["lifecycle"]).is_null() {
            let rules = s3_lifecycle::rule_blocks(&it["lifecycle"]);
            let minimum = it["transition_minimum"].clone().into();
            parts.push(setting(it, LIFECYCLE, [("transition_default_minimum_object_size", minimum), ("rule", rules)]));
        }
        Ok(parts)
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let identifier = [("BucketName", it.name())];
        let mut parts = vec![cloudformation::Part::new("AWS::S3::Bucket", identifier, bucket_properties(it))];
        if it["policy"].is_object() {
            let policy =
                properties([("Bucket", named("s3_bucket", it.name())), ("PolicyDocument", it["policy"].clone())]);
            let part = cloudformation::Part::new("AWS::S3::BucketPolicy", [("Bucket", it.name())], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    },
    stays: &[],
};

/// A resource of Terraform that is a setting of the bucket: all of them are imported by its name.
fn setting(it: &Subject<'_>, kind: &'static str, rest: impl IntoIterator<Item = (&'static str, Term)>) -> Part {
    let bucket: Fields = fields([("bucket", Term::named("s3_bucket", it.name()))]);
    Part::new(kind, it.name(), bucket.into_iter().chain(rest).collect())
}

fn encryption_block(it: &Subject<'_>) -> Term {
    let encryption = &it["encryption"];
    let default = block([
        ("sse_algorithm", encryption["algorithm"].clone().into()),
        ("kms_master_key_id", encryption["kms_key"].clone().into()),
    ]);
    block([
        ("apply_server_side_encryption_by_default", default),
        ("bucket_key_enabled", encryption["bucket_key"].clone().into()),
    ])
}

fn ownership_block(it: &Subject<'_>) -> Term {
    block([("object_ownership", it["object_ownership"].clone().into())])
}

/// S3's four switches, which have the same names here and there.
fn access_fields(switches: &Value) -> [(&'static str, Term); 4] {
    ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"]
        .map(|switch| (switch, switches[switch].clone().into()))
}

fn bucket_properties(it: &Subject<'_>) -> Value {
    let (encryption, access) = (&it["encryption"], &it["public_access_block"]);
    let default = properties([
        ("SSEAlgorithm", encryption["algorithm"].clone()),
        ("KMSMasterKeyID", encryption["kms_key"].clone()),
    ]);
    let rule = json!({ "ServerSideEncryptionByDefault": default, "BucketKeyEnabled": encryption["bucket_key"] });
    properties([
        ("BucketName", it["name"].clone()),
        ("BucketEncryption", json!({ "ServerSideEncryptionConfiguration": [rule] })),
        ("LifecycleConfiguration", s3_lifecycle::configuration(it.attributes)),
        ("NotificationConfiguration", s3_notification::configuration(it, it.name())),
        ("OwnershipControls", json!({ "Rules": [{ "ObjectOwnership": it["object_ownership"] }] })),
        (
            "PublicAccessBlockConfiguration",
            json!({
                "BlockPublicAcls": access["block_public_acls"],
                "IgnorePublicAcls": access["ignore_public_acls"],
                "BlockPublicPolicy": access["block_public_policy"],
                "RestrictPublicBuckets": access["restrict_public_buckets"],
            }),
        ),
        (
            "VersioningConfiguration",
            if it["versioning"] == true { json!({ "Status": "Enabled" }) } else { Value::Null },
        ),
        ("Tags", tag_list(&it["tags"])),
    ])
}
