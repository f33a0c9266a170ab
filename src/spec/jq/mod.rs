//! What jq 1.6, which Firehose runs, makes of an expression: whether it compiles, and how several become one query.
//!
//! The grammar is that of jq 1.6 and of no later version: `.a.[0]`, `if` without `else` and `pick` are not in it. A test
//! compares it with jq itself.

mod builtins;
mod constant;
mod error;
mod lexer;
mod parser;
mod scope;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

/// Why jq does not compile an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The reason, in jq's words where it has any.
    pub reason: String,
    /// At which character of the expression, from 1.
    pub at: usize,
}

/// Why jq does not compile an expression; `None` if it does.
pub fn fault(expression: &str) -> Option<Fault> {
    // jq reads neither, also in a comment; a file of Windows has the first at the end of each line.
    if let Some(at) = expression.find(['\r', '\0']) {
        let reason = "syntax error, unexpected INVALID_CHARACTER: a carriage return or a NUL".to_owned();
        return Some(Fault { reason, at: expression[..at].chars().count() + 1 });
    }
    let error = parser::parse(expression).err()?;
    let before = expression.get(..error.at).unwrap_or(expression);
    Some(Fault { reason: error.reason, at: before.chars().count() + 1 })
}

/// Whether an expression is the same for every record: it is written out, and looks at none.
pub fn is_constant(expression: &str) -> bool {
    parser::parse(expression).is_ok_and(|constant| constant.is_some())
}

/// The query that makes an object of expressions, each under its key, which is a name.
///
/// The value of a key is a chain of terms, `.a.b | tostring`; anything else stands in parentheses, in which it yields what it
/// yields by itself. A comment at its end would swallow what follows on the same line.
pub fn object(expressions: &BTreeMap<String, String>) -> String {
    let pairs = expressions.iter().map(|(key, expression)| {
        let form = parser::form(expression);
        match (form.is_value, form.ends_in_comment) {
            (true, false) => format!("{key}:{expression}"),
            (_, false) => format!("{key}:({expression})"),
            (_, true) => format!("{key}:({expression}\n)"),
        }
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// The expressions of such a query, by their keys; nothing where it is none.
pub fn parts(query: &str) -> BTreeMap<String, String> {
    parser::pairs(query).unwrap_or_default().into_iter().map(|(key, value)| (key, value.trim().to_owned())).collect()
}
