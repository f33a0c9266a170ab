//! Policy documents that compare by meaning.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A policy document in canonical form: two documents that AWS treats alike are equal.
///
/// `Version` is stated; what may be one string or a list is a sorted list without duplicates (`Action`, `Resource`,
/// `Principal`'s and conditions' values …); booleans and numbers in conditions are strings; an account id as
/// principal is the ARN of its root; statements are a list in a canonical order.
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
        let mut names = strings(names);
        if kind == "AWS"
            && let Value::Array(list) = &mut names
        {
            for name in list.iter_mut() {
                if let Some(account) = name.as_str().filter(|name| is_account(name)) {
                    *name = format!("arn:aws:iam::{account}:root").into();
                }
            }
        }
        (kind.clone(), names)
    };
    Value::Object(kinds.iter().map(part).collect())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
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
    let one = |value: &Value| match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        other => other.to_string(),
    };
    let mut list: Vec<String> = match value {
        Value::Array(list) => list.iter().map(one).collect(),
        value => vec![one(value)],
    };
    list.sort();
    list.dedup();
    list.into()
}
