//! What jq works out while it compiles.

use super::error::Error;

/// What jq knows of the value of an expression while it compiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constant {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number(f64),
    /// A string without an expression in it.
    String,
    /// An array of constants.
    Array,
    /// An object of constants.
    Object,
    /// Several of them, one after the other.
    Several,
}

impl Constant {
    /// It in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number(_) => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Several => "several values",
        }
    }
}

/// What jq works out while it compiles: sums of constants, and comparisons and shares of numbers.
pub(super) fn fold(
    left: Option<Constant>,
    sign: &str,
    right: Option<Constant>,
    at: usize,
) -> Result<Option<Constant>, Error> {
    use Constant::{Boolean, Null, Number, Several, String};
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    Ok(match (left, sign, right) {
        (_, ",", _) => Some(Several),
        (Several, ..) | (.., Several) => None,
        (Null, "+", other) | (other, "+", Null) => Some(other),
        (Number(a), "+", Number(b)) => Some(Number(a + b)),
        (Number(a), "-", Number(b)) => Some(Number(a - b)),
        (Number(a), "*", Number(b)) => Some(Number(a * b)),
        (Number(a), "/", Number(b)) => {
            let share = a / b;
            if share.is_infinite() {
                return Err(Error::new(at, "division by zero"));
            }
            Some(Number(share))
        }
        (Number(_), "==" | "!=" | "<" | "<=" | ">" | ">=", Number(_)) => Some(Boolean),
        (String, "+", String) => Some(String),
        _ => None,
    })
}
