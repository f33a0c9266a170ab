//! A bucket becomes an S3 bucket with all that makes it private.

use std::collections::BTreeSet;

use serde_json::Value;

use super::policy::{Through, allow, list_below, use_key};
use super::resolved::Resolved;
use super::{Build, BuildContext, policy};
use crate::catalog::Type;
use crate::catalog::s3_bucket::{self, Encryption, LifecycleRule, PublicAccessBlock};
use crate::model::graph::What;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::bucket::{AccessLog, Bucket, Rule, StorageClass, Transition, TransitionMinimum};
use crate::spec::uses::{Access, Use};
use crate::spec::{self, Block as _, Declared, Spec};

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
        let policy = if let Some(own) = &self.policy {
            spec::json::object(own)
        } else {
            let tls_only = policy::tls_only("s3:*", &[arn.clone(), format!("{arn}/*")]);
            Some(policy::document([tls_only].into_iter().chain(logs(site, &arn))))
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
            access_log: self
                .access_log
                .as_ref()
                .map(|log| s3_bucket::AccessLog { bucket: site.resolve(&log.bucket).name, prefix: log.prefix.clone() }),
            tags: site.tags(&self.tags),
        };
        // The log's bucket is there first, with the policy that lets S3 write to it.
        site.add(bucket, self.access_log.as_ref().map(|log| log.bucket.address()));
        if let Some(log) = &self.access_log {
            site.flow(site.address.clone(), What::Data, log.bucket.address());
            ask_owner(log, &arn, site);
        }
        site.output("arn", arn);
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(_own: Option<&Self>, used: &Resolved, asked: &Use, spec: &Spec, scope: &Scope) -> Vec<Value> {
        if asked.access == Access::Read {
            read_bucket(used, &asked.prefix, spec, scope)
        } else {
            write_bucket(used, &asked.prefix, scope)
        }
    }
}

/// What whoever reads a bucket's objects has to be allowed with keys: that of the bucket, and those with which delivery
/// streams write to it.
pub(super) fn decrypt_objects(bucket: &Resolved, spec: &Spec, scope: &Scope) -> Vec<Value> {
    let mut keys: Vec<&String> = bucket.key.iter().collect();
    let writers = spec.blocks.firehose.own().values();
    let writers = writers.filter(|firehose| firehose.destination.name() == bucket.block);
    keys.extend(writers.filter_map(|firehose| firehose.kms_key.as_ref()));
    let copies = spec.blocks.firehose.own().values().filter_map(|firehose| firehose.backup.as_ref());
    let copies = copies.filter(|backup| backup.bucket.name() == bucket.block);
    keys.extend(copies.filter_map(|backup| backup.kms_key.as_ref()));
    keys.sort_unstable();
    keys.dedup();
    let through = Through::s3(&bucket.arn);
    keys.into_iter().filter_map(|key| use_key(scope, key, &["kms:Decrypt"], &through)).collect()
}

/// What whoever reads objects below a prefix of a bucket has to be allowed.
pub(super) fn read_bucket(bucket: &Resolved, prefix: &str, spec: &Spec, scope: &Scope) -> Vec<Value> {
    let whole = || allow(&["s3:ListBucket"], &bucket.arn);
    let statements = [
        if prefix.is_empty() { whole() } else { list_below(&bucket.arn, prefix) },
        allow(&["s3:GetBucketLocation"], &bucket.arn),
        allow(&["s3:GetObject"], &format!("{}/{prefix}*", bucket.arn)),
    ];
    statements.into_iter().chain(decrypt_objects(bucket, spec, scope)).collect()
}

/// What whoever writes objects below a prefix of a bucket has to be allowed. S3 decrypts the parts of a multipart upload to put
/// them together (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>).
pub(super) fn write_bucket(bucket: &Resolved, prefix: &str, scope: &Scope) -> Vec<Value> {
    let objects = format!("{}/{prefix}*", bucket.arn);
    let own = allow(&["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], &objects);
    let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
    let key = bucket.key.as_deref();
    let key = key.and_then(|key| use_key(scope, key, &actions, &Through::s3(&bucket.arn)));
    [own].into_iter().chain(key).collect()
}

/// The statements that let S3 write the logs of other buckets to the one of that ARN.
fn logs(site: &BuildContext<'_>, target: &str) -> Vec<Value> {
    let sources = site.spec.blocks.bucket.own().iter();
    let logs = sources.filter_map(|(name, source)| Some((name, source, source.access_log.as_ref()?)));
    let here = logs.filter(|(_, _, log)| log.bucket.name() == site.name);
    let statement = |(name, source, log): (&String, &Declared<Bucket>, &AccessLog)| {
        let arn = site.scope.bucket_arn(&source.aws_name(name, site.spec));
        log.statement(target, &arn, &site.scope.account)
    };
    here.map(statement).collect()
}

/// What the owner of a log's bucket has to add to its policy.
fn ask_owner(log: &AccessLog, arn: &str, site: &mut BuildContext<'_>) {
    if !site.is_external(&log.bucket.address()) {
        return;
    }
    let statement = log.statement(&site.resolve(&log.bucket).arn, arn, &site.scope.account);
    site.note(
        format!("`{}` is external: its owner has to let S3 write the log of `{}` to it", log.bucket, site.address),
        format!("ask for this statement in its policy: {statement}"),
    );
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
