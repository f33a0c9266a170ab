//! The HTTP client of every SDK client: calls wait here for their turn, so that no caller has to think of rates.
//!
//! Below the SDK's retries, so that they wait for their turn as well. The request is signed by then: AWS accepts a
//! signature for five minutes, in which the slowest published rate lets nine hundred calls pass. What a service throttles
//! goes out again from here, before the SDK counts it: its retries are few, and all calls of a service share them.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::sleep;

use super::rates::Turns;
use super::window::SECOND;

/// How often a call is sent that is throttled each time, before the SDK hears of it: while a [window] of 128 calls narrows
/// to 8.
///
/// [window]: super::window
const SENDINGS: usize = 5;

/// AWS's codes for a call too many; and Kinesis's message, whose code says quotas as well.
const THROTTLED: [&str; 5] = ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "Rate exceeded"];

/// An HTTP client whose requests wait for their turn.
#[derive(Debug)]
pub(super) struct Paced {
    /// What sends them.
    pub(super) inner: SharedHttpClient,
    /// Whose turn it is.
    pub(super) turns: Arc<Turns>,
}

impl HttpClient for Paced {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, turns: Arc::clone(&self.turns) })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    turns: Arc<Turns>,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let (inner, turns) = (self.inner.clone(), Arc::clone(&self.turns));
        HttpConnectorFuture::new(async move {
            // Unsigned is what goes to sources of credentials.
            let Some(service) = service(&request).map(str::to_owned) else { return inner.call(request).await };
            let operation = operation(&request).unwrap_or_default().to_owned();
            let mut sendings = SENDINGS;
            loop {
                sendings -= 1;
                // What can be sent only once is sent once.
                let again = request.try_clone().filter(|_| sendings > 0);
                let turn = turns.next(&service, &operation).await;
                let reply = match inner.call(request).await {
                    Ok(reply) => whole(reply).await?,
                    Err(error) => {
                        // Whoever does not get round to answering is asked too much at once as well.
                        if error.is_timeout() {
                            turn.answered(true);
                        }
                        return Err(error);
                    }
                };
                let throttled = is_throttled(&reply);
                turn.answered(throttled);
                match again.filter(|_| throttled) {
                    Some(again) => request = again,
                    None => return Ok(reply),
                }
                drop(turn);
                // Not all of those that were refused at once come again at once.
                sleep(SECOND.mul_f64(0.5 + fastrand::f64())).await;
            }
        })
    }
}

/// The reply with its body in memory, where it is a refusal; other bodies are left to come.
async fn whole(mut reply: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    if !reply.status().is_success() {
        let body = ByteStream::new(reply.take_body()).collect().await;
        let body = body.map_err(|error| ConnectorError::io(error.into()))?;
        *reply.body_mut() = SdkBody::from(body.into_bytes());
    }
    Ok(reply)
}

/// Whether a service refused a call as one too many. Each protocol has its own place for the code, and all say it in
/// plain text.
fn is_throttled(reply: &HttpResponse) -> bool {
    let says = |body: &[u8]| {
        let text = String::from_utf8_lossy(body);
        THROTTLED.iter().any(|code| text.contains(code))
    };
    !reply.status().is_success() && reply.body().bytes().is_some_and(says)
}

/// The name that a request is signed for: the last but one part of `Credential=<id>/<day>/<region>/<service>/aws4_request`.
fn service(request: &HttpRequest) -> Option<&str> {
    let authorization = request.headers().get("authorization")?;
    let credential = authorization.split_once("Credential=")?.1.split(',').next()?;
    credential.rsplit('/').nth(1)
}

