//! The HTTP client below everything: proxies and certificate authorities as the environment says it, and replies that end.
//!
//! A reply is taken whole, up to a bound of bytes and of time: what answers need not be AWS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use tokio::time::{Instant, timeout_at};

use super::trust::Trust;
use crate::model::text::beginning;

/// Most bytes of a reply; no list or document of AWS's comes near it.
const MAX_REPLY: u64 = 64 << 20;
/// Most bytes of an object of S3's: a delivery stream gathers 128 MiB.
const MAX_OBJECT: u64 = 256 << 20;
/// Most bytes of a reply to what is not signed: of an API, of a source of credentials.
const MAX_UNSIGNED: u64 = 1 << 20;
/// How long the body of a reply may take, however short it is.
const PATIENCE: Duration = Duration::from_secs(30);
/// How fast it must come beyond that, in bytes per millisecond.
const SLOWEST: u64 = 64;
/// How much of a reply is quoted.
const QUOTED: usize = 120;

/// What is wrong with a reply, or keeps a request from being sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// More than anybody needs.
    #[error("the reply has more than {} MiB: that is not AWS's", .0 >> 20)]
    TooLong(u64),
    /// It drips.
    #[error("the reply was not whole after {} s, when {received} bytes of it had come", after.as_secs())]
    TooSlow {
        /// How many bytes came.
        received: u64,
        /// In what time.
        after: Duration,
    },
    /// It broke off.
    #[error("the reply broke off after {received} bytes")]
    BrokenOff {
        /// How many bytes came.
        received: u64,
        /// Why.
        source: aws_smithy_types::byte_stream::error::Error,
    },
    /// A page for people, with a status of success.
    #[error("a page for people answers in place of AWS (HTTP status {status}, text/html): {quoted}")]
    Page {
        /// The status.
        status: u16,
        /// How it begins.
        quoted: String,
    },
    /// Whoever answers does not prove who it is.
    #[error("the certificate of {host} is refused: {why}")]
    Certificate {
        /// Who was asked for.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// Certificate authorities were named that cannot be read.
    #[error("{0}")]
    Trust(String),
}

/// Makes connectors for the SDK, one for each pair of time-outs.
#[derive(Clone, Debug)]
pub(super) struct Client {
    trust: Trust,
    made: Arc<Mutex<HashMap<[Option<Duration>; 2], SharedHttpConnector>>>,
}

impl Client {
    /// A client that trusts these.
    pub(super) fn new(trust: Trust) -> Self {
        Self { trust, made: Arc::default() }
    }

    /// A connector with time-outs for the connection and for the head of the reply.
    pub(super) fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let key = [settings.connect_timeout(), settings.read_timeout()];
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || SharedHttpConnector::new(Whole::new(&self.trust, settings));
        made.entry(key).or_insert_with(new).clone()
    }
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, _components: &RuntimeComponents) -> SharedHttpConnector {
        self.connector(settings)
    }
}

/// Sends requests, and takes their replies whole. Each connector is made when it is first needed: to read a machine's
/// certificate authorities takes longer than most calls.
#[derive(Debug)]
struct Whole {
    settings: HttpConnectorSettings,
    trust: Trust,
    /// To this machine itself in the clear, as emulators are spoken to: nobody has to prove anything.
    plain: OnceLock<SharedHttpConnector>,
    /// To this machine itself, whose servers no proxy reaches.
    direct: OnceLock<SharedHttpConnector>,
    /// To everybody else, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say it.
    usual: OnceLock<SharedHttpConnector>,
}

impl Whole {
    fn new(trust: &Trust, settings: &HttpConnectorSettings) -> Self {
        let (plain, direct, usual) = Default::default();
        Self { settings: settings.clone(), trust: trust.clone(), plain, direct, usual }
    }

    /// The connector for a URL.
    fn to(&self, url: &str, host: &str) -> &SharedHttpConnector {
        let builder =
            |proxies: ProxyConfig| Connector::builder().connector_settings(self.settings.clone()).proxy_config(proxies);
        let tls = |proxies: ProxyConfig| {
            let builder = builder(proxies).tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
            SharedHttpConnector::new(builder.tls_context(self.trust.context()).build())
        };
        match (is_this_machine(host), url.starts_with("http:")) {
            (true, true) => {
                self.plain.get_or_init(|| SharedHttpConnector::new(builder(ProxyConfig::disabled()).build_http()))
            }
            (true, false) => self.direct.get_or_init(|| tls(ProxyConfig::disabled())),
            (false, _) => self.usual.get_or_init(|| tls(ProxyConfig::from_env())),
        }
    }
}

impl HttpConnector for Whole {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(why) = self.trust.refused() {
            return HttpConnectorFuture::ready(Err(refused(Unfit::Trust(why.to_owned()))));
        }
        let host = host(request.uri());
        let terms = Terms::of(&request);
        let reply = self.to(request.uri(), &host).call(request);
        HttpConnectorFuture::new(async move {
            let reply = reply.await.map_err(|error| judged(error, host))?;
            terms.whole(reply).await
        })
    }
}

/// What is asked of the reply to a request.
struct Terms {
    most: u64,
    /// Whether the reply is a document of AWS's: signed for, and no object of somebody's.
    documents: bool,
    /// Whether it has a body at all.
    body: bool,
}

