//! Roles that IAM has not made known to a service yet.

use std::future::Future;
use std::time::Duration;

use super::{Result, wait};
use crate::engine::error::{CallError, Class};

/// IAM takes seconds as a rule, and rarely more than a minute.
const LIMIT: Duration = Duration::from_secs(150);

/// A service that works as a role, and what it says of one, or of a policy on it, that it cannot see yet. AWS leaves no
/// other way than the message: the code is that of every wrong value.
pub(crate) struct Service {
    /// The principal that the role must trust: `firehose.amazonaws.com`.
    pub(crate) principal: &'static str,
    /// Parts of its messages, in small letters.
    pub(crate) not_known: &'static [&'static str],
}

impl Service {
    /// Makes a call again until the service can use `roles` (ARNs).
    ///
    /// # Errors
    /// The call's last error; [`Class::NotReady`] with what to look at where the roles never became usable.
    pub(crate) async fn once_known<F>(&self, roles: &[&str], call: impl FnMut() -> F + Send) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send,
    {
        let waited = wait::retry(LIMIT, |error: &CallError| self.is_not_known(error), call).await;
        waited.map_err(|error| if self.is_not_known(&error) { self.explained(error, roles) } else { error })
    }

    fn is_not_known(&self, error: &CallError) -> bool {
        let message = error.message.to_ascii_lowercase();
        error.class == Class::Invalid && self.not_known.iter().any(|part| message.contains(part))
    }

    /// A role that is still not known after so long may as well be a wrong one.
    fn explained(&self, error: CallError, roles: &[&str]) -> CallError {
        let mut roles = roles.to_vec();
        roles.dedup();
        let noun = if roles.len() == 1 { "role" } else { "roles" };
        let message = format!(
            "{} This went on for {} s. Check that {noun} {} exist, trust {} and allow what the message names; if they do, \
             run the same command again.",
            error.message,
            LIMIT.as_secs(),
            roles.join(" and "),
            self.principal,
        );
        CallError { class: Class::NotReady, message, ..error }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const FIREHOSE: Service =
        Service { principal: "firehose.amazonaws.com", not_known: &["unable to assume role", "is not authorized to"] };
    const ROLE: &str = "arn:aws:iam::123456789012:role/clicks-firehose";

    /// How often the service was asked, and what came of it, when it answers `message` to the first `refusals` calls.
    async fn asked(refusals: u32, message: &str) -> (u32, Result<()>) {
        let calls = AtomicU32::new(0);
        let call = || async {
            if calls.fetch_add(1, Ordering::Relaxed) < refusals {
                return Err(CallError::own(Class::Invalid, "firehose CreateDeliveryStream", message));
            }
            Ok(())
        };
        let result = FIREHOSE.once_known(&[ROLE, ROLE], call).await;
        (calls.into_inner(), result)
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_shows_up_late_is_waited_for() {
        let (calls, result) = asked(4, "Firehose is unable to assume role arn:aws:iam::123456789012:role/x.").await;
        assert!(result.is_ok() && calls == 5, "{calls} calls: {result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_never_works_is_named_once() {
        let (_, result) = asked(u32::MAX, "Role x is not authorized to perform: kinesis:DescribeStream.").await;
        let error = result.unwrap_err();
        assert_eq!(error.class, Class::NotReady);
        assert_eq!(error.message.matches(ROLE).count(), 1, "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn any_other_wrong_value_fails_at_once() {
        let (calls, result) = asked(u32::MAX, "BufferingHints.SizeInMBs must be at least 64.").await;
        assert_eq!((calls, result.unwrap_err().class), (1, Class::Invalid));
    }
}
