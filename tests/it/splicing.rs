//! Several entries in one bucket's notification configuration: nobody's is lost.

use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use pipectl::aws::{Aws, kinds};
use pipectl::engine::address::Address;
use pipectl::engine::error::Class;
use pipectl::engine::kind::{Owner, Step};
use serde_json::{Value, json};

use crate::conformance::sqs;

const BUCKET: &str = "pipectl-splicing";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:pipectl-splicing";

fn entry(name: &str) -> Value {
    let (id, prefix) = (format!("pipectl-test-{name}"), format!("{name}/"));
    json!({ "bucket": BUCKET, "id": id, "queue_arn": QUEUE, "events": ["s3:ObjectCreated:*"], "prefix": prefix })
}

/// Somebody else's entry: removals of every key.
async fn put_foreign_entry(s3: &Client) {
    let entry = QueueConfiguration::builder().id("theirs").queue_arn(QUEUE).events(Event::S3ObjectRemovedDelete);
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
#[ignore = "needs an emulator: set AWS_ENDPOINT_URL"]
async fn entries_written_at_once_all_survive_beside_somebody_elses() {
    let aws = Arc::new(Aws::new(Some("us-east-1".into())));
    let registry = kinds::registry(&aws);
    let kind = registry.get("s3_notification").unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("snowpipe", "events") };
    let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
    let s3 = aws.client(Client::new).await;
    s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    let allow = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": { "Service": "s3.amazonaws.com" },
    }] });
    let attributes = json!({ "Policy": allow.to_string() });
    let queue = sqs("CreateQueue", &json!({ "QueueName": "pipectl-splicing", "Attributes": attributes })).await;
    put_foreign_entry(&s3).await;

    let (clicks, views) = (entry("clicks"), entry("views"));
    let (first, second) = tokio::join!(kind.create(&clicks, &step), kind.create(&views, &step));
    first.and(second).unwrap();
    assert_eq!(ids(&s3).await, ["pipectl-test-clicks", "pipectl-test-views", "theirs"]);

    let mut colliding = entry("more");
    colliding["prefix"] = "clicks/today/".into();
    let refused = kind.create(&colliding, &step).await.unwrap_err();
    assert_eq!(refused.class, Class::InUse, "{refused}");
    assert!(refused.message.contains("entry `pipectl-test-clicks`"), "{refused}");

    kind.delete(&kind.key(&clicks).unwrap(), &step).await.unwrap();
    let live = kind.read(&kind.key(&views).unwrap(), None).await.unwrap().expect("the other entry");
    assert_eq!(live.outputs, json!({ "others": 1 }));
    assert_eq!(ids(&s3).await, ["pipectl-test-views", "theirs"]);
    s3.delete_bucket().bucket(BUCKET).send().await.unwrap();
    sqs("DeleteQueue", &queue).await;
}
