//! Delivery streams on a service that answers from a script: the states that emulators skip.

use crate::catalog::ResourceType as _;
use crate::catalog::firehose_delivery_stream::EXAMPLES;
use serde_json::json;

use super::*;
use crate::aws::scripted::{Reply, Scripted, done, ok, refused, step};
use crate::model::kind::SeenAlready;

const CREATE: &str = "CreateDeliveryStream";
const DESCRIBE: &str = "DescribeDeliveryStream";
const TAGS: &str = "ListTagsForDeliveryStream";
const UPDATE: &str = "UpdateDestination";
const DELETE: &str = "DeleteDeliveryStream";

/// An example of the kind, with the tags of an owner.
fn example(name: &str) -> Spec {
    let examples: toml::Table = toml::from_str(EXAMPLES).unwrap();
    let mut spec: Spec = examples[name].clone().try_into().unwrap();
    let marks = [("pipectl:project", "acme"), ("pipectl:env", "test")];
    spec.tags.extend(marks.map(|(key, value)| (key.to_owned(), value.to_owned())));
    spec
}

fn in_status(status: &str) -> Reply {
    ok(
        DESCRIBE,
        json!({ "DeliveryStreamDescription": {
            "DeliveryStreamName": "conformance-clicks",
            "DeliveryStreamARN": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/conformance-clicks",
            "DeliveryStreamStatus": status,
            "DeliveryStreamType": "KinesisStreamAsSource",
            "FailureDescription": { "Type": "KMS_KEY_NOT_FOUND", "Details": "no such key" },
            "VersionId": "7",
            "Destinations": [{ "DestinationId": "destinationId-000000000001" }],
            "HasMoreDestinations": false,
        } }),
    )
}

fn absent() -> Reply {
    refused(DESCRIBE, "ResourceNotFoundException", "not found")
}

fn tagged(project: &str) -> Reply {
    let tags = json!([{ "Key": "pipectl:project", "Value": project }, { "Key": "pipectl:env", "Value": "test" }]);
    ok(TAGS, json!({ "Tags": tags, "HasMoreTags": false }))
}

fn taken() -> Reply {
    refused(CREATE, "ResourceInUseException", "the name is taken")
}