/// The operation, where the protocol names it: all but those of S3 and Lambda do.
fn operation(request: &HttpRequest) -> Option<&str> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next();
    }
    if let Some((_, operation)) = request.uri().split_once("/operation/") {
        return Some(operation);
    }
    let form = std::str::from_utf8(request.body().bytes()?).ok()?;
    form.split('&').find_map(|pair| pair.strip_prefix("Action="))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A service that throttles its first calls, and says so in XML.
    #[derive(Clone, Debug)]
    struct Throttling {
        calls: usize,
        asked: Arc<AtomicUsize>,
    }

    impl HttpConnector for Throttling {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            let throttled = self.asked.fetch_add(1, Ordering::Relaxed) < self.calls;
            let (status, body) = if throttled { (400, XML) } else { (200, "") };
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.into())))
        }
    }

    const XML: &str = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";

    /// How often a call is sent to a service that throttles it so often, and the status and body of its reply.
    async fn sent(calls: usize) -> (usize, u16, String) {
        let asked = Arc::default();
        let inner = SharedHttpConnector::new(Throttling { calls, asked: Arc::clone(&asked) });
        let paced = Connector { inner, turns: Arc::new(Turns::new(None)) };
        let reply = paced.call(signed("iam", "https://iam.amazonaws.com/", "Action=GetRole")).await.unwrap();
        let body = String::from_utf8_lossy(reply.body().bytes().unwrap()).into_owned();
        (asked.load(Ordering::Relaxed), reply.status().as_u16(), body)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_throttled_goes_out_again_and_in_the_end_the_sdk_hears_of_it() {
        assert_eq!(sent(0).await, (1, 200, String::new()));
        assert_eq!(sent(2).await, (3, 200, String::new()));
        assert_eq!(sent(usize::MAX).await, (SENDINGS, 400, XML.to_owned()));
    }

    /// A service that never answers its first call, and takes its time with the others.
    #[derive(Clone, Debug, Default)]
    struct Overwhelmed {
        asked: Arc<AtomicUsize>,
    }

    impl HttpConnector for Overwhelmed {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
                return HttpConnectorFuture::ready(Err(ConnectorError::timeout("read timed out".into())));
            }
            HttpConnectorFuture::new(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_does_not_answer_in_time_is_asked_half_as_much_at_once() {
        let service = Overwhelmed::default();
        let inner = SharedHttpConnector::new(service.clone());
        let paced = Connector { inner, turns: Arc::new(Turns::new(None)) };
        let call = || paced.call(signed("iam", "https://iam.amazonaws.com/", "Action=GetRole"));
        assert!(call().await.is_err_and(|error| error.is_timeout()));
        // Its slot rests.
        sleep(SECOND * 2).await;
        let all = futures_util::future::join_all((0..128).map(|_| call()));
        assert!(tokio::time::timeout(SECOND / 2, all).await.is_err());
        assert_eq!(service.asked.load(Ordering::Relaxed) - 1, 64);
    }

    fn signed(for_service: &str, uri: &str, body: &'static str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_uri(uri).unwrap();
        let value =
            format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{for_service}/aws4_request, Signature=0");
        request.headers_mut().insert("authorization", value);
        request
    }

    #[test]
    fn every_protocol_names_service_and_operation() {
        let mut json = signed("firehose", "https://firehose.eu-west-1.amazonaws.com/", "{}");
        json.headers_mut().insert("x-amz-target", "Firehose_20150804.DescribeDeliveryStream");
        let granite = "https://monitoring.eu-west-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/";
        let cbor = signed("monitoring", &format!("{granite}PutMetricAlarm"), "");
        let query = signed("sns", "https://sns.eu-west-1.amazonaws.com/", "Action=Subscribe&Version=2010-03-31");
        let asked = [&json, &cbor, &query].map(|request| (service(request), operation(request)));
        assert_eq!(asked[0], (Some("firehose"), Some("DescribeDeliveryStream")));
        assert_eq!(asked[1], (Some("monitoring"), Some("PutMetricAlarm")));
        assert_eq!(asked[2], (Some("sns"), Some("Subscribe")));
        assert_eq!(service(&HttpRequest::new(SdkBody::empty())), None);
    }
}
