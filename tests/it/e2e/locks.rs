//! Two applies at once, and signals: one writer at a time, and a clean stop.

use super::deployment::Deployment;
use crate::support::emulator;

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
async fn applies_that_start_at_the_same_moment_make_everything_once() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let running: Vec<_> = (0..4).map(|_| deployment.spawn(&["apply", "--auto-approve"])).collect();
    let mut codes: Vec<i32> = running.into_iter().map(|one| one.output().code).collect();
    codes.sort_unstable();
    // The losers come too early (locked) or too late (the world has changed since they planned, or nothing is left).
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 3, 4].contains(code)), "{codes:?}");
    let calls = deployment.proxy.take_calls();
    for made_once in ["kinesis:CreateStream", "iam:CreateAccessKey", "firehose:CreateDeliveryStream"] {
        assert_eq!(calls.of(made_once), 1, "{made_once}");
    }
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn an_interrupted_apply_stops_cleanly() {
    stops_cleanly("INT", 130).await;
}

#[tokio::test]
async fn a_terminated_apply_stops_cleanly() {
    stops_cleanly("TERM", 143).await;
}

/// What is under way is awaited and saved, nothing more begun, the lock released.
async fn stops_cleanly(signal: &str, code: i32) {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
    let running = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    running.signal(signal);
    hold.release();
    let output = running.output().fails(code);
    for said in ["interrupted", "not tried firehose.clicks\n", "nothing is lost: `pipectl plan --env"] {
        assert!(output.stderr.contains(said), "`{said}` is not said:\n{output}");
    }
    assert_eq!(deployment.proxy.take_calls().of("firehose:CreateDeliveryStream"), 0);
    assert!(deployment.records().contains_key(&"stream.clicks".parse().unwrap()), "what was under way is remembered");
    let unlocked = deployment.run(&["unlock", "--json"]).success().json();
    assert_eq!(unlocked["unlocked"], false, "the lock was released");
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}
