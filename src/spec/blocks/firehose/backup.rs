//! The copy of every record as it came, besides what is written of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Buffering, Compression, Firehose};
use crate::spec::blocks::bucket::Bucket;
use crate::spec::check::Checks;
use crate::spec::{Ref, Spec, kms, prefix};

/// Where every record goes besides, as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The bucket; it may be that of `destination`.
    pub bucket: Ref<Bucket>,
    /// What the keys of the copies begin with, as in `prefix` of the firehose, but for partition keys.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub prefix: String,
    /// What the keys of copies that could not be written begin with; required where `prefix` holds expressions.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub error_prefix: Option<String>,
    /// When a batch is written: whichever comes first, size or time.
    #[serde(default)]
    pub buffering: Buffering,
    /// How the copies are compressed.
    #[serde(default)]
    pub compression: Compression,
    /// KMS key (id, ARN or alias) that encrypts the copies; absent: the bucket's default.
    #[serde(default)]
    pub kms_key: Option<String>,
}

impl Firehose {
    pub(super) fn check_backup(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let Some(backup) = &self.backup else { return };
        kms::check("backup.kms_key", backup.kms_key.as_ref(), spec, checks);
        let expressions = prefix::check("backup.prefix", &backup.prefix, checks);
        let (error_type, key) = (prefix::Expression::is_error_type, is_partition_key);
        if expressions.iter().any(error_type) {
            checks.error("backup.prefix", "`!{firehose:error-output-type}` belongs in `backup.error_prefix`");
        }
        let of_errors = backup.error_prefix.as_deref().unwrap_or_default();
        let of_errors = prefix::check("backup.error_prefix", of_errors, checks);
        for (path, found) in [("backup.prefix", &expressions), ("backup.error_prefix", &of_errors)] {
            if found.iter().any(key) {
                checks.error(path, "copies are of records as they came, and those have no partition keys");
            }
        }
        if backup.error_prefix.is_none() && !expressions.is_empty() {
            checks
                .error("backup.prefix", "a `prefix` with expressions needs an `error_prefix`")
                .help("write `error_prefix = \"backup-errors/!{firehose:error-output-type}/\"` beside it");
        }
        if !of_errors.is_empty() && !of_errors.iter().any(error_type) {
            checks.error(
                "backup.error_prefix",
                "an `error_prefix` with expressions must hold `!{firehose:error-output-type}`",
            );
        }
        let (own, copies) = (prefix::literal(&self.prefix), prefix::literal(&backup.prefix));
        if backup.bucket == self.destination && (own.starts_with(copies) || copies.starts_with(own)) {
            checks
                .warning("backup.prefix", "copies lie among what is written of them: who reads the one reads the other")
                .help("give the two prefixes of which none begins with the other");
        }
        if self.transform.is_none() && self.convert.is_none() && self.dynamic_partitioning.is_none() {
            checks
                .warning("backup", "nothing is done to records here: the copies are what is written anyway")
                .help("take `backup` away before the first apply: AWS switches none off again");
        }
    }
}

fn is_partition_key(expression: &prefix::Expression<'_>) -> bool {
    expression.namespace.starts_with("partitionKey")
}
