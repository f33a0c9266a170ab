//! A quota is not a throttle: the SDK takes every `LimitExceededException` for one and asks again, in vain.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use serde::Deserialize;

/// A Kinesis client that fails at once where a quota is reached: `aws.client(retry::kinesis).await`.
pub(crate) fn kinesis(config: &SdkConfig) -> aws_sdk_kinesis::Client {
    let config = aws_sdk_kinesis::config::Builder::from(config).retry_classifier(QuotaIsFinal);
    aws_sdk_kinesis::Client::from_conf(config.build())
}

/// As [`kinesis`], for Firehose.
pub(crate) fn firehose(config: &SdkConfig) -> aws_sdk_firehose::Client {
    let config = aws_sdk_firehose::config::Builder::from(config).retry_classifier(QuotaIsFinal);
    aws_sdk_firehose::Client::from_conf(config.build())
}

/// As [`kinesis`], for CloudWatch Logs.
pub(crate) fn logs(config: &SdkConfig) -> aws_sdk_cloudwatchlogs::Client {
    let config = aws_sdk_cloudwatchlogs::config::Builder::from(config).retry_classifier(QuotaIsFinal);
    aws_sdk_cloudwatchlogs::Client::from_conf(config.build())
}

/// Whether the message of a `LimitExceededException` tells of a rate, which passes, and not of a quota.
///
/// Kinesis has one code for both ("Rate exceeded for stream … under account …"): only the message tells.
pub(crate) fn is_rate(message: &str) -> bool {
    message.to_ascii_lowercase().contains("rate exceeded")
}

/// Forbids the retries of a quota's error; whatever else happens is left to the SDK's own classifiers.
#[derive(Debug)]
struct QuotaIsFinal;

/// An error as the services that speak AWS's JSON protocol send it. It is read from the body because a classifier
/// that serves all operations of a client cannot name the operation's error type.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "__type")]
    code: String,
    #[serde(default, alias = "Message")]
    message: String,
}

impl ClassifyRetry for QuotaIsFinal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let body = context.response().and_then(|response| response.body().bytes());
        match body.and_then(|body| serde_json::from_slice::<Body>(body).ok()) {
            Some(Body { code, message }) if code.ends_with("LimitExceededException") && !is_rate(&message) => {
                RetryAction::RetryForbidden
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a quota is final"
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use aws_config::retry::RetryConfig;
    use aws_config::{BehaviorVersion, Region};
    use aws_sdk_kinesis::config::{Credentials, SharedCredentialsProvider};
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::aws::error::failed;
    use crate::engine::error::Class;

    /// A service that gives every request the same answer, and counts.
    #[derive(Clone, Debug)]
    struct Always {
        message: &'static str,
        asked: Arc<AtomicU32>,
    }

    impl HttpConnector for Always {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let body = serde_json::json!({ "__type": "LimitExceededException", "message": self.message }).to_string();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body))))
        }
    }

    /// How often the client asks when it is always told `message`, and what the failure is taken for.
    async fn asks(message: &'static str) -> (u32, Class) {
        let service = Always { message, asked: Arc::default() };
        let connector = service.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test")))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone())))
            .build();
        let call = kinesis(&config).create_stream().stream_name("clicks").shard_count(1).send();
        let error = call.await.map_err(failed("kinesis CreateStream")).unwrap_err();
        (service.asked.load(Ordering::Relaxed), error.class)
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_is_asked_for_once_and_a_rate_again() {
        let quota = "This request would exceed the shard limit for the account 123456789012 in eu-west-1.";
        assert_eq!(asks(quota).await, (1, Class::Quota));
        assert_eq!(asks("Rate exceeded for stream clicks under account 123456789012.").await, (3, Class::Throttled));
    }
}
