//! The HTTP client of every SDK client: calls wait here for their turn, so that no caller has to think of rates.
//!
//! Below the SDK's retries, so that they wait for their turn as well. The request is signed by then: AWS accepts a
//! signature for five minutes, in which the slowest published rate lets nine hundred calls pass. What a service throttles
//! goes out again from here, before the SDK counts it: its retries are few, and all calls of a service share them. So does
//! what AWS answers that [passes](super::answers). And changes of one resource go out one after another.

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

use super::answers::Again;
use super::rates::Turns;
use super::request::{changed, operation, operation_or_path, service};
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
            let paced = operation(&request).unwrap_or_default().to_owned();
            let named = operation_or_path(&service, &request);
            let resource = changed(&service, &named, &request);
            let (mut sendings, mut again) = (SENDINGS, Again::new(&service, &named));
            loop {
                sendings -= 1;
                // What can be sent only once is sent once.
                let copy = request.try_clone();
                // AWS refuses a change of what another call is changing.
                let alone = match &resource {
                    Some(resource) => Some(turns.alone(resource).await),
                    None => None,
                };
                let turn = turns.next(&service, &paced).await;
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
                // Not all of those that were refused at once come again at once.
                let pause = if throttled {
                    (sendings > 0).then(|| SECOND.mul_f64(0.5 + fastrand::f64()))
                } else {
                    again.after(&reply)
                };
                let (Some(copy), Some(pause)) = (copy, pause) else { return Ok(reply) };
                if !throttled {
                    sendings = SENDINGS;
                }
                request = copy;
                drop((turn, alone));
                sleep(pause).await;
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

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::aws::request::tests::signed;

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

    /// What waits, and sends again, in front of `inner`.
    pub(in crate::aws) fn connector(inner: SharedHttpConnector) -> impl HttpConnector {
        Connector { inner, turns: Arc::new(Turns::new(None)) }
    }

    const XML: &str = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";

    /// How often a call is sent to a service that throttles it so often, and the status and body of its reply.
    async fn sent(calls: usize) -> (usize, u16, String) {
        let asked = Arc::default();
        let inner = SharedHttpConnector::new(Throttling { calls, asked: Arc::clone(&asked) });
        let paced = Connector { inner, turns: Arc::new(Turns::new(None)) };
        let reply = paced.call(signed("iam", "POST", "https://iam.amazonaws.com/", "Action=GetRole")).await.unwrap();
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
        let call = || paced.call(signed("iam", "POST", "https://iam.amazonaws.com/", "Action=GetRole"));
        assert!(call().await.is_err_and(|error| error.is_timeout()));
        // Its slot rests.
        sleep(SECOND * 2).await;
        let all = futures_util::future::join_all((0..128).map(|_| call()));
        assert!(tokio::time::timeout(SECOND / 2, all).await.is_err());
        assert_eq!(service.asked.load(Ordering::Relaxed) - 1, 64);
    }
}
