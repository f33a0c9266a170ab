//! Policy documents that compare by meaning.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::pattern::{matches, stands_for};

/// A policy document in canonical form: two documents that AWS treats alike are equal.
///
/// `Version` is stated; what may be one string or a list is a sorted list without duplicates (`Action`, `Resource`,
/// `Principal`'s and conditions' values …); booleans and numbers in conditions are strings; the ARN of an account's
/// root as principal is the account id; statements are a list in a canonical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Policy(Value);

impl Policy {
    /// The canonical form of a document.
    pub fn new(document: &Value) -> Self {
        Self(canonical(document))
    }

    /// Parses the text of a document, as S3 and SNS return it.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::new(&serde_json::from_str(text)?))
    }

    /// The document as AWS takes it.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// Whether it denies everybody, without a condition, one of `managing` (`sqs:SetQueueAttributes`) on the resource whose
    /// name is `name`: whoever manages it is among them, and of an account only its root user gets out of that.
    pub fn shuts_out(&self, managing: &[&str], name: &str) -> bool {
        let named = |actions: &Value, action: &str| texts(actions).any(|pattern| stands_for(&pattern, action));
        let shuts = |statement: &Value| {
            let principal = &statement["Principal"];
            let all = principal == "*" || principal["AWS"].as_array().is_some_and(|names| names.contains(&"*".into()));
            let actions = match (statement.get("Action"), statement.get("NotAction")) {
                (Some(actions), _) => managing.iter().any(|action| named(actions, action)),
                (None, Some(others)) => !managing.iter().all(|action| named(others, action)),
                (None, None) => false,
            };
            let mut resources = statement["Resource"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let own = statement["Resource"].is_null()
                || resources.any(|one| matches(one.rsplit(':').next().unwrap_or(one), name));
            let condition = statement["Condition"].as_object().is_some_and(|condition| !condition.is_empty());
            statement["Effect"] == "Deny" && all && actions && own && !condition
        };
        self.0["Statement"].as_array().is_some_and(|statements| statements.iter().any(shuts))
    }

    /// The canonical document.
    pub fn document(&self) -> &Value {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&Value::deserialize(deserializer)?))
    }
}

