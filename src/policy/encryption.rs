//! `require_encryption`: how streams, buckets and tables are at least encrypted at rest.

use super::Violation;
use crate::spec::Spec;
use crate::spec::policy::Encryption;

/// The streams, buckets and tables that are not encrypted as the rule asks.
pub(super) fn violations(spec: &Spec) -> Vec<Violation> {
    let Some(required) = spec.policy.require_encryption else { return Vec::new() };
    let mut found = Vec::new();
    // Encrypted, a stream always is with a key in KMS.
    for (name, _) in spec.blocks.stream.iter().filter(|(_, stream)| !stream.encrypted) {
        let message = format!("the records of `stream.{name}` are not encrypted");
        found.push(Violation::new(format!("stream.{name}.encrypted"), message, asked(required)));
    }
    // S3 encrypts every object and DynamoDB every item, if only with a key of their own.
    if required == Encryption::Kms {
        for (name, _) in spec.blocks.bucket.iter().filter(|(_, bucket)| bucket.kms_key.is_none()) {
            let message = format!("`bucket.{name}` encrypts its objects with S3's own key, not with one in KMS");
            found.push(Violation::new(format!("bucket.{name}.kms_key"), message, asked(required)));
        }
        for (name, _) in spec.blocks.table.iter().filter(|(_, table)| table.kms_key.is_none()) {
            let message = format!("`table.{name}` encrypts its items with DynamoDB's own key, not with one in KMS");
            found.push(Violation::new(format!("table.{name}.kms_key"), message, asked(required)));
        }
    }
    found
}

fn asked(required: Encryption) -> &'static str {
    match required {
        Encryption::Any => "`[policy] require_encryption = \"any\"` asks for encryption",
        Encryption::Kms => "`[policy] require_encryption = \"kms\"` asks for a key in KMS",
    }
}
