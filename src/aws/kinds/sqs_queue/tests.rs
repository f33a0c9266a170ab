//! Queues on a service that answers from a script: what emulators leave out.

use serde_json::json;

use super::*;
use crate::aws::scripted::{Reply, Scripted, done, ok, refused, step};

const CREATE: &str = "CreateQueue";
const SET: &str = "SetQueueAttributes";
const URL: &str = "GetQueueUrl";

fn queue(more: &str) -> Spec {
    let usual = "name = \"orders\"\nvisibility_timeout_seconds = 30\nretention_seconds = 60\nmax_message_bytes = 1024";
    toml::from_str(&format!("{usual}\n{more}")).unwrap()
}

fn absent() -> Reply {
    refused(URL, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
}

fn found() -> Reply {
    ok(URL, json!({ "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders" }))
}

#[tokio::test(start_paused = true)]
async fn the_minute_in_which_a_name_rests_is_waited_for() {
    let rests = || refused(CREATE, "com.amazonaws.sqs#QueueDeletedRecently", "You must wait 60 seconds after deleting");
    let replies = [absent(), rests(), rests(), done(CREATE), absent(), found()];
    let service = Scripted::new(replies);
    Queue::create(&service.aws().await, &queue(""), &step()).await.unwrap();
    assert_eq!(service.operations(), [URL, CREATE, CREATE, CREATE, URL, URL]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_for_dead_letters_that_is_not_known_yet_is_waited_for() {
    let message = "Value {…} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.";
    let replies = [absent(), refused(CREATE, "InvalidParameterValue", message), done(CREATE), found()];
    let service = Scripted::new(replies);
    let arn = "arn:aws:sqs:eu-west-1:123456789012:failed";
    let want = queue(&format!("dead_letters = {{ queue_arn = \"{arn}\", max_receives = 5 }}"));
    Queue::create(&service.aws().await, &want, &step()).await.unwrap();
    let given = service.last(CREATE)["Attributes"]["RedrivePolicy"].as_str().map(str::to_owned).unwrap();
    assert_eq!(given, json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 5 }).to_string());
}

#[tokio::test(start_paused = true)]
async fn any_other_refusal_fails_at_once() {
    let replies = [absent(), refused(CREATE, "InvalidAttributeValue", "Invalid value for the parameter Policy.")];
    let error = Queue::create(&Scripted::new(replies).aws().await, &queue(""), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Invalid);
}

#[tokio::test(start_paused = true)]
async fn only_what_differs_is_set_and_what_is_no_more_is_taken_away() {
    let now = queue("kms_key = \"alias/orders\"\n[policy]\nVersion = \"2012-10-17\"\nStatement = []");
    let service = Scripted::new([found(), done(SET)]);
    Queue::update(&service.aws().await, &now, &queue("own_encryption = true"), &step()).await.unwrap();
    let expected = json!({ "KmsMasterKeyId": "", "Policy": "", "SqsManagedSseEnabled": "true" });
    assert_eq!(service.last(SET)["Attributes"], expected);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_queue_is_awaited_until_sqs_has_forgotten_it() {
    let service = Scripted::new([found(), done("DeleteQueue"), found(), found(), absent()]);
    Queue::delete(&service.aws().await, "orders", &step()).await.unwrap();
    assert_eq!(service.operations(), [URL, "DeleteQueue", URL, URL, URL]);
}
