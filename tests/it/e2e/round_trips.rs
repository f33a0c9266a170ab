//! How many calls one after the other a command takes: what a distant region multiplies.

use std::time::Duration;

use crate::prices;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

/// Longer than an emulator takes for everything that it is asked at once, so that only what waits for a reply
/// counts as a round trip of its own.
const DISTANCE: Duration = Duration::from_millis(800);

#[tokio::test]
async fn validation_calls_nobody() {
    let deployment = Deployment::new(emulator::ministack(), "prod").await;
    deployment.run(&["validate"]).success();
    assert_eq!(deployment.proxy.calls().total(), 0);
}

#[tokio::test]
async fn a_plan_takes_three_round_trips_on_ministack() {
    takes_three_round_trips(emulator::ministack()).await;
}

#[tokio::test]
async fn a_plan_takes_three_round_trips_on_moto() {
    takes_three_round_trips(emulator::moto()).await;
}

async fn takes_three_round_trips(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "prod").await;
    deployment.takes_round_trips(3, "with everything to be made");
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.takes_round_trips(3, "with nothing to do");
    deployment.edit("envs/prod.toml", "protect = true", "protect = false");
    deployment.run(&["apply", "--auto-approve"]).success();
    let spec = deployment.cli.read("envs/prod.toml");
    let (kept, _) = spec.split_once("[alarm.firehose-lag]").unwrap();
    deployment.cli.write("envs/prod.toml", kept);
    deployment.takes_round_trips(3, "with some to delete");
}

#[test]
fn a_plan_of_prices_takes_three_round_trips_and_a_call_for_each_part_that_aws_tells_of() {
    takes_three_round_trips_and(prices::example(emulator::ministack().account()), 128);
}

#[test]
fn a_plan_of_analytics_takes_three_round_trips_and_a_call_for_each_part_that_aws_tells_of() {
    takes_three_round_trips_and(Deployment::of("examples/analytics", emulator::ministack().account()), 53);
}

#[test]
fn a_plan_of_ecommerce_takes_three_round_trips_and_a_call_for_each_part_that_aws_tells_of() {
    takes_three_round_trips_and(Deployment::of("examples/ecommerce", emulator::ministack().account()), 43);
}

/// No more than three calls after one another, and so many in all, of a plan with nothing to do.
fn takes_three_round_trips_and(example: Deployment, calls: usize) {
    // An emulator takes longer for more.
    let distance = DISTANCE.max(Duration::from_millis(20) * u32::try_from(calls).unwrap());
    example.takes_round_trips_over(distance, 3, "with everything to be made");
    let example = example.apply();
    example.takes_round_trips_over(distance, 3, "with nothing to do");
    example.run(&["plan"]).success();
    let made = example.proxy.take_calls();
    assert_eq!(made.total(), calls, "{:#?}", made.by_operation());
}

#[tokio::test]
async fn an_apply_of_a_saved_plan_reads_what_its_plan_has_read_and_no_more() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.run(&["plan"]).success();
    let planned = deployment.proxy.take_calls();
    deployment.cli.run(&["apply", "plan.json"]).success();
    let applied = deployment.proxy.take_calls();
    // The lock and the state are S3's.
    let reads = |calls: &crate::support::proxy::Calls| {
        let all = calls.by_operation().into_iter().filter(|(operation, _)| !operation.starts_with("s3:"));
        all.collect::<Vec<_>>()
    };
    assert_eq!(reads(&applied), reads(&planned));
    println!(
        "plan: {} calls, {} deep; apply: {} calls, {} deep",
        planned.total(),
        planned.depth(),
        applied.total(),
        applied.depth()
    );
    assert_eq!(applied.changes(), [""; 0]);
}

#[tokio::test]
async fn no_step_of_an_apply_waits_for_the_state_to_be_written() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "prod").await;
    let state = |nth| deployment.proxy.on("s3:PutObject").mentioning("state.json").nth(nth).hold_before();
    // The first says what is to be made; the second is the first that has something to tell of it.
    let second = state(2);
    let last_step = deployment.proxy.on("firehose:CreateDeliveryStream").hold_before();
    let apply = deployment.spawn(&["apply", "--auto-approve"]);
    second.wait_reached();
    last_step.wait_reached();
    last_step.release();
    second.release();
    apply.output().success();
}

impl Deployment {
    /// Asserts that a plan takes no more calls after one another.
    pub(super) fn takes_round_trips(&self, most: usize, when: &str) {
        self.takes_round_trips_over(DISTANCE, most, when);
    }

    /// The same with everything that far away.
    fn takes_round_trips_over(&self, distance: Duration, most: usize, when: &str) {
        self.proxy.take_calls();
        self.proxy.delay(distance);
        self.run(&["plan"]).success();
        self.proxy.delay(Duration::ZERO);
        let calls = self.proxy.take_calls();
        assert!(calls.depth() <= most, "{when}: {}\n{:#?}", calls.depth(), calls.by_operation());
        assert!(calls.total() > 20, "{when}: {} calls", calls.total());
    }
}
