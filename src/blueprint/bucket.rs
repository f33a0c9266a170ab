//! A bucket becomes an S3 bucket with all that makes it private.

use std::collections::BTreeSet;

use super::{Build, BuildContext, policy};
use crate::catalog::Type;
use crate::catalog::s3_bucket::{self, Encryption, LifecycleRule, PublicAccessBlock};
use crate::model::policy::Policy;
use crate::spec::blocks::bucket::{Bucket, Rule, StorageClass, Transition, TransitionMinimum};
use crate::spec::{self, Block as _};

impl Build for Bucket {
    const TYPE: Option<Type> = Some(Type::Bucket);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let arn = site.scope.bucket_arn(&name);
        let encryption = match &self.kms_key {
            Some(key) => {
                Encryption { algorithm: "aws:kms".to_owned(), kms_key: Some(key.clone()), bucket_key: self.bucket_key }
            }
            None => Encryption::default(),
        };
        let policy = match &self.policy {
            Some(own) => spec::json::object(own),
            None => Some(policy::document([policy::tls_only("s3:*", &[arn.clone(), format!("{arn}/*")])])),
        };
        let bucket = s3_bucket::Spec {
            name: name.clone(),
            versioning: self.versioning,
            encryption,
            public_access_block: PublicAccessBlock::default(),
            object_ownership: s3_bucket::enforced(),
            policy: policy.as_ref().map(Policy::new),
            lifecycle: self.lifecycle(),
            transition_minimum: self.transition_minimum.map(minimum).map(str::to_owned),
            tags: site.tags(&self.tags),
        };
        site.add(bucket, []);
        site.output("arn", arn);
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }
}

impl Bucket {
    /// The rules: its own, or those that its settings come to, in order of id. S3 allows a rule about delete markers no days of expiry, so it stands alone.
    fn lifecycle(&self) -> BTreeSet<LifecycleRule> {
        if let Some(own) = &self.lifecycle {
            return own.iter().map(rule).collect();
        }
        let objects = LifecycleRule {
            expire_days: self.expire_days,
            noncurrent_days: Some(self.noncurrent_days),
            abort_multipart_days: Some(self.abort_multipart_days),
            transitions: self.transitions.iter().copied().map(transition).collect(),
            ..LifecycleRule::new("objects")
        };
        let markers = LifecycleRule { expired_delete_markers: true, ..LifecycleRule::new("delete-markers") };
        [objects].into_iter().chain(self.versioning.then_some(markers)).collect()
    }
}

fn rule(rule: &Rule) -> LifecycleRule {
    LifecycleRule {
        id: rule.id.clone(),
        enabled: rule.enabled,
        prefix: rule.prefix.clone(),
        expire_days: rule.expire_days,
        noncurrent_days: rule.noncurrent_days,
        abort_multipart_days: rule.abort_multipart_days,
        expired_delete_markers: rule.expired_delete_markers,
        transitions: rule.transitions.iter().copied().map(transition).collect(),
        other: None,
    }
}

fn transition(transition: Transition) -> s3_bucket::Transition {
    let class = match transition.class {
        StorageClass::StandardIa => "STANDARD_IA",
        StorageClass::OnezoneIa => "ONEZONE_IA",
        StorageClass::IntelligentTiering => "INTELLIGENT_TIERING",
        StorageClass::GlacierIr => "GLACIER_IR",
        StorageClass::Glacier => "GLACIER",
        StorageClass::DeepArchive => "DEEP_ARCHIVE",
    };
    s3_bucket::Transition { days: transition.days, class: class.to_owned() }
}

fn minimum(minimum: TransitionMinimum) -> &'static str {
    match minimum {
        TransitionMinimum::AllStorageClasses128k => "all_storage_classes_128K",
        TransitionMinimum::VariesByStorageClass => "varies_by_storage_class",
    }
}
