//! SDK errors to the engine's: by code, never by message, except where AWS gives one code to two things.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::{Result, retry};
use crate::engine::error::{CallError, Class};

/// For `map_err`: what failed, in the engine's terms. `call` is service and operation: `kinesis CreateStream`.
pub fn failed<E>(call: &str) -> impl FnOnce(SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let call = call.to_owned();
    move |error| {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let (code, message) = match error.as_service_error() {
            Some(service) => (service.code().map(str::to_owned), service.message().map(str::to_owned)),
            None => (None, None),
        };
        CallError {
            class: classify(&error, code.as_deref(), message.as_deref(), status),
            call,
            message: message.unwrap_or_else(|| explain(&error, status)),
            request_id: error.request_id().map(str::to_owned),
            code,
        }
    }
}

/// The failure of one entry of a batch, which AWS reports inside a reply of status 200.
pub fn entry_failed(call: &str, code: &str, message: String) -> CallError {
    let class = by_code(code, &message, None);
    CallError { class, call: call.to_owned(), code: Some(code.to_owned()), message, request_id: None }
}

/// Turns "it does not exist" into `None`.
///
/// # Errors
/// Every other failure.
pub fn absent_is_none<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.class == Class::Absent => Ok(None),
        Err(error) => Err(error),
    }
}

/// Turns "it does not exist" into success: for deletions.
///
/// # Errors
/// Every other failure.
pub fn absent_is_done<T>(result: Result<T>) -> Result<()> {
    absent_is_none(result).map(|_| ())
}

fn classify<E>(
    error: &SdkError<E, HttpResponse>,
    code: Option<&str>,
    message: Option<&str>,
    status: Option<u16>,
) -> Class {
    match error {
        // Nothing was sent, for want of credentials. A connection cut half-way is `other` too, but of a known kind.
        SdkError::DispatchFailure(failure) if failure.is_other() && failure.as_other().is_none() => {
            return Class::Credentials;
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => return Class::Unreachable,
        _ => {}
    }
    match code.map(|code| code.rsplit('#').next().unwrap_or(code)) {
        Some(code) => by_code(code, message.unwrap_or_default(), status),
        None => by_status(status),
    }
}

/// AWS's codes, service by service: see `shared` error tables of the API references.
fn by_code(code: &str, message: &str, status: Option<u16>) -> Class {
    match code {
        "ResourceNotFoundException"
        | "ResourceNotFound"
        | "NoSuchEntity"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NotFound"
        | "NotFoundException"
        | "ParameterNotFound"
        | "InvalidResourceId"
        | "TableNotFoundException"
        | "NoSuchTagSet"
        | "NoSuchBucketPolicy"
        | "NoSuchLifecycleConfiguration"
        | "NoSuchPublicAccessBlockConfiguration"
        | "OwnershipControlsNotFoundError"
        | "ServerSideEncryptionConfigurationNotFoundError"
        | "DashboardNotFoundError"
        | "AWS.SimpleQueueService.NonExistentQueue"
        | "QueueDoesNotExist" => Class::Absent,
        "ResourceInUseException"
        | "ResourceAlreadyExistsException"
        | "ResourceExistsException"
        | "EntityAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "BucketAlreadyExists"
        | "BucketNotEmpty"
        | "DeleteConflict"
        | "ParameterAlreadyExists"
        | "ResourceConflictException"
        | "QueueAlreadyExists"
        | "QueueNameExists" => Class::InUse,
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "UnauthorizedOperation"
        | "KMSAccessDeniedException" => Class::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "TokenRefreshRequired" => Class::Credentials,
        // One code for a rate and for a quota: only the message tells.
        "LimitExceededException" | "LimitExceeded" if retry::is_rate(message) => Class::Throttled,
        "LimitExceededException"
        | "LimitExceeded"
        | "TooManyBuckets"
        | "TopicLimitExceeded"
        | "SubscriptionLimitExceeded"
        | "ParameterLimitExceeded"
        | "CodeStorageExceededException"
        | "OverLimit" => Class::Quota,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "SlowDown"
        | "ProvisionedThroughputExceededException"
        | "TooManyRequestsException" => Class::Throttled,
        "ConcurrentModificationException"
        | "ConcurrentModification"
        | "OperationAborted"
        | "OperationAbortedException"
        | "ConcurrentAccess"
        | "StaleTag"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "TooManyUpdates" => Class::Conflict,
        "BadRequestException"
        | "InvalidArgumentException"
        | "InvalidArgument"
        | "InvalidParameterException"
        | "InvalidParameterValueException"
        | "InvalidParameter"
        | "InvalidParameterValue"
        | "InvalidParameterInput"
        | "InvalidAttributeName"
        | "InvalidAttributeValue"
        | "InvalidParameterCombination"
        | "ValidationException"
        | "ValidationError"
        | "MalformedPolicyDocument"
        | "MalformedPolicy"
        | "InvalidBucketName" => Class::Invalid,
        _ => by_status(status),
    }
}

fn by_status(status: Option<u16>) -> Class {
    match status {
        Some(404) => Class::Absent,
        Some(401) => Class::Credentials,
        Some(403) => Class::Denied,
        Some(409 | 412) => Class::Conflict,
        Some(429 | 503) => Class::Throttled,
        _ => Class::Other,
    }
}

/// What to say when AWS sent no message of its own: the chain of causes, or the HTTP status.
fn explain<E: std::error::Error + 'static>(error: &SdkError<E, HttpResponse>, status: Option<u16>) -> String {
    if let (SdkError::ServiceError(_), Some(status)) = (error, status) {
        return format!("HTTP status {status} without a message");
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::operation::get_user::GetUserError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::retry::ErrorKind;

    use super::*;

    fn class(failure: ConnectorError) -> Class {
        failed("iam GetUser")(SdkError::<GetUserError, _>::dispatch_failure(failure)).class
    }

    #[test]
    fn connection_that_broke_is_no_lack_of_credentials() {
        let cause = || "connection closed before message completed".into();
        assert_eq!(class(ConnectorError::io(cause())), Class::Unreachable);
        assert_eq!(class(ConnectorError::other(cause(), Some(ErrorKind::TransientError))), Class::Unreachable);
        assert_eq!(class(ConnectorError::other("no providers in chain".into(), None)), Class::Credentials);
    }
}
