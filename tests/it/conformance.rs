//! Every kind of the registry against an emulator: made, read back equal, changed there and back, deleted twice.
//!
//! What an example has to stand on is a list `[[needs]]` beside `[first]` and `[second]`: another kind's attributes
//! with that `kind`, or a `queue` by its name. The harness makes them in this order before and deletes them after.
//! Examples that name an account name 123456789012.

use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::engine::address::Address;
use pipectl::engine::error::Class;
use pipectl::engine::kind::{Kind, Owner, Registry, Step};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The examples of a kind: `first`, `second`, and where there are any, `needs`.
fn examples(kind: &dyn Kind) -> Value {
    toml::from_str(kind.examples()).unwrap_or_else(|error| panic!("{}: {error}", kind.name()))
}

/// The example `name` of a kind, in canonical form.
fn example(kind: &dyn Kind, name: &str) -> Value {
    kind.canonical(&examples(kind)[name]).unwrap_or_else(|error| panic!("{} {name}: {error}", kind.name()))
}

/// Something that an example stands on.
enum Need<'a> {
    Kind(&'a dyn Kind, Value),
    Queue(String),
}

/// What the examples of `kind` stand on.
fn needs<'a>(registry: &'a Registry, kind: &dyn Kind) -> Vec<Need<'a>> {
    let list = examples(kind)["needs"].as_array().cloned().unwrap_or_default();
    list.into_iter().map(|need| need_of(registry, need)).collect()
}

fn need_of(registry: &Registry, mut need: Value) -> Need<'_> {
    if let Some(queue) = need["queue"].as_str() {
        return Need::Queue(queue.to_owned());
    }
    let name = need.as_object_mut().and_then(|table| table.remove("kind")).expect("a need has a kind");
    let kind = registry.get(name.as_str().unwrap()).unwrap_or_else(|| panic!("no kind {name}"));
    let attributes = kind.canonical(&need).unwrap_or_else(|error| panic!("needs {name}: {error}"));
    Need::Kind(kind, attributes)
}

impl Need<'_> {
    async fn make(&self, step: &Step<'_>) {
        match self {
            Self::Kind(kind, attributes) => {
                kind.create(attributes, step).await.unwrap();
                let now = kind.read(&kind.key(attributes).unwrap(), Some(attributes)).await.unwrap().expect("made");
                kind.update(&now.attributes, attributes, step).await.unwrap();
            }
            Self::Queue(name) => {
                let policy = json!({ "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
                    "Principal": { "Service": ["s3.amazonaws.com", "sns.amazonaws.com"] },
                }] });
                let attributes = json!({ "Policy": policy.to_string() });
                sqs("CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
            }
        }
    }

    async fn remove(&self, step: &Step<'_>) {
        match self {
            Self::Kind(kind, attributes) => kind.delete(&kind.key(attributes).unwrap(), step).await.unwrap(),
            Self::Queue(name) => {
                let reply = sqs("GetQueueUrl", &json!({ "QueueName": name })).await;
                sqs("DeleteQueue", &json!({ "QueueUrl": reply["QueueUrl"] })).await;
            }
        }
    }
}

/// Calls SQS of the emulator. Queues are no kind and their SDK no dependency; emulators take an unsigned request
/// for the account that its credential names.
pub(crate) async fn sqs(operation: &str, body: &Value) -> Value {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").expect("AWS_ENDPOINT_URL");
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/sqs/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut connection = tokio::net::TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "sqs {operation}: {reply}");
    // DeleteQueue answers with an empty body; all are too short to come in chunks.
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).unwrap_or_default()
}

async fn reads_as(kind: &dyn Kind, want: &Value) {
    let live = kind.read(&kind.key(want).unwrap(), Some(want)).await.unwrap();
    let live = live.unwrap_or_else(|| panic!("{}: gone after it was made", kind.name()));
    assert_eq!(serde_json::to_string_pretty(&live.attributes).unwrap(), serde_json::to_string_pretty(want).unwrap());
}

async fn conforms(kind: &dyn Kind, step: &Step<'_>) {
    let (first, second) = (example(kind, "first"), example(kind, "second"));
    let key = kind.key(&first).unwrap();
    assert_eq!(key, kind.key(&second).unwrap(), "{}: the examples' keys", kind.name());
    assert_eq!(kind.read(&key, Some(&first)).await.unwrap(), None, "{}: exists before it was made", kind.name());
    kind.create(&first, step).await.unwrap();
    for want in [&first, &second, &first] {
        let now = kind.read(&key, Some(want)).await.unwrap().expect("it was made");
        kind.update(&now.attributes, want, step).await.unwrap();
        reads_as(kind, want).await;
    }
    let twice = kind.create(&first, step).await.expect_err("made twice");
    assert_eq!(twice.class, Class::InUse, "{}: made twice: {twice}", kind.name());
    kind.delete(&key, step).await.unwrap();
    kind.delete(&key, step).await.unwrap();
    assert_eq!(kind.read(&key, Some(&first)).await.unwrap(), None, "{}: exists after it was deleted", kind.name());
}

/// Runs against the endpoint in `AWS_ENDPOINT_URL`, for the kinds named in `PIPECTL_KINDS` (all, without it).
#[tokio::test]
#[ignore = "needs an emulator: set AWS_ENDPOINT_URL"]
async fn kinds_conform() {
    let registry = kinds::registry(&Arc::new(Aws::new(Some("us-east-1".into()))));
    let chosen = std::env::var("PIPECTL_KINDS").ok();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = Step { owner: &owner, since: None, empty: true, note: &|_| {} };
    for kind in registry.iter() {
        if chosen.as_deref().is_none_or(|chosen| chosen.split(',').any(|name| name == kind.name())) {
            println!("{}", kind.name());
            let needs = needs(&registry, kind);
            for need in &needs {
                need.make(&step).await;
            }
            conforms(kind, &step).await;
            for need in needs.iter().rev() {
                need.remove(&step).await;
            }
        }
    }
}
