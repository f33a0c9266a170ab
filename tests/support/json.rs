//! AWS's JSON protocol by hand: for what somebody else than pipectl makes.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::emulator::Account;

/// Calls a service unsigned: emulators take that for the account that its credential names. `protocol` is its version, and what
/// stands before the operation.
pub(crate) async fn call(
    account: &Account,
    service: &str,
    (version, target): (&str, &str),
    operation: &str,
    body: &Value,
) -> Value {
    let host = account.endpoint().trim_start_matches("http://");
    let body = body.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-{version}\r\nX-Amz-Target: {target}.{operation}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        account.id,
        account.region
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{service} {operation}: {reply}");
    // DeleteQueue answers with an empty body; all are too short to come in chunks.
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).unwrap_or_default()
}
