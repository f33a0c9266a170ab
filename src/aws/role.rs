//! Roles that IAM has not made known to a service yet.

use std::future::Future;
use std::time::Duration;

use super::{Result, answers};
use crate::model::error::{CallError, Class};

/// A service that works as a role.
pub(crate) struct Service {
    /// The principal that the role must trust: `firehose.amazonaws.com`.
    pub(crate) principal: &'static str,
}

impl Service {
    /// Makes a call for which the service has to be able to use `roles` (ARNs). What it says of roles that it does not know yet
    /// is waited for below, for as long as [`answers`] say.
    ///
    /// # Errors
    /// The call's error; [`Class::NotReady`] with what to look at where the roles never became usable.
    pub(crate) async fn known(&self, roles: &[&str], call: impl Future<Output = Result<()>> + Send) -> Result<()> {
        call.await.map_err(|error| match answers::of(&error).filter(|answer| answer.is_about_a_role()) {
            Some(answer) => self.explained(error, roles, answer.limit()),
            None => error,
        })
    }

    /// A role that is still not known after so long may as well be a wrong one.
    fn explained(&self, error: CallError, roles: &[&str], limit: Duration) -> CallError {
        let mut roles = roles.to_vec();
        roles.dedup();
        let noun = if roles.len() == 1 { "role" } else { "roles" };
        let message = format!(
            "{} This went on for {} s. Check that {noun} {} exist, trust {} and allow what the message names; if they do, \
             run the same command again.",
            error.message,
            limit.as_secs(),
            roles.join(" and "),
            self.principal,
        );
        CallError { class: Class::NotReady, message, ..error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::failed;
    use crate::aws::retry;
    use crate::aws::scripted::{Scripted, done, refused};

    const FIREHOSE: Service = Service { principal: "firehose.amazonaws.com" };
    const ROLE: &str = "arn:aws:iam::123456789012:role/clicks-firehose";

    /// How often the service was asked, and what came of it, when it answers `message` to the first `refusals` calls.
    async fn asked(refusals: usize, message: &str) -> (usize, Result<()>) {
        let refusal = refused("CreateDeliveryStream", "InvalidArgumentException", message);
        let service = Scripted::new(std::iter::repeat_n(refusal, refusals).chain([done("CreateDeliveryStream")]));
        let client = service.aws().await.client(retry::firehose).await;
        let create = client.create_delivery_stream().delivery_stream_name("clicks");
        let call = async { Box::pin(create.send()).await.map(drop).map_err(failed("firehose CreateDeliveryStream")) };
        let result = FIREHOSE.known(&[ROLE, ROLE], call).await;
        (service.operations().len(), result)
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_shows_up_late_is_waited_for() {
        let (calls, result) = asked(4, "Firehose is unable to assume role arn:aws:iam::123456789012:role/x.").await;
        assert!(result.is_ok() && calls == 5, "{calls} calls: {result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_never_works_is_named_once() {
        let (_, result) = asked(500, "Role x is not authorized to perform: kinesis:DescribeStream.").await;
        let error = result.unwrap_err();
        assert_eq!(error.class, Class::NotReady);
        assert_eq!(error.message.matches(ROLE).count(), 1, "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn any_other_wrong_value_fails_at_once() {
        let (calls, result) = asked(500, "BufferingHints.SizeInMBs must be at least 64.").await;
        assert_eq!((calls, result.unwrap_err().class), (1, Class::Invalid));
    }
}
