//! Which changes of a bucket lose data.

use super::{LifecycleRule, Spec, Transition};

/// What is lost by a change from `now` to `want`, at once or by and by.
pub(super) fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
    let Some(now) = now else { return Vec::new() };
    let name = &now.name;
    let Some(want) = want.filter(|want| want.name == *name) else {
        let loss = "every object in it goes with it, all versions included, and cannot be brought back";
        return vec![format!("bucket `{name}` is deleted: {loss}")];
    };
    let mut warnings = Vec::new();
    if now.versioning && !want.versioning {
        warnings.push(format!("bucket `{name}` keeps no versions any more: what is overwritten or deleted is lost"));
    }
    for rule in want.lifecycle.iter().filter(|rule| rule.enabled) {
        // A rule of more objects expires those that it was not about.
        let before = now.lifecycle.iter().find(|before| {
            before.id == rule.id && before.enabled && before.other.is_none() && rule.prefix.starts_with(&before.prefix)
        });
        if sooner(before.and_then(|before| before.expire_days), rule.expire_days) {
            let days = rule.expire_days.unwrap_or_default();
            warnings.push(format!("bucket `{name}`, rule `{}`: objects older than {days} days are lost", rule.id));
        }
        if sooner(before.and_then(|before| before.noncurrent_days), rule.noncurrent_days) {
            let days = rule.noncurrent_days.unwrap_or_default();
            let what = "versions that have not been current for";
            warnings.push(format!("bucket `{name}`, rule `{}`: {what} {days} days are lost", rule.id));
        }
        if sooner(before.and_then(|before| before.abort_multipart_days), rule.abort_multipart_days) {
            let days = rule.abort_multipart_days.unwrap_or_default();
            warnings
                .push(format!("bucket `{name}`, rule `{}`: uploads unfinished for {days} days are given up", rule.id));
        }
        let colder = rule.transitions.iter().filter(|to| ARCHIVES.contains(&to.class.as_str()));
        for to in colder.filter(|to| before.is_none_or(|before| !moves_as_late(before, to))) {
            let what = "cannot be read before they are restored, which takes hours";
            warnings.push(format!(
                "bucket `{name}`, rule `{}`: objects older than {} days move to {} and {what}",
                rule.id, to.days, to.class
            ));
        }
    }
    if now.access_log.is_some() && want.access_log.is_none() {
        warnings.push(format!("bucket `{name}`: requests to it are logged no more"));
    }
    warnings.extend(small_objects(now, want));
    warnings.extend(locked_out(now, want));
    warnings
}

/// The storage classes whose objects have to be restored before they can be read.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// Whether a rule moved objects to the same class already, and no later.
fn moves_as_late(before: &LifecycleRule, to: &Transition) -> bool {
    before.transitions.iter().any(|old| old.class == to.class && old.days <= to.days)
}

/// What becomes of objects that are smaller than 128 KB, which rules from before September 2024 move to archives as well.
fn small_objects(now: &Spec, want: &Spec) -> Option<String> {
    let old = now.transition_minimum.as_deref() == Some("varies_by_storage_class");
    let name = &now.name;
    match want.transition_minimum.as_deref() {
        Some("all_storage_classes_128K") if old => {
            Some(format!("bucket `{name}`: objects smaller than 128 KB are not moved any more"))
        }
        None if old && now.lifecycle != want.lifecycle => Some(format!(
            "bucket `{name}`: its rules go on moving objects smaller than 128 KB to archives (`transition_minimum` is \
             varies_by_storage_class)"
        )),
        _ => None,
    }
}

/// Who may be kept out by other settings than a policy.
fn locked_out(now: &Spec, want: &Spec) -> Vec<String> {
    let name = &now.name;
    let key = want.encryption.kms_key.as_ref().filter(|_| now.encryption.kms_key != want.encryption.kms_key);
    let key = key.map(|key| format!("bucket `{name}`: who writes and reads new objects needs the key {key}"));
    let owned = now.object_ownership != want.object_ownership && want.object_ownership == "BucketOwnerEnforced";
    let owned = owned.then(|| format!("bucket `{name}`: ACLs count no more, and whom they let in is refused"));
    let blocks = |spec: &Spec| {
        let block = &spec.public_access_block;
        [block.ignore_public_acls, block.restrict_public_buckets]
    };
    let shut = blocks(now).iter().zip(blocks(want)).any(|(now, want)| want && !now);
    let shut = shut.then(|| format!("bucket `{name}`: whom a public policy or ACL lets in is refused"));
    [key, owned, shut].into_iter().flatten().collect()
}

/// Whether something expires that did not, or earlier than it did.
fn sooner(now: Option<u32>, want: Option<u32>) -> bool {
    want.is_some_and(|want| now.is_none_or(|now| want < now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(expire_days: Option<u32>) -> Spec {
        let rule = serde_json::json!({ "id": "all", "expire_days": expire_days });
        serde_json::from_value(serde_json::json!({ "name": "events", "lifecycle": [rule] })).unwrap()
    }

    #[test]
    fn only_what_expires_sooner_is_warned_of() {
        let warned = |now, want| !warnings(Some(&bucket(now)), Some(&bucket(want))).is_empty();
        assert!(warned(None, Some(30)) && warned(Some(31), Some(30)));
        assert!(!warned(Some(30), Some(30)) && !warned(Some(30), Some(31)) && !warned(Some(30), None));
        assert!(warnings(None, Some(&bucket(Some(30)))).is_empty());
    }

    #[test]
    fn a_deletion_says_that_the_objects_go() {
        assert!(warnings(Some(&bucket(None)), None)[0].contains("every object"));
    }
}
