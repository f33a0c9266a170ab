//! Tags: what several services share.

use std::collections::BTreeMap;

use crate::model::kind::Owner;

/// A resource's tags, AWS's own (`aws:…`) left out.
pub type Tags = BTreeMap<String, String>;

/// Tags as AWS returned them, without its own: those cannot be changed and belong to no diff.
pub fn own(pairs: impl IntoIterator<Item = (String, String)>) -> Tags {
    pairs.into_iter().filter(|(key, _)| !key.to_ascii_lowercase().starts_with("aws:")).collect()
}

/// What to write and what to take away to turn `now` into `want`.
pub fn changes(now: &Tags, want: &Tags) -> (Tags, Vec<String>) {
    let write = want.iter().filter(|(key, value)| now.get(*key) != Some(value));
    let remove = now.keys().filter(|key| !want.contains_key(*key));
    (write.map(|(key, value)| (key.clone(), value.clone())).collect(), remove.cloned().collect())
}

/// Whether these tags say that a resource belongs to the owner's project and environment.
pub fn name_owner(tags: &Tags, owner: &Owner) -> bool {
    let says = |key: &str, value: &String| tags.get(key) == Some(value);
    says("pipectl:project", &owner.project) && says("pipectl:env", &owner.env)
}
