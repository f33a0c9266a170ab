//! Statements of one's own for the role of a block: `[[function.clean.allow]]`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checks;
use super::nearest::nearest;
use crate::model::scope::Scope;

/// A statement that allows what no `uses` says. It stands in the plan like all others, and what it widens has to be approved
/// like all else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// IAM's names of the actions: `"dynamodb:Query"`. `"s3:Get*"` is all that begin so; `[policy] no_wildcard_actions` refuses it.
    #[schemars(length(min = 1), inner(regex(pattern = r"^[a-z0-9-]+:[A-Za-z0-9*?]+$")), extend("uniqueItems" = true))]
    pub actions: Vec<String>,
    /// The ARNs of what they may be done with: `"${table.sessions.arn}/index/*"`; `"*"` alone is everything.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub resources: Vec<String>,
    /// On what conditions, by operator and key: `{ StringEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" } }`.
    #[serde(default)]
    pub conditions: BTreeMap<String, BTreeMap<String, Values>>,
    /// What it is called in the policy; absent: nothing.
    #[serde(default)]
    #[schemars(regex(pattern = "^[A-Za-z0-9]+$"))]
    pub sid: Option<String>,
}

/// What the value of a condition's key may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Values {
    /// This.
    One(String),
    /// One of these.
    Several(Vec<String>),
}

impl Values {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        }
    }
}

/// What the values of an operator have to be.
#[derive(Clone, Copy)]
enum Of {
    Text,
    Number,
    Boolean,
}

/// IAM's operators (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).
const OPERATORS: [(&str, Of); 27] = [
    ("ArnEquals", Of::Text),
    ("ArnLike", Of::Text),
    ("ArnNotEquals", Of::Text),
    ("ArnNotLike", Of::Text),
    ("BinaryEquals", Of::Text),
    ("Bool", Of::Boolean),
    ("DateEquals", Of::Text),
    ("DateGreaterThan", Of::Text),
    ("DateGreaterThanEquals", Of::Text),
    ("DateLessThan", Of::Text),
    ("DateLessThanEquals", Of::Text),
    ("DateNotEquals", Of::Text),
    ("IpAddress", Of::Text),
    ("NotIpAddress", Of::Text),
    (NULL, Of::Boolean),
    ("NumericEquals", Of::Number),
    ("NumericGreaterThan", Of::Number),
    ("NumericGreaterThanEquals", Of::Number),
    ("NumericLessThan", Of::Number),
    ("NumericLessThanEquals", Of::Number),
    ("NumericNotEquals", Of::Number),
    ("StringEquals", Of::Text),
    ("StringEqualsIgnoreCase", Of::Text),
    ("StringLike", Of::Text),
    ("StringNotEquals", Of::Text),
    ("StringNotEqualsIgnoreCase", Of::Text),
    ("StringNotLike", Of::Text),
];

/// Asks whether there is a key at all: the one operator that knows no `IfExists`.
const NULL: &str = "Null";
/// What may stand before an operator, for keys with several values.
const SETS: [&str; 2] = ["ForAllValues:", "ForAnyValue:"];

/// Checks the statements that stand under `key` of a block.
pub(super) fn check(key: &str, statements: &[Statement], region: &str, checks: &mut Checks<'_>) {
    let mut sids = BTreeSet::new();
    for (i, statement) in statements.iter().enumerate() {
        let path = format!("{key}.{i}");
        for (n, resource) in statement.resources.iter().enumerate() {
            if let Some(fault) = no_resource(resource, region) {
                checks
                    .error(&format!("{path}.resources.{n}"), fault)
                    .help("write an ARN, `${table.NAME.arn}` for that of a block, or `*` for everything");
            }
        }
        check_conditions(&path, statement, checks);
        if let Some(sid) = statement.sid.as_ref().filter(|sid| !sids.insert(sid.as_str())) {
            checks
                .error(&format!("{path}.sid"), format!("another statement is called `{sid}` as well"))
                .help("IAM refuses a policy with two of one name: leave one out");
        }
    }
}

