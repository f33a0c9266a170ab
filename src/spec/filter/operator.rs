//! One entry of the list that stands for a field in a pattern: a value, or an operator.

use serde_json::{Map, Value, json};

use super::{Grammar, NULL};

/// What is wrong with an entry, and what to write.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

fn fault(message: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault { message: message.into(), help: help.into() }
}

/// The operators of AWS's.
pub(super) const WORDS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];

/// With which numbers EventBridge compares
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>).
const NUMBERS: f64 = 5_000_000_000.0;

/// The same of SNS (<https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>).
const NUMBERS_OF_SNS: f64 = 1_000_000_000.0;

/// Whether AWS takes an entry.
pub(super) fn check(rule: &Value, grammar: Grammar) -> Result<(), Fault> {
    match rule {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Ok(()),
        Value::Object(operator) => check_operator(operator, grammar),
        Value::Null | Value::Array(_) => Err(fault(
            "a list of what matches holds values and operators",
            "write `\"text\"`, `12`, `true`, `{ prefix = \"a\" }` or `{ null = true }`",
        )),
    }
}

fn check_operator(operator: &Map<String, Value>, grammar: Grammar) -> Result<(), Fault> {
    let mut all = operator.iter();
    let (Some((name, value)), None) = (all.next(), all.next()) else {
        return Err(fault(
            "an operator stands alone between its braces",
            "write `{ prefix = \"a\" }, { suffix = \"b\" }`: one of them has to match",
        ));
    };
    match (name.as_str(), value) {
        (NULL, Value::Bool(true)) | ("exists", Value::Bool(_)) | ("equals-ignore-case", Value::String(_)) => Ok(()),
        (NULL, _) => Err(fault("`null` is `true`", "write `{ null = true }`: the field is null")),
        ("exists", _) => Err(fault("`exists` is `true` or `false`", "write `{ exists = true }`")),
        ("equals-ignore-case", _) => Err(needs_text(name)),
        ("prefix" | "suffix", value) => part(name, value),
        ("anything-but", value) => anything_but(value, grammar),
        ("numeric", value) => numeric(value, grammar),
        ("cidr", Value::String(range)) if grammar != Grammar::Lambda && range.contains('/') => Ok(()),
        _ => Err(unknown(name, grammar)),
    }
}

fn needs_text(name: &str) -> Fault {
    fault(format!("`{name}` compares with a text"), format!("write `{{ {name} = \"a\" }}`"))
}

/// How a text begins or ends, in these letters or in whatever case.
fn part(name: &str, value: &Value) -> Result<(), Fault> {
    let any_case =
        |table: &Map<String, Value>| table.len() == 1 && table.get("equals-ignore-case").is_some_and(Value::is_string);
    match value {
        Value::String(text) if !text.is_empty() => Ok(()),
        Value::Object(table) if any_case(table) => Ok(()),
        _ => Err(needs_text(name)),
    }
}

/// A value or a list of them, all texts or all numbers.
fn anything_but(value: &Value, grammar: Grammar) -> Result<(), Fault> {
    let alike = |values: &[Value]| {
        !values.is_empty() && (values.iter().all(Value::is_string) || values.iter().all(Value::is_number))
    };
    let fits = match value {
        Value::Array(values) => alike(values),
        Value::Object(table) if grammar != Grammar::Lambda && table.len() == 1 => {
            table.get("prefix").is_some_and(Value::is_string)
        }
        one => alike(std::slice::from_ref(one)),
    };
    if fits {
        return Ok(());
    }
    Err(fault(
        "`anything-but` takes a text, a number, or a list of texts or of numbers",
        "write `{ anything-but = [\"test\", \"debug\"] }`",
    ))
}

/// `["=", 5]`, `[">", 0]`, `[">=", 0, "<", 5]`.
fn numeric(value: &Value, grammar: Grammar) -> Result<(), Fault> {
    const HELP: &str =
        "write `{ numeric = [\">\", 100] }`, or a range from its lower end: `{ numeric = [\">=\", 0, \"<\", 100] }`";
    let most = if grammar == Grammar::Lambda { NUMBERS } else { NUMBERS_OF_SNS };
    let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |at: usize| parts.get(at).and_then(Value::as_f64);
    let sign = |at: usize| parts.get(at).and_then(Value::as_str);
    let fits = match parts.len() {
        2 => matches!(sign(0), Some("=" | "<" | "<=" | ">" | ">=")) && number(1).is_some(),
        4 => {
            matches!((sign(0), sign(2)), (Some(">" | ">="), Some("<" | "<=")))
                && number(1).zip(number(3)).is_some_and(|(low, high)| low < high)
        }
        _ => false,
    };
    if !fits {
        return Err(fault(format!("`numeric` does not compare with {value}"), HELP));
    }
    match [number(1), number(3)].into_iter().flatten().find(|number| number.abs() > most) {
        Some(number) => Err(fault(
            format!("{} is beyond the numbers that are compared", json!(number)),
            format!("write a number between -{most} and {most}"),
        )),
        None => Ok(()),
    }
}

fn unknown(name: &str, grammar: Grammar) -> Fault {
    let (who, others) = match grammar {
        Grammar::Lambda => ("Lambda", ""),
        Grammar::Attributes | Grammar::Body => ("SNS", ", `cidr`"),
    };
    fault(
        format!("{who} knows no operator `{name}` here"),
        format!(
            "it knows `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric`, `exists`{others} and `null`"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lambda_takes_is_told_from_what_it_refuses() {
        let good = [
            json!("purchase"),
            json!(""),
            json!(12.5),
            json!(true),
            json!({ "null": true }),
            json!({ "exists": false }),
            json!({ "prefix": "a" }),
            json!({ "suffix": { "equals-ignore-case": "a" } }),
            json!({ "equals-ignore-case": "A" }),
            json!({ "anything-but": "a" }),
            json!({ "anything-but": [1, 2] }),
            json!({ "numeric": ["=", 5] }),
            json!({ "numeric": [">", 0, "<=", 5.5] }),
        ];
        for rule in good {
            assert!(check(&rule, Grammar::Lambda).is_ok(), "{rule}");
        }
        let bad = [
            json!(null),
            json!(["a"]),
            json!({}),
            json!({ "prefix": "a", "suffix": "b" }),
            json!({ "null": false }),
            json!({ "exists": "yes" }),
            json!({ "prefix": "" }),
            json!({ "prefix": 5 }),
            json!({ "anything-but": ["a", 1] }),
            json!({ "anything-but": [] }),
            json!({ "anything-but": { "prefix": "a" } }),
            json!({ "numeric": [">", 5, "<", 1] }),
            json!({ "numeric": ["<", 5, ">", 1] }),
            json!({ "numeric": ["!=", 5] }),
            json!({ "numeric": 5 }),
            json!({ "numeric": [">", 6_000_000_000.0] }),
            json!({ "wildcard": "a*" }),
            json!({ "cidr": "10.0.0.0/8" }),
        ];
        for rule in bad {
            assert!(check(&rule, Grammar::Lambda).is_err(), "{rule}");
        }
        for rule in [json!({ "cidr": "10.0.0.0/8" }), json!({ "anything-but": { "prefix": "a" } })] {
            assert!(check(&rule, Grammar::Attributes).is_ok(), "{rule}");
        }
        assert!(check(&json!({ "numeric": [">", 2_000_000_000.0] }), Grammar::Body).is_err());
    }
}
