//! Several entries in one bucket's notification configuration: nobody's is lost.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::error::Class;
use pipectl::model::kind::{Owner, StepContext};
use serde_json::{Value, json};

use crate::support::emulator::{self, Account};
use crate::support::sqs;

const BUCKET: &str = "pipectl-splicing";
const QUEUE: &str = "pipectl-splicing";

fn queue_arn(account: &Account) -> String {
    format!("arn:aws:sqs:{}:{}:{QUEUE}", emulator::REGION, account.id)
}

fn entry(account: &Account, name: &str) -> Value {
    let (id, prefix) = (format!("pipectl-test-{name}"), format!("{name}/"));
    json!({ "bucket": BUCKET, "id": id, "queue_arn": queue_arn(account), "events": ["s3:ObjectCreated:*"], "prefix": prefix })
}

/// Somebody else's entry: removals of every key.
async fn put_foreign_entry(s3: &Client, queue_arn: String) {
    let entry = QueueConfiguration::builder().id("theirs").queue_arn(queue_arn).events(Event::S3ObjectRemovedDelete);
    let document = NotificationConfiguration::builder().queue_configurations(entry.build().unwrap()).build();
    s3.put_bucket_notification_configuration()
        .bucket(BUCKET)
        .notification_configuration(document)
        .send()
        .await
        .unwrap();
}

async fn ids(s3: &Client) -> Vec<String> {
    let live = s3.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    let mut ids: Vec<_> = live.queue_configurations().iter().map(|entry| entry.id().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn entries_written_at_once_all_survive_beside_somebody_elses_on_ministack() {
    all_survive_beside_somebody_elses(&emulator::ministack().account()).await;
}

#[tokio::test]
async fn entries_written_at_once_all_survive_beside_somebody_elses_on_moto() {
    all_survive_beside_somebody_elses(&emulator::moto().account()).await;
}

async fn all_survive_beside_somebody_elses(account: &Account) {
    let aws = account.aws();
    let registry = kinds::registry(&aws);
    let kind = registry.get("s3_notification").unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("snowpipe", "events") };
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    let s3 = aws.client(Client::new).await;
    s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    sqs::create_queue(account, QUEUE).await;
    put_foreign_entry(&s3, queue_arn(account)).await;

    let (clicks, views) = (entry(account, "clicks"), entry(account, "views"));
    let (first, second) = tokio::join!(kind.create(&clicks, &step), kind.create(&views, &step));
    first.and(second).unwrap();
    assert_eq!(ids(&s3).await, ["pipectl-test-clicks", "pipectl-test-views", "theirs"]);

    let mut colliding = entry(account, "more");
    colliding["prefix"] = "clicks/today/".into();
    let refused = kind.create(&colliding, &step).await.unwrap_err();
    assert_eq!(refused.class, Class::InUse, "{refused}");
    assert!(refused.message.contains("entry `pipectl-test-clicks`"), "{refused}");

    kind.delete(&kind.key(&clicks).unwrap(), &step).await.unwrap();
    let live = kind.read(&kind.key(&views).unwrap(), None).await.unwrap().expect("the other entry");
    assert_eq!(live.outputs, json!({ "others": 1 }));
    assert_eq!(ids(&s3).await, ["pipectl-test-views", "theirs"]);
    s3.delete_bucket().bucket(BUCKET).send().await.unwrap();
    sqs::delete_queue(account, QUEUE).await;
}
