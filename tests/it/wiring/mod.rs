//! The wiring of live pipelines, found from each of its ends.

mod ends;
mod neighbours;
mod permissions;
mod stacks;
mod takeover;

use std::collections::BTreeSet;

use pipectl::aws::discovery::AwsDiscovery;
use pipectl::import::wiring::Wiring;
use pipectl::import::wiring::walk::{Error, Start, walk};

use crate::support::emulator::Account;

/// What is named, one name for each kind.
fn start(stream: &str, bucket: &str, firehose: &str) -> Start {
    let named = |name: &str| Some(name).filter(|name| !name.is_empty()).map(str::to_owned).into_iter().collect();
    Start { streams: named(stream), buckets: named(bucket), firehoses: named(firehose) }
}

/// Walks in an account.
async fn walked(account: &Account, start: &Start) -> Result<Wiring, Error> {
    let aws = account.aws();
    let scope = aws.scope().await.unwrap().clone();
    walk(&AwsDiscovery::new(&aws), &scope, start, &|_| {}).await
}

/// Kind and key of all that is found.
fn ids(wiring: &Wiring) -> BTreeSet<(String, String)> {
    wiring.found.iter().map(|found| (found.kind.clone(), found.key.clone())).collect()
}

/// What is left, a line for each.
fn left(wiring: &Wiring) -> Vec<String> {
    let mut left: Vec<String> = wiring.left_out.iter().map(|one| format!("{}: {}", one.source, one.reason)).collect();
    left.sort();
    left
}
