//! Waiting for AWS: densely at first, for a bounded time, and never for luck.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Result;
use crate::model::error::{CallError, Class};

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(2);

/// The pauses between two looks: 0.25 s, growing by a half each time, to 2 s.
pub(super) fn pauses() -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(FIRST), |pause| Some((*pause * 3 / 2).min(LONGEST)))
}

/// Looks with `look` until it returns a value, at most for `limit`; `what` names the awaited thing in the error.
///
/// # Errors
/// The first error of `look`, or [`Class::Stuck`] when the time is up.
pub async fn until<T, F>(what: &str, limit: Duration, mut look: impl FnMut() -> F + Send) -> Result<T>
where
    F: Future<Output = Result<Option<T>>> + Send,
    T: Send,
{
    let end = Instant::now() + limit;
    for pause in pauses() {
        if let Some(value) = look().await? {
            return Ok(value);
        }
        if Instant::now() + pause > end {
            break;
        }
        sleep(pause).await;
    }
    Err(CallError::own(
        Class::Stuck,
        what,
        format!(
            "still not so after {} s; AWS may need longer, and running the same command again goes on from here",
            limit.as_secs()
        ),
    ))
}

/// Makes a call again as long as it fails with an error that `passing` knows to pass by itself (a role that IAM
/// has not made known yet, a subresource that another call holds), at most for `limit`.
///
/// # Errors
/// The call's last error.
pub async fn retry<T, F>(
    limit: Duration,
    passing: impl Fn(&CallError) -> bool + Send,
    mut call: impl FnMut() -> F + Send,
) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
    T: Send,
{
    let end = Instant::now() + limit;
    for pause in pauses() {
        match call().await {
            Err(error) if passing(&error) && Instant::now() + pause <= end => sleep(pause).await,
            result => return result,
        }
    }
    unreachable!("the pauses never end")
}
