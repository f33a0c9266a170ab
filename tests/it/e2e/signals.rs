//! SIGINT and SIGTERM at every stage: a clean stop, the lock released, and the next apply or destroy goes on.

use std::time::Duration;

use super::inventory::inventory;
use crate::support::cli::{Output, Running};
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::{Hold, Lag, Realism, Span};

const APPLY: [&str; 2] = ["apply", "--auto-approve"];
const DESTROY: [&str; 3] = ["destroy", "--auto-approve", "--empty-buckets"];

fn says(output: &Output, all: &[&str]) {
    for text in all {
        assert!(output.stderr.contains(text), "`{text}` is not said:\n{output}");
    }
}

impl Deployment {
    /// A command that has come to a call, which waits.
    fn at(&self, hold: &Hold, command: &[&str]) -> Running {
        let running = self.spawn(command);
        hold.wait_reached();
        running
    }

    fn is_unlocked(&self) {
        let unlocked = self.run(&["unlock", "--json"]).success().json();
        assert_eq!(unlocked["unlocked"], false, "the lock was released");
    }

    /// The ordinary next apply makes good.
    fn goes_on_after_a_stop(&self) {
        self.is_unlocked();
        self.run(&APPLY).success();
        self.run(&["plan", "--detailed-exitcode"]).success();
    }
}

/// Whether SIGINT ends a process by itself: whoever starts the tests in the background may have it ignored, which is
/// inherited, and which pipectl respects until it has something to stop.
fn interrupts() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << 1) == 0)
}

#[tokio::test]
async fn an_apply_that_has_the_lock_and_still_looks_for_the_state_gives_it_back() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let state = deployment.proxy.on("s3:GetObject").mentioning("state.json").first(1).hold_before();
    let lock = deployment.proxy.on("s3:PutObject").mentioning("state.lock").first(1).hold_after();
    let running = deployment.at(&lock, &APPLY);
    state.wait_reached();
    // Its answer is on the way when the signal comes.
    running.signal("TERM");
    lock.release();
    running.output().fails(143);
    state.release();
    deployment.goes_on_after_a_stop();
}

#[tokio::test]
async fn whatever_asks_for_the_lock_when_a_signal_comes_gives_it_back() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.cli.write("kept.json", &deployment.run(&["state", "pull"]).success().stdout);
    for command in [&["forget", "stream.clicks"][..], &["state", "push", "kept.json"], &DESTROY, &APPLY] {
        let state = deployment.proxy.on("s3:GetObject").mentioning("state.json").first(1).hold_before();
        let lock = deployment.proxy.on("s3:PutObject").mentioning("state.lock").first(1).hold_after();
        let running = deployment.at(&lock, command);
        running.signal("TERM");
        // It has heard that while its lock is there, and the answer is not.
        std::thread::sleep(Duration::from_millis(300));
        lock.release();
        says(&running.output().fails(143), &["interrupted"]);
        state.release();
        deployment.is_unlocked();
    }
    assert!(deployment.records().contains_key(&"stream.clicks".parse().unwrap()), "nothing was done");
}

#[tokio::test]
async fn an_apply_that_still_plans_ends_at_once() {
    let both = [("TERM", 143), ("INT", 130)];
    for (signal, code) in both.into_iter().take(if interrupts() { 2 } else { 1 }) {
        let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
        let hold = deployment.proxy.on("iam:GetRole").first(1).hold_before();
        let running = deployment.at(&hold, &APPLY);
        running.signal(signal);
        running.output().fails(code);
        hold.release();
        assert_eq!(deployment.proxy.take_calls().changes(), [""; 0], "nothing was touched");
        deployment.goes_on_after_a_stop();
    }
}

#[tokio::test]
async fn an_apply_that_waits_for_the_lock_ends_at_once() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
    let holder = deployment.at(&hold, &APPLY);
    let started = deployment.proxy.on("s3:GetObject").mentioning("state.lock").first(1).hold_after();
    let waiting = deployment.at(&started, &["apply", "--auto-approve", "--lock-timeout", "600"]);
    started.release();
    waiting.signal("INT");
    let waited = waiting.output().fails(130);
    says(&waited, &["interrupted"]);
    assert!(!waited.stderr.contains("goes on from here"), "nothing was begun: {waited}");
    hold.release();
    holder.output().success();
    deployment.goes_on_after_a_stop();
}

#[tokio::test]
async fn an_apply_stops_cleanly_while_it_creates() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
        let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
        let running = deployment.at(&hold, &APPLY);
        running.signal(signal);
        hold.release();
        let output = running.output().fails(code);
        says(&output, &["interrupted", "not tried firehose.clicks\n", "nothing is lost: `pipectl plan --env"]);
        assert_eq!(deployment.proxy.take_calls().of("firehose:CreateDeliveryStream"), 0);
        assert!(deployment.records().contains_key(&"stream.clicks".parse().unwrap()), "what was under way is known");
        deployment.goes_on_after_a_stop();
    }
}

#[tokio::test]
async fn an_apply_stops_cleanly_while_it_waits_for_a_stream() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let lag = Lag { stream: Span::Time(Duration::from_secs(3)), ..Lag::default() };
    deployment.proxy.realism(Realism { lag, ..Realism::default() });
    let hold = deployment.proxy.on("kinesis:DescribeStreamSummary").nth(4).hold_before();
    let running = deployment.at(&hold, &APPLY);
    running.signal("INT");
    hold.release();
    says(
        &running.output().fails(130),
        &["stopping: nothing new is begun, what is under way is awaited", "interrupted"],
    );
    assert!(deployment.records().contains_key(&"stream.clicks".parse().unwrap()), "it was awaited");
    deployment.goes_on_after_a_stop();
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_what_is_under_way() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let lag = Lag { stream: Span::Time(Duration::from_secs(20)), ..Lag::default() };
    deployment.proxy.realism(Realism { lag, ..Realism::default() });
    let hold = deployment.proxy.on("kinesis:DescribeStreamSummary").nth(4).hold_before();
    let mut running = deployment.at(&hold, &APPLY);
    running.signal("INT");
    running.until("stopping: nothing new is begun");
    running.signal("TERM");
    // The stream would take another 20 s; the first signal is the one that is reported.
    let output = running.output().fails(130);
    says(
        &output,
        &["interrupted", "not awaited stream.clicks: it may have happened", "nothing is lost: `pipectl plan --env"],
    );
    assert!(!deployment.records().contains_key(&"stream.clicks".parse().unwrap()), "it was not awaited");
    deployment.proxy.realism(Realism::default());
    deployment.goes_on_after_a_stop();
}

#[tokio::test]
async fn a_state_that_is_being_saved_is_saved() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let hold = deployment.proxy.on("s3:PutObject").mentioning("state.json").nth(2).hold_before();
    let running = deployment.at(&hold, &APPLY);
    running.signal("TERM");
    hold.release();
    running.output().fails(143);
    assert!(!deployment.records().is_empty(), "what was done is known");
    deployment.goes_on_after_a_stop();
}

#[tokio::test]
async fn a_destruction_stops_cleanly_while_it_empties_a_bucket() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = deployment.account.unique("acme-clickstream-events-dev");
    s3.put_object().bucket(&bucket).key("events/one").body(b"{}".to_vec().into()).send().await.unwrap();
    let hold = deployment.proxy.on("s3:DeleteObjects").first(1).hold_before();
    let running = deployment.at(&hold, &DESTROY);
    running.signal("INT");
    hold.release();
    running.output().fails(130);
    deployment.is_unlocked();
    deployment.run(&DESTROY).success();
    assert_eq!(inventory(&deployment).await, [""; 0]);
}
