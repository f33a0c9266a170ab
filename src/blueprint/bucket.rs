//! A bucket becomes an S3 bucket with all that makes it private.

use serde_json::{Value, json};

use super::{Build, Site, policy};
use crate::engine::scope::Scope;
use crate::spec::blocks::bucket::{Bucket, Rule, StorageClass, Transition};
use crate::spec::{self, Ref, Spec};

impl Build for Bucket {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let arn = site.scope.bucket_arn(&name);
        let encryption = match &self.kms_key {
            Some(key) => json!({ "algorithm": "aws:kms", "kms_key": key, "bucket_key": self.bucket_key }),
            None => json!({ "algorithm": "AES256" }),
        };
        let policy = match &self.policy {
            Some(own) => spec::json::object(own),
            None => Some(policy::document([policy::tls_only("s3:*", &[arn.clone(), format!("{arn}/*")])])),
        };
        let attributes = json!({
            "name": name,
            "versioning": self.versioning,
            "encryption": encryption,
            "policy": policy,
            "lifecycle": self.lifecycle(),
            "tags": site.tags(&self.tags),
        });
        site.add("s3_bucket", attributes, []);
        site.output("arn", arn);
        site.output("name", name);
    }
}

impl Bucket {
    /// The rules: its own, or those that its settings come to, in order of id. S3 allows a rule about delete markers no days of expiry, so it stands alone.
    fn lifecycle(&self) -> Vec<Value> {
        if let Some(own) = &self.lifecycle {
            return own.iter().map(rule).collect();
        }
        let objects = json!({
            "id": "objects",
            "expire_days": self.expire_days,
            "noncurrent_days": self.noncurrent_days,
            "abort_multipart_days": self.abort_multipart_days,
            "transitions": self.transitions.iter().copied().map(transition).collect::<Vec<_>>(),
        });
        let markers = json!({ "id": "delete-markers", "expired_delete_markers": true });
        if self.versioning { vec![markers, objects] } else { vec![objects] }
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "enabled": rule.enabled,
        "prefix": rule.prefix,
        "expire_days": rule.expire_days,
        "noncurrent_days": rule.noncurrent_days,
        "abort_multipart_days": rule.abort_multipart_days,
        "expired_delete_markers": rule.expired_delete_markers,
        "transitions": rule.transitions.iter().copied().map(transition).collect::<Vec<_>>(),
    })
}

fn transition(transition: Transition) -> Value {
    let class = match transition.class {
        StorageClass::StandardIa => "STANDARD_IA",
        StorageClass::OnezoneIa => "ONEZONE_IA",
        StorageClass::IntelligentTiering => "INTELLIGENT_TIERING",
        StorageClass::GlacierIr => "GLACIER_IR",
        StorageClass::Glacier => "GLACIER",
        StorageClass::DeepArchive => "DEEP_ARCHIVE",
    };
    json!({ "days": transition.days, "class": class })
}

/// The name in AWS of the bucket that a reference leads to.
pub(super) fn name(bucket: &Ref<Bucket>, spec: &Spec) -> String {
    spec.blocks.bucket[bucket.name()].aws_name(bucket.name(), spec)
}

/// Its ARN.
pub(super) fn arn(bucket: &Ref<Bucket>, spec: &Spec, scope: &Scope) -> String {
    scope.bucket_arn(&name(bucket, spec))
}
