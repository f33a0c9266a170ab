//! A lock that is taken away and a state that cannot be written, in the middle of an apply: nothing is lost.

use std::process::Stdio;

use pipectl::model::address::Address;

use crate::support::cli::{Output, Running, closed_pipe, full_disk};
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::{Failure, Hold};

const KEPT: &str = "errored-state-dev.json";

impl Deployment {
    /// An apply that has nothing left to do but to wait for its stream.
    fn held(&self) -> (Hold, Running) {
        self.held_as(&["apply", "--auto-approve"])
    }

    /// The same, told in these words.
    fn held_as(&self, arguments: &[&str]) -> (Hold, Running) {
        let hold = self.proxy.on("kinesis:CreateStream").first(1).hold_before();
        let running = self.spawn(arguments);
        hold.wait_reached();
        let waiting = ["firehose.clicks", "stream.clicks"];
        while !self.state().intents.keys().map(Address::to_string).eq(waiting) {}
        (hold, running)
    }
}

fn says(output: &Output, text: &str) {
    assert!(output.stderr.contains(text), "`{text}` is not said:\n{output}");
}

#[tokio::test]
async fn an_apply_whose_lock_is_taken_away_overwrites_nothing() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let (hold, robbed) = deployment.held();
    deployment.run(&["unlock", "--force"]).success();
    deployment.run(&["apply", "--auto-approve"]).success();
    let others = deployment.state();
    hold.release();
    let robbed = robbed.output().fails(1);
    says(&robbed, "somebody else wrote the state");
    says(&robbed, "run `pipectl plan` again: it starts from what is there now");
    assert_eq!(deployment.state(), others);
    // What it would have written follows another state than the one that is there.
    let refused = deployment.run(&["state", "push", KEPT]).fails(1);
    says(&refused, "has gone on since");
    assert_eq!(deployment.state(), others);
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_kept_in_a_file_and_pushed_later() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let (hold, running) = deployment.held();
    let denied = deployment.proxy.on("s3:PutObject").mentioning("state.json").first(1).fail(Failure::Denied);
    hold.release();
    let output = running.output().fails(1);
    assert_eq!(denied.struck(), 1);
    says(&output, "state.json cannot be written: s3 PutObject: AccessDenied");
    says(&output, &format!("`pipectl state push ./{KEPT}` writes it to the store"));
    let known = deployment.records().len();
    deployment.run(&["state", "push", KEPT]).success();
    assert!(deployment.records().len() > known, "the file knows more");
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_kept_where_the_person_stands() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli.write("below/project.txt", "");
    let (hold, running) = deployment.held_as(&["apply", "--auto-approve", "-C", "below"]);
    deployment.proxy.on("s3:PutObject").mentioning("state.json").first(1).fail(Failure::Denied);
    hold.release();
    let output = running.output().fails(1);
    // What it says to do works from every folder, and what a person would write from where he stands.
    let kept = deployment.cli.path("below").join(KEPT).canonicalize().unwrap();
    says(&output, &format!("`pipectl state push {}` writes it to the store", kept.display()));
    deployment.run(&["state", "push", KEPT, "-C", "below"]).success();
    deployment.run(&["apply", "--auto-approve"]).success();
}

#[tokio::test]
async fn a_state_that_was_never_pushed_is_no_loss() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let (hold, running) = deployment.held();
    deployment.proxy.on("s3:PutObject").mentioning("state.json").first(1).fail(Failure::Denied);
    hold.release();
    running.output().fails(1);
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert_eq!(deployment.records().len(), 13);
}

/// Neither the store nor the folder takes the state. What only that state knew is found again by the intents that were
/// written before anything was made.
#[tokio::test]
async fn a_state_that_nothing_takes_is_no_loss() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli.write(KEPT, "an earlier one");
    for number in 2..=100 {
        deployment.cli.write(&format!("errored-state-dev-{number}.json"), "an earlier one");
    }
    let (hold, running) = deployment.held();
    deployment.proxy.on("s3:PutObject").mentioning("state.json").first(1).fail(Failure::Denied);
    hold.release();
    let output = running.output().fails(1);
    says(&output, "(and no file here takes it either: 100 rescued states of `dev` lie there already)");
    assert_eq!(deployment.cli.read(KEPT), "an earlier one");
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

/// Nobody reads what an apply prints, or nothing takes it: that ends no apply half-way.
#[tokio::test]
async fn an_apply_whose_output_goes_nowhere_is_done_all_the_same() {
    for (nowhere, code) in [(closed_pipe as fn() -> Stdio, 0), (full_disk, 1)] {
        let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
        deployment.run(&["plan"]).success();
        let output = deployment.cli.run_into(nowhere(), &["apply", "plan.json"]);
        assert_eq!(output.code, code, "{output}");
        deployment.run(&["plan", "--detailed-exitcode"]).success();
    }
}
