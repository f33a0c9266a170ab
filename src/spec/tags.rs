//! Tags, as AWS allows them.

use std::collections::BTreeMap;

use super::Spec;
use super::check::Checks;

/// Tags, by key.
pub type Tags = BTreeMap<String, String>;

/// What AWS allows on one resource, and what pipectl takes of it: `pipectl:project`, `pipectl:env`, `pipectl:address`.
const MOST: usize = 50 - 3;

/// Checks the tags of a block, with those of the environment that it gets as well.
pub(super) fn check(tags: &Tags, spec: &Spec, checks: &mut Checks<'_>) {
    for (key, value) in tags {
        if let Some(fault) = fault(key, value) {
            checks.error(&format!("tags.{key}"), fault);
        }
    }
    let count = spec.env.tags.keys().chain(tags.keys()).collect::<std::collections::BTreeSet<_>>().len();
    if count > MOST {
        checks
            .error("tags", format!("with those of the environment these are {count} tags"))
            .help(format!("AWS allows 50 on a resource, and pipectl needs three of them: {MOST} are left"));
    }
}

/// What AWS, or pipectl, has against a tag.
pub(super) fn fault(key: &str, value: &str) -> Option<String> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let lower = key.to_ascii_lowercase();
    if key.is_empty() || key.chars().count() > 128 {
        Some(format!("the key of a tag has 1 to 128 characters; this one has {}", key.chars().count()))
    } else if value.chars().count() > 256 {
        Some(format!("the value of a tag has at most 256 characters; this one has {}", value.chars().count()))
    } else if lower.starts_with("aws:") {
        Some("keys that begin with `aws:` are AWS's own".to_owned())
    } else if lower.starts_with("pipectl:") {
        Some("keys that begin with `pipectl:` are pipectl's own: they say whose a resource is".to_owned())
    } else {
        let bad = key.chars().chain(value.chars()).find(|&c| !allowed(c))?;
        Some(format!("a tag cannot hold `{bad}`; letters, digits, spaces and `_.:/=+-@` are allowed"))
    }
}
