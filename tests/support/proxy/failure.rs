//! Refusals, each in the shape in which its service's protocol says it.

use aws_smithy_cbor::Encoder;
use hyper::body::Bytes;
use hyper::{Method, Response};
use serde_json::json;

use super::operation::{Operation, Protocol};

/// What AWS answers instead of doing what it was asked.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// 500: a fault of AWS's own.
    Internal,
    /// 503: try again.
    Unavailable,
    /// Too many requests.
    Throttled,
    /// The caller lacks a permission.
    Denied,
    /// 412: `If-Match` or `If-None-Match` does not hold.
    PreconditionFailed,
    /// 409: another conditional write is under way.
    Conflict,
    /// Anything else.
    Other {
        /// The HTTP status.
        status: u16,
        /// AWS's error code.
        code: &'static str,
        /// The message.
        message: String,
    },
}

impl Failure {
    /// Status, code and message, as the operation's service has them.
    fn details(&self, operation: &Operation) -> (u16, &str, &str) {
        let protocol = operation.protocol;
        let json = matches!(protocol, Protocol::Json | Protocol::Cbor | Protocol::RestJson);
        match self {
            Self::Internal if protocol == Protocol::S3 => (500, "InternalError", "We encountered an internal error."),
            Self::Internal => (500, "InternalFailure", "The request processing has failed."),
            Self::Unavailable => (503, "ServiceUnavailable", "Please try again."),
            Self::Throttled if protocol == Protocol::S3 => (503, "SlowDown", "Please reduce your request rate."),
            Self::Throttled if protocol == Protocol::RestJson => (429, "TooManyRequestsException", "Rate exceeded"),
            // Kinesis has one code for rates and quotas.
            Self::Throttled if operation.service == "kinesis" => {
                (400, "LimitExceededException", "Rate exceeded for stream under account.")
            }
            Self::Throttled if json => (400, "ThrottlingException", "Rate exceeded"),
            Self::Throttled => (400, "Throttling", "Rate exceeded"),
            Self::Denied if json => (400, "AccessDeniedException", "User is not authorized to perform this action."),
            Self::Denied => (403, "AccessDenied", "User is not authorized to perform this action."),
            Self::PreconditionFailed => (412, "PreconditionFailed", "At least one of the preconditions did not hold."),
            Self::Conflict => (409, "ConditionalRequestConflict", "A conflicting operation is under way."),
            Self::Other { status, code, message } => (*status, code, message),
        }
    }

    /// The reply to a request.
    pub(crate) fn reply(&self, operation: &Operation, method: &Method) -> Response<Bytes> {
        let (status, code, message) = self.details(operation);
        let reply = Response::builder().status(status).header("x-amzn-requestid", "of-a-scripted-failure");
        let side = if status < 500 { "Sender" } else { "Receiver" };
        let (kind, body) = match operation.protocol {
            Protocol::Json => {
                ("application/x-amz-json-1.1", json!({ "__type": code, "message": message }).to_string().into_bytes())
            }
            Protocol::RestJson => ("application/json", json!({ "message": message }).to_string().into_bytes()),
            Protocol::Cbor => ("application/cbor", cbor(code, message)),
            Protocol::Query => (
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>of-a-scripted-failure</RequestId></ErrorResponse>"
                )
                .into_bytes(),
            ),
            // A reply to HEAD has no body: there S3 tells the status only.
            Protocol::S3 if method == Method::HEAD => ("application/xml", Vec::new()),
            Protocol::S3 => (
                "application/xml",
                format!(
                    "<Error><Code>{code}</Code><Message>{message}</Message>\
                     <RequestId>of-a-scripted-failure</RequestId></Error>"
                )
                .into_bytes(),
            ),
        };
        let reply = match operation.protocol {
            Protocol::Cbor => {
                reply.header("smithy-protocol", "rpc-v2-cbor").header("x-amzn-query-error", format!("{code};{side}"))
            }
            Protocol::RestJson => reply.header("x-amzn-errortype", code),
            _ => reply,
        };
        reply.header("content-type", kind).body(body.into()).unwrap()
    }
}

fn cbor(code: &str, message: &str) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(2).str("__type").str(code).str("message").str(message);
    encoder.into_writer()
}
