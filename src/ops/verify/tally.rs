//! Which of the sent events have arrived, how often, and how soon.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use time::OffsetDateTime;

use crate::ops::events::number_in;

/// From an event to the object that it arrived in; S3 dates objects in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The shortest.
    pub min: Duration,
    /// Half of the events were at least as fast.
    pub median: Duration,
    /// 95 of 100 events were at least as fast.
    pub p95: Duration,
    /// The longest.
    pub max: Duration,
}

impl Latency {
    /// Of these; none of none.
    fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        // The nearest rank: the smallest value that at least so many percent do not exceed.
        let rank = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { min: *all.first()?, median: rank(50)?, p95: rank(95)?, max: *all.last()? })
    }
}

/// The books of one run.
#[derive(Debug)]
pub(super) struct Tally {
    run: String,
    missing: BTreeSet<u64>,
    arrived: BTreeMap<u64, u32>,
    latencies: Vec<Duration>,
    foreign: u64,
}

impl Tally {
    /// The books of a run of which nothing is sent yet.
    pub(super) fn new(run: &str) -> Self {
        let (missing, arrived) = (BTreeSet::new(), BTreeMap::new());
        Self { run: run.to_owned(), missing, arrived, latencies: Vec::new(), foreign: 0 }
    }

    /// An event was accepted by the stream.
    pub(super) fn sent(&mut self, number: u64) {
        self.missing.insert(number);
    }

    /// Something was found in an object of that time; `id` and `occurred` are as it says.
    pub(super) fn found(&mut self, id: Option<&str>, occurred: Option<OffsetDateTime>, modified: OffsetDateTime) {
        let Some(number) = id.and_then(|id| number_in(id, &self.run)) else {
            self.foreign += 1;
            return;
        };
        self.missing.remove(&number);
        let times = self.arrived.entry(number).or_default();
        *times += 1;
        if let (1, Some(occurred)) = (*times, occurred) {
            // An object's time is cut to the second: what seems to arrive before it happened took no time.
            self.latencies.push((modified - occurred).try_into().unwrap_or_default());
        }
    }

    /// An event was found so many times, as far as is known by now.
    pub(super) fn counted(&mut self, number: u64, times: u32) {
        self.missing.remove(&number);
        self.arrived.insert(number, times);
    }

    /// Events that were sent and have not arrived.
    pub(super) fn missing(&self) -> &BTreeSet<u64> {
        &self.missing
    }

    /// Events that have arrived.
    pub(super) fn arrived(&self) -> u64 {
        self.arrived.len() as u64
    }

    /// Events that have arrived more than once.
    pub(super) fn doubled(&self) -> u64 {
        self.arrived.values().filter(|times| **times > 1).count() as u64
    }

    /// What has arrived and is not of this run.
    pub(super) fn foreign(&self) -> u64 {
        self.foreign
    }

    /// How long the events took, if any has arrived.
    pub(super) fn latency(&self) -> Option<Latency> {
        Latency::of(self.latencies.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-21 02:05:00 UTC);

    proptest! {
        #[test]
        fn lost_doubled_and_foreign_follow_from_what_was_sent_and_what_arrived(
            sent in prop::collection::btree_set(0..40_u64, 0..40),
            arrivals in prop::collection::vec((prop::bool::weighted(0.8), 0..40_u64), 0..120),
        ) {
            let mut tally = Tally::new("ours");
            for &number in &sent {
                tally.sent(number);
            }
            for (ours, number) in &arrivals {
                let id = format!("{}-{number}", if *ours { "ours" } else { "theirs" });
                tally.found(Some(&id), Some(AT), AT);
            }
            let times = |number: u64| arrivals.iter().filter(|arrival| **arrival == (true, number)).count();
            let lost: BTreeSet<u64> = sent.iter().copied().filter(|number| times(*number) == 0).collect();
            prop_assert_eq!(tally.missing(), &lost);
            prop_assert_eq!(tally.doubled(), (0..40).filter(|number| times(*number) > 1).count() as u64);
            prop_assert_eq!(tally.arrived(), (0..40).filter(|number| times(*number) > 0).count() as u64);
            prop_assert_eq!(tally.foreign(), arrivals.iter().filter(|(ours, _)| !ours).count() as u64);
        }
    }

    #[test]
    fn latencies_are_ranked_and_never_below_nothing() {
        let mut tally = Tally::new("ours");
        for number in 0..100_u64 {
            let occurred = AT - Duration::from_secs(number);
            tally.found(Some(&format!("ours-{number}")), Some(occurred), AT - Duration::from_secs(1));
        }
        let [min, median, p95, max] = [0, 48, 93, 98].map(Duration::from_secs);
        assert_eq!(tally.latency(), Some(Latency { min, median, p95, max }));
        assert_eq!(Latency::of(Vec::new()), None);
    }
}
