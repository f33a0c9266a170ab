//! How many calls an apply and a destruction of one pipeline make, and how many of these follow one another.

use std::time::Duration;

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::{Calls, Failure};

/// Longer than an emulator takes for everything that it is asked at once, as in [`super::round_trips`].
const DISTANCE: Duration = Duration::from_millis(800);

/// The most calls of an apply, and how many of them may follow one another. Of what is not there, the first answer says so,
/// and whether the other questions about it are asked by then is a matter of luck; so is a write of the state more or less.
const APPLY: [usize; 2] = [90, 15];

/// The same of a destruction.
const DESTROY: [usize; 2] = [80, 15];

#[tokio::test]
async fn an_apply_and_a_destruction_are_short_on_ministack() {
    are_short(emulator::ministack()).await;
}

#[tokio::test]
async fn an_apply_and_a_destruction_are_short_on_moto() {
    are_short(emulator::moto()).await;
}

async fn are_short(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    // moto does not know it, and whoever asks tries again for long.
    let none = Failure::Other { status: 404, code: "NoSuchEntity", message: "none".into() };
    deployment.proxy.on("iam:ListServiceSpecificCredentials").fail(none);
    let probes = deployment.proxy.on("s3:PutObject").mentioning("/probe-").delay(Duration::ZERO);
    deployment.is_short(APPLY, &["apply", "--auto-approve"]);
    let tried = probes.struck();
    deployment.is_short(DESTROY, &["destroy", "--auto-approve", "--empty-buckets"]);
    assert!(tried > 0, "that the new store honours conditions was not tried out");
    assert_eq!(probes.struck(), tried, "and is known then");
}

#[tokio::test]
async fn an_apply_of_a_saved_plan_is_as_short() {
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    deployment.run(&["plan"]).success();
    deployment.is_short(APPLY, &["apply", "plan.json"]);
}

impl Deployment {
    /// Asserts that a command makes no more calls, and no more after one another.
    fn is_short(&self, [most, deepest]: [usize; 2], arguments: &[&str]) {
        self.proxy.take_calls();
        self.proxy.delay(DISTANCE);
        self.run(arguments).success();
        self.proxy.delay(Duration::ZERO);
        let calls = self.proxy.take_calls();
        let counted = format!("{} {arguments:?}: {} calls, {} deep", self.emulator, calls.total(), calls.depth());
        println!("{counted}");
        assert!(calls.total() <= most && calls.depth() <= deepest, "{counted}\n{}", timed(&calls));
    }
}

/// Each call with when it began and ended, in round trips.
fn timed(calls: &Calls) -> String {
    let mut calls = calls.0.clone();
    calls.sort_by_key(|call| call.start);
    let Some(zero) = calls.first().map(|call| call.start) else { return String::new() };
    let trips = |when: std::time::Instant| (when - zero).as_secs_f64() / DISTANCE.as_secs_f64();
    let line = |call: &crate::support::proxy::Call| {
        format!("{:6.2} {:6.2} {}", trips(call.start), trips(call.end), call.operation.full_name())
    };
    calls.iter().map(line).collect::<Vec<_>>().join("\n")
}
