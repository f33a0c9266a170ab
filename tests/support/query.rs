//! AWS's query protocol by hand, for what the SDK cannot read of an emulator's.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::emulator::Account;

/// The XML that an emulator answers to a form; it takes an unsigned request for the account that its credential names.
/// `service` is the one that is signed for: `monitoring`.
pub(crate) async fn query(account: &Account, service: &str, form: &str) -> String {
    let host = account.endpoint().trim_start_matches("http://");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{form}",
        form.len(),
        account.id,
        account.region
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{form}: {reply}");
    reply
}
