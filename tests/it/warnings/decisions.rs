//! What a change of each attribute of each type comes to.

mod lake;
mod lambda;

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a change of an attribute comes to.
pub(super) enum Decision {
    /// From the first to the second it says this.
    Warns(Value, Value, &'static str),
    /// Nothing is lost, because …
    Harmless(&'static str),
    /// Who could do what before and after is judged by `engine::access`, or shown as it is.
    Access,
}
use Decision::{Access, Harmless, Warns};

const TAGS: Decision = Harmless("tags open and lose nothing");
const READ: Decision = Harmless("whoever reads it reads what is true then");
const TEXT: Decision = Harmless("nobody but people reads it");

/// Every attribute of a type with what its change comes to.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn decisions(kind: &str) -> BTreeMap<&'static str, Decision> {
    let queue = "arn:aws:sqs:us-east-1:123456789012:a";
    let index = json!({ "partition_key": { "name": "page", "type": "S" }, "projection": { "type": "ALL" } });
    let rule = |days: u32| json!([{ "id": "all", "expire_days": days }]);
    let all: Vec<(&str, Decision)> = match kind {
        "apigateway_api_key" => vec![
            ("name", Warns(json!("a"), json!("b"), "has to be given the new one")),
            ("description", TEXT),
            ("enabled", Warns(json!(true), json!(false), "refused until it is enabled again")),
            ("tags", TAGS),
        ],
        "apigateway_rest_api" => vec![
            ("name", Warns(json!("a"), json!("b"), "Its URL changes")),
            ("description", TEXT),
            ("endpoint_type", Warns(json!("REGIONAL"), json!("EDGE"), "Its URL changes")),
            ("authorizers", Access),
            (
                "methods",
                Warns(json!({ "GET /": { "integration": "MOCK" } }), json!({}), "Who calls `GET /` is refused"),
            ),
            ("tags", TAGS),
        ],
        "apigateway_stage" => vec![
            ("api", Warns(json!("a"), json!("b"), "Its URL changes")),
            ("name", Warns(json!("a"), json!("b"), "Its URL changes")),
            ("deployment", Harmless("a stage goes over to another deployment at once")),
            ("rate", Warns(json!(null), json!(10), "More than 10 requests a second are refused")),
            ("burst", Warns(json!(20), json!(10), "More than 10 requests at once are refused")),
            ("detailed_metrics", Warns(json!(true), json!(false), "counts by method no more")),
            ("tracing", Harmless("requests are served with or without their traces")),
            ("access_log", Warns(json!({ "log_group_arn": "a", "format": "b" }), json!(null), "no longer logged")),
            ("tags", TAGS),
        ],
        "apigateway_usage_plan" => vec![
            ("name", Warns(json!("a"), json!("b"), "refused until the new plan is made")),
            ("description", TEXT),
            ("stages", Warns(json!(["events|dev"]), json!([]), "no longer open events/dev")),
            ("keys", Warns(json!(["a"]), json!([]), "the key `a` is refused")),
            ("throttle", Warns(json!(null), json!({ "rate": 5, "burst": 5 }), "More than 5 requests a second")),
            (
                "quota",
                Warns(
                    json!({ "limit": 9, "period": "DAY" }),
                    json!({ "limit": 8, "period": "DAY" }),
                    "8 requests per day",
                ),
            ),
            ("tags", TAGS),
        ],
        "cloudwatch_alarm" => vec![
            ("name", Warns(json!("a"), json!("b"), "Its history begins anew")),
            ("description", TEXT),
            ("metric", Harmless("the next evaluation is of what it watches then")),
            ("queries", Harmless("the next evaluation is of what it watches then")),
            ("comparison", Harmless("the next evaluation compares so")),
            ("threshold", Harmless("the next evaluation compares with it")),
            ("evaluation_periods", Harmless("the next evaluation looks at as many")),
            ("datapoints_to_alarm", Harmless("the next evaluation counts so")),
            ("missing_data", Harmless("the next evaluation takes it so")),
            ("actions_enabled", Warns(json!(true), json!(false), "Nobody is told any more")),
            ("alarm_actions", Warns(json!(["arn:a"]), json!([]), "arn:a is no longer told")),
            ("ok_actions", Harmless("that something is well again is no loss")),
            ("insufficient_data_actions", Harmless("whoever waits for alarms still hears of them")),
            ("tags", TAGS),
        ],
        "cloudwatch_dashboard" => vec![
            ("name", Harmless("its widgets are the same under another name")),
            ("body", Harmless("metrics stay, whatever shows them")),
        ],
        "dynamodb_table" => vec![
            ("name", Warns(json!("a"), json!("b"), "The items in `a` are deleted")),
            (
                "partition_key",
                Warns(json!({ "name": "a", "type": "S" }), json!({ "name": "a", "type": "N" }), "are deleted"),
            ),
            ("sort_key", Warns(json!(null), json!({ "name": "a", "type": "N" }), "are deleted")),
            (
                "local_indexes",
                Warns(
                    json!({}),
                    json!({ "i": { "sort_key": { "name": "a", "type": "S" }, "projection": { "type": "ALL" } } }),
                    "are deleted",
                ),
            ),
            ("global_indexes", Warns(json!({ "i": index }), json!({}), "Queries of the index `i` fail")),
            (
                "capacity",
                Warns(json!({ "read": 5, "write": 5 }), json!({ "read": 5, "write": 4 }), "4 writes a second"),
            ),
            ("ttl_attribute", Warns(json!(null), json!("until"), "in the past are deleted")),
            ("recovery_days", Warns(json!(35), json!(null), "restored to no point in time")),
            ("kms_key", Warns(json!("arn:a"), json!(null), "older backups still need the key arn:a")),
            ("deletion_protection", Warns(json!(true), json!(false), "can delete it from then on")),
            ("stream_view", Warns(json!("KEYS_ONLY"), json!(null), "Its stream ends")),
            ("tags", TAGS),
        ],
        "events_rule" => vec![
            ("name", Harmless("the new rule is made before the old one goes")),
            ("description", TEXT),
            ("schedule", Harmless("it fires by it from then on")),
            ("pattern", Harmless("it fires by it from then on")),
            ("enabled", Warns(json!(true), json!(false), "no longer fires")),
            ("targets", Warns(json!({ "a": { "arn": "arn:a" } }), json!({}), "no longer calls arn:a")),
            ("tags", TAGS),
        ],
        "firehose_delivery_stream" => vec![
            ("name", Warns(json!("a"), json!("b"), "are not delivered")),
            (
                "source",
                Warns(
                    json!({ "stream_arn": "a", "role_arn": "r" }),
                    json!({ "stream_arn": "b", "role_arn": "r" }),
                    "are not delivered",
                ),
            ),
            ("encrypted", Warns(json!(true), json!(false), "no longer encrypted")),
            (
                "buffer_key",
                Harmless("Firehose keeps its grant of the old key until it has delivered what that encrypts"),
            ),
            ("role_arn", Harmless("Firehose tries for a day what a role may not write yet")),
            ("bucket_arn", Warns(json!("a"), json!("b"), "New objects get other keys")),
            ("prefix", Warns(json!("a/"), json!("b/"), "New objects get other keys")),
            ("error_prefix", Warns(json!("a/"), json!("b/"), "is written elsewhere")),
            ("buffer_mib", Harmless("what is buffered is delivered by the old size or the new one")),
            ("buffer_seconds", Harmless("what is buffered is delivered by the old time or the new one")),
            ("compression", Warns(json!("GZIP"), json!("ZIP"), "another form")),
            ("file_extension", Warns(json!(""), json!(".json"), "New objects get other keys")),
            ("time_zone", Warns(json!("UTC"), json!("Europe/Rome"), "New objects get other keys")),
            ("kms_key", Warns(json!(null), json!("arn:a"), "needs kms:Decrypt")),
            ("logging", Warns(json!({ "group": "a", "stream": "b" }), json!(null), "no longer logged")),
            ("processors", Warns(json!([]), json!([{ "type": "AppendDelimiterToRecord" }]), "another form")),
            ("dynamic_partitioning", Warns(json!(null), json!({ "retry_seconds": 300 }), "are not delivered")),
            (
                "conversion",
                Warns(
                    json!({ "database": "d", "table": "t", "region": "eu-west-1", "role_arn": "arn:aws:iam::123456789012:role/r" }),
                    json!(null),
                    "no longer converted",
                ),
            ),
            (
                "backup",
                Warns(
                    json!({ "bucket_arn": "arn:aws:s3:::b" }),
                    json!(null),
                    "The backup of all records to arn:aws:s3:::b ends",
                ),
            ),
            ("tags", TAGS),
        ],
        "iam_access_key" => vec![
            ("user", Warns(json!("a"), json!("b"), "loses access at once")),
            ("parameter", Warns(json!("/a"), json!("/b"), "loses access at once")),
            ("kms_key", Warns(json!(null), json!("alias/a"), "loses access at once")),
            ("active", Warns(json!(true), json!(false), "until it is active again")),
            ("tags", TAGS),
        ],
        "iam_role" => vec![
            ("name", Warns(json!("a"), json!("b"), "lose it for good")),
            ("path", Warns(json!("/"), json!("/a/"), "lose it for good")),
            ("description", TEXT),
            ("trust", Access),
            ("max_session_seconds", Warns(json!(7200), json!(3600), "more than 3600 s is refused")),
            ("policies", Access),
            ("managed_policies", Access),
            ("permissions_boundary", Access),
            ("tags", TAGS),
        ],
        "iam_user" => vec![
            ("name", Warns(json!("a"), json!("b"), "every access key")),
            ("path", Warns(json!("/"), json!("/a/"), "name nobody any more")),
            ("policies", Access),
            ("managed_policies", Access),
            ("permissions_boundary", Access),
            ("tags", TAGS),
        ],
        "kinesis_stream" => vec![
            ("name", Warns(json!("a"), json!("b"), "The records in `a` are deleted")),
            ("mode", Warns(json!("PROVISIONED"), json!("ON_DEMAND"), "two switches")),
            ("shards", Warns(json!(4), json!(2), "2 MB or 2,000 records a second")),
            ("retention_hours", Warns(json!(48), json!(24), "older than 24 hours are lost")),
            ("kms_key", Warns(json!(null), json!("alias/a"), "needs their key")),
            ("shard_metrics", Harmless("the stream's own metrics stay")),
            ("max_record_kib", Warns(json!(2048), json!(1024), "more than 1024 KiB are refused")),
            ("tags", TAGS),
        ],
        "logs_group" => vec![
            ("name", Warns(json!("a"), json!("b"), "The events in `a` are deleted")),
            ("retention_days", Warns(json!(null), json!(30), "older than 30 days are deleted")),
            ("kms_key", Warns(json!("arn:a"), json!(null), "as long as the key arn:a is there")),
            ("tags", TAGS),
        ],
        "logs_stream" => vec![
            ("group", Warns(json!("a"), json!("b"), "are deleted with it")),
            ("name", Warns(json!("a"), json!("b"), "The events in `a` are deleted")),
        ],
        "s3_bucket" => vec![
            ("name", Warns(json!("a"), json!("b"), "every object in it goes")),
            ("versioning", Warns(json!(true), json!(false), "keeps no versions any more")),
            (
                "encryption",
                Warns(
                    json!({ "algorithm": "AES256" }),
                    json!({ "algorithm": "aws:kms", "kms_key": "alias/a" }),
                    "needs the key alias/a",
                ),
            ),
            (
                "public_access_block",
                Warns(
                    json!({ "block_public_acls": false, "ignore_public_acls": false, "block_public_policy": false, "restrict_public_buckets": false }),
                    json!({ "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true }),
                    "lets in is refused",
                ),
            ),
            ("object_ownership", Warns(json!("ObjectWriter"), json!("BucketOwnerEnforced"), "ACLs count no more")),
            ("policy", Access),
            ("lifecycle", Warns(rule(30), rule(7), "objects older than 7 days are lost")),
            (
                "transition_minimum",
                Warns(
                    json!("varies_by_storage_class"),
                    json!("all_storage_classes_128K"),
                    "smaller than 128 KB are not moved any more",
                ),
            ),
            ("access_log", Warns(json!({ "bucket": "logs" }), json!(null), "are logged no more")),
            ("tags", TAGS),
        ],
        "s3_notification" => vec![
            ("bucket", Warns(json!("a"), json!("b"), "is told no more")),
            ("id", Warns(json!("a"), json!("b"), "is told no more")),
            ("queue_arn", Warns(json!("arn:a"), json!("arn:b"), "arn:a is told no more")),
            ("function_arn", Warns(json!("arn:a"), json!("arn:b"), "is told no more")),
            (
                "events",
                Warns(
                    json!(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]),
                    json!(["s3:ObjectCreated:*"]),
                    "is told no more",
                ),
            ),
            ("prefix", Warns(json!(""), json!("a/"), "is told no more")),
            ("suffix", Warns(json!(""), json!(".json"), "is told no more")),
        ],
        "s3_object" => vec![
            ("bucket", Warns(json!("a"), json!("b"), "finds nothing there any more")),
            ("key", Warns(json!("a"), json!("b"), "finds nothing there any more")),
            ("file", READ),
            ("sha256", Warns(json!("unknown"), json!("00"), "not written by pipectl, and is overwritten")),
            ("content_type", READ),
            ("kms_key", Warns(json!(null), json!("alias/a"), "needs the key alias/a")),
        ],
        "secretsmanager_secret" => vec![
            ("name", Warns(json!("a"), json!("b"), "Its value is lost for good")),
            ("description", TEXT),
            ("kms_key", Warns(json!(null), json!("alias/a"), "needs the key alias/a")),
            ("has_value", Harmless("a value is put where there is none, and none is taken away")),
            ("value_from", Harmless("it counts only where there is no value yet")),
            ("recovery_days", Warns(json!(30), json!(7), "restored for 7 days only")),
            ("tags", TAGS),
        ],
        "sns_subscription" => vec![
            ("topic_arn", Warns(json!("arn:a"), json!("arn:b"), "must confirm the subscription")),
            ("protocol", Warns(json!("sqs"), json!("email"), "must confirm the subscription")),
            ("endpoint", Warns(json!("a@example.com"), json!("b@example.com"), "must confirm the subscription")),
            ("filter", Warns(json!(null), json!({ "a": [1] }), "does not match the new filter")),
            ("filter_scope", Warns(json!(null), json!("MessageBody"), "does not match the new filter")),
            ("raw", Warns(json!(false), json!(true), "without SNS's envelope")),
            ("dead_letter_arn", Access),
        ],
        "sns_topic" => vec![
            ("name", Warns(json!("a"), json!("b"), "would have to be confirmed again")),
            ("display_name", TEXT),
            ("policy", Access),
            ("kms_key", Warns(json!(null), json!("alias/a"), "needs the key alias/a")),
            ("tags", TAGS),
        ],
        "ssm_parameter" => vec![
            ("name", Warns(json!("/a"), json!("/b"), "finds nothing there any more")),
            ("value_type", Warns(json!("SecureString"), json!("String"), "what it holds is overwritten")),
            ("value", READ),
            ("stage", READ),
            ("description", TEXT),
            ("tags", TAGS),
        ],
        "sqs_queue" => vec![
            ("name", Warns(json!("a"), json!("b"), "The messages in `a` are deleted")),
            (
                "fifo",
                Warns(
                    json!(null),
                    json!({ "content_based_deduplication": true, "deduplication_scope": "queue", "throughput_limit": "perQueue" }),
                    "are deleted with it",
                ),
            ),
            ("visibility_timeout_seconds", Warns(json!(60), json!(30), "is received twice")),
            ("retention_seconds", Warns(json!(600), json!(60), "older than 60 s are deleted")),
            ("delay_seconds", Harmless("messages come sooner or later, and none is lost")),
            ("receive_wait_seconds", Harmless("receivers wait longer or not, and no message is lost")),
            ("max_message_bytes", Warns(json!(2048), json!(1024), "more than 1024 bytes are refused")),
            ("own_encryption", Harmless("SQS encrypts and decrypts by itself")),
            ("kms_key", Warns(json!(null), json!("alias/a"), "needs the key alias/a")),
            ("kms_reuse_seconds", Harmless("SQS asks KMS more or less often")),
            ("dead_letters", Warns(json!({ "queue_arn": queue, "max_receives": 3 }), json!(null), "no longer goes to")),
            ("dead_letters_of", Warns(json!(null), json!([queue]), "can no longer send their dead letters")),
            ("policy", Access),
            ("tags", TAGS),
        ],
        other => lake::decisions(other).or_else(|| lambda::decisions(other)).unwrap_or_else(|| {
            panic!("nobody has decided on {other}: say for each attribute whether its change warns")
        }),
    };
    all.into_iter().collect()
}
