//! Of KMS: what a key is that somebody else owns.

use serde::{Deserialize, Serialize};

use super::error::{absent_is_none, failed, present};
use super::slim::{Call, Caller, Json, Service};
use super::{Aws, Result};

/// KMS.
pub(crate) enum Kms {}

impl Service for Kms {
    type Speaks = Json;
    const ID: &'static str = "KMS";
    const NAME: &'static str = "kms";
    const OF: &'static str = "TrentService";
}

/// Asks what a key is: <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeKey<'a> {
    /// Its id, its ARN, or an alias.
    pub(crate) key_id: &'a str,
}

impl Call for DescribeKey<'_> {
    type Of = Kms;
    const NAME: &'static str = "DescribeKey";
    type Reply = DescribedKey;
}

/// What DescribeKey says.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct DescribedKey {
    /// The key.
    pub(crate) key_metadata: Option<KeyMetadata>,
}

/// A key.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct KeyMetadata {
    /// Its ARN.
    pub(crate) arn: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion` …
    pub(crate) key_state: Option<String>,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY` …
    pub(crate) key_usage: Option<String>,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048` …
    pub(crate) key_spec: Option<String>,
    /// Whose it is: `AWS` or `CUSTOMER`.
    pub(crate) key_manager: Option<String>,
}

/// A key, where there is one.
///
/// # Errors
/// When KMS does not say.
pub(crate) async fn described(aws: &Aws, key: &str) -> Result<Option<KeyMetadata>> {
    const CALL: &str = "kms DescribeKey";
    let client = aws.client(Caller::<Kms>::new).await;
    let reply = absent_is_none(client.call(&DescribeKey { key_id: key }).await.map_err(failed(CALL)))?;
    reply.map(|reply| present(CALL, "key", reply.key_metadata)).transpose()
}
