//! Patterns that choose among records and messages: EventBridge's grammar, as far as Lambda and SNS take it.

mod operator;
mod policy;
pub(super) mod table;

use serde_json::{Map, Value};

use super::check::Checks;
pub(super) use policy::check_policy;
pub use policy::policy;

/// Who applies a pattern, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// Lambda, to what a stream or a queue holds
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>).
    Lambda,
    /// SNS, to the attributes of a message
    /// (<https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>).
    Attributes,
    /// SNS, to what a message says.
    Body,
}

/// The key under which one of several patterns has to match.
const OR: &str = "$or";

/// A value that TOML cannot write.
const NULL: &str = "null";

/// Checks a pattern, and says what is wrong with it at its place.
pub(super) fn check(path: &str, pattern: &Map<String, Value>, grammar: Grammar, checks: &mut Checks<'_>) {
    if pattern.is_empty() {
        checks
            .error(path, "this pattern asks for nothing")
            .help("write what has to be there: `type = [\"purchase\"]`, or leave the pattern out");
    }
    for (key, value) in pattern {
        let at = format!("{path}.{key}");
        match value {
            Value::Array(patterns) if key == OR => check_or(&at, patterns, grammar, checks),
            Value::Object(_) if key != OR && grammar == Grammar::Attributes => {
                checks
                    .error(&at, format!("the attribute `{key}` of a message holds nothing else"))
                    .help("with `filter_on = \"body\"` the pattern is one of what the message says");
            }
            Value::Object(inner) if key != OR => check(&at, inner, grammar, checks),
            Value::Array(rules) => check_rules(&at, rules, grammar, checks),
            _ if key == OR => {
                checks.error(&at, "`$or` is a list of patterns").help(OR_HELP);
            }
            other => {
                checks
                    .error(&at, format!("`{key}` needs a list of the values that match"))
                    .help(format!("write `[{other}]`"));
            }
        }
    }
}

const OR_HELP: &str = "write `\"$or\" = [{ type = [\"purchase\"] }, { amount = [{ numeric = [\">\", 100] }] }]`";

fn check_or(path: &str, patterns: &[Value], grammar: Grammar, checks: &mut Checks<'_>) {
    if patterns.len() < 2 {
        checks.error(path, "`$or` has two patterns or more").help(OR_HELP);
    }
    for (i, pattern) in patterns.iter().enumerate() {
        let at = format!("{path}.{i}");
        match pattern {
            Value::Object(pattern) => {
                if let Some(word) = operator::WORDS.iter().find(|word| pattern.contains_key(**word)) {
                    checks
                        .error(
                            &at,
                            format!("AWS takes `$or` for the name of a field beside one that is called `{word}`"),
                        )
                        .help("write two patterns, where several of them can stand");
                }
                check(&at, pattern, grammar, checks);
            }
            _ => {
                checks.error(&at, "`$or` is a list of patterns").help(OR_HELP);
            }
        }
    }
}

fn check_rules(path: &str, rules: &[Value], grammar: Grammar, checks: &mut Checks<'_>) {
    if rules.is_empty() {
        checks
            .error(path, "this list matches nothing")
            .help("write the values that match, or `[{ exists = true }]`, or leave the field out");
    }
    for (i, rule) in rules.iter().enumerate() {
        if let Err(fault) = operator::check(rule, grammar) {
            checks.error(&format!("{path}.{i}"), fault.message).help(fault.help);
        }
    }
}

/// A pattern as AWS takes it.
pub fn to_aws(pattern: &Map<String, Value>) -> Value {
    Value::Object(pattern.iter().map(|(key, value)| (key.clone(), with_nulls(value))).collect())
}

fn with_nulls(value: &Value) -> Value {
    match value {
        Value::Object(table) if is_null(table) => Value::Null,
        Value::Object(table) => to_aws(table),
        Value::Array(items) => Value::Array(items.iter().map(with_nulls).collect()),
        other => other.clone(),
    }
}

fn is_null(table: &Map<String, Value>) -> bool {
    table.len() == 1 && table.get(NULL) == Some(&Value::Bool(true))
}

/// A pattern of AWS's as it is written in a spec.
pub fn from_aws(pattern: &Value) -> Value {
    match pattern {
        Value::Null => Value::Object(Map::from_iter([(NULL.to_owned(), Value::Bool(true))])),
        Value::Object(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), from_aws(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(from_aws).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_which_toml_cannot_write_goes_there_and_back() {
        let written =
            json!({ "user": { "id": [{ "null": true }, ""] }, "$or": [{ "a": [{ "null": true }] }, { "b": [1] }] });
        let pattern = to_aws(written.as_object().unwrap());
        assert_eq!(pattern, json!({ "user": { "id": [null, ""] }, "$or": [{ "a": [null] }, { "b": [1] }] }));
        assert_eq!(from_aws(&pattern), written);
    }
}
