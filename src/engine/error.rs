//! What can go wrong when a kind talks to its service.

use std::fmt;

/// What sort of failure a call met; decides whether it is safe to run again and what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The resource, or one that it needs, does not exist.
    Absent,
    /// Something of that name exists already, or is in a state that forbids the call.
    InUse,
    /// The caller lacks a permission.
    Denied,
    /// The credentials are missing, wrong or expired.
    Credentials,
    /// AWS asked to slow down, and went on asking after the retries.
    Throttled,
    /// A limit of the account or of the resource type is reached; waiting does not help.
    Quota,
    /// Somebody else changed the same thing at the same time.
    Conflict,
    /// AWS refuses a value.
    Invalid,
    /// A role that AWS has not made known to its services yet, and did not within the time allowed.
    NotReady,
    /// The endpoint did not answer.
    Unreachable,
    /// The resource did not reach the awaited state in time, or reached a failed one.
    Stuck,
    /// Anything else, AWS's own faults (5xx) among it.
    Other,
}

/// A call to AWS that failed for good (the SDK's retries included).
#[derive(Clone, Debug, thiserror::Error)]
pub struct CallError {
    /// What sort of failure it is.
    pub class: Class,
    /// Service and operation: `kinesis CreateStream`.
    pub call: String,
    /// AWS's error code: `ResourceInUseException`.
    pub code: Option<String>,
    /// AWS's message, or what pipectl knows when AWS said nothing.
    pub message: String,
    /// AWS's id of the failed request, to quote to its support.
    pub request_id: Option<String>,
}

impl CallError {
    /// An error that pipectl itself found while it was making `call`: no code, no request id.
    pub fn own(class: Class, call: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class, call: call.into(), code: None, message: message.into(), request_id: None }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.call)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}
