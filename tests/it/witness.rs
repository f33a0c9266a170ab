//! The witness itself: what it refuses, whose test that fails, and the rules that it holds requests to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use crate::support::emulator::{self, Account};
use crate::support::proxy::Calls;
use crate::support::witness::process::{code, python};

#[test]
fn the_witness_tells_every_kind_of_violation_in_every_protocol() {
    let mut tests = python();
    tests.args(["-m", "unittest", "discover", "-s"]).arg(code().join("tests")).arg("-t").arg(code());
    let output = tests.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Ran 9 tests"), "all of them: {said}");
}

/// A stream without shards, which no emulator minds.
async fn create_a_stream_of_nothing(account: &Account) -> Result<(), String> {
    let kinesis = account.aws().client(aws_sdk_kinesis::Client::new).await;
    let created = kinesis.create_stream().stream_name("clicks").shard_count(0).send().await;
    created.map(drop).map_err(|error| error.into_service_error().to_string())
}

/// What the end of a test says that has only this account.
fn end(account: Account) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| drop(account))).map_err(|panic| *panic.downcast::<String>().unwrap())
}

#[tokio::test]
async fn a_request_that_breaks_its_model_is_refused_and_fails_the_test_of_its_account() {
    for emulator in [emulator::ministack(), emulator::moto()] {
        let (guilty, innocent) = (emulator.account(), emulator.account());
        let other = guilty.clone();
        let refusal = create_a_stream_of_nothing(&guilty).await.unwrap_err();
        assert!(refusal.contains(".ShardCount: 0 is less than 1 (range)"), "{}: {refusal}", emulator.name);
        let kinesis = guilty.aws().client(aws_sdk_kinesis::Client::new).await;
        assert!(kinesis.list_streams().send().await.unwrap().stream_names().is_empty(), "it never came there");
        assert_eq!((end(innocent), end(other)), (Ok(()), Ok(())), "{}: while the test goes on", emulator.name);
        let failure = end(guilty).unwrap_err();
        assert!(failure.contains("1 x kinesis CreateStream .ShardCount: 0 is less than 1 (range)"), "{failure}");
    }
}

#[tokio::test]
async fn a_request_of_a_user_or_through_a_proxy_counts_for_the_account_that_it_is_in() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let allowed = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kinesis:*", "Resource": "*" }
    ] });
    let user = account.as_user("somebody", &[allowed]).await;
    create_a_stream_of_nothing(&user).await.unwrap_err();
    let Calls(calls) = proxy.take_calls();
    assert_eq!(calls.last().unwrap().status, Some(400), "a refusal is a call like any other");
    drop(user);
    end(account).unwrap_err();
}

#[tokio::test]
async fn what_a_test_sends_on_purpose_is_excused_by_name() {
    let account = emulator::ministack().account();
    account.excuse("kinesis CreateStream .ShardCount");
    let refusal = create_a_stream_of_nothing(&account).await.unwrap_err();
    assert!(!refusal.contains("(range)"), "it came to the emulator: {refusal}");
    let sns = account.aws().client(aws_sdk_sns::Client::new).await;
    sns.subscribe().topic_arn("clicks").send().await.unwrap_err();
    let failure = end(account).unwrap_err();
    assert!(failure.contains("sns Subscribe .Protocol") && !failure.contains("kinesis"), "{failure}");
}
