//! The filter policy of a subscription to a topic, made of patterns.

use serde_json::{Map, Value};

use super::{Grammar, OR, check, to_aws};
use crate::spec::check::Checks;

/// The most fields that a policy asks for, and the most combinations of what it takes of them
/// (<https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>).
const FIELDS: usize = 5;
const COMBINATIONS: usize = 150;

/// The policy by which a message has to match one of these patterns; none where there are none.
pub fn policy(patterns: &[Map<String, Value>]) -> Option<Value> {
    match patterns {
        [] => None,
        [one] => Some(to_aws(one)),
        all => Some(Value::Object(Map::from_iter([(OR.to_owned(), all.iter().map(to_aws).collect())]))),
    }
}

/// Checks the patterns that such a policy is made of.
pub(in crate::spec) fn check_policy(
    path: &str,
    patterns: &[Map<String, Value>],
    grammar: Grammar,
    checks: &mut Checks<'_>,
) {
    for (i, pattern) in patterns.iter().enumerate() {
        check(&format!("{path}.{i}"), pattern, grammar, checks);
    }
    let mut leaves = Vec::new();
    for pattern in patterns {
        collect(pattern, 1, &mut leaves);
    }
    if leaves.len() > FIELDS {
        let message = format!("these ask for {} fields together; SNS takes {FIELDS} in a filter policy", leaves.len());
        checks.error(path, message);
    }
    // What is asked for alternatively is not counted: which of the numbers AWS multiplies then it does not say.
    if let [one] = patterns {
        let mut leaves = Vec::new();
        collect(one, 1, &mut leaves);
        let weight = |(values, depth): &(usize, usize)| values * if grammar == Grammar::Body { *depth } else { 1 };
        let combinations: usize = leaves.iter().map(weight).product();
        if combinations > COMBINATIONS && !one.contains_key(OR) {
            checks
                .error(path, format!("this comes to {combinations} combinations of values; SNS takes {COMBINATIONS}"))
                .help("the numbers of values of all fields are multiplied, in a body each by the depth of its field");
        }
    }
}

/// The lists of a pattern: how many values each has, and how deep it lies.
fn collect(pattern: &Map<String, Value>, depth: usize, leaves: &mut Vec<(usize, usize)>) {
    for (key, value) in pattern {
        match value {
            Value::Array(patterns) if key == OR => {
                patterns.iter().filter_map(Value::as_object).for_each(|one| collect(one, depth, leaves));
            }
            Value::Array(values) => leaves.push((values.len(), depth)),
            Value::Object(inner) => collect(inner, depth + 1, leaves),
            // That these are no lists is said where the pattern is checked.
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn several_patterns_are_alternatives_of_one_policy() {
        let pattern = |value: Value| value.as_object().unwrap().clone();
        let (a, b) = (pattern(json!({ "a": [1] })), pattern(json!({ "b": [{ "null": true }] })));
        assert_eq!(policy(&[]), None);
        assert_eq!(policy(std::slice::from_ref(&b)), Some(json!({ "b": [null] })));
        assert_eq!(policy(&[a, b]), Some(json!({ "$or": [{ "a": [1] }, { "b": [null] }] })));
    }
}
