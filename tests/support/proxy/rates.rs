//! The rates that AWS publishes for its control planes, per account and region.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::operation::Operation;

/// Calls per second, each operation by itself.
const EACH: [(&str, f64, &[&str]); 11] = [
    ("kinesis", 10.0, &["DescribeStream", "UpdateShardCount"]),
    ("kinesis", 20.0, &["DescribeStreamSummary"]),
    (
        "kinesis",
        5.0,
        &[
            "CreateStream",
            "DeleteStream",
            "ListStreams",
            "ListTagsForStream",
            "AddTagsToStream",
            "RemoveTagsFromStream",
            "IncreaseStreamRetentionPeriod",
            "DecreaseStreamRetentionPeriod",
            "EnableEnhancedMonitoring",
            "DisableEnhancedMonitoring",
        ],
    ),
    (
        "firehose",
        5.0,
        &[
            "CreateDeliveryStream",
            "DeleteDeliveryStream",
            "DescribeDeliveryStream",
            "ListDeliveryStreams",
            "UpdateDestination",
            "TagDeliveryStream",
            "UntagDeliveryStream",
            "ListTagsForDeliveryStream",
        ],
    ),
    ("logs", 50.0, &["CreateLogStream"]),
    ("logs", 25.0, &["DescribeLogStreams"]),
    ("logs", 10.0, &["CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "PutRetentionPolicy"]),
    ("cloudwatch", 3.0, &["PutMetricAlarm", "DeleteAlarms"]),
    ("cloudwatch", 10.0, &["DescribeAlarms", "PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"]),
    ("sns", 30.0, &["ListTopics", "ListSubscriptions", "ListSubscriptionsByTopic", "CreateTopic"]),
    ("sns", 10.0, &["TagResource", "UntagResource", "ListTagsForResource"]),
];

/// Calls per second, all operations together.
const SHARED: (&str, f64, &[&str]) = ("ssm", 40.0, &["GetParameter", "GetParameters", "PutParameter"]);

/// What is left of each rate: a bucket of tokens that holds one second's.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    buckets: Mutex<HashMap<String, Bucket>>,
    refusals: AtomicUsize,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Rates {
    /// Whether AWS would take the call at this moment.
    pub(crate) fn admits(&self, operation: &Operation) -> bool {
        let Some((bucket, rate)) = rate(operation) else { return true };
        let (mut buckets, now) = (self.buckets.lock().unwrap(), Instant::now());
        let bucket = buckets.entry(bucket).or_insert(Bucket { tokens: rate, filled: now });
        bucket.tokens = (bucket.tokens + (now - bucket.filled).as_secs_f64() * rate).min(rate);
        bucket.filled = now;
        let admitted = bucket.tokens >= 1.0;
        bucket.tokens -= if admitted { 1.0 } else { 0.0 };
        self.refusals.fetch_add(usize::from(!admitted), Ordering::Relaxed);
        admitted
    }

    /// Forgets what was asked.
    pub(crate) fn refill(&self) {
        self.buckets.lock().unwrap().clear();
    }

    /// How many calls were not taken so far.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals.load(Ordering::Relaxed)
    }
}

/// The bucket that a call takes its token from, and how many fall into it per second; none where AWS names no rate.
fn rate(operation: &Operation) -> Option<(String, f64)> {
    let covers = |(service, _, names): &(&str, f64, &[&str])| {
        operation.service == *service && names.contains(&operation.name.as_str())
    };
    if covers(&SHARED) {
        return Some((SHARED.0.to_owned(), SHARED.1));
    }
    EACH.iter().find(|one| covers(one)).map(|(_, rate, _)| (operation.full_name(), *rate))
}
