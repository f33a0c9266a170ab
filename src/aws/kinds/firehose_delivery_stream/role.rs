//! Roles that IAM has not made known to Firehose yet.

use std::future::Future;
use std::time::Duration;

use super::Spec;
use crate::aws::{Result, wait};
use crate::engine::error::{CallError, Class};

/// IAM takes seconds as a rule, and rarely more than a minute.
const LIMIT: Duration = Duration::from_secs(150);

/// What Firehose says of a role, or of a policy on it, that it cannot see yet. AWS leaves no other way than the
/// message: its code, InvalidArgumentException, is that of every wrong value.
const NOT_KNOWN: [&str; 7] = [
    "the role with name",
    "unable to assume role",
    "is not authorized to",
    "access was denied",
    "please check the role provided",
    "verify that the iam role has access",
    "security token included in the request is invalid",
];

fn is_not_known(error: &CallError) -> bool {
    let message = error.message.to_ascii_lowercase();
    error.class == Class::Invalid && NOT_KNOWN.iter().any(|part| message.contains(part))
}

/// Makes a call again until Firehose can use the roles of `want`.
pub(super) async fn once_known<F>(want: &Spec, call: impl FnMut() -> F + Send) -> Result<()>
where
    F: Future<Output = Result<()>> + Send,
{
    wait::retry(LIMIT, is_not_known, call)
        .await
        .map_err(|error| if is_not_known(&error) { explained(error, want) } else { error })
}

/// A role that is still not known after so long may as well be a wrong one.
fn explained(error: CallError, want: &Spec) -> CallError {
    let (writer, reader) = (&want.role_arn, &want.source.role_arn);
    let roles = if writer == reader { format!("role {writer}") } else { format!("roles {writer} and {reader}") };
    let message = format!(
        "{} This went on for {} s. Check that {roles} exist, trust firehose.amazonaws.com and allow what the message \
         names; if they do, run the same command again.",
        error.message,
        LIMIT.as_secs()
    );
    CallError { class: Class::NotReady, message, ..error }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::aws::kinds::firehose_delivery_stream::EXAMPLES;

    /// How often Firehose was asked, and what came of it, when it answers `message` to the first `refusals` calls.
    async fn asked(refusals: u32, message: &str) -> (u32, Result<()>) {
        let examples: toml::Table = toml::from_str(EXAMPLES).unwrap();
        let want: Spec = examples["first"].clone().try_into().unwrap();
        let calls = AtomicU32::new(0);
        let call = || async {
            if calls.fetch_add(1, Ordering::Relaxed) < refusals {
                return Err(CallError::own(Class::Invalid, "firehose CreateDeliveryStream", message));
            }
            Ok(())
        };
        let result = once_known(&want, call).await;
        (calls.into_inner(), result)
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_shows_up_late_is_waited_for() {
        let (calls, result) = asked(4, "Firehose is unable to assume role arn:aws:iam::123456789012:role/x.").await;
        assert!(result.is_ok() && calls == 5, "{calls} calls: {result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_never_works_is_named() {
        let (_, result) = asked(u32::MAX, "Role x is not authorized to perform: kinesis:DescribeStream.").await;
        let error = result.unwrap_err();
        assert_eq!(error.class, Class::NotReady);
        assert!(error.message.contains("role arn:aws:iam::123456789012:role/conformance-firehose"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn any_other_wrong_value_fails_at_once() {
        let (calls, result) = asked(u32::MAX, "BufferingHints.SizeInMBs must be at least 64.").await;
        assert_eq!((calls, result.unwrap_err().class), (1, Class::Invalid));
    }
}
