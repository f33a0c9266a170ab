//! Delivery streams on a service that answers from a script: the states that emulators skip.

use crate::catalog::ResourceType as _;
use crate::catalog::firehose_delivery_stream::EXAMPLES;
use crate::catalog::firehose_delivery_stream::backup::Backup;
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
    moved.source.as_mut().unwrap().stream_arn.push_str("-2");
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
    let backup = live.backup.clone().unwrap();
    assert_eq!((backup.words().as_str(), backup.buffer_mib), ("arn:aws:s3:::somebody-elses-bucket/copy/", 5));
    let moved = Backup { bucket_arn: "arn:aws:s3:::ours".to_owned(), ..backup };
    let want = Spec { buffer_mib: 5, conversion: None, backup: Some(moved), ..live.clone() };
    DeliveryStream::update(&aws, &live, &want, &step()).await.unwrap();
    let update = &service.last(UPDATE)["ExtendedS3DestinationUpdate"];
    assert_eq!(update["DataFormatConversionConfiguration"], json!({ "Enabled": false }));
    assert_eq!((&update["BufferingHints"]["SizeInMBs"], &update["S3BackupMode"]), (&json!(5), &json!("Enabled")));
    let copies = &update["S3BackupUpdate"];
    assert_eq!((&copies["BucketARN"], &copies["Prefix"]), (&json!("arn:aws:s3:::ours"), &json!("copy/")));
}

fn direct() -> Spec {
    Spec { source: None, encrypted: true, ..example("first") }
}

/// As DescribeDeliveryStream shows one that producers put into, encrypted so far as `encryption` says.
fn put_into(encryption: &serde_json::Value) -> Reply {
    let description = json!({
        "DeliveryStreamName": "conformance-clicks", "DeliveryStreamARN": "arn:d", "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": "DirectPut", "VersionId": "7", "HasMoreDestinations": false,
        "Destinations": [{ "DestinationId": "destinationId-000000000001" }],
        "DeliveryStreamEncryptionConfiguration": encryption,
    });
    ok(DESCRIBE, json!({ "DeliveryStreamDescription": description }))
}

#[tokio::test(start_paused = true)]
async fn one_that_producers_put_into_is_born_encrypted() {
    let live = put_into(&json!({ "Status": "ENABLED", "KeyType": "AWS_OWNED_CMK" }));
    let service = Scripted::new([done(CREATE), live]);
    let (made, ..) = DeliveryStream::create(&service.aws().await, &direct(), &step()).await.unwrap().unwrap();
    assert_eq!((made.source, made.encrypted, made.buffer_key), (None, true, None));
    let sent = service.last(CREATE);
    assert_eq!(
        (&sent["DeliveryStreamType"], &sent["KinesisStreamSourceConfiguration"]),
        (&json!("DirectPut"), &json!(null))
    );
    assert_eq!(sent["DeliveryStreamEncryptionConfigurationInput"], json!({ "KeyType": "AWS_OWNED_CMK" }));
}

#[tokio::test(start_paused = true)]
async fn encryption_is_switched_by_calls_of_its_own_and_waited_for() {
    const START: &str = "StartDeliveryStreamEncryption";
    const STOP: &str = "StopDeliveryStreamEncryption";
    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let at = |status: &str| put_into(&json!({ "Status": status, "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY }));
    let keyed = Spec { buffer_key: Some(KEY.to_owned()), ..direct() };
    let service = Scripted::new([at("ENABLED"), done(START), at("ENABLING"), at("ENABLED")]);
    DeliveryStream::update(&service.aws().await, &direct(), &keyed, &step()).await.unwrap();
    assert_eq!(service.operations(), [DESCRIBE, START, DESCRIBE, DESCRIBE], "and the destination stays as it is");
    let input = json!({ "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY });
    assert_eq!(service.last(START)["DeliveryStreamEncryptionConfigurationInput"], input);

    let service = Scripted::new([at("ENABLED"), done(STOP), at("DISABLING"), at("DISABLED")]);
    let plain = Spec { encrypted: false, ..direct() };
    DeliveryStream::update(&service.aws().await, &keyed, &plain, &step()).await.unwrap();
    assert_eq!(service.operations(), [DESCRIBE, STOP, DESCRIBE, DESCRIBE]);

    let why = json!({ "Type": "KMS_ACCESS_DENIED", "Details": "no grant" });
    let failed = put_into(&json!({ "Status": "ENABLING_FAILED", "KeyARN": KEY, "FailureDescription": why }));
    let service = Scripted::new([at("DISABLED"), done(START), failed.clone(), failed, tagged("acme")]);
    let aws = service.aws().await;
    let error = DeliveryStream::update(&aws, &plain, &keyed, &step()).await.unwrap_err();
    assert!(error.message.contains("ENABLING_FAILED: KMS_ACCESS_DENIED: no grant"), "{error}");
    let (live, ..) = DeliveryStream::read(&aws, "conformance-clicks", None).await.unwrap().unwrap();
    assert_eq!((live.encrypted, live.buffer_key), (false, None), "so that the next apply tries again");
}

#[test]
fn a_backup_is_read_as_it_was_written_when_no_spec_could_set_it() {
    let mut old = serde_json::to_value(example("first")).unwrap();
    old["backup"] = json!("arn:aws:s3:::b/copy/");
    let spec: Spec = serde_json::from_value(old.clone()).unwrap();
    let backup = spec.backup.unwrap();
    assert_eq!((backup.bucket_arn.as_str(), backup.prefix.as_str()), ("arn:aws:s3:::b", "copy/"));
    old["backup"] = json!(null);
    assert_eq!(serde_json::from_value::<Spec>(old).unwrap().backup, None);
}
