//! What an example has to stand on: a list `[[needs]]` beside `[first]` and `[second]`, of another kind's attributes
//! with that `kind`, or of a `queue` by its name. Made in this order before, and deleted after.

use pipectl::engine::kind::{Kind, Registry, Step};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::emulator::{Account, REGION};

/// Something that an example stands on.
pub(super) enum Need<'a> {
    Kind(&'a dyn Kind, Value),
    Queue(&'a Account, String),
}

impl<'a> Need<'a> {
    /// What `examples` stand on.
    pub(super) fn all(registry: &'a Registry, examples: &Value, account: &'a Account) -> Vec<Self> {
        let needs = examples["needs"].as_array().cloned().unwrap_or_default();
        needs.into_iter().map(|need| Self::of(registry, need, account)).collect()
    }

    fn of(registry: &'a Registry, mut need: Value, account: &'a Account) -> Self {
        if let Some(queue) = need["queue"].as_str() {
            return Self::Queue(account, queue.to_owned());
        }
        let name = need.as_object_mut().and_then(|table| table.remove("kind")).expect("a need has a kind");
        let kind = registry.get(name.as_str().unwrap()).unwrap_or_else(|| panic!("no kind {name}"));
        let attributes = kind.canonical(&need).unwrap_or_else(|error| panic!("needs {name}: {error}"));
        Self::Kind(kind, attributes)
    }

    /// Makes it exist.
    pub(super) async fn make(&self, step: &Step<'_>) {
        match self {
            Self::Kind(kind, attributes) => {
                kind.create(attributes, step).await.unwrap();
                let now = kind.read(&kind.key(attributes).unwrap(), Some(attributes)).await.unwrap().expect("made");
                kind.update(&now.attributes, attributes, step).await.unwrap();
            }
            Self::Queue(account, name) => {
                let policy = json!({ "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
                    "Principal": { "Service": ["s3.amazonaws.com", "sns.amazonaws.com"] },
                }] });
                let attributes = json!({ "Policy": policy.to_string() });
                sqs(account, "CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
            }
        }
    }

    /// Makes it gone.
    pub(super) async fn remove(&self, step: &Step<'_>) {
        match self {
            Self::Kind(kind, attributes) => kind.delete(&kind.key(attributes).unwrap(), step).await.unwrap(),
            Self::Queue(account, name) => {
                let reply = sqs(account, "GetQueueUrl", &json!({ "QueueName": name })).await;
                sqs(account, "DeleteQueue", &json!({ "QueueUrl": reply["QueueUrl"] })).await;
            }
        }
    }
}

/// Calls SQS of the emulator. Queues are no kind and their SDK no dependency; emulators take an unsigned request
/// for the account that its credential names.
async fn sqs(account: &Account, operation: &str, body: &Value) -> Value {
    let host = account.endpoint().trim_start_matches("http://");
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{REGION}/sqs/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        account.id
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
