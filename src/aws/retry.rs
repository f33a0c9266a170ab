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
    use crate::aws::error::failed;
    use crate::aws::retry;
    use crate::aws::scripted::{Scripted, refused};
    use crate::model::error::Class;

    /// How often the client asks when it is always told `message`, and what the failure is taken for.
    async fn asks(message: &str) -> (usize, Class) {
        let limit = refused("CreateStream", "LimitExceededException", message);
        let service = Scripted::new(vec![limit; 15]);
        let client = service.aws().await.client(retry::kinesis).await;
        let reply = client.create_stream().stream_name("clicks").shard_count(1).send().await;
        let error = reply.map_err(failed("kinesis CreateStream")).unwrap_err();
        (service.operations().len(), error.class)
    }

    /// The SDK makes three attempts, and each goes out five times.
    #[tokio::test(start_paused = true)]
    async fn a_quota_is_asked_for_once_and_a_rate_again() {
        let quota = "This request would exceed the shard limit for the account 123456789012 in eu-west-1.";
        assert_eq!(asks(quota).await, (1, Class::Quota));
        assert_eq!(asks("Rate exceeded for stream clicks under account 123456789012.").await, (15, Class::Throttled));
    }
}
