//! Which changes of a bucket lose data.

use super::Spec;

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
        let before = now.lifecycle.iter().find(|before| before.id == rule.id && before.enabled);
        if sooner(before.and_then(|before| before.expire_days), rule.expire_days) {
            let days = rule.expire_days.unwrap_or_default();
            warnings.push(format!("bucket `{name}`, rule `{}`: objects older than {days} days are lost", rule.id));
        }
        if sooner(before.and_then(|before| before.noncurrent_days), rule.noncurrent_days) {
            let days = rule.noncurrent_days.unwrap_or_default();
            let what = "versions that have not been current for";
            warnings.push(format!("bucket `{name}`, rule `{}`: {what} {days} days are lost", rule.id));
        }
    }
    warnings
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
