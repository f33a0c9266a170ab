//! Events posted to an API of API Gateway: by HTTPS, and not signed, as whoever is meant to call it does.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::{AggregatedBytes, ByteStream};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::Result;
use super::error::undelivered;
use super::http::{Client, host, is_this_machine};
use crate::model::data::{Put, Record};
use crate::model::error::{CallError, Class};
use crate::model::text::beginning;

/// Requests under way at a time.
const AT_ONCE: usize = 32;
/// No API of API Gateway takes longer to answer.
const LIMIT: Duration = Duration::from_secs(35);
/// Nor to take a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of an answer is shown.
const SHOWN: usize = 200;

/// In what an API key is sent.
const KEY: &str = "x-api-key";

/// Posts events, each with a request of its own and with the API key that is asked for: the fate of each, in their order.
///
/// # Errors
/// When the API does not answer, or refuses an event for what it is; before anything is sent, where the key would go
/// through the net for everybody to read.
pub(super) async fn post(
    client: &Client,
    url: &str,
    key: Option<&SecretString>,
    records: &[Record],
) -> Result<Vec<Put>> {
    let call = format!("POST {url}");
    if key.is_some() && !is_private(url) {
        let message = "the API key is not sent without TLS: the URL must begin with `https://`, or be of this machine";
        return Err(CallError::own(Class::Invalid, call, message));
    }
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(LIMIT).build();
    let connector = client.connector(&settings);
    let posts: Vec<_> = records.iter().map(|record| one(&connector, &call, url, key, record.data.clone())).collect();
    stream::iter(posts).buffered(AT_ONCE).try_collect().await
}

/// Whether nobody but the server can read what is sent to a URL.
fn is_private(url: &str) -> bool {
    url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) || is_this_machine(&host(url))
}

async fn one(
    connector: &SharedHttpConnector,
    call: &str,
    url: &str,
    key: Option<&SecretString>,
    event: Vec<u8>,
) -> Result<Put> {
    let broken = |class, message: String| CallError::own(class, call, message);
    let mut request = HttpRequest::new(SdkBody::from(event));
    request.set_uri(url).map_err(|error| broken(Class::Invalid, error.to_string()))?;
    request.set_method("POST").map_err(|error| broken(Class::Invalid, error.to_string()))?;
    request.headers_mut().insert("content-type", "application/json");
    if let Some(key) = key {
        request.headers_mut().insert(KEY, key.expose_secret().to_owned());
    }
    let mut answer = connector.call(request).await.map_err(|error| undelivered(call, &error))?;
    let header = |name: &str| answer.headers().get(name).unwrap_or_default().to_owned();
    match answer.status().as_u16() {
        200..=299 => Ok(Put::Accepted { shard: String::new(), sequence: String::new() }),
        // It may have room, or work, a moment later.
        status @ (429 | 500..=599) => Ok(Put::Rejected { code: format!("HTTP {status}") }),
        status @ 300..=399 => {
            let message =
                format!("it answers with status {status} and leads to `{}`: no key is sent there", header("location"));
            Err(broken(Class::Invalid, message))
        }
        status => {
            // It is in memory already, and bounded.
            let body = ByteStream::new(answer.take_body()).collect().await;
            let body = body.map(AggregatedBytes::into_bytes).unwrap_or_default();
            let text = beginning(&body, SHOWN);
            let class = if status == 403 { Class::Denied } else { Class::Invalid };
            Err(broken(class, format!("it answers with status {status}: {text}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_by_tls_or_stays_on_this_machine() {
        for url in
            ["https://a.test/x", "HTTPS://a.test", "http://127.0.0.1:1/x", "http://[::1]/", "http://a.localhost:4566/"]
        {
            assert!(is_private(url), "{url}");
        }
        for url in
            ["http://a.test/x", "http://127.0.0.1@a.test/", "http://localhost.a.test", "ftp://a.test", "a.test", ""]
        {
            assert!(!is_private(url), "{url}");
        }
    }
}
