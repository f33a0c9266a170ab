//! The HTTP client of every SDK client: calls wait here for their turn, so that no caller has to think of rates.
//!
//! Below the SDK's retries, so that they wait for their turn as well. The request is signed by then: AWS accepts a
//! signature for five minutes, in which the slowest published rate lets nine hundred calls pass.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::rates::Turns;

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
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, turns) = (self.inner.clone(), Arc::clone(&self.turns));
        HttpConnectorFuture::new(async move {
            // Unsigned is what goes to sources of credentials.
            let Some(service) = service(&request).map(str::to_owned) else { return inner.call(request).await };
            let operation = operation(&request).unwrap_or_default().to_owned();
            let _turn = turns.next(&service, &operation).await;
            inner.call(request).await
        })
    }
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
    use aws_smithy_types::body::SdkBody;

    use super::*;

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
