//! What can go wrong when a kind talks to its service.

use std::fmt;

use super::text::Clean;

/// The call by which a role is assumed.
pub const ASSUME_ROLE: &str = "sts AssumeRole";

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
    /// Whoever answers does not prove to be AWS; nothing was sent.
    Untrusted,
    /// What answers is not AWS, or says what cannot be read: whether the call did anything is not known.
    Unreadable,
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

    /// The IAM action that AWS says is not allowed: `sns:ListSubscriptionsByTopic`
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
    pub fn denied_action(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("not authorized to perform: ")?;
        let action = rest.split(|c: char| c.is_whitespace()).next()?;
        let (service, name) = action.split_once(':')?;
        let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (self.class == Class::Denied && is_name(service) && is_name(name)).then_some(action)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", Clean(&self.call))?;
        if let Some(code) = &self.code {
            write!(f, "{}: ", Clean(code))?;
        }
        write!(f, "{}", Clean(&self.message))?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {})", Clean(id))?;
        }
        Ok(())
    }
}
