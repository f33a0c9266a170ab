//! Applies at the same time: one writer, and the others are told who it is.

use super::inventory::misplaced_keys;
use crate::support::cli::Running;
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::Failure;

#[tokio::test]
async fn of_two_applies_at_once_one_wins_and_the_other_names_it() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    // That its holder lives is seen when it renews the lock.
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
    let winner = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    let loser = deployment.run(&["apply", "--auto-approve"]).fails(4);
    let holder = format!("(pid {}), running pipectl apply (dev) since 20", winner.id());
    assert!(loser.stderr.contains(&holder), "`{holder}` is not named:\n{loser}");
    // A plan takes no lock.
    deployment.run(&["plan"]).success();
    hold.release();
    winner.output().success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn an_apply_that_cannot_release_its_lock_is_done_all_the_same() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let denied = deployment.proxy.on("s3:DeleteObject").mentioning("state.lock").first(1).fail(Failure::Denied);
    let output = deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(denied.struck(), 1);
    let said = "warning: the lock could not be released, and expires by itself after 9 seconds: ";
    assert!(output.stderr.contains(said), "{output}");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    // The next one waits until it has expired.
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
}

#[tokio::test]
async fn applies_that_start_at_the_same_moment_make_everything_once() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let running: Vec<_> = (0..10).map(|_| deployment.spawn(&["apply", "--auto-approve"])).collect();
    let outputs: Vec<_> = running.into_iter().map(Running::output).collect();
    // The losers come too early (locked) or too late (the world has changed since they planned, or nothing is left).
    for output in &outputs {
        assert!([0, 3, 4].contains(&output.code), "{output}");
    }
    assert!(outputs.iter().any(|output| output.code == 0), "nobody won");
    let calls = deployment.proxy.take_calls();
    for made_once in ["kinesis:CreateStream", "iam:CreateAccessKey", "firehose:CreateDeliveryStream"] {
        assert_eq!(calls.of(made_once), 1, "{made_once}");
    }
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

/// Dashboards carry no tags: only the state tells whose they are, and the state may be older than what was seen of AWS. A
/// plan takes no lock.
#[tokio::test]
async fn what_another_apply_has_just_made_is_not_in_the_way() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let hold = deployment.proxy.on("cloudwatch:GetDashboard").first(1).hold_before();
    let late = deployment.spawn(&["plan"]);
    hold.wait_reached();
    deployment.run(&["apply", "--auto-approve"]).success();
    hold.release();
    // What it missed and the state remembers is looked for again: nothing was deleted, and nothing has to come back.
    let late = late.output().success();
    assert!(!late.stdout.contains("in the way") && !late.stdout.contains("adopt"), "{late}");
    let done = deployment.cli.run(&["apply", "plan.json"]).success();
    assert!(done.stdout.contains("there was nothing to do"), "{done}");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

/// What is read beside the lock may be older than the lock: what others do until it is got counts.
#[tokio::test]
async fn what_comes_into_the_state_while_the_lock_is_waited_for_is_seen() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
    let first = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    // Who finds the lock taken looks whose it is.
    let asked = deployment.proxy.on("s3:GetObject").mentioning("state.lock").first(1).hold_before();
    let second = deployment.spawn(&["destroy", "--auto-approve", "--empty-buckets", "--lock-timeout", "60"]);
    asked.wait_reached();
    asked.release();
    hold.release();
    first.output().success();
    second.output().success();
    assert_eq!(deployment.records().len(), 0);
    assert_eq!(misplaced_keys(&deployment).await, [""; 0]);
}

/// A laptop that was closed, a container that was frozen: its process lives, but nobody can know.
#[tokio::test]
async fn an_apply_that_stood_still_past_its_lease_overwrites_nothing() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").first(1).hold_before();
    let stopped = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    stopped.signal("STOP");
    let other = deployment.run(&["apply", "--auto-approve"]).success();
    let waited = format!("waiting for {}", holder_of(&stopped));
    assert!(other.stderr.contains(&waited), "`{waited}` is not said:\n{other}");
    let state = deployment.state();
    stopped.signal("CONT");
    hold.release();
    let stopped = stopped.output().fails(1);
    assert!(stopped.stderr.contains("somebody else wrote the state"), "{stopped}");
    assert_eq!(deployment.state(), state, "nothing was overwritten");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert_eq!(misplaced_keys(&deployment).await, [""; 0]);
}

/// `ana@laptop (pid 4711), running pipectl apply (dev) since 20`, from the process id on.
fn holder_of(running: &Running) -> String {
    let user = "unknown@";
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    format!("{user}{} (pid {}), running pipectl apply (dev) since 20", host.trim(), running.id())
}

/// Nobody else came meanwhile: the lock is renewed, and the apply goes on.
#[tokio::test]
async fn an_apply_that_stood_still_goes_on_if_nobody_took_its_lock() {
    let mut deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").first(1).hold_before();
    let stopped = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    stopped.signal("STOP");
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    hold.release();
    stopped.signal("CONT");
    stopped.output().success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}
