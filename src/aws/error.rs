//! SDK errors to the engine's: by code, never by message, except where AWS gives one code to two things.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::http::Unfit;
use super::{Result, retry};
use crate::model::error::{CallError, Class};
use crate::model::text::{Clean, beginning};

/// How much of a reply is quoted.
const QUOTED: usize = 120;

/// For `map_err`: a part of a request that the SDK refuses to build.
pub(super) fn unbuildable<E: std::error::Error>(call: &str) -> impl Fn(E) -> CallError {
    move |error| CallError::own(Class::Invalid, call, error.to_string())
}

/// For `map_err`: what failed, in the engine's terms. `call` is service and operation: `kinesis CreateStream`.
pub fn failed<E>(call: &str) -> impl FnOnce(SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let call = call.to_owned();
    move |error| {
        // What could not be sent for want of a role's credentials failed there, and nowhere else.
        if let Some(unassumed) = unassumed(&error) {
            return unassumed.clone();
        }
        let status = error.raw_response().map(|response| response.status().as_u16());
        let (code, message) = match error.as_service_error() {
            Some(service) => (service.code().map(str::to_owned), service.message().map(str::to_owned)),
            None => (None, None),
        };
        let (class, told) = match unreadable(&error, code.is_some() || message.is_some()) {
            Some((class, told)) => (class, Some(told)),
            None => (classify(&error, code.as_deref(), message.as_deref(), status), None),
        };
        let request_id = error.request_id().map(str::to_owned).or_else(|| error.raw_response().and_then(request_id));
        // EC2 says it in the body alone, where it refuses credentials.
        let in_body = || error.as_service_error().and_then(|service| service.meta().request_id());
        let request_id = request_id.or_else(|| in_body().map(|id| beginning(id.as_bytes(), QUOTED)));
        let message = told.or(message).unwrap_or_else(|| explain(&error, status));
        CallError { class, call, code, message, request_id }
    }
}

/// The failure of a request below the SDK, or beside it.
pub(super) fn undelivered(call: &str, error: &ConnectorError) -> CallError {
    let unfit = unfit(error);
    let class = unfit.map_or(Class::Unreachable, class_of);
    CallError::own(class, call, unfit.map_or_else(|| causes(error), |unfit| causes(unfit)))
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

/// What a reply holds for certain; AWS leaves it out of none.
///
/// # Errors
/// When the reply lacks it: it is not AWS's, or cut.
pub(crate) fn present<T>(call: &str, what: &str, part: Option<T>) -> Result<T> {
    part.ok_or_else(|| CallError::own(Class::Unreadable, call, format!("the reply has no {what}")))
}

/// A document within a reply that cannot be read: a policy, a dashboard's body.
pub(crate) fn garbled(call: &str, what: &str, text: &str, why: &dyn std::fmt::Display) -> CallError {
    let (text, why) = (beginning(text.as_bytes(), QUOTED), beginning(why.to_string().as_bytes(), QUOTED));
    CallError::own(Class::Unreadable, call, format!("the {what} in the reply cannot be read (begins `{text}`): {why}"))
}

/// What the HTTP client itself found wrong, where it did.
fn unfit(error: &ConnectorError) -> Option<&Unfit> {
    std::error::Error::source(error)?.downcast_ref()
}

fn class_of(unfit: &Unfit) -> Class {
    match unfit {
        Unfit::TooSlow { .. } | Unfit::BrokenOff { .. } => Class::Unreachable,
        Unfit::TooLong(_) | Unfit::Page { .. } => Class::Unreadable,
        Unfit::Certificate { .. } | Unfit::Trust(_) => Class::Untrusted,
    }
}

/// Where a reply is none of AWS's, or cannot be read: what it is taken for, and what is said of it.
///
/// AWS gives every failure a code; those of a HEAD request have neither a code nor a body.
fn unreadable<E>(error: &SdkError<E, HttpResponse>, read: bool) -> Option<(Class, String)>
where
    E: std::error::Error + 'static,
{
    if let SdkError::DispatchFailure(failure) = error {
        let unfit = unfit(failure.as_connector_error()?)?;
        return Some((class_of(unfit), causes(unfit)));
    }
    let reply = error.raw_response().filter(|_| !read)?;
    let body = reply.body().bytes().unwrap_or_default();
    let status = reply.status().as_u16();
    let header = |name| reply.headers().get(name).map(|value| Clean(value).to_string());
    if let (300..=399, Some(to)) = (status, header("location")) {
        return Some((
            Class::Unreadable,
            format!("HTTP status {status} leads to `{to}`, and AWS does not redirect there"),
        ));
    }
    // A page says nothing of a permission, or of what exists.
    let page = header("content-type").is_some_and(|content_type| content_type.starts_with("text/html"));
    if body.is_empty() && !reply.status().is_success() && !page {
        return None;
    }
    let of_page = page && status < 500 && status != 429;
    let class = if reply.status().is_success() || of_page { Class::Unreadable } else { by_status(Some(status)) };
    let of = header("content-type").unwrap_or_else(|| "of no type".to_owned());
    let what =
        if body.is_empty() { "without a body".to_owned() } else { format!("begins `{}`", beginning(body, QUOTED)) };
    let what = format!("{of}, {what}");
    // The SDK suspects itself of what others have answered.
    let why = causes_of(error).replace("This is likely a bug in the SDK.", "");
    let why = beginning(why.trim().as_bytes(), QUOTED);
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    Some((class, format!("the reply cannot be read (HTTP status {status}, {what}){why}")))
}

/// The id of a request in the head of its reply: each protocol has its own name for it.
fn request_id(reply: &HttpResponse) -> Option<String> {
    let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    names.iter().find_map(|name| reply.headers().get(name)).map(|id| beginning(id.as_bytes(), QUOTED))
}

/// What a service's error holds of causes, without what the SDK puts around it.
fn causes_of<E: std::error::Error + 'static>(error: &SdkError<E, HttpResponse>) -> String {
    const AROUND: [&str; 4] = ["service error", "response error", "unhandled error", "failed to parse response"];
    let first = std::error::Error::source(error);
    let chain = std::iter::successors(first, |error| error.source()).map(ToString::to_string);
    let mut told: Vec<String> = Vec::new();
    for cause in chain.filter(|cause| !AROUND.contains(&cause.as_str())) {
        if !told.iter().any(|other| other.contains(&cause)) {
            told.push(cause);
        }
    }
    told.join(": ")
}

