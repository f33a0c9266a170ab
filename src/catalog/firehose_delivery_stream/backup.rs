//! Where every record goes besides, as it came.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::Logging;

/// Where every record goes besides, as it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    /// ARN of the role that writes it.
    #[serde(default)]
    pub(crate) role_arn: String,
    /// ARN of the bucket.
    pub(crate) bucket_arn: String,
    /// Key prefix, expressions unresolved; empty: AWS's own date prefix.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Key prefix of what could not be written.
    #[serde(default)]
    pub(crate) error_prefix: String,
    /// Buffer size in MiB; 1–128.
    #[serde(default)]
    pub(crate) buffer_mib: u32,
    /// Buffer time in seconds; 0–900.
    #[serde(default)]
    pub(crate) buffer_seconds: u32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    #[serde(default)]
    pub(crate) compression: String,
    /// ARN of the KMS key that it is encrypted with; absent: the bucket's default.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Where errors are logged; absent: nowhere.
    #[serde(default)]
    pub(crate) logging: Option<Logging>,
}

impl Backup {
    /// `arn:aws:s3:::copies/raw/`.
    pub(crate) fn words(&self) -> String {
        match (self.bucket_arn.as_str(), self.prefix.as_str()) {
            ("", _) => "a bucket that AWS does not name".to_owned(),
            (bucket, "") => bucket.to_owned(),
            (bucket, prefix) => format!("{bucket}/{prefix}"),
        }
    }
}

/// For serde: also as plans and states have it that were written when it was only read, a text that names bucket and prefix.
pub(super) fn either<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Backup>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Whole(Backup),
        Named(String),
    }
    Ok(Option::<Either>::deserialize(deserializer)?.map(|either| match either {
        Either::Whole(backup) => backup,
        Either::Named(text) => {
            let (bucket, prefix) = text.split_once('/').unwrap_or((&text, ""));
            Backup { bucket_arn: bucket.to_owned(), prefix: prefix.to_owned(), ..Backup::default() }
        }
    }))
}
