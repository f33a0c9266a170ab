//! AWS's JSON protocol by hand: for what somebody else than pipectl makes.

use serde_json::{Value, json};

use super::emulator::Account;
use super::unsigned::post;

/// Calls an operation of Secrets Manager.
pub(crate) async fn secretsmanager(account: &Account, operation: &str, body: Value) -> Value {
    call(account, "secretsmanager", ("1.1", "secretsmanager"), operation, &body).await
}

/// Calls an operation of SSM.
pub(crate) async fn ssm(account: &Account, operation: &str, body: Value) -> Value {
    call(account, "ssm", ("1.1", "AmazonSSM"), operation, &body).await
}

/// Makes a parameter that everybody may see, or changes its value.
pub(crate) async fn put_parameter(account: &Account, name: &str, value: &str) {
    ssm(account, "PutParameter", json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true })).await;
}

/// A parameter with its value in the clear.
pub(crate) async fn parameter(account: &Account, name: &str) -> Value {
    ssm(account, "GetParameter", json!({ "Name": name, "WithDecryption": true })).await["Parameter"].take()
}

/// Calls an operation. `protocol` is its version, and what stands before the operation.
pub(crate) async fn call(
    account: &Account,
    service: &str,
    protocol: (&str, &str),
    operation: &str,
    body: &Value,
) -> Value {
    let (version, target) = protocol;
    let headers = format!("Content-Type: application/x-amz-json-{version}\r\nX-Amz-Target: {target}.{operation}\r\n");
    let reply = post(account, service, &headers, &body.to_string()).await;
    // DeleteQueue answers with an empty body; all are too short to come in chunks.
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).unwrap_or_default()
}