/// An error with its causes.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    on_one_line(&chain.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

/// The failure to assume the role whose credentials a call was to have.
fn unassumed<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a CallError> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Whether credentials were looked for in vain: nothing else in the chain of causes tells that from a reply that is no HTTP.
fn lacks_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<CredentialsError>)
}

fn classify<E>(
    error: &SdkError<E, HttpResponse>,
    code: Option<&str>,
    message: Option<&str>,
    status: Option<u16>,
) -> Class
where
    E: std::error::Error + 'static,
{
    match error {
        // Nothing was sent, for want of credentials.
        SdkError::DispatchFailure(_) if lacks_credentials(error) => return Class::Credentials,
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
        | "EntityNotFoundException"
        | "PolicyNotFoundException"
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
        | "AlreadyExistsException"
        | "IdempotentParameterMismatchException"
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
        | "AuthFailure"
        | "OptInRequired"
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
        | "ResourceNumberLimitExceededException"
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
        | "ConcurrentRunsExceededException"
        | "VersionMismatchException"
        | "TooManyUpdates" => Class::Conflict,
        "BadRequestException"
        | "InvalidArgumentException"
        | "InvalidArgument"
        | "InvalidParameterException"
        | "InvalidParameterValueException"
        | "InvalidParameter"
        | "InvalidParameterValue"
        | "InvalidParameterInput"
        | "InvalidInputException"
        | "InvalidAttributeName"
        | "InvalidAttributeValue"
        | "InvalidParameterCombination"
        | "ValidationException"
        | "ValidationError"
        | "MalformedPolicyDocument"
        | "MalformedPolicy"
        | "InvalidBucketName" => Class::Invalid,
        other => by_ending(other).unwrap_or_else(|| by_status(status)),
    }
}

/// EC2 has a code for each type and each thing that can be wrong with it: `InvalidSubnetID.NotFound`
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
fn by_ending(code: &str) -> Option<Class> {
    let (_, ending) = code.rsplit_once('.').unwrap_or(("", code));
    match ending {
        "NotFound" => Some(Class::Absent),
        "Duplicate" | "Conflict" | "InUse" | "DependencyViolation" | "AlreadyAssociated" => Some(Class::InUse),
        "Malformed" => Some(Class::Invalid),
        "EC2ThrottledException" => Some(Class::Throttled),
        "IncorrectState" => Some(Class::Conflict),
        _ if ending.ends_with("LimitExceeded") => Some(Class::Quota),
        _ => None,
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
    on_one_line(&text)
}

/// The SDK tells on several lines where it has looked for credentials.
fn on_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::operation::get_user::GetUserError;
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
        assert_eq!(class(ConnectorError::other("invalid HTTP version parsed".into(), None)), Class::Unreachable);
        let none = CredentialsError::not_loaded("no providers in chain");
        assert_eq!(class(ConnectorError::other(none.into(), None)), Class::Credentials);
    }
}
