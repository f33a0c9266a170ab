//! The spellings of a KMS key.

/// Respells the key that AWS returned as the spec spells it, where both surely mean the same.
pub(crate) fn align(now: &mut Option<String>, want: Option<&String>) {
    if let (Some(now), Some(want)) = (now, want)
        && same_key(now, want)
    {
        now.clone_from(want);
    }
}

/// Whether two texts name the same key or alias, as far as that shows without asking KMS: an id or `alias/…` equals
/// its ARN, while an alias and the id of the key behind it do not.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    let both_arns = one.starts_with("arn:") && other.starts_with("arn:");
    one == other || (!both_arns && short(one) == short(other))
}

/// `arn:…:key/<id>` to `<id>`, `arn:…:alias/<name>` to `alias/<name>`.
fn short(key: &str) -> &str {
    if !key.starts_with("arn:") {
        return key;
    }
    let resource = key.rsplit(':').next().unwrap_or(key);
    resource.strip_prefix("key/").unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_equals_what_it_names_and_nothing_else() {
        let (key, alias) = ("arn:aws:kms:eu-west-1:123456789012:key/1234-ab", "arn:aws:kms:eu-west-1:1:alias/clicks");
        assert!(same_key(key, "1234-ab"));
        assert!(same_key("alias/clicks", alias));
        assert!(!same_key(key, alias));
        assert!(!same_key("1234-ab", "alias/1234-ab"));
        assert!(!same_key(key, "arn:aws:kms:us-east-1:123456789012:key/1234-ab"));
    }
}
