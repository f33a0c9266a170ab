//! Events posted to an API of API Gateway: by HTTPS, and not signed, as whoever is meant to call it does.

use std::sync::LazyLock;
use std::time::Duration;

use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::{AggregatedBytes, ByteStream};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::Result;
use crate::engine::data::{Put, Record};
use crate::engine::error::{CallError, Class};

/// Requests under way at a time.
const AT_ONCE: usize = 32;
/// No API of API Gateway takes longer to answer.
const LIMIT: Duration = Duration::from_secs(35);
/// How much of an answer is shown.
const SHOWN: usize = 200;

/// Keeps its connections open from one event to the next.
static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| {
    Connector::builder().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build()
});

/// In what an API key is sent.
const KEY: &str = "x-api-key";

/// Posts events, each with a request of its own and with the API key that is asked for: the fate of each, in their order.
///
/// # Errors
/// When the API does not answer, or refuses an event for what it is.
pub(super) async fn post(url: &str, key: Option<&SecretString>, records: &[Record]) -> Result<Vec<Put>> {
    let posts: Vec<_> = records.iter().map(|record| one(url, key, record.data.clone())).collect();
    stream::iter(posts).buffered(AT_ONCE).try_collect().await
}

async fn one(url: &str, key: Option<&SecretString>, event: Vec<u8>) -> Result<Put> {
    let call = format!("POST {url}");
    let broken = |class, message: String| CallError::own(class, &call, message);
    let mut request = HttpRequest::new(SdkBody::from(event));
    request.set_uri(url).map_err(|error| broken(Class::Invalid, error.to_string()))?;
    request.set_method("POST").map_err(|error| broken(Class::Invalid, error.to_string()))?;
    request.headers_mut().insert("content-type", "application/json");
    if let Some(key) = key {
        request.headers_mut().insert(KEY, key.expose_secret().to_owned());
    }
    let answer = timeout(LIMIT, CONNECTOR.call(request)).await;
    let answer = answer.map_err(|_| broken(Class::Unreachable, format!("no answer in {} s", LIMIT.as_secs())))?;
    let answer = answer.map_err(|error| broken(Class::Unreachable, explained(&error)))?;
    match answer.status().as_u16() {
        200..=299 => Ok(Put::Accepted { shard: String::new(), sequence: String::new() }),
        // It may have room, or work, a moment later.
        status @ (429 | 500..=599) => Ok(Put::Rejected { code: format!("HTTP {status}") }),
        status => {
            // Of an answer that breaks off the status is told.
            let text = ByteStream::new(answer.into_body()).collect().await.map(AggregatedBytes::to_vec);
            let text = String::from_utf8_lossy(&text.unwrap_or_default()).chars().take(SHOWN).collect::<String>();
            let class = if status == 403 { Class::Denied } else { Class::Invalid };
            Err(broken(class, format!("it answers with status {status}: {text}")))
        }
    }
}

/// An error with its causes.
fn explained(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
