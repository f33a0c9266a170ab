//! How often AWS answers an account: what it publishes by operation and second, and the turns that keep below that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::progress::say;
use super::window::{SECOND, Slot, Window};

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
/// and S3's buckets, nor of the operations that are missing here: there it is learnt from what AWS throttles.
const RATES: &[Rate] = &[
    // All of them together: their protocol does not name the operation. Some have a rate of their own besides, down to one
    // call in 30 seconds; those wait when AWS says so.
    rate("apigateway", 10, &[""]),
    // Without what it lends for a moment (https://docs.aws.amazon.com/athena/latest/ug/service-limits.html).
    rate("athena", 5, &["BatchGetNamedQuery"]),
    rate("athena", 5, &["ListNamedQueries"]),
    rate("athena", 5, &["CreateNamedQuery"]),
    rate("athena", 5, &["DeleteNamedQuery"]),
    rate("athena", 20, &["StartQueryExecution"]),
    rate("athena", 20, &["StopQueryExecution"]),
    rate("athena", 100, &["GetQueryExecution"]),
    rate("athena", 100, &["GetQueryResults"]),
    rate("cloudtrail", 2, &["LookupEvents"]),
    rate("kinesis", 20, &["DescribeStreamSummary"]),
    rate("kinesis", 10, &["UpdateShardCount"]),
    rate("kinesis", 1, &["DescribeLimits"]),
    rate("kinesis", 5, &["CreateStream", "DeleteStream"]),
    rate("kinesis", 5, &["ListTagsForStream", "AddTagsToStream", "RemoveTagsFromStream"]),
    rate("kinesis", 5, &["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"]),
    rate("kinesis", 5, &["EnableEnhancedMonitoring", "DisableEnhancedMonitoring"]),
    rate("kinesis", 5, &["ListStreams", "ListStreamConsumers"]),
    rate("dynamodb", 10, &["DescribeContinuousBackups", "ListTagsOfResource"]),
    rate("dynamodb", 5, &["TagResource", "UntagResource"]),
    rate("firehose", 5, &["CreateDeliveryStream", "DeleteDeliveryStream", "DescribeDeliveryStream"]),
    rate("firehose", 5, &["UpdateDestination", "ListDeliveryStreams", "ListTagsForDeliveryStream"]),
    rate("firehose", 5, &["TagDeliveryStream", "UntagDeliveryStream"]),
    // All of them together: their protocol does not name the operation.
    rate("lambda", 15, &[""]),
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

/// Operations of which AWS takes so few that a call has to wait before it is signed: what is signed holds for five minutes.
/// The time is that from one to the next, in one account and region.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>.
const SELDOM: &[(&str, Duration)] = &[("apigateway DeleteRestApi", Duration::from_secs(30))];

/// When what is taken so seldom may be called again, by service and operation.
#[derive(Debug, Default)]
pub(crate) struct Seldom(tokio::sync::Mutex<HashMap<&'static str, Instant>>);

impl Seldom {
    /// Waits until `call` may be made, and says why where that takes long; at `share` times what AWS publishes.
    pub(crate) async fn turn(&self, call: &str, share: f64) {
        let Some((name, every)) = SELDOM.iter().find(|(name, _)| *name == call) else { return };
        let every = every.div_f64(share);
        let at = {
            let mut next = self.0.lock().await;
            let at = next.get(name).copied().unwrap_or_else(Instant::now).max(Instant::now());
            next.insert(name, at + every);
            at
        };
        let wait = at.saturating_duration_since(Instant::now());
        if wait > SECOND {
            let (wait, every) = (wait.as_secs(), every.as_secs());
            say(format!("waits {wait} s for its turn: AWS takes one {call} in {every} s"));
        }
        sleep_until(at).await;
    }
}

/// Calls of a service without a published rate that are under way at a time, until it throttles one: more than ten
/// pipelines make of one service.
const WIDE: usize = 128;

/// Calls of all services under way at a time, each on a connection of its own: more than ten pipelines make in all. With
/// more, opening a connection takes longer than waiting for one.
const CONNECTIONS: usize = 512;

/// Files that a process has open besides.
const OTHER_FILES: u64 = 64;

/// The turns of all calls of a process.
#[derive(Debug)]
pub(crate) struct Turns {
    /// What part of the published rates may be used; nothing holds back where there are none.
    share: Option<f64>,
    /// By service and operation where AWS publishes a rate, and else by service.
    windows: Mutex<HashMap<(String, String), Arc<Window>>>,
    connections: Arc<Semaphore>,
    /// Of each resource that is being changed, who changes it.
    changes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// Turns at `share` times the published rates: 1 is what AWS gives everybody; without any for an emulator.
    pub(crate) fn new(share: Option<f64>) -> Self {
        let connections = Arc::new(Semaphore::new(connections()));
        Self { share, windows: Mutex::default(), connections, changes: Mutex::default() }
    }

    /// Waits until `operation` of `service` (the name that it is signed for) may be called. The call is under way
    /// until the returned turn is dropped.
    pub(crate) async fn next(&self, service: &str, operation: &str) -> Turn {
        let slot = self.window(service, operation).enter().await;
        // Nobody closes it.
        Turn { slot, _connection: Arc::clone(&self.connections).acquire_owned().await.ok() }
    }

    /// Waits until nobody else changes `resource`. Those who wait take turns in the order in which they came.
    pub(crate) async fn alone(&self, resource: &str) -> OwnedMutexGuard<()> {
        let changes = {
            let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(changes.entry(resource.to_owned()).or_default())
        };
        changes.lock_owned().await
    }

    /// Where calls of an operation wait.
    fn window(&self, service: &str, operation: &str) -> Arc<Window> {
        let rate = RATES.iter().find(|rate| rate.service == service && rate.operations.contains(&operation));
        let rate = rate.zip(self.share).map(|(rate, share)| f64::from(rate.per_second) * share);
        let key = (service.to_owned(), rate.map_or_else(String::new, |_| operation.to_owned()));
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || rate.map_or_else(|| Window::new(WIDE, Duration::ZERO), of_rate);
        Arc::clone(windows.entry(key).or_insert_with(new))
    }
}

/// So many calls a second. As each slot rests for a second after the reply, and AWS has counted a call before it replied,
/// no second of AWS's holds more calls than there are slots, however unequally fast they travel, and whether AWS counts by
/// the second or by a bucket of tokens; and as many as it allows may start at once.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
fn of_rate(per_second: f64) -> Arc<Window> {
    let slots = per_second.max(1.0).floor();
    Window::new(slots as usize, SECOND.mul_f64(slots / per_second))
}

/// How many connections may be open: not more than files, of which macOS lets a process have 256 unless it asks for more.
fn connections() -> usize {
    let wanted = u64::try_from(CONNECTIONS).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let files = rlimit::increase_nofile_limit(wanted).unwrap_or(256);
    usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(CONNECTIONS).clamp(1, CONNECTIONS)
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Turn {
    slot: Slot,
    _connection: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// What the service made of the call: refused it as one too many, or not.
    pub(crate) fn answered(&self, throttled: bool) {
        self.slot.answered(throttled);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::future::join_all;
    use tokio::time::sleep;

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
            assert_eq!(at_once, limit.min(107), "{}", rate.operations[0]);
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
        assert!(starts(&turns, "iam", "GetRole", WIDE).await.iter().all(Duration::is_zero));
    }

    #[tokio::test(start_paused = true)]
    async fn one_api_is_deleted_in_half_a_minute_and_each_that_waits_says_why() {
        let (seldom, zero) = (Seldom::default(), Instant::now());
        let heard = Mutex::new(Vec::new());
        let note = |text| heard.lock().unwrap().push(text);
        let delete = || async {
            super::super::progress::telling(&note, seldom.turn("apigateway DeleteRestApi", 1.0)).await;
            zero.elapsed().as_secs()
        };
        let ends = join_all((0..8).map(|_| delete())).await;
        assert_eq!(ends, [0, 30, 60, 90, 120, 150, 180, 210]);
        let heard = heard.into_inner().unwrap();
        assert_eq!(heard.len(), 7);
        assert_eq!(heard[6], "waits 210 s for its turn: AWS takes one apigateway DeleteRestApi in 30 s");
        tokio::time::timeout(SECOND, seldom.turn("apigateway CreateRestApi", 1.0)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn changes_of_one_resource_take_turns_and_others_do_not_wait() {
        let turns = Turns::new(None);
        let change = |resource: &'static str| {
            let turns = &turns;
            async move {
                let _alone = turns.alone(resource).await;
                sleep(CALL).await;
            }
        };
        let zero = Instant::now();
        tokio::join!(change("lambda f"), change("lambda g"), change("s3 b"));
        assert_eq!(zero.elapsed(), CALL);
        tokio::join!(change("lambda f"), change("lambda f"), change("lambda f"));
        assert_eq!(zero.elapsed(), CALL * 4);
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
    async fn no_more_calls_are_under_way_than_connections_may_be_open() {
        let turns = Turns::new(None);
        let services: Vec<String> = (0..10).map(|number| format!("service-{number}")).collect();
        let calls = services.iter().flat_map(|service| (0..WIDE).map(|_| turns.next(service, "Get")));
        let mut calls: Vec<_> = calls.map(Box::pin).collect();
        // Not bound to give way to other tasks after some.
        let under_way = tokio::task::unconstrained(async {
            let mut under_way = Vec::new();
            for call in &mut calls {
                if let Poll::Ready(turn) = futures_util::poll!(call) {
                    under_way.push(turn);
                }
            }
            under_way
        });
        let under_way = under_way.await;
        assert_eq!(under_way.len(), connections());
        assert!(connections() > 400, "the tests' machine lets a process open that many files");
    }
}
