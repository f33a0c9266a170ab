//! How often AWS answers an account: what it publishes by operation and second, and the turns that keep below that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

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
    rate("cloudtrail", 2, &["LookupEvents"]),
    rate("kinesis", 20, &["DescribeStreamSummary"]),
    rate("kinesis", 10, &["UpdateShardCount"]),
    rate("kinesis", 1, &["DescribeLimits"]),
    rate("kinesis", 5, &["CreateStream", "DeleteStream"]),
    rate("kinesis", 5, &["ListTagsForStream", "AddTagsToStream", "RemoveTagsFromStream"]),
    rate("kinesis", 5, &["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"]),
    rate("kinesis", 5, &["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"]),
    rate("kinesis", 5, &["ListStreams", "ListStreamConsumers"]),
    rate("firehose", 5, &["CreateDeliveryStream", "DeleteDeliveryStream", "DescribeDeliveryStream"]),
    rate("firehose", 5, &["UpdateDestination", "ListDeliveryStreams", "ListTagsForDeliveryStream"]),
    rate("firehose", 5, &["TagDeliveryStream", "UntagDeliveryStream"]),
    rate("logs", 50, &["CreateLogStream"]),
    rate("logs", 25, &["DescribeLogStreams"]),
    rate("logs", 5, &["CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "PutRetentionPolicy"]),
    rate("monitoring", 3, &["PutMetricAlarm", "DeleteAlarms"]),
    rate("monitoring", 9, &["DescribeAlarms"]),
    rate("monitoring", 10, &["PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"]),
    rate("monitoring", 50, &["GetMetricData"]),
    rate("sns", 100, &["Subscribe", "Unsubscribe"]),
    rate("sns", 30, &["ListSubscriptionsByTopic"]),
    rate("sns", 10, &["TagResource", "UntagResource", "ListTagsForResource"]),
    // Together with GetParameters, of which a run makes one.
    rate("ssm", 40, &["PutParameter"]),
];

/// Calls of one service under way at a time: more than three pipelines make, few enough for the 256 files that macOS
/// lets a process open, and for the SDK's retries, should a service without a published rate throttle them all.
const IN_FLIGHT: usize = 32;

/// The turns of all calls of a process.
#[derive(Debug)]
pub(crate) struct Turns {
    /// What part of the published rates may be used; nothing holds back where there are none.
    share: Option<f64>,
    operations: Mutex<HashMap<(&'static str, String), Arc<Semaphore>>>,
    services: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Turns {
    /// Turns at `share` times the published rates: 1 is what AWS gives everybody; without any for an emulator.
    pub(crate) fn new(share: Option<f64>) -> Self {
        Self { share, operations: Mutex::default(), services: Mutex::default() }
    }

    /// Waits until `operation` of `service` (the name that it is signed for) may be called. The call is under way
    /// until the returned turn is dropped.
    pub(crate) async fn next(&self, service: &str, operation: &str) -> Turn {
        let slot = match self.pace(service, operation) {
            Some((slots, rest)) => slots.acquire_owned().await.ok().map(|slot| (slot, rest)),
            None => None,
        };
        let under_way = {
            let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(IN_FLIGHT));
            Arc::clone(services.entry(service.to_owned()).or_insert_with(new))
        };
        // Nobody closes it.
        Turn { slot, _under_way: under_way.acquire_owned().await.ok() }
    }

    /// The slots for calls of an operation, and how long each rests after a call, where AWS publishes a rate.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    fn pace(&self, service: &str, operation: &str) -> Option<(Arc<Semaphore>, Duration)> {
        let share = self.share?;
        let rate = RATES.iter().find(|rate| rate.service == service && rate.operations.contains(&operation))?;
        let per_second = f64::from(rate.per_second) * share;
        let slots = per_second.max(1.0).floor();
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = operations.entry((rate.service, operation.to_owned()));
        let made = entry.or_insert_with(|| Arc::new(Semaphore::new(slots as usize)));
        Some((Arc::clone(made), Duration::from_secs(1).mul_f64(slots / per_second)))
    }
}

/// A call under way. Its slot is free again a second after the reply: AWS has counted the call before it replied, so
/// that no second of AWS's holds more calls than there are slots, however unequally fast they travel, and whether AWS
/// counts by the second or by a bucket of tokens; and as many as it allows may start at once.
#[derive(Debug)]
pub(crate) struct Turn {
    slot: Option<(OwnedSemaphorePermit, Duration)>,
    _under_way: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Without a runtime nobody waits any more.
        if let (Some((slot, rest)), Ok(runtime)) = (self.slot.take(), Handle::try_current()) {
            runtime.spawn(async move {
                sleep(rest).await;
                drop(slot);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use tokio::time::Instant;

    use super::*;

    /// How long a call takes.
    const CALL: Duration = Duration::from_millis(50);

    /// When each of `count` calls that are asked for at once may start, counted from the first.
    async fn starts(turns: &Turns, service: &str, operation: &str, count: usize) -> Vec<Duration> {
        let zero = Instant::now();
        let call = || async {
            let _turn = turns.next(service, operation).await;
            let start = zero.elapsed();
            sleep(CALL).await;
            start
        };
        join_all((0..count).map(|_| call())).await
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_calls_than_aws_allows_and_the_first_start_at_once() {
        for rate in RATES {
            let starts = starts(&Turns::new(Some(1.0)), rate.service, rate.operations[0], 107).await;
            let limit = rate.per_second as usize;
            let at_once = starts.iter().filter(|start| start.is_zero()).count();
            assert_eq!(at_once, limit.min(IN_FLIGHT), "{}", rate.operations[0]);
            for window in starts.windows(limit + 1) {
                assert!(window[limit] > window[0] + Duration::from_secs(1), "{}", rate.operations[0]);
            }
            let least = Duration::from_secs(((107 - 1) / limit) as u64);
            assert!(starts[106] <= least.mul_f64(1.1), "{}: {:?}", rate.operations[0], starts[106]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_operation_has_its_own_turns_and_the_unpublished_do_not_wait() {
        let turns = Turns::new(Some(1.0));
        let of = |operation| starts(&turns, "firehose", operation, 5);
        for operation in ["DescribeDeliveryStream", "ListTagsForDeliveryStream"] {
            assert!(of(operation).await.iter().all(Duration::is_zero), "{operation}");
        }
        assert!(starts(&turns, "iam", "GetRole", IN_FLIGHT).await.iter().all(Duration::is_zero));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_slows_down_or_speeds_up() {
        let last = async |share| starts(&Turns::new(Some(share)), "monitoring", "PutMetricAlarm", 31).await[30];
        assert_eq!(last(1.0).await.as_secs(), 10);
        assert_eq!(last(10.0).await.as_secs(), 1);
        // 0.3 a second: one, and the next 3.3 seconds after its reply.
        assert_eq!(last(0.1).await.as_secs(), 101);
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
