//! The key prefixes that Firehose writes under, and the expressions in them: `!{timestamp:yyyy/MM/dd}`.

pub mod pattern;
pub(super) mod zone;

use super::check::Checks;
use crate::model::pattern::special;

/// An expression in a prefix: `!{namespace:value}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expression<'a> {
    pub(super) namespace: &'a str,
    pub(super) value: &'a str,
}

/// What stands before the first expression: every key begins with it.
pub fn literal(prefix: &str) -> &str {
    prefix.split("!{").next().unwrap_or(prefix)
}

/// The expressions of a prefix, in order; or the first that is none, as it is written.
pub(super) fn expressions(prefix: &str) -> Result<Vec<Expression<'_>>, &str> {
    let mut found = Vec::new();
    let mut rest = prefix;
    while let Some(start) = rest.find("!{") {
        rest = &rest[start..];
        let end = rest.find('}').ok_or(rest)?;
        let (whole, after) = rest.split_at(end + 1);
        let (namespace, value) = whole[2..end].split_once(':').filter(|(_, value)| !value.is_empty()).ok_or(whole)?;
        found.push(Expression { namespace, value });
        rest = after;
    }
    Ok(found)
}

/// The longest key of an object, in bytes (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
const LONGEST_KEY: usize = 1024;

/// Checks a prefix that is taken as it stands, and that goes into policies. A policy takes letters as far as U+00FF
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>).
pub(super) fn check_literal(path: &str, prefix: &str, checks: &mut Checks<'_>) {
    check_start(path, prefix, checks);
    if let Some(bad) = prefix.chars().find(|letter| u32::from(*letter) > 0xff) {
        checks.error(path, format!("`{bad}` cannot stand in this prefix: IAM's policies take no such letter"));
    }
    if prefix.len() > LONGEST_KEY {
        checks.error(
            path,
            format!("this has {} bytes, and the key of an object {LONGEST_KEY} at the most", prefix.len()),
        );
    }
    if let Some(bad) = special(prefix) {
        checks.error(
            path,
            format!("`{bad}` has a meaning of its own in IAM's policies, and cannot stand in this prefix"),
        );
    }
}

impl Expression<'_> {
    /// Whether it stands for the kind of an error.
    pub(super) fn is_error_type(&self) -> bool {
        (self.namespace, self.value) == ("firehose", "error-output-type")
    }
}

/// Checks a prefix that may hold expressions, and returns these. Those that belong elsewhere are for the caller to refuse.
pub(super) fn check<'a>(path: &str, prefix: &'a str, checks: &mut Checks<'_>) -> Vec<Expression<'a>> {
    check_start(path, prefix, checks);
    let expressions = expressions(prefix).unwrap_or_else(|bad| {
        checks
            .error(path, format!("`{bad}` is not an expression that Firehose knows"))
            .help("expressions are written `!{timestamp:yyyy/MM/dd}` or `!{firehose:random-string}`");
        Vec::new()
    });
    for Expression { namespace, value } in &expressions {
        let known = match *namespace {
            "timestamp" | "partitionKeyFromQuery" | "partitionKeyFromLambda" => true,
            "firehose" => ["error-output-type", "random-string"].contains(value),
            _ => false,
        };
        if !known {
            checks.error(path, format!("`!{{{namespace}:{value}}}` is not an expression that Firehose knows")).help(
                "Firehose knows `timestamp:…`, `firehose:error-output-type`, `firehose:random-string` and, with dynamic \
                 partitioning, `partitionKeyFromQuery:…`",
            );
        }
    }
    check_timestamps(path, &expressions, checks);
    expressions
}

fn check_timestamps(path: &str, expressions: &[Expression<'_>], checks: &mut Checks<'_>) {
    let patterns = expressions.iter().filter(|expression| expression.namespace == "timestamp");
    let patterns: Vec<&str> = patterns.map(|expression| expression.value).collect();
    for pattern in &patterns {
        if let Some(fault) = pattern::fault(pattern) {
            checks
                .error(path, format!("`{pattern}` is not a pattern that Firehose takes: {fault}"))
                .help("patterns are those of Java's DateTimeFormatter: `yyyy/MM/dd/HH`, with other letters in quotes");
        }
    }
    for (message, help) in pattern::doubts(&patterns) {
        checks.warning(path, message).help(help);
    }
}

fn check_start(path: &str, prefix: &str, checks: &mut Checks<'_>) {
    if prefix.starts_with('/') {
        checks
            .error(path, "a prefix that begins with `/` makes keys that begin with an empty folder")
            .help(format!("write `{}`", prefix.trim_start_matches('/')));
    }
    if prefix.chars().any(char::is_control) {
        checks.error(path, "a prefix cannot hold control characters");
    }
}

#[cfg(test)]
mod tests {
    use super::{Expression, expressions, literal};

    #[test]
    fn expressions_are_found_in_order() {
        let found = expressions("events/!{timestamp:yyyy/MM}/c=!{partitionKeyFromQuery:customer}/").unwrap();
        let expected = [("timestamp", "yyyy/MM"), ("partitionKeyFromQuery", "customer")];
        assert_eq!(found, expected.map(|(namespace, value)| Expression { namespace, value }));
        assert_eq!(expressions("plain/"), Ok(vec![]));
    }

    #[test]
    fn an_expression_that_does_not_end_or_has_no_value_is_shown_as_written() {
        assert_eq!(expressions("a/!{timestamp:yyyy"), Err("!{timestamp:yyyy"));
        assert_eq!(expressions("a/!{timestamp}/b"), Err("!{timestamp}"));
    }

    #[test]
    fn every_key_begins_with_what_stands_before_the_first_expression() {
        assert_eq!(literal("events/!{timestamp:yyyy}/"), "events/");
        assert_eq!(literal("events/"), "events/");
    }
}
