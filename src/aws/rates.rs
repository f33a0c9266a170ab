//! How often AWS answers an account: what it publishes by operation and second, and the turns that keep below that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// The environment variable with the share of these rates that pipectl may use.
pub(crate) const SHARE_VARIABLE: &str = "PIPECTL_API_RATE";

/// So many calls a second of each of these operations, in one account and region.
struct Rate {
    /// The name that requests are signed for.
    service: &'static str,
    per_second: u32,
    operations: &'static [&'static str],
}

const fn rate(service: &'static str, per_second: u32, operations: &'static [&'static str]) -> Rate {
    Rate { service, per_second, operations }
}

/// What AWS publishes, in its API references and on its pages of quotas (2023 and later). AWS says nothing of IAM, STS
/// and S3's buckets, nor of the operations that are missing here: there the SDK's retries have to do.
const RATES: &[Rate] = &[
    rate("kinesis", 20, &["DescribeStreamSummary"]),
    rate("kinesis", 10, &["UpdateShardCount"]),
    rate("kinesis", 5, &["CreateStream", "DeleteStream"]),
    rate("kinesis", 5, &["ListTagsForStream", "AddTagsToStream", "RemoveTagsFromStream"]),
    rate("kinesis", 5, &["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"]),
    rate("kinesis", 5, &["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"]),
    rate("firehose", 5, &["CreateDeliveryStream", "DeleteDeliveryStream", "DescribeDeliveryStream"]),
    rate("firehose", 5, &["UpdateDestination", "ListTagsForDeliveryStream"]),
    rate("firehose", 5, &["TagDeliveryStream", "UntagDeliveryStream"]),
    rate("logs", 50, &["CreateLogStream"]),
    rate("logs", 25, &["DescribeLogStreams"]),
    rate("logs", 5, &["CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "PutRetentionPolicy"]),
    rate("monitoring", 3, &["PutMetricAlarm", "DeleteAlarms"]),
    rate("monitoring", 9, &["DescribeAlarms"]),
    rate("monitoring", 10, &["PutDashboard", "GetDashboard", "DeleteDashboards"]),
    rate("monitoring", 50, &["GetMetricData"]),
    rate("sns", 100, &["Subscribe", "Unsubscribe"]),
    rate("sns", 30, &["ListSubscriptionsByTopic"]),
    rate("sns", 10, &["TagResource", "UntagResource", "ListTagsForResource"]),
    // Together with GetParameters, of which a run makes one.
    rate("ssm", 40, &["PutParameter"]),
];

/// A second as AWS may see it: calls that travel at unequal speed arrive closer together than they left.
const SECOND: Duration = Duration::from_millis(1_100);

/// Calls of one service under way at a time: more than three pipelines make, few enough for the 256 files that macOS
/// lets a process open, and for the SDK's retries, should a service without a published rate throttle them all.
const IN_FLIGHT: usize = 32;

/// The turns of all calls of a process.
#[derive(Debug)]
pub(crate) struct Turns {
    /// What part of the published rates may be used; nothing holds back where there are none.
    share: Option<f64>,
    windows: Mutex<HashMap<(&'static str, String), Window>>,
    services: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Turns {
    /// Turns at `share` times the published rates: 1 is what AWS gives everybody; without any for an emulator.
    pub(crate) fn new(share: Option<f64>) -> Self {
        Self { share, windows: Mutex::default(), services: Mutex::default() }
    }

    /// Waits until `operation` of `service` (the name that it is signed for) may be called. The call is under way
    /// until the returned permit is dropped.
    pub(crate) async fn next(&self, service: &str, operation: &str) -> Option<OwnedSemaphorePermit> {
        if let Some(start) = self.reserve(service, operation) {
            sleep_until(start).await;
        }
        let service = {
            let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(IN_FLIGHT));
            Arc::clone(services.entry(service.to_owned()).or_insert_with(new))
        };
        // Nobody closes it.
        service.acquire_owned().await.ok()
    }

    /// When the call may start, where AWS publishes a rate.
    fn reserve(&self, service: &str, operation: &str) -> Option<Instant> {
        let share = self.share?;
        let rate = RATES.iter().find(|rate| rate.service == service && rate.operations.contains(&operation))?;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((rate.service, operation.to_owned()));
        Some(window.or_insert_with(|| Window::of(f64::from(rate.per_second) * share)).reserve(Instant::now()))
    }
}

/// The last calls of an operation. However a second is laid, it holds no more of them than the rate allows, whether
/// AWS counts by the second or by a bucket of tokens; and as many as it allows may start at once.
#[derive(Debug)]
struct Window {
    /// Starts of the last calls; as many as fit into `length`.
    starts: VecDeque<Instant>,
    limit: usize,
    length: Duration,
}

impl Window {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    fn of(per_second: f64) -> Self {
        let limit = per_second.max(1.0).floor();
        Self { starts: VecDeque::new(), limit: limit as usize, length: SECOND.mul_f64(limit / per_second) }
    }

    fn reserve(&mut self, now: Instant) -> Instant {
        let full = self.starts.len() == self.limit;
        let oldest = if full { self.starts.pop_front() } else { None };
        let start = oldest.map_or(now, |oldest| now.max(oldest + self.length));
        self.starts.push_back(start);
        start
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    /// When each of `count` calls that are asked for at once may start, counted from the first.
    async fn starts(turns: &Turns, service: &str, operation: &str, count: usize) -> Vec<Duration> {
        let zero = Instant::now();
        let call = || async {
            let _turn = turns.next(service, operation).await;
            zero.elapsed()
        };
        join_all((0..count).map(|_| call())).await
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_calls_than_aws_allows_and_the_first_start_at_once() {
        for rate in RATES {
            let starts = starts(&Turns::new(Some(1.0)), rate.service, rate.operations[0], 107).await;
            let limit = rate.per_second as usize;
            let at_once = starts.iter().filter(|start| start.is_zero()).count();
            assert_eq!(at_once, limit.min(107), "{}", rate.operations[0]);
            for window in starts.windows(limit + 1) {
                assert!(window[limit] - window[0] > Duration::from_secs(1), "{}", rate.operations[0]);
            }
            let least = Duration::from_secs(((107 - 1) / limit) as u64);
            assert!(starts[106] <= least.mul_f64(1.12), "{}: {:?}", rate.operations[0], starts[106]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_operation_has_its_own_turns_and_the_unpublished_do_not_wait() {
        let turns = Turns::new(Some(1.0));
        let of = |operation| starts(&turns, "firehose", operation, 5);
        for operation in ["DescribeDeliveryStream", "ListTagsForDeliveryStream"] {
            assert!(of(operation).await.iter().all(Duration::is_zero), "{operation}");
        }
        assert!(starts(&turns, "iam", "GetRole", 1_000).await.iter().all(Duration::is_zero));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_slows_down_or_speeds_up() {
        let last = async |share| starts(&Turns::new(Some(share)), "monitoring", "PutMetricAlarm", 31).await[30];
        assert_eq!(last(1.0).await, Duration::from_secs(11));
        assert_eq!(last(10.0).await, Duration::from_millis(1_100));
        // 0.3 a second: one, and the next after 3.67 seconds.
        assert_eq!(last(0.1).await.as_secs(), 109);
    }

    #[tokio::test(start_paused = true)]
    async fn thirty_two_calls_of_a_service_are_under_way_at_most() {
        let turns = Turns::new(Some(1.0));
        let held = join_all((0..IN_FLIGHT).map(|_| turns.next("iam", "GetRole"))).await;
        let patience = Duration::from_secs(1);
        assert!(tokio::time::timeout(patience, turns.next("iam", "GetUser")).await.is_err());
        assert!(tokio::time::timeout(patience, turns.next("s3", "")).await.is_ok(), "another service waits too");
        drop(held);
        assert!(tokio::time::timeout(patience, turns.next("iam", "GetUser")).await.is_ok());
    }
}