impl Terms {
    fn of(request: &HttpRequest) -> Self {
        let authorization = request.headers().get("authorization").unwrap_or_default();
        let object = request.uri().contains("x-id=GetObject") && authorization.contains("/s3/aws4_request");
        let signed = authorization.starts_with("AWS4-");
        let most = match (signed, object) {
            (true, true) => MAX_OBJECT,
            (true, false) => MAX_REPLY,
            (false, _) => MAX_UNSIGNED,
        };
        Self { most, documents: signed && !object, body: request.method() != "HEAD" }
    }

    /// The reply with its body in memory.
    async fn whole(&self, mut reply: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        if !self.body {
            return Ok(reply);
        }
        let announced = reply.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.most) {
            return Err(refused(Unfit::TooLong(self.most)));
        }
        let body = read(ByteStream::new(reply.take_body()), self.most, PATIENCE).await?;
        let html = reply.headers().get("content-type").is_some_and(is_html);
        if self.documents && html && reply.status().is_success() {
            let (status, quoted) = (reply.status().as_u16(), beginning(&body, QUOTED));
            return Err(refused(Unfit::Page { status, quoted }));
        }
        // As a stream: the SDK traces a body that is in memory before it knows whether that is a secret.
        *reply.body_mut() = SdkBody::from_body_1_x(Full::new(Bytes::from(body)));
        Ok(reply)
    }
}

/// A body, up to a bound of bytes and of time.
async fn read(mut body: ByteStream, most: u64, patience: Duration) -> Result<Vec<u8>, ConnectorError> {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    loop {
        let received = bytes.len() as u64;
        let after = patience + Duration::from_millis(received / SLOWEST);
        match timeout_at(begun + after, body.try_next()).await {
            Err(_) => return Err(ConnectorError::timeout(Unfit::TooSlow { received, after }.into())),
            Ok(Err(source)) => return Err(ConnectorError::io(Unfit::BrokenOff { received, source }.into())),
            Ok(Ok(None)) => return Ok(bytes),
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
        }
        if bytes.len() as u64 > most {
            return Err(refused(Unfit::TooLong(most)));
        }
    }
}

/// An error that another attempt would meet again: the SDK makes none.
fn refused(unfit: Unfit) -> ConnectorError {
    ConnectorError::user(unfit.into())
}

/// An error as it is, and one of a certificate as what it is.
fn judged(error: ConnectorError, host: String) -> ConnectorError {
    match certificate(&error) {
        Some(why) => refused(Unfit::Certificate { host, why }),
        None => error,
    }
}

/// What is wrong with a certificate, where that is among the causes of an error.
fn certificate(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
            return Some(in_words(why));
        }
        // The source of such an error is that of what it holds.
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn in_words(why: &rustls::CertificateError) -> String {
    use rustls::CertificateError::{Expired, NotValidForName, NotValidYet, UnknownIssuer};
    match why {
        UnknownIssuer => "nobody that is trusted here has issued it (UnknownIssuer)".to_owned(),
        NotValidForName => "it is another host's (NotValidForName)".to_owned(),
        Expired => "it has expired".to_owned(),
        NotValidYet => "it is not valid yet: is this machine's clock right?".to_owned(),
        other => format!("{other}"),
    }
}

/// Whether a content type is that of a page.
fn is_html(content_type: &str) -> bool {
    content_type.trim_start().to_ascii_lowercase().starts_with("text/html")
}

/// The host that a URL names; empty where it names none.
pub(super) fn host(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned)).unwrap_or_default()
}

/// Whether a host is this machine itself, whatever a name server says of it.
pub(super) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    let address = host.parse::<std::net::IpAddr>();
    address.map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body that brings a byte a second, and no end.
    fn drip() -> ByteStream {
        let bytes = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(hyper::body::Bytes::from_static(b"x")), ()))
        });
        body_of(bytes)
    }

    fn body_of(
        bytes: impl futures_util::Stream<Item = std::io::Result<hyper::body::Bytes>> + Send + Sync + 'static,
    ) -> ByteStream {
        use futures_util::StreamExt as _;
        let frames = bytes.map(|bytes| bytes.map(hyper::body::Frame::data));
        ByteStream::new(SdkBody::from_body_1_x(http_body_util::StreamBody::new(frames)))
    }

    fn unfit(error: &ConnectorError) -> String {
        std::error::Error::source(error).unwrap().to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_that_drips_ends_after_half_a_minute() {
        let begun = Instant::now();
        let error = read(drip(), MAX_REPLY, PATIENCE).await.unwrap_err();
        assert!(error.is_timeout() && begun.elapsed() < Duration::from_secs(32), "{:?}", begun.elapsed());
        assert_eq!(unfit(&error), "the reply was not whole after 30 s, when 30 bytes of it had come");
    }

    #[tokio::test]
    async fn a_reply_without_end_is_cut_at_its_bound() {
        let endless = futures_util::stream::repeat_with(|| Ok(hyper::body::Bytes::from(vec![b'A'; 1 << 16])));
        let error = read(body_of(endless), 1 << 20, PATIENCE).await.unwrap_err();
        assert!(error.is_user(), "{error:?}");
        assert_eq!(unfit(&error), "the reply has more than 1 MiB: that is not AWS's");
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost", "LOCALHOST.", "api.localhost"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "127.0.0.1.evil.test", "localhost.evil.test", "10.0.0.1", "notlocalhost", "[::2]", "0.0.0.0"] {
            assert!(!is_this_machine(host), "{host}");
        }
        assert_eq!(host("http://127.0.0.1@evil.test/x"), "evil.test");
        assert_eq!(host("http://[::1]:4566/x"), "[::1]");
    }
}
