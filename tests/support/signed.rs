//! AWS's JSON protocol, signed (Signature Version 4): for calls of a user that pipectl never makes itself.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::emulator::Account;

/// Calls an operation of a service, whose target begins with `target`, as whoever the account is seen by; its reply, or the
/// text of its refusal.
pub(crate) async fn call(
    account: &Account,
    (service, target): (&str, &str),
    operation: &str,
    body: &Value,
) -> Result<Value, String> {
    let host = account.endpoint().trim_start_matches("http://");
    let body = body.to_string();
    let now = OffsetDateTime::now_utc();
    let at = now.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap();
    let headers = [
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("host", host.to_owned()),
        ("x-amz-date", at.clone()),
        ("x-amz-target", format!("{target}.{operation}")),
    ];
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect::<Vec<_>>().concat();
    let canonical = format!("POST\n/\n\n{lines}\n{names}\n{}", hex::encode(Sha256::digest(&body)));
    let scope = format!("{}/{}/{service}/aws4_request", &at[..8], account.region);
    let text = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let environment = account.environment();
    let of = |name: &str| environment.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap();
    let (id, secret) = (of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY"));
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let signature = hex::encode(hmac(&key, text.as_bytes()));
    let head = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let request = format!(
        "POST / HTTP/1.1\r\n{head}connection: close\r\ncontent-length: {}\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    if head.starts_with("HTTP/1.1 200") { Ok(serde_json::from_str(body).unwrap_or_default()) } else { Err(reply) }
}

/// HMAC of SHA-256 (RFC 2104), for keys no longer than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}
