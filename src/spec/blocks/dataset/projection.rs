//! Which values a partition has, so that Athena works the folders out
//! (<https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::Checks;

/// Which values a partition has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// What they are.
    pub values: Values,
    /// Of dates and integers, the first and the last: `["2026/01/01/00", "NOW"]`, `["0", "23"]`.
    #[serde(default)]
    #[schemars(length(max = 2))]
    pub range: Vec<String>,
    /// Of dates, how they are written, in the letters of Java's DateTimeFormatter: `yyyy/MM/dd/HH`.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub format: Option<String>,
    /// Of dates and integers, how far it is from one to the next.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub interval: Option<u32>,
    /// Of dates, what `interval` counts.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Of integers, how many digits each has, with zeros before it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 20))]
    pub digits: Option<u32>,
    /// Of a list, its items.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub list: Vec<String>,
}

/// What the values of a partition are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// Dates or times.
    Date,
    /// Whole numbers.
    Integer,
    /// These alone.
    Enum,
    /// Any; every query has to name the one that it wants.
    Injected,
}

/// What an interval between dates counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Years.
    Years,
    /// Months.
    Months,
    /// Weeks.
    Weeks,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
}

impl Unit {
    /// Athena's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Years => "YEARS",
            Self::Months => "MONTHS",
            Self::Weeks => "WEEKS",
            Self::Days => "DAYS",
            Self::Hours => "HOURS",
            Self::Minutes => "MINUTES",
            Self::Seconds => "SECONDS",
        }
    }
}

impl Values {
    /// Athena's word for them.
    pub fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Integer => "integer",
            Self::Enum => "enum",
            Self::Injected => "injected",
        }
    }
}

impl Projection {
    /// Checks that it says what its values need, and nothing else.
    pub(super) fn check(&self, path: &str, checks: &mut Checks<'_>) {
        let Self { values, range, format, interval, unit, digits, list } = self;
        let (date, integer) = (*values == Values::Date, *values == Values::Integer);
        let word = values.word();
        let fields = [
            ("range", !range.is_empty(), date || integer),
            ("format", format.is_some(), date),
            ("interval", interval.is_some(), date || integer),
            ("unit", unit.is_some(), date),
            ("digits", digits.is_some(), integer),
            ("list", !list.is_empty(), *values == Values::Enum),
        ];
        for (field, _, _) in fields.iter().filter(|(_, given, fits)| *given && !fits) {
            checks.error(&format!("{path}.{field}"), format!("values of the kind `{word}` have no `{field}`"));
        }
        for (field, given, _) in fields.iter().filter(|(_, _, fits)| *fits) {
            if !given && ["range", "format", "list"].contains(field) {
                checks.error(path, format!("values of the kind `{word}` need a `{field}`"));
            }
        }
        if (date || integer) && range.len() == 1 {
            checks
                .error(&format!("{path}.range"), "a range has a first and a last value")
                .help("write `[\"0\", \"23\"]`");
        }
        let numbers: Vec<Option<i64>> = range.iter().map(|value| value.parse().ok()).collect();
        if integer && numbers.contains(&None) {
            checks.error(&format!("{path}.range"), "the first and the last value are whole numbers");
        }
        if let ([Some(first), Some(last)], true) = (numbers.as_slice(), integer)
            && first > last
        {
            checks.error(&format!("{path}.range"), format!("the range ends at {last}, before it begins at {first}"));
        }
        // Athena asks for both where the smallest letter of the pattern is no day.
        let finer = format.as_ref().is_some_and(|format| format.contains(['H', 'h', 'k', 'K', 'm', 's']));
        if date && finer && unit.is_none() {
            checks
                .error(path, "dates that are finer than a day need a `unit`")
                .help("write `interval = 1, unit = \"hours\"`");
        }
        if list.iter().any(|item| item.contains(',')) {
            checks.error(&format!("{path}.list"), "an item cannot hold `,`: Athena takes it for the end of the item");
        }
    }
}
