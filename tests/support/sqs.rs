//! Queues that buckets and topics may send to.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::emulator::Account;

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

/// Calls SQS unsigned: emulators take that for the account that its credential names, whoever else owns the queue.
async fn call(account: &Account, operation: &str, body: &Value) -> Value {
    let host = account.endpoint().trim_start_matches("http://");
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/sqs/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        account.id,
        account.region
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "sqs {operation}: {reply}");
    // DeleteQueue answers with an empty body; all are too short to come in chunks.
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).unwrap_or_default()
}