fn canonical(document: &Value) -> Value {
    let Value::Object(document) = document else { return document.clone() };
    let mut out = Map::new();
    // Without a version AWS takes the older one.
    out.insert("Version".into(), "2008-10-17".into());
    for (key, value) in document {
        let value = if key == "Statement" { statements(value) } else { value.clone() };
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

fn statements(value: &Value) -> Value {
    let list = match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let mut list: Vec<Value> = list.iter().map(statement).collect();
    list.sort_by_cached_key(Value::to_string);
    list.dedup();
    Value::Array(list)
}

fn statement(value: &Value) -> Value {
    let Value::Object(statement) = value else { return value.clone() };
    let part = |(key, value): (&String, &Value)| {
        let value = match key.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => strings(value),
            "Principal" | "NotPrincipal" => principals(value),
            "Condition" => conditions(value),
            _ => value.clone(),
        };
        (key.clone(), value)
    };
    Value::Object(statement.iter().map(part).collect())
}

fn principals(value: &Value) -> Value {
    let Value::Object(kinds) = value else { return value.clone() };
    let part = |(kind, names): (&String, &Value)| {
        let names = if kind == "AWS" { sorted(texts(names).map(account)) } else { strings(names) };
        (kind.clone(), names)
    };
    Value::Object(kinds.iter().map(part).collect())
}

/// The ARN of an account's root, of whatever partition, as the account's id: AWS takes both, and returns the ARN.
fn account(principal: String) -> String {
    let parts: Vec<&str> = principal.split(':').collect();
    match parts[..] {
        ["arn", _, "iam", "", account, "root"] => account.to_owned(),
        _ => principal,
    }
}

fn conditions(value: &Value) -> Value {
    let Value::Object(operators) = value else { return value.clone() };
    let keys = |keys: &Value| match keys {
        Value::Object(keys) => Value::Object(keys.iter().map(|(key, value)| (key.clone(), strings(value))).collect()),
        other => other.clone(),
    };
    Value::Object(operators.iter().map(|(operator, tests)| (operator.clone(), keys(tests))).collect())
}

/// One value or a list of values, to a sorted list of strings.
fn strings(value: &Value) -> Value {
    sorted(texts(value))
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    let values = match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    values.iter().map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn sorted(texts: impl Iterator<Item = String>) -> Value {
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The principals that the policies in attributes name.
pub fn principals_in(attributes: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect_principals(attributes, &mut found);
    found
}

fn collect_principals(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "Principal" || name == "NotPrincipal" {
                    add_texts(&value["AWS"], found);
                } else {
                    collect_principals(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_principals(item, found)),
        _ => {}
    }
}

fn add_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_that_denies_everybody_what_manages_a_resource_shuts_out_who_manages_it() {
        const MANAGING: [&str; 2] = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"];
        let shuts = |statement: Value| Policy::new(&json!({ "Statement": statement })).shuts_out(&MANAGING, "orders");
        let deny = |action: &str| json!({ "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*" });
        for action in ["sqs:*", "*", "sqs:?*", "sqs:Set*", "SQS:getqueueattributes"] {
            assert!(shuts(deny(action)), "{action}");
        }
        assert!(!shuts(deny("sqs:SendMessage")) && !shuts(deny("sns:*")));
        assert!(shuts(json!([{ "Effect": "Deny", "Principal": { "AWS": "*" }, "NotAction": "sqs:SendMessage" }])));
        assert!(!shuts(json!([{ "Effect": "Deny", "Principal": { "AWS": "*" }, "NotAction": "sqs:*" }])));
        assert!(!shuts(json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:*" })));
        let mut other = deny("sqs:*");
        other["Resource"] = json!("arn:aws:sqs:eu-west-1:123456789012:others");
        assert!(!shuts(other.clone()));
        other["Resource"] = json!("arn:aws:sqs:eu-west-1:123456789012:ord*");
        assert!(shuts(other.clone()));
        other["Condition"] = json!({ "Bool": { "aws:SecureTransport": "false" } });
        assert!(!shuts(other));
    }

    /// What a statement says, however it is spelt.
    #[derive(Clone, Debug)]
    struct Meaning {
        effect: &'static str,
        actions: Vec<&'static str>,
        resources: Vec<&'static str>,
        principals: Vec<&'static str>,
        secure: bool,
    }

    const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:*", "kinesis:PutRecord"];
    const RESOURCES: &[&str] =
        &["*", "arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:kinesis:eu-west-1:123456789012:stream/b"];
    const PRINCIPALS: &[&str] = &["123456789012", "210987654321", "*", "arn:aws:iam::123456789012:role/reader"];

    fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
        subsequence(words, 1..=words.len())
    }

    prop_compose! {
        fn meaning()(
            effect in select(&["Allow", "Deny"][..]),
            actions in some_of(ACTIONS),
            resources in some_of(RESOURCES),
            principals in some_of(PRINCIPALS),
            secure: bool,
        ) -> Meaning {
            Meaning { effect, actions, resources, principals, secure }
        }
    }

    /// A list in any order, with or without a repetition, and a single word bare or as a list.
    fn spelt_list(words: Vec<String>) -> impl Strategy<Value = Value> {
        (Just(words).prop_shuffle(), any::<bool>(), any::<bool>()).prop_map(|(mut words, repeat, bare)| {
            if repeat {
                words.push(words[0].clone());
            }
            if bare && words.len() == 1 { words.remove(0).into() } else { words.into() }
        })
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// An account as its id, or as the ARN of its root in any partition.
    fn spelt_principals(names: &[&'static str]) -> impl Strategy<Value = Value> + use<> {
        let spelt = |name: &'static str| {
            select(&["", "aws", "aws-cn", "aws-us-gov"][..]).prop_map(move |partition| match partition {
                "" => name.to_owned(),
                _ if name.len() != 12 => name.to_owned(),
                _ => format!("arn:{partition}:iam::{name}:root"),
            })
        };
        names.iter().map(|name| spelt(name)).collect::<Vec<_>>().prop_flat_map(spelt_list)
    }

    fn spelt_statement(meaning: &Meaning) -> impl Strategy<Value = Value> + use<> {
        let Meaning { effect, secure, .. } = *meaning;
        let flag = select(vec![json!(secure), json!(secure.to_string()), json!([secure])]);
        let actions = spelt_list(owned(&meaning.actions));
        let resources = spelt_list(owned(&meaning.resources));
        (actions, resources, spelt_principals(&meaning.principals), flag).prop_map(
            move |(actions, resources, principals, flag)| {
                json!({
                    "Effect": effect,
                    "Action": actions,
                    "Resource": resources,
                    "Principal": {"AWS": principals},
                    "Condition": {"Bool": {"aws:SecureTransport": flag}},
                })
            },
        )
    }

    /// Statements in any order, with or without a repetition, and a single one bare or in a list.
    fn spelt(meanings: &[Meaning]) -> impl Strategy<Value = Value> + use<> {
        let statements: Vec<_> = meanings.iter().map(spelt_statement).collect();
        (statements.prop_shuffle(), any::<bool>(), any::<bool>()).prop_map(|(mut list, repeat, bare)| {
            if repeat {
                list.push(list[0].clone());
            }
            let statements = if bare && list.len() == 1 { list.remove(0) } else { list.into() };
            json!({"Version": "2012-10-17", "Statement": statements})
        })
    }

    fn meanings() -> impl Strategy<Value = Vec<Meaning>> {
        prop::collection::vec(meaning(), 1..4)
    }

    proptest! {
        #[test]
        fn spellings_of_one_meaning_are_equal(
            (one, other) in meanings().prop_flat_map(|meanings| (spelt(&meanings), spelt(&meanings)))
        ) {
            prop_assert_eq!(Policy::new(&one), Policy::new(&other));
        }

        #[test]
        fn the_canonical_form_is_its_own_canonical_form(document in meanings().prop_flat_map(|meanings| spelt(&meanings))) {
            let policy = Policy::new(&document);
            prop_assert_eq!(&Policy::new(policy.document()), &policy);
            prop_assert_eq!(&Policy::parse(&policy.text()).unwrap(), &policy);
        }

        #[test]
        fn another_meaning_is_not_equal(
            (meaning, document) in meaning().prop_flat_map(|meaning| (Just(meaning.clone()), spelt(&[meaning])))
        ) {
            let turned = Meaning { secure: !meaning.secure, ..meaning };
            let turned = json!({
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": turned.effect,
                    "Action": turned.actions,
                    "Resource": turned.resources,
                    "Principal": {"AWS": turned.principals},
                    "Condition": {"Bool": {"aws:SecureTransport": turned.secure}},
                },
            });
            prop_assert_ne!(Policy::new(&document), Policy::new(&turned));
        }
    }

    #[test]
    fn a_root_of_any_partition_is_its_account() {
        let policy = Policy::new(&json!({"Statement": {"Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"}}}));
        assert_eq!(policy.document()["Statement"][0]["Principal"], json!({"AWS": ["123456789012"]}));
    }

    #[test]
    fn a_document_without_a_version_has_the_older_one() {
        assert_eq!(Policy::new(&json!({})).document()["Version"], "2008-10-17");
    }
}
