//! Streams on a service that answers from a script: the states that emulators skip.

use crate::catalog::ResourceType as _;
use crate::catalog::kinesis_stream::SHARD_METRICS;
use serde_json::json;

use super::*;
use crate::aws::scripted::{Reply, Scripted, done, ok, refused, step};

const CREATE: &str = "CreateStream";
const DESCRIBE: &str = "DescribeStreamSummary";
const TAGS: &str = "ListTagsForStream";

fn stream(attributes: &str) -> Spec {
    toml::from_str(&format!("name = \"clicks\"\n{attributes}")).unwrap()
}

fn shown(status: &str, mode: &str, shards: u32) -> Reply {
    ok(
        DESCRIBE,
        json!({ "StreamDescriptionSummary": {
            "StreamName": "clicks",
            "StreamARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
            "StreamStatus": status,
            "StreamModeDetails": { "StreamMode": mode },
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": 0,
            "EnhancedMonitoring": [{ "ShardLevelMetrics": [] }],
            "OpenShardCount": shards,
        } }),
    )
}

fn in_status(status: &str) -> Reply {
    shown(status, "PROVISIONED", 1)
}

fn absent() -> Reply {
    refused(DESCRIBE, "ResourceNotFoundException", "not found")
}

fn no_tags() -> Reply {
    ok(TAGS, json!({ "Tags": [], "HasMoreTags": false }))
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_being_deleted_reads_as_absent_and_makes_room() {
    let service = Scripted::new([in_status("DELETING"), no_tags()]);
    assert!(Stream::read(&service.aws().await, "clicks", None).await.unwrap().is_none());

    let taken = refused(CREATE, "ResourceInUseException", "the name is taken");
    let deleting = [in_status("DELETING"), in_status("DELETING"), absent()];
    let made = [done(CREATE), in_status("CREATING"), no_tags(), in_status("ACTIVE")];
    let service = Scripted::new([taken].into_iter().chain(deleting).chain(made));
    Stream::create(&service.aws().await, &stream("mode = \"PROVISIONED\"\nshards = 1"), &step()).await.unwrap();
    assert_eq!(service.operations(), [CREATE, DESCRIBE, DESCRIBE, DESCRIBE, CREATE, DESCRIBE, TAGS, DESCRIBE]);
}

#[tokio::test(start_paused = true)]
async fn a_new_stream_is_changed_when_it_is_active_and_read_no_more() {
    const ENCRYPT: &str = "StartStreamEncryption";
    let service = Scripted::new([
        done(CREATE),
        in_status("CREATING"),
        no_tags(),
        in_status("ACTIVE"),
        done(ENCRYPT),
        in_status("UPDATING"),
        in_status("ACTIVE"),
    ]);
    let want = stream("mode = \"PROVISIONED\"\nshards = 1\nkms_key = \"alias/aws/kinesis\"");
    let made = Stream::create(&service.aws().await, &want, &step()).await.unwrap();
    assert_eq!(made.map(|(live, ..)| live), Some(want));
    assert_eq!(service.operations(), [CREATE, DESCRIBE, TAGS, DESCRIBE, ENCRYPT, DESCRIBE, DESCRIBE]);
}

#[tokio::test(start_paused = true)]
async fn one_that_others_delete_already_is_waited_for() {
    let going = refused("DeleteStream", "ResourceInUseException", "it is being deleted");
    let replies = std::iter::repeat_n(going, 1000).chain([in_status("DELETING"), in_status("DELETING"), absent()]);
    let service = Scripted::new(replies);
    Stream::delete(&service.aws().await, "clicks", &step()).await.unwrap();
    assert_eq!(service.operations().iter().filter(|asked| *asked == DESCRIBE).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn on_demand_shards_are_nobody_s_business() {
    let service = Scripted::new([shown("ACTIVE", "ON_DEMAND", 4), no_tags()]);
    let (live, ..) = Stream::read(&service.aws().await, "clicks", None).await.unwrap().unwrap();
    assert_eq!(live, stream("mode = \"ON_DEMAND\""));
}

#[tokio::test(start_paused = true)]
async fn a_switch_to_provisioned_starts_from_the_shards_that_aws_chose() {
    const RESHARD: &str = "UpdateShardCount";
    let provisioned = |status| shown(status, "PROVISIONED", 16);
    let service = Scripted::new([
        shown("ACTIVE", "ON_DEMAND", 16),
        done("UpdateStreamMode"),
        shown("UPDATING", "PROVISIONED", 16),
        provisioned("ACTIVE"),
        provisioned("ACTIVE"),
        done(RESHARD),
        in_status("ACTIVE"),
        refused(RESHARD, "ResourceInUseException", "the stream is being updated"),
        done(RESHARD),
        in_status("ACTIVE"),
    ]);
    let want = stream("mode = \"PROVISIONED\"\nshards = 6");
    Stream::update(&service.aws().await, &stream("mode = \"ON_DEMAND\""), &want, &step()).await.unwrap();
    let resharding = service.operations().into_iter().filter(|operation| operation == RESHARD).count();
    assert_eq!((resharding, &service.last(RESHARD)["TargetShardCount"]), (3, &json!(6)));
}

#[test]
fn all_shard_metrics_are_spelt_out() {
    let stream = stream("mode = \"ON_DEMAND\"\nshard_metrics = [\"ALL\"]");
    assert_eq!(stream.shard_metrics, SHARD_METRICS.map(str::to_owned).into());
}

#[test]
fn what_loses_records_or_meets_a_daily_limit_is_said_before() {
    let small = stream("mode = \"PROVISIONED\"\nshards = 1\nretention_hours = 48");
    let large = stream("mode = \"PROVISIONED\"\nshards = 2000");
    let warnings = Stream::warnings(Some(&small), Some(&large)).join("\n");
    assert!(warnings.contains("Records older than 24 hours are lost"), "{warnings}");
    assert!(warnings.contains("11 calls of UpdateShardCount"), "{warnings}");
    assert_eq!(Stream::warnings(Some(&small), Some(&small)), Vec::<String>::new());
    assert_eq!(Stream::warnings(Some(&small), None), ["The records in `clicks` are deleted with it."]);
}
