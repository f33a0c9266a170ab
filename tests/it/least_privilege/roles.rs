//! The policies that pipectl writes for Firehose and for Snowflake allow what they are for, and none of its neighbours.
//!
//! They are tried as users that have the same documents: the roles trust Firehose and Snowflake alone.

use std::path::Path;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_kinesis::types::ShardIteratorType;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pipectl::blueprint;
use pipectl::model::scope::Scope;
use pipectl::spec::{Options, Source, load};
use serde_json::Value;

use super::document::on_everything;
use super::gaps::{self, Gap};
use crate::support::emulator::{self, Account};
use crate::support::proxy::Proxy;

/// What MiniStack checks on the log group instead of the log stream.
const ELSEWHERE: &[Gap] = &[("logs:PutLogEvents", "checked on the group instead of the stream")];

const STREAM: &str = "acme-clickstream-dev-clicks";
const LOG_GROUP: &str = "/aws/kinesisfirehose/acme-clickstream-dev-clicks";

/// What the pipeline of dev reads and writes, and neighbours of each.
struct Surroundings {
    account: Account,
    bucket: String,
    other_bucket: String,
    _proxy: Proxy,
}

impl Surroundings {
    async fn new() -> Self {
        let (account, proxy) = emulator::ministack().account().in_region("eu-west-1").behind_proxy();
        let (bucket, other_bucket) = (account.unique("events"), account.unique("other"));
        let aws = account.aws();
        let s3 = aws.client(aws_sdk_s3::Client::new).await;
        let constraint = aws_sdk_s3::types::CreateBucketConfiguration::builder();
        let here = constraint.location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuWest1).build();
        for bucket in [&bucket, &other_bucket] {
            s3.create_bucket().bucket(bucket).create_bucket_configuration(here.clone()).send().await.unwrap();
            for key in ["events/1", "errors/1"] {
                s3.put_object().bucket(bucket).key(key).body(b"{}".to_vec().into()).send().await.unwrap();
            }
        }
        let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
        let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
        for (stream, group) in [(STREAM, LOG_GROUP), ("other", "/other")] {
            kinesis.create_stream().stream_name(stream).shard_count(1).send().await.unwrap();
            logs.create_log_group().log_group_name(group).send().await.unwrap();
            let create = logs.create_log_stream().log_group_name(group).log_stream_name("DestinationDelivery");
            create.send().await.unwrap();
        }
        Self { account, bucket, other_bucket, _proxy: proxy }
    }

    /// A user with the policy that dev's blueprint gives the identity at an address.
    async fn user(&self, address: &str, policy: &str) -> Account {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
        let set = vec![format!("bucket.events.name=\"{}\"", self.bucket)];
        let loaded = load(&Source::Env("dev".into()), &Options { root, set, ..Options::default() });
        let spec = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
        let graph = blueprint::build(&spec, &Scope::new(&self.account.id, "eu-west-1"));
        let document = graph.resources[&address.parse().unwrap()].attributes["policies"][policy].clone();
        assert_ne!(document, Value::Null);
        self.account.as_user("it", &[listed(document)]).await
    }
}

/// The document with every list spelt as one, and what MiniStack checks elsewhere allowed there.
pub(super) fn listed(mut document: Value) -> Value {
    for statement in document["Statement"].as_array_mut().unwrap() {
        let resource = statement["Resource"].take();
        statement["Resource"] = if resource.is_array() { resource } else { vec![resource].into() };
    }
    on_everything(&[document], &gaps::actions(ELSEWHERE)).remove(0)
}

/// Asserts that a call is allowed.
macro_rules! may {
    ($call:expr) => {
        $call.send().await.unwrap_or_else(|error| panic!("{}: {error:?}", stringify!($call)))
    };
}

/// Asserts that a call is denied.
macro_rules! may_not {
    ($call:expr) => {
        let error = $call.send().await.expect_err(stringify!($call));
        let code = error.code().unwrap_or_default().to_owned();
        assert!(code.starts_with("AccessDenied"), "{}: {error:?}", stringify!($call));
    };
}