#[tokio::test(start_paused = true)]
async fn what_failed_to_be_created_makes_room_and_is_not_left_behind() {
    let replies = [
        taken(),
        in_status("CREATING_FAILED"),
        tagged("acme"),
        done(DELETE),
        in_status("DELETING"),
        absent(),
        done(CREATE),
        in_status("CREATING"),
        in_status("CREATING_FAILED"),
        in_status("CREATING_FAILED"),
        done(DELETE),
    ];
    let service = Scripted::new(replies);
    let error = DeliveryStream::create(&service.aws().await, &example("first"), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("KMS_KEY_NOT_FOUND: no such key"), "{error}");
    let expected = [CREATE, DESCRIBE, TAGS, DELETE, DESCRIBE, DESCRIBE, CREATE, DESCRIBE, DESCRIBE, DESCRIBE, DELETE];
    assert_eq!(service.operations(), expected);
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_longer_than_the_wait_is_kept() {
    let waiting = std::iter::repeat_n(in_status("CREATING"), 1000);
    let service = Scripted::new([done(CREATE)].into_iter().chain(waiting));
    let error = DeliveryStream::create(&service.aws().await, &example("first"), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(!service.operations().contains(&DELETE.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_failed_to_create_is_left_alone() {
    let service = Scripted::new([taken(), in_status("CREATING_FAILED"), tagged("other")]);
    let error = DeliveryStream::create(&service.aws().await, &example("first"), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_going_or_has_failed_reads_as_absent() {
    for status in ["DELETING", "CREATING_FAILED"] {
        let service = Scripted::new([in_status(status), tagged("acme")]);
        let live = DeliveryStream::read(&service.aws().await, "conformance-clicks", None).await.unwrap();
        assert!(live.is_none(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_overtaken_looks_again() {
    let overtaken = refused(UPDATE, "ConcurrentModificationException", "the version is not current");
    let service = Scripted::new([in_status("ACTIVE"), overtaken, in_status("ACTIVE"), done(UPDATE)]);
    let aws = service.aws().await;
    let mut want = example("first");
    want.buffer_seconds = 300;
    DeliveryStream::update(&aws, &example("first"), &want, &step()).await.unwrap();
    assert_eq!(service.operations(), [DESCRIBE, UPDATE, DESCRIBE, UPDATE]);
    let input = service.last(UPDATE);
    assert_eq!(input["CurrentDeliveryStreamVersionId"], "7");
    assert_eq!(input["DestinationId"], "destinationId-000000000001");
}

#[tokio::test(start_paused = true)]
async fn only_a_deletion_that_failed_is_forced() {
    let service = Scripted::new([in_status("ACTIVE"), done(DELETE), in_status("DELETING_FAILED")]);
    let error = DeliveryStream::delete(&service.aws().await, "conformance-clicks", &step()).await.unwrap_err();
    assert_eq!((error.class, &service.last(DELETE)["AllowForceDelete"]), (Class::Stuck, &json!(false)));

    let failed = in_status("DELETING_FAILED");
    let service = Scripted::new([failed.clone(), done(DELETE), failed, in_status("DELETING"), absent()]);
    DeliveryStream::delete(&service.aws().await, "conformance-clicks", &step()).await.unwrap();
    assert_eq!(service.last(DELETE)["AllowForceDelete"], json!(true));
}

#[tokio::test(start_paused = true)]
async fn one_that_was_seen_at_work_is_deleted_unasked_unless_others_are_at_it() {
    let (attributes, outputs) = (json!({}), json!({ "status": "ACTIVE" }));
    let seen = Some(SeenAlready { attributes: &attributes, outputs: &outputs });
    let busy = refused(DELETE, "ResourceInUseException", "it is being created");
    for (replies, asked) in [
        (vec![done(DELETE), in_status("DELETING"), absent()], vec![DELETE, DESCRIBE, DESCRIBE]),
        (vec![busy, in_status("DELETING"), absent()], vec![DELETE, DESCRIBE, DESCRIBE]),
        (vec![refused(DELETE, "ResourceNotFoundException", "gone"), absent()], vec![DELETE, DESCRIBE]),
    ] {
        let service = Scripted::new(replies);
        let step = StepContext { seen, ..step() };
        DeliveryStream::delete(&service.aws().await, "conformance-clicks", &step).await.unwrap();
        assert_eq!(service.operations(), asked);
    }
}

#[test]
fn what_is_not_delivered_is_said_before() {
    let (first, second) = (example("first"), example("second"));
    let mut moved = first.clone();
    moved.source.stream_arn.push_str("-2");
    let said = |now, want| DeliveryStream::warnings(now, want).join(" ");
    assert!(said(None, Some(&first)).contains("records put before it is ACTIVE"));
    assert!(said(Some(&first), Some(&moved)).contains("between the deletion of the old one"));
    assert!(said(Some(&first), None).contains("`conformance-clicks`"));
    assert!(!said(Some(&first), Some(&second)).contains("not delivered"));
    assert_eq!(said(Some(&first), Some(&first)), "");
}

/// As DescribeDeliveryStream shows one that converts to Parquet and copies every record to somebody else's bucket.
fn converting() -> Reply {
    let table = json!({ "RoleARN": "arn:r", "DatabaseName": "lake", "TableName": "clicks", "Region": "eu-west-1" });
    let s3 = json!({
        "RoleARN": "arn:r", "BucketARN": "arn:aws:s3:::ours", "CompressionFormat": "UNCOMPRESSED",
        "BufferingHints": { "SizeInMBs": 64, "IntervalInSeconds": 300 },
        "EncryptionConfiguration": { "NoEncryptionConfig": "NoEncryption" },
        "DataFormatConversionConfiguration": {
            "Enabled": true, "SchemaConfiguration": table,
            "InputFormatConfiguration": { "Deserializer": { "OpenXJsonSerDe": {} } },
            "OutputFormatConfiguration": { "Serializer": { "ParquetSerDe": {} } },
        },
        "S3BackupMode": "Enabled",
        "S3BackupDescription": {
            "RoleARN": "arn:r", "BucketARN": "arn:aws:s3:::somebody-elses-bucket", "Prefix": "copy/",
            "CompressionFormat": "UNCOMPRESSED", "BufferingHints": {},
            "EncryptionConfiguration": { "NoEncryptionConfig": "NoEncryption" },
        },
    });
    let description = json!({
        "DeliveryStreamName": "conformance-clicks", "DeliveryStreamARN": "arn:d", "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": "KinesisStreamAsSource", "VersionId": "7", "HasMoreDestinations": false,
        "Destinations": [{ "DestinationId": "destinationId-000000000001", "ExtendedS3DestinationDescription": s3 }],
    });
    ok(DESCRIBE, json!({ "DeliveryStreamDescription": description }))
}

#[tokio::test(start_paused = true)]
async fn conversion_and_backup_are_read_and_the_one_is_switched_off_with_the_buffer_that_it_forbids() {
    let service = Scripted::new([converting(), tagged("acme"), converting(), done(UPDATE)]);
    let aws = service.aws().await;
    let (live, ..) = DeliveryStream::read(&aws, "conformance-clicks", None).await.unwrap().unwrap();
    let conversion = live.conversion.as_ref().unwrap();
    assert_eq!(conversion.words(), "parquet by the table clicks of lake");
    assert_eq!(live.backup.as_deref(), Some("arn:aws:s3:::somebody-elses-bucket/copy/"));
    let want = Spec { buffer_mib: 5, conversion: None, ..live.clone() };
    DeliveryStream::update(&aws, &live, &want, &step()).await.unwrap();
    let update = &service.last(UPDATE)["ExtendedS3DestinationUpdate"];
    assert_eq!(update["DataFormatConversionConfiguration"], json!({ "Enabled": false }));
    assert_eq!((&update["BufferingHints"]["SizeInMBs"], &update["S3BackupMode"]), (&json!(5), &json!(null)));
}