fn check_conditions(path: &str, statement: &Statement, checks: &mut Checks<'_>) {
    for (operator, keys) in &statement.conditions {
        let path = format!("{path}.conditions.{operator}");
        let Some(of) = operand(operator) else {
            let error = checks.error(&path, format!("IAM has no operator `{operator}`"));
            match nearest(operator, OPERATORS.iter().map(|(name, _)| *name)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("the usual ones are `StringEquals`, `StringLike`, `ArnLike` and `Bool`"),
            };
            continue;
        };
        if keys.is_empty() {
            checks
                .error(&path, format!("`{operator}` tests no key"))
                .help("write `{ \"aws:…\" = \"…\" }`, or take it out");
        }
        for (key, values) in keys {
            let at = if key.contains('.') { path.clone() } else { format!("{path}.{key}") };
            let named = key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            if !named || key.chars().any(|c| c.is_whitespace() || c.is_control()) {
                checks
                    .error(&at, format!("`{key}` is not the key of a condition"))
                    .help("write a key of IAM's, or of a service: `aws:SourceIp`, `s3:prefix`");
            }
            if values.all().is_empty() {
                checks.error(&at, format!("`{key}` is tested for no value")).help("write one, or take the key out");
            }
            let unfit = values.all().iter().find_map(|value| Some((value, unfit(of, value)?)));
            if let Some((value, wanted)) = unfit {
                checks.error(&at, format!("`{operator}` tests for {wanted}, and `{value}` is none"));
            }
        }
    }
}

/// What an operator's values have to be; nothing where IAM does not know it.
fn operand(operator: &str) -> Option<Of> {
    let one = SETS.iter().find_map(|set| operator.strip_prefix(set)).unwrap_or(operator);
    let plain = one.strip_suffix("IfExists").filter(|plain| *plain != NULL).unwrap_or(one);
    OPERATORS.iter().find(|(name, _)| *name == plain).map(|(_, of)| *of)
}

/// What a value had to be, where it is not that. One with a variable of IAM's is what that stands for.
fn unfit(of: Of, value: &str) -> Option<&'static str> {
    match of {
        _ if value.contains("${") => None,
        Of::Number => value.parse::<f64>().is_err().then_some("a number"),
        Of::Boolean => (!["true", "false"].contains(&value)).then_some("`true` or `false`"),
        Of::Text => None,
    }
}

/// What is wrong with a text that is to be the resource of a statement, as a pattern of ARNs.
fn no_resource(text: &str, region: &str) -> Option<String> {
    if text == "*" {
        return None;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let (["arn", partition, service, _, _, resource], true) = (&parts[..], text.chars().all(|c| c.is_ascii_graphic()))
    else {
        return Some(format!("`{text}` is neither `*` nor an ARN"));
    };
    let here = Scope::new("", region).partition;
    let pattern = |text: &str| text.contains(['*', '?']);
    if resource.is_empty() || service.is_empty() {
        Some(format!("`{text}` is neither `*` nor an ARN"))
    } else if pattern(service) {
        Some(format!("`{text}` has a wildcard in place of its service, of which IAM takes none"))
    } else if !pattern(partition) && *partition != here {
        Some(format!("`{text}` is in the partition `{partition}`, and `{region}` in `{here}`"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_known_with_what_may_stand_around_them() {
        for known in ["StringEquals", "ForAllValues:StringLike", "ForAnyValue:ArnLikeIfExists", "BoolIfExists", "Null"]
        {
            assert!(operand(known).is_some(), "{known}");
        }
        for unknown in ["", "stringequals", "NullIfExists", "ForAll:StringEquals", "StringEqualsIfExist", "IfExists"] {
            assert!(operand(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_resource_is_everything_or_an_arn_of_the_partition() {
        let fault = |text: &str| no_resource(text, "eu-west-1");
        for good in [
            "*",
            "arn:aws:s3:::b/*",
            "arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/*",
            "arn:*:iam::*:role/${aws:PrincipalTag/team}",
        ] {
            assert_eq!(fault(good), None);
        }
        for bad in ["", "b/*", "arn:aws:s3", "arn:aws:s3:::", "arn:aws::eu-west-1:1:x", "arn:aws:s3:::b c", "**"] {
            assert!(fault(bad).is_some_and(|fault| fault.contains("neither")), "{bad}");
        }
        assert!(fault("arn:aws:*:::b").is_some_and(|fault| fault.contains("in place of its service")));
        assert!(fault("arn:aws-cn:s3:::b").is_some_and(|fault| fault.contains("`aws-cn`")));
    }
}
