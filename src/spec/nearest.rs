//! The name that was probably meant.

/// The candidate most like `wrong`, if one is so like it that a slip of the finger explains the difference.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::jaro_winkler(wrong, candidate);
    let slips = |candidate: &str| strsim::osa_distance(wrong, candidate);
    candidates
        .into_iter()
        .filter(|candidate| slips(candidate) <= 1 + wrong.chars().count() / 4 || likeness(candidate) > 0.9)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// `` `a`, `b` and `c` ``, for messages.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let keys = ["shards", "mode", "retention_hours"];
        assert_eq!(nearest("shard", keys), Some("shards"));
        assert_eq!(nearest("shrads", keys), Some("shards"));
        assert_eq!(nearest("retention_hour", keys), Some("retention_hours"));
        assert_eq!(nearest("retention", keys), Some("retention_hours"));
        assert_eq!(nearest("kms_key", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn names_are_listed_as_a_sentence_has_them() {
        assert_eq!(listed([], "or"), "");
        assert_eq!(listed(["a"], "or"), "`a`");
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
