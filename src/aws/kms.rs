//! KMS keys: one key has several spellings.

/// Respells the key that AWS returned as the spec spells it, where both surely mean the same.
pub fn align(now: &mut Option<String>, want: Option<&String>) {
    if let (Some(now), Some(want)) = (now, want)
        && same(now, want)
    {
        now.clone_from(want);
    }
}

/// Whether two spellings surely name one key: `alias/x` and its ARN, a key's id and its ARN. Whether an alias stands
/// for a key id only KMS could tell: then they count as different.
fn same(one: &str, other: &str) -> bool {
    if one.starts_with("arn:") && other.starts_with("arn:") { one == other } else { bare(one) == bare(other) }
}

/// `alias/x`, or the id of a key, from either or from its ARN.
fn bare(key: &str) -> &str {
    let resource = key.rsplit(':').next().unwrap_or(key);
    resource.strip_prefix("key/").unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_and_its_arn_are_one_key() {
        assert!(same("alias/data", "arn:aws:kms:eu-west-1:123456789012:alias/data"));
        assert!(same("arn:aws-cn:kms:cn-north-1:123456789012:key/1234-abcd", "1234-abcd"));
    }

    #[test]
    fn other_names_accounts_and_what_only_kms_knows_differ() {
        assert!(!same("alias/data", "arn:aws:kms:eu-west-1:123456789012:alias/other"));
        assert!(!same("arn:aws:kms:eu-west-1:123456789012:alias/x", "arn:aws:kms:eu-west-1:210987654321:alias/x"));
        assert!(!same("alias/data", "arn:aws:kms:eu-west-1:123456789012:key/1234-abcd"));
    }
}
