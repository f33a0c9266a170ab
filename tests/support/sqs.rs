//! Queues that buckets and topics may send to.

use serde_json::{Value, json};

use super::emulator::Account;
use super::json;

/// Makes a queue to which S3 and SNS may send.
pub(crate) async fn create_queue(account: &Account, name: &str) {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
        "Principal": { "Service": ["s3.amazonaws.com", "sns.amazonaws.com"] },
    }] });
    let attributes = json!({ "Policy": policy.to_string() });
    call(account, "CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
}

/// Deletes a queue.
pub(crate) async fn delete_queue(account: &Account, name: &str) {
    let reply = call(account, "GetQueueUrl", &json!({ "QueueName": name })).await;
    call(account, "DeleteQueue", &json!({ "QueueUrl": reply["QueueUrl"] })).await;
}

async fn call(account: &Account, operation: &str, body: &Value) -> Value {
    json::call(account, "sqs", ("1.0", "AmazonSQS"), operation, body).await
}
