//! AWS as it is and emulators are not: slow, forgetful, limited. Each trait by itself, and all of them at once.

use std::time::Duration;

use futures_util::future::join_all;

use super::inventory::inventory;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::{Call, Lag, Realism, Span};

const SHORT: Span = Span::Time(Duration::from_millis(700));

/// Everything, faster than AWS.
const ALL: Realism = Realism {
    lag: Lag { stream: SHORT, delivery_stream: SHORT, updating: SHORT, deleting: SHORT },
    role: Duration::from_secs(2),
    stale: Duration::from_millis(400),
    ..Realism::AWS
};

#[tokio::test]
async fn streams_that_take_their_time_are_waited_for() {
    lives_with(emulator::ministack(), Realism { lag: ALL.lag, ..Realism::default() }).await;
}

#[tokio::test]
async fn roles_that_firehose_does_not_know_yet_are_waited_for() {
    lives_with(emulator::ministack(), Realism { role: ALL.role, ..Realism::default() }).await;
}

#[tokio::test]
async fn reads_that_are_older_than_the_last_write_are_not_believed_for_ever() {
    lives_with(emulator::ministack(), Realism { stale: ALL.stale, ..Realism::default() }).await;
}

#[tokio::test]
async fn the_rates_of_aws_are_survived() {
    let realism = Realism { rates: true, ..Realism::default() };
    lives_with(emulator::ministack(), realism).await;
}

#[tokio::test]
async fn subscriptions_that_nobody_confirms_are_no_change_and_go_with_their_topic() {
    lives_with(emulator::ministack(), Realism { pending: true, ..Realism::default() }).await;
}

#[tokio::test]
async fn shards_are_doubled_step_by_step() {
    lives_with(emulator::ministack(), Realism { doubling: true, ..Realism::default() }).await;
}

#[tokio::test]
async fn all_of_it_at_once_is_survived_on_ministack() {
    lives_with(emulator::ministack(), ALL).await;
}

#[tokio::test]
async fn all_of_it_at_once_is_survived_on_moto() {
    lives_with(emulator::moto(), ALL).await;
}

/// The whole life of an environment: made, changed in place, from one shard to five, and destroyed.
async fn lives_with(emulator: &'static Emulator, realism: Realism) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    deployment.proxy.realism(realism);
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.settles(realism).await;
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 5\nretention_hours = 48");
    deployment.edit("envs/dev.toml", "size_mib = 1", "size_mib = 2");
    deployment.edit("envs/base.toml", "team = \"growth\"", "team = \"core\"");
    deployment.run(&["apply", "--auto-approve"]).success();
    deployment.settles(realism).await;
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert_eq!(inventory(&deployment).await, [""; 0]);
}

impl Deployment {
    /// Nothing is left to do, once AWS tells what it was told.
    async fn settles(&self, realism: Realism) {
        tokio::time::sleep(realism.stale).await;
        self.run(&["plan", "--detailed-exitcode"]).success();
    }
}

/// The proxy's own say, so that the lives above prove what they seem to.
#[tokio::test]
async fn the_realism_is_real() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    proxy.realism(Realism { stale: Duration::from_mins(1), ..Realism::AWS });
    let aws = account.aws();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    kinesis.describe_stream_summary().stream_name("clicks").send().await.unwrap_err();
    kinesis.create_stream().stream_name("clicks").shard_count(1).send().await.unwrap();
    let gone = kinesis.describe_stream_summary().stream_name("clicks").send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception(), "a stale read: {gone}");
    proxy.realism(Realism { stale: Duration::ZERO, ..Realism::AWS });
    let seen = kinesis.describe_stream_summary().stream_name("clicks").send().await;
    let seen = seen.map(|reply| reply.stream_description_summary.unwrap().stream_status);
    assert_eq!(seen.unwrap().as_str(), "CREATING");
    // A stream that is being made is not deleted: the call is made again until it is.
    proxy.take_calls();
    kinesis.delete_stream().stream_name("clicks").send().await.unwrap();
    let statuses: Vec<_> = proxy.take_calls().0.into_iter().map(|call| call.status).collect();
    assert!(statuses.len() > 1 && statuses[0] == Some(400), "{statuses:?}");

    proxy.realism(Realism { doubling: true, rates: true, ..Realism::default() });
    let scale = kinesis.update_shard_count().stream_name("clicks").target_shard_count(3);
    let scale = scale.scaling_type(aws_sdk_kinesis::types::ScalingType::UniformScaling).send().await;
    let message = scale.unwrap_err().into_service_error().to_string();
    assert!(message.contains("InvalidArgument"), "{message}");
    // At once: on a busy machine one after another would never be too many a second.
    for listed in join_all((0..12).map(|_| kinesis.list_streams().send())).await {
        listed.unwrap();
    }
    let throttled = |call: &Call| call.operation.name == "ListStreams" && call.status == Some(400);
    let throttled = proxy.take_calls().0.into_iter().filter(throttled).count();
    assert!(throttled > 1, "{throttled} throttled calls");
}
