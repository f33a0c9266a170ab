//! What AWS refuses and takes a moment later: one table of the answers after which a call is made again, each with the reason
//! and where that is known from.
//!
//! The HTTP client below every SDK client ([`super::pacing`]) makes the same call again; where AWS has to be asked for something anew
//! first, the resource type does so and looks here whether an error [passes]. Throttling is not among these: see
//! [`super::rates`].

mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;
use tokio::time::Instant;

use self::table::ANSWERS;
use super::progress::say;
use super::wait::pauses;
use crate::model::error::CallError;

/// An answer after which a call is made again.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The name that requests are signed for.
    service: &'static str,
    /// The operations that it is known of; none: all that change something.
    operations: &'static [&'static str],
    /// AWS's code for it, without what stands in front of a `#` or a `.`.
    code: &'static str,
    /// A part of its message, in small letters, where the code says other things as well; empty: whatever it says.
    text: &'static str,
    /// What is going on, for whoever waits.
    why: Why,
    /// For so many seconds.
    seconds: u64,
    /// A message as it was seen.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests answer with it"))]
    seen: &'static str,
    /// Where it is known from: AWS's document, or who has met it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever reads the table"))]
    source: &'static str,
}

/// Why AWS does not take a call yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// IAM has not made a new role known to the service.
    YoungRole,
    /// IAM has not made a new principal known to those who check policies.
    YoungPrincipal,
    /// Another call changes the same resource.
    Concurrent,
    /// What was just made is not known everywhere.
    Unseen,
    /// What had the name is not quite gone.
    Leaving,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::YoungRole => "AWS does not know the new role everywhere yet",
            Self::YoungPrincipal => "AWS does not know who the policy names everywhere yet",
            Self::Concurrent => "AWS is still busy with another change of it",
            Self::Unseen => "AWS does not know everywhere yet what was just made",
            Self::Leaving => "AWS has not quite let go of what had the name before",
        }
    }
}

impl Answer {
    fn is(&self, service: &str, operation: &str, code: &str, message: &str) -> bool {
        let code = code.rsplit(['#', '.']).next().unwrap_or_default();
        self.service == service
            && (self.operations.is_empty() || self.operations.contains(&operation))
            && self.code == code
            && message.to_ascii_lowercase().contains(self.text)
    }

    /// For how long a call is made again.
    pub(crate) fn limit(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether it is said of a role that a service is to work as.
    pub(crate) fn is_about_a_role(&self) -> bool {
        self.why == Why::YoungRole
    }
}

/// The row for what AWS answers to an operation; none for an operation that changes nothing, which has no name here.
fn find(service: &str, operation: &str, code: &str, message: &str) -> Option<&'static Answer> {
    let known = |answer: &&Answer| !operation.is_empty() && answer.is(service, operation, code, message);
    ANSWERS.iter().find(known)
}

/// The row for the error of a call.
pub(crate) fn of(error: &CallError) -> Option<&'static Answer> {
    let (service, operation) = error.call.split_once(' ')?;
    find(service, operation, error.code.as_deref()?, &error.message)
}

/// Whether the error of a call passes by itself.
pub(crate) fn passes(error: &CallError) -> bool {
    of(error).is_some()
}

/// One call that is made again as long as the answer to it is in the table.
pub(super) struct Again<'a> {
    service: &'a str,
    operation: &'a str,
    /// When it was first answered so.
    since: Option<Instant>,
    pauses: Box<dyn Iterator<Item = Duration> + Send>,
    told: bool,
}

/// Who waits is told after so long.
const QUIET: Duration = Duration::from_secs(5);

impl<'a> Again<'a> {
    /// A call that was not answered yet.
    pub(super) fn new(service: &'a str, operation: &'a str) -> Self {
        Self { service, operation, since: None, pauses: Box::new(pauses()), told: false }
    }

    /// After which pause it is made again; none where that is of no use, or was tried for long enough.
    pub(super) fn after(&mut self, reply: &HttpResponse) -> Option<Duration> {
        if reply.status().is_success() {
            return None;
        }
        let Fault { code, message } = fault(reply)?;
        let answer = find(self.service, self.operation, &code, &message)?;
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        let pause = self.pauses.next().filter(|pause| waited + *pause <= answer.limit())?;
        if waited >= QUIET && !std::mem::replace(&mut self.told, true) {
            let Self { service, operation, .. } = self;
            say(format!(
                "{}: {service} {operation} answers {code}, and is tried again for up to {} s",
                answer.why.words(),
                answer.seconds
            ));
        }
        Some(pause)
    }
}

/// Code and message of a refusal.
#[derive(Debug, Default, Deserialize)]
struct Fault {
    #[serde(default, rename = "__type", alias = "code", alias = "Code")]
    code: String,
    #[serde(default, alias = "Message")]
    message: String,
}

/// What a service says, in JSON or in XML; JSON protocols may say the code in a header.
fn fault(reply: &HttpResponse) -> Option<Fault> {
    let text = String::from_utf8_lossy(reply.body().bytes()?);
    if text.trim_start().starts_with('<') {
        let between = |tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once(&format!("</{tag}>"))?.0.to_owned())
        };
        return Some(Fault { code: between("Code")?, message: between("Message").unwrap_or_default() });
    }
    let mut fault: Fault = serde_json::from_str(&text).unwrap_or_default();
    if let Some(code) = reply.headers().get("x-amzn-errortype") {
        code.split(':').next().unwrap_or_default().clone_into(&mut fault.code);
    }
    Some(fault).filter(|fault| !fault.code.is_empty())
}
