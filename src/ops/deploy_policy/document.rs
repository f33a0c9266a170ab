//! Statements in as few documents as IAM's limits allow.

use serde_json::{Value, json};

/// Characters that all inline policies of a role may have together, white space not counted.
pub const INLINE_LIMIT: usize = 10_240;
/// Characters that a managed policy may have.
const MANAGED_LIMIT: usize = 6_144;
/// How many managed policies a role may have.
const MANAGED_PER_ROLE: usize = 10;

/// More than a role can hold.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy takes {documents} managed policies, and IAM gives a role at most {MANAGED_PER_ROLE}")]
pub struct TooLarge {
    documents: usize,
}

/// One document for an inline policy where they fit, otherwise as many as needed for managed policies.
pub(super) fn documents(statements: Vec<Value>) -> Result<Vec<Value>, TooLarge> {
    let whole = document(&statements);
    if size(&whole) <= INLINE_LIMIT {
        return Ok(vec![whole]);
    }
    let mut documents: Vec<Vec<Value>> = vec![Vec::new()];
    for statement in statements.into_iter().flat_map(parts) {
        let last = documents.len() - 1;
        documents[last].push(statement);
        if size(&document(&documents[last])) > MANAGED_LIMIT
            && let Some(statement) = documents[last].pop()
        {
            documents.push(vec![statement]);
        }
    }
    match documents.len() {
        count if count > MANAGED_PER_ROLE => Err(TooLarge { documents: count }),
        _ => Ok(documents.iter().map(|statements| document(statements)).collect()),
    }
}

/// Characters as IAM counts them: without white space.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|letter| !letter.is_whitespace()).count()
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A statement, or several that say the same of fewer resources each, until each fits into a document.
fn parts(statement: Value) -> Vec<Value> {
    let resources = statement["Resource"].as_array().map_or(&[][..], Vec::as_slice);
    if resources.len() < 2 || size(&document(std::slice::from_ref(&statement))) <= MANAGED_LIMIT {
        return vec![statement];
    }
    let (first, second) = resources.split_at(resources.len() / 2);
    let with = |resources: &[Value]| {
        let mut part = statement.clone();
        part["Resource"] = resources.into();
        parts(part)
    };
    [with(first), with(second)].concat()
}
