//! Calls that fail: what does not need them is finished, the message says what to do, the next apply completes.

use std::sync::Arc;

use super::inventory::inventory;
use crate::support::cli::Output;
use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::{Failure, Lag, Realism, Rule, Selected, Span};

fn says(output: &Output, all: &[&str]) {
    for text in all {
        assert!(output.stderr.contains(text), "`{text}` is not said:\n{output}");
    }
}

#[tokio::test]
async fn what_does_not_need_a_failed_resource_is_finished() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let denied = deployment.proxy.on("firehose:CreateDeliveryStream").first(1).fail(Failure::Denied);
    let output = deployment.run(&["apply", "--auto-approve"]).fails(7);
    assert_eq!(denied.struck(), 1, "a denial is not tried again");
    says(
        &output,
        &[
            "12 done, 1 failed, 0 not tried",
            "failed firehose.clicks: firehose CreateDeliveryStream: AccessDeniedException: User is not authorized",
            "(request id of-a-scripted-failure)",
            "the caller lacks the permission for this call",
            "nothing is lost: `pipectl plan --env",
        ],
    );
    assert_eq!(deployment.records().len(), 12);
    assert_eq!(deployment.changes().into_iter().collect::<Vec<_>>(), ["firehose.clicks create"]);
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn what_needs_a_failed_resource_is_not_tried() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.proxy.on("iam:CreateRole").first(1).fail(Failure::Denied);
    let output = deployment.run(&["apply", "--auto-approve"]).fails(7);
    says(&output, &["failed firehose.clicks/role: iam CreateRole: AccessDenied", "not tried firehose.clicks\n"]);
    assert_eq!(deployment.proxy.take_calls().of("firehose:CreateDeliveryStream"), 0);
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_saved_plan_that_was_applied_in_part_says_that_a_new_one_is_needed() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.run(&["plan"]).success();
    deployment.proxy.on("sns:CreateTopic").first(1).fail(Failure::Denied);
    deployment.cli.run(&["apply", "plan.json"]).fails(7);
    let output = deployment.cli.run(&["apply", "plan.json"]).fails(3);
    says(&output, &["this very plan was applied at", "make a new plan"]);
    deployment.run(&["plan"]).success();
    deployment.cli.run(&["apply", "plan.json"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_destruction_that_failed_in_part_goes_on() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.proxy.on("firehose:DeleteDeliveryStream").first(1).fail(Failure::Denied);
    let output = deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).fails(7);
    // What the delivery stream needs is left until it is gone.
    says(&output, &["failed firehose.clicks: firehose DeleteDeliveryStream", "not tried firehose.clicks/role\n"]);
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert_eq!(inventory(&deployment).await, [""; 0]);
}

#[tokio::test]
async fn there_is_no_plan_on_half_the_truth() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.proxy.on("sns:GetTopicAttributes").fail(Failure::Denied);
    let output = deployment.run(&["plan"]).fails(1);
    says(
        &output,
        &[
            "topic.alerts: sns GetTopicAttributes: AccessDenied",
            "the caller lacks the permission for this call: `pipectl deploy-policy --env ENV` prints all that is needed; grant it",
        ],
    );
    assert!(!deployment.cli.path("plan.json").exists());
}

#[tokio::test]
async fn what_aws_does_slowly_is_waited_for() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let few = Span::Looks(3);
    let lag = Lag { stream: few, delivery_stream: few, updating: few, deleting: few };
    deployment.proxy.realism(Realism { lag, ..Realism::default() });
    let assumed = deployment.proxy.role_not_assumable(2);
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(assumed.struck(), 2, "a role that Firehose does not know yet is waited for");
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert_eq!(inventory(&deployment).await, [""; 0]);
}

/// The calls that make resources. An access key is another matter: whose creation gets no clear answer is deleted.
const CREATIONS: [&str; 11] = [
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "firehose:CreateDeliveryStream",
    "iam:CreateRole",
    "iam:CreateUser",
    "kinesis:CreateStream",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "s3:CreateBucket",
    "sns:CreateTopic",
    "sns:Subscribe",
];

#[tokio::test]
async fn throttled_creations_are_tried_again() {
    recovers_from(|creation| creation.first(1).fail(Failure::Throttled)).await;
}

#[tokio::test]
async fn creations_that_end_in_a_fault_of_aws_are_not_doubled() {
    recovers_from(|creation| creation.first(1).fail_after(Failure::Internal)).await;
}

#[tokio::test]
async fn a_place_for_states_is_made_although_the_reply_to_its_bucket_is_lost() {
    let deployment = Deployment::new(emulator::moto(), "dev").await;
    deployment.proxy.on("s3:CreateBucket").first(1).lose_reply();
    deployment.run(&["bootstrap"]).success();
    assert!(deployment.proxy.take_calls().of("s3:CreateBucket") >= 2, "it was asked again");
    deployment.run(&["apply", "--auto-approve"]).success();
}

#[tokio::test]
async fn creations_whose_reply_is_lost_are_not_doubled() {
    recovers_from(|creation| creation.first(1).lose_reply()).await;
}

/// Every creation is disturbed once; the apply does not even mention it.
async fn recovers_from(disturb: impl Fn(Selected<'_>) -> Arc<Rule>) {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    let disturbed = CREATIONS.map(|call| (call, disturb(deployment.proxy.on(call))));
    deployment.run(&["apply", "--auto-approve"]).success();
    for (call, rule) in disturbed {
        assert_eq!(rule.struck(), 1, "{call}");
    }
    deployment.run(&["plan", "--detailed-exitcode"]).success();
}
