//! KMS keys, as a spec names them.

use super::Spec;
use super::arn::Arn;
use super::check::Checks;

/// The ways to name a KMS key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A key that AWS keeps for a service: `alias/aws/kinesis`. Whoever may use the service may use it.
    AwsManaged,
    /// An alias of a customer's key: `alias/clicks`.
    Alias(&'a str),
    /// The id of a customer's key.
    Id(&'a str),
    /// The ARN of a customer's key.
    Arn(&'a str),
}

impl<'a> Key<'a> {
    /// What kind of name this is; what is neither ARN nor alias is an id.
    pub fn of(text: &'a str) -> Self {
        let resource = Arn::parse(text).map_or(text, |arn| arn.resource);
        match resource.strip_prefix("alias/") {
            Some(alias) if alias.starts_with("aws/") => Self::AwsManaged,
            Some(_) => Self::Alias(resource),
            None if resource == text => Self::Id(text),
            None => Self::Arn(text),
        }
    }
}

/// Checks that a setting names a KMS key, and one of the environment's region.
pub(super) fn check(path: &str, key: Option<&String>, spec: &Spec, checks: &mut Checks<'_>) {
    let Some(key) = key else { return };
    if !is_key(key) {
        checks
            .error(path, format!("`{key}` is not a KMS key"))
            .help("write the key's id, its ARN, or an alias: `alias/clicks`");
    } else if let Some(elsewhere) = Arn::parse(key).and_then(|arn| arn.elsewhere(&spec.env.region)) {
        checks.error(path, format!("the key {elsewhere}"));
    } else if let Some(arn) = Arn::parse(key).filter(|arn| arn.region != spec.env.region) {
        let (region, here) = (arn.region, &spec.env.region);
        checks.error(path, format!("the key is in region `{region}`, and everything else in `{here}`"));
    }
}

fn is_key(text: &str) -> bool {
    let resource = match Arn::parse(text) {
        Some(arn) if arn.service == "kms" && !arn.account.is_empty() => arn.resource,
        Some(_) => return false,
        None if text.starts_with("key/") => return false,
        None => text,
    };
    if let Some(alias) = resource.strip_prefix("alias/") {
        return !alias.is_empty()
            && alias.len() <= 250
            && alias.chars().all(|c| c.is_ascii_alphanumeric() || ":/_-".contains(c));
    }
    let id = resource.strip_prefix("key/").unwrap_or(resource);
    let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let uuid = id.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && id.split('-').all(hex);
    uuid || id.strip_prefix("mrk-").is_some_and(|id| id.len() == 32 && hex(id))
}

#[cfg(test)]
mod tests {
    use super::{Key, is_key};

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn ids_arns_and_aliases_are_keys_and_nothing_else_is() {
        let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{ID}");
        for key in [ID, &arn, "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/aws/kinesis", "alias/team/clicks"] {
            assert!(is_key(key), "{key}");
        }
        for text in ["not a key", "", "alias/", "1234", "arn:aws:kms:eu-west-1:123456789012:nothing", "arn:aws:s3:::b"]
        {
            assert!(!is_key(text), "{text}");
        }
    }

    #[test]
    fn keys_that_aws_keeps_are_told_from_a_customers() {
        assert_eq!(Key::of("alias/aws/kinesis"), Key::AwsManaged);
        assert_eq!(Key::of("arn:aws:kms:eu-west-1:123456789012:alias/aws/kinesis"), Key::AwsManaged);
        assert_eq!(Key::of("arn:aws:kms:eu-west-1:123456789012:alias/clicks"), Key::Alias("alias/clicks"));
        assert_eq!(Key::of(ID), Key::Id(ID));
    }
}
