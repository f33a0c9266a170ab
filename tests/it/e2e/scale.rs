//! Many pipelines: no more round trips than one takes, as few calls as AWS allows, and none that it would throttle.

use std::time::Duration;

use crate::support::cli::{Cli, Output};
use crate::support::emulator;
use crate::support::pipelines;
use crate::support::proxy::{Calls, Proxy, Realism};

/// Longer than MiniStack takes for everything that it is asked at once, as in [`super::round_trips`].
const DISTANCE: Duration = Duration::from_secs(1);

/// An environment of many pipelines in an account of its own.
struct Scale {
    cli: Cli,
    proxy: Proxy,
}

impl Scale {
    /// One whose state has a place, and of which nothing exists yet; `rate` is the share of AWS's rates that it uses.
    fn bootstrapped(count: usize, rate: &str) -> Self {
        let account = emulator::ministack().account();
        let (behind_proxy, proxy) = account.behind_proxy();
        let cli = Cli::new().against(&behind_proxy).env("PIPECTL_API_RATE", rate);
        cli.write("envs/scale.toml", &pipelines::spec(count, account.region, |name| account.unique(name)));
        let scale = Self { cli, proxy };
        scale.run(&["bootstrap"]).success();
        scale
    }

    #[must_use = "assert its exit code with `.success()` or `.fails(code)`"]
    fn run(&self, arguments: &[&str]) -> Output {
        self.cli.run(&[arguments, &["--env", "scale"]].concat())
    }

    /// The calls of a command that goes well.
    fn calls_of(&self, arguments: &[&str]) -> Calls {
        self.proxy.take_calls();
        self.run(arguments).success();
        self.proxy.take_calls()
    }

    /// How many calls of a command follow one another. Writes of the state and its lock are left out: they go on behind
    /// an apply, so that where they fall is a matter of luck.
    fn depth_of(&self, arguments: &[&str]) -> usize {
        self.proxy.delay(DISTANCE);
        let calls = self.calls_of(arguments);
        self.proxy.delay(Duration::ZERO);
        calls.without("s3:PutObject").depth()
    }
}

#[test]
fn three_pipelines_take_the_round_trips_of_one() {
    let (one, three) = (Scale::bootstrapped(1, "1000"), Scale::bootstrapped(3, "1000"));
    assert_eq!(three.depth_of(&["plan"]), 2, "with everything to be made");
    let (alone, together) = (one.depth_of(&["apply", "--auto-approve"]), three.depth_of(&["apply", "--auto-approve"]));
    // Who calls 1; lock 1; state and resources 1; whether the store honours conditions 1; a stream, whose settings follow one
    // another, 7, and the delivery stream that needs it 2; the lock 1.
    assert!(alone <= 15, "{alone}");
    // Waiting for another pipeline's stream would add all that one waits for; an emulator that is busy adds one or two.
    assert!(together < alone + 5, "{together}, and one alone {alone}");
    assert_eq!(three.depth_of(&["plan", "--detailed-exitcode"]), 2, "with nothing to do");
}

/// Who the caller is: what a plan asks before all else.
const FIRST: usize = 1;

#[test]
fn no_call_of_a_plan_of_ten_pipelines_waits_for_another_of_its_round() {
    let scale = Scale::bootstrapped(10, "1000");
    scale.run(&["apply", "--auto-approve"]).success();
    let calls = scale.calls_of(&["plan"]).total();
    // Of the second round none reaches the emulator before the last has been asked.
    let round = scale.proxy.on("*").after_first(FIRST).hold_before();
    let plan = scale.cli.spawn(&["plan", "--env", "scale"]);
    round.wait_for(calls - FIRST);
    round.release();
    plan.output().success();
    assert_eq!(scale.proxy.take_calls().total(), calls, "a third round");
}

#[test]
fn what_aws_lists_by_the_hundred_is_not_asked_for_one_by_one() {
    let scale = Scale::bootstrapped(12, "1000");
    scale.run(&["apply", "--auto-approve"]).success();
    let calls = scale.calls_of(&["plan", "--detailed-exitcode"]);
    let counts = calls.by_operation();
    for operation in ["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "ssm:DescribeParameters"] {
        assert_eq!(counts[operation], 1, "{operation}");
    }
    assert_eq!(counts["sns:ListSubscriptionsByTopic"], 12, "of 24 subscriptions");
    // 31 for each pipeline; who the caller is, the state, who uses what of it, and the three above for all.
    assert_eq!(calls.total(), 12 * 31 + 6, "{counts:#?}");
    assert_eq!(scale.calls_of(&["destroy", "--auto-approve", "--empty-buckets"]).of("cloudwatch:DeleteAlarms"), 1);
}

#[test]
fn aws_throttles_no_call_of_many_pipelines() {
    let scale = Scale::bootstrapped(8, "1");
    for command in [&["apply", "--auto-approve"][..], &["plan"], &["destroy", "--auto-approve", "--empty-buckets"]] {
        // Full again: what one run has used up in its last second, the next cannot know.
        scale.proxy.realism(Realism { rates: true, ..Realism::default() });
        scale.run(command).success();
        assert_eq!(scale.proxy.throttled(), 0, "{command:?}");
    }
}
