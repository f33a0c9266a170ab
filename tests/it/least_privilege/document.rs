//! Policy documents, taken apart.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The statements of all documents.
pub(super) fn statements(documents: &[Value]) -> impl Iterator<Item = &Value> {
    documents.iter().flat_map(|document| document["Statement"].as_array().unwrap())
}

/// The texts of a list.
pub(super) fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

/// All actions that documents allow.
pub(super) fn actions(documents: &[Value]) -> BTreeSet<String> {
    statements(documents).flat_map(|statement| texts(&statement["Action"])).map(str::to_owned).collect()
}

/// The documents without an action.
pub(super) fn without(documents: &[Value], action: &str) -> Vec<Value> {
    let mut documents = documents.to_vec();
    for document in &mut documents {
        let statements = document["Statement"].as_array_mut().unwrap();
        for statement in statements.iter_mut() {
            statement["Action"].as_array_mut().unwrap().retain(|one| one != action);
        }
        statements.retain(|statement| statement["Action"] != json!([]));
    }
    documents
}

/// The documents with everything as the resource of some actions.
pub(super) fn on_everything(documents: &[Value], actions: &BTreeSet<String>) -> Vec<Value> {
    let mut documents = documents.to_vec();
    for document in &mut documents {
        let wide: BTreeSet<String> =
            self::actions(std::slice::from_ref(document)).intersection(actions).cloned().collect();
        if !wide.is_empty() {
            let wide = json!({ "Effect": "Allow", "Action": wide, "Resource": ["*"] });
            document["Statement"].as_array_mut().unwrap().push(wide);
        }
    }
    documents
}