#[tokio::test]
async fn firehose_may_deliver_and_nothing_else() {
    let world = Surroundings::new().await;
    let aws = world.user("firehose.clicks/role", "delivery").await.aws();
    let (bucket, other) = (&world.bucket, &world.other_bucket);

    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    may!(kinesis.describe_stream().stream_name(STREAM));
    let shards = may!(kinesis.list_shards().stream_name(STREAM)).shards.unwrap();
    let iterator = kinesis.get_shard_iterator().stream_name(STREAM).shard_id(&shards[0].shard_id);
    let from = may!(iterator.shard_iterator_type(ShardIteratorType::TrimHorizon)).shard_iterator.unwrap();
    let arn = format!("arn:aws:kinesis:eu-west-1:{}:stream/{STREAM}", world.account.id);
    may!(kinesis.get_records().shard_iterator(from).stream_arn(arn));
    may_not!(kinesis.describe_stream().stream_name("other"));
    may_not!(kinesis.list_shards().stream_name("other"));
    may_not!(kinesis.put_record().stream_name(STREAM).partition_key("a").data(b"{}".to_vec().into()));
    may_not!(kinesis.delete_stream().stream_name(STREAM));

    let s3 = aws.client(aws_sdk_s3::Client::new).await;
    may!(s3.put_object().bucket(bucket).key("events/2").body(b"{}".to_vec().into()));
    may!(s3.get_object().bucket(bucket).key("events/2"));
    may!(s3.list_objects_v2().bucket(bucket));
    may!(s3.get_bucket_location().bucket(bucket));
    let upload = may!(s3.create_multipart_upload().bucket(bucket).key("events/3")).upload_id.unwrap();
    may!(s3.list_multipart_uploads().bucket(bucket));
    may!(s3.abort_multipart_upload().bucket(bucket).key("events/3").upload_id(upload));
    may_not!(s3.put_object().bucket(other).key("events/2").body(b"{}".to_vec().into()));
    may_not!(s3.get_object().bucket(other).key("events/1"));
    may_not!(s3.list_objects_v2().bucket(other));
    may_not!(s3.delete_object().bucket(bucket).key("events/2"));
    may_not!(s3.delete_bucket_policy().bucket(bucket));

    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
    let now = i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap();
    let event = InputLogEvent::builder().timestamp(now).message("late").build().unwrap();
    let put = logs.put_log_events().log_group_name(LOG_GROUP).log_stream_name("DestinationDelivery");
    may!(put.log_events(event));
    may_not!(logs.create_log_stream().log_group_name(LOG_GROUP).log_stream_name("another"));
    may_not!(logs.delete_log_group().log_group_name(LOG_GROUP));
    may_not!(logs.filter_log_events().log_group_name("/other"));
}

#[tokio::test]
async fn snowflake_may_read_below_its_prefix_and_nothing_else() {
    let world = Surroundings::new().await;
    let aws = world.user("snowpipe.events/user", "read").await.aws();
    let (bucket, other) = (&world.bucket, &world.other_bucket);
    let s3 = aws.client(aws_sdk_s3::Client::new).await;
    may!(s3.get_object().bucket(bucket).key("events/1"));
    may!(s3.list_objects_v2().bucket(bucket).prefix("events/"));
    may!(s3.list_objects_v2().bucket(bucket).prefix("events/2026/"));
    may!(s3.get_bucket_location().bucket(bucket));
    may_not!(s3.get_object().bucket(bucket).key("errors/1"));
    may_not!(s3.list_objects_v2().bucket(bucket));
    may_not!(s3.list_objects_v2().bucket(bucket).prefix("errors/"));
    may_not!(s3.put_object().bucket(bucket).key("events/2").body(b"{}".to_vec().into()));
    may_not!(s3.delete_object().bucket(bucket).key("events/1"));
    may_not!(s3.get_object().bucket(other).key("events/1"));
    may_not!(s3.list_objects_v2().bucket(other).prefix("events/"));
    may_not!(s3.get_bucket_policy().bucket(bucket));
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    may_not!(kinesis.describe_stream().stream_name(STREAM));
    let iam = aws.client(aws_sdk_iam::Client::new).await;
    may_not!(iam.create_access_key().user_name("it"));
}
