//! Unsigned requests to an emulator: it takes one for the account that its credential names.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::emulator::Account;

/// Posts a body with these headers, each with its `\r\n`, and returns the whole reply, which is a success. `service` is the one
/// that is signed for: `monitoring`.
pub(crate) async fn post(account: &Account, service: &str, headers: &str, body: &str) -> String {
    let reply = post_as(&account.id, account, service, (headers, body)).await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{service} {headers} {body}: {reply}");
    reply
}

/// The same by whoever has that access key, and the reply as it is.
pub(crate) async fn post_as(key: &str, account: &Account, service: &str, (headers, body): (&str, &str)) -> String {
    let host = account.endpoint().trim_start_matches("http://");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        key,
        account.region
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    reply
}
