//! SQS queues.

use serde_json::{Value, json};

use super::{Mapping, Subject, named_by, tag_list, text};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Fields, Term, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "sqs_queue",
    arn: Some(|it| it.estate.scope.arn("sqs", it.name())),
    terraform_type: "aws_sqs_queue",
    terraform_keys: &[
        ("aws_sqs_queue", |it| named_by(it, "name")),
        // Named by its URL, which ends in its name.
        ("aws_sqs_queue_policy", |it| last_part(&it["queue_url"])),
        ("aws_sqs_queue_redrive_policy", |it| last_part(&it["queue_url"])),
        ("aws_sqs_queue_redrive_allow_policy", |it| last_part(&it["queue_url"])),
    ],
    terraform: |it| Ok(vec![terraform::Part::new("aws_sqs_queue", &url(it), queue_fields(it))]),
    get_att: Some("Arn"),
    cloudformation: |it| {
        let url = url(it);
        let queue = cloudformation::Part::new("AWS::SQS::Queue", [("QueueUrl", url.as_str())], queue_properties(it));
        let mut parts = vec![queue];
        if it["policy"].is_object() {
            let policy =
                properties([("Queue", named("sqs_queue", it.name())), ("PolicyDocument", it["policy"].clone())]);
            // Not AWS::SQS::QueuePolicy: CloudFormation cannot read that one back, and so not import it.
            let part = cloudformation::Part::new("AWS::SQS::QueueInlinePolicy", [("Queue", url.as_str())], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    },
    stays: &[],
};

fn queue_fields(it: &Subject<'_>) -> Fields {
    let fifo = &it["fifo"];
    fields([
        ("name", it["name"].clone().into()),
        ("fifo_queue", is_fifo(it).into()),
        ("content_based_deduplication", fifo["content_based_deduplication"].clone().into()),
        ("deduplication_scope", fifo["deduplication_scope"].clone().into()),
        ("fifo_throughput_limit", fifo["throughput_limit"].clone().into()),
        ("visibility_timeout_seconds", it["visibility_timeout_seconds"].clone().into()),
        ("message_retention_seconds", it["retention_seconds"].clone().into()),
        ("delay_seconds", it["delay_seconds"].clone().into()),
        ("receive_wait_time_seconds", it["receive_wait_seconds"].clone().into()),
        ("max_message_size", it["max_message_bytes"].clone().into()),
        ("sqs_managed_sse_enabled", own_encryption(it).into()),
        ("kms_master_key_id", it["kms_key"].clone().into()),
        ("kms_data_key_reuse_period_seconds", it["kms_reuse_seconds"].clone().into()),
        ("redrive_policy", Term::encoded(&redrive_policy(it))),
        ("redrive_allow_policy", Term::encoded(&redrive_allow_policy(it))),
        ("policy", Term::encoded(&it["policy"])),
        ("tags", it["tags"].clone().into()),
    ])
}

fn queue_properties(it: &Subject<'_>) -> Value {
    let fifo = &it["fifo"];
    properties([
        ("QueueName", it["name"].clone()),
        ("FifoQueue", is_fifo(it)),
        ("ContentBasedDeduplication", fifo["content_based_deduplication"].clone()),
        ("DeduplicationScope", fifo["deduplication_scope"].clone()),
        ("FifoThroughputLimit", fifo["throughput_limit"].clone()),
        ("VisibilityTimeout", it["visibility_timeout_seconds"].clone()),
        ("MessageRetentionPeriod", it["retention_seconds"].clone()),
        ("DelaySeconds", it["delay_seconds"].clone()),
        ("ReceiveMessageWaitTimeSeconds", it["receive_wait_seconds"].clone()),
        ("MaximumMessageSize", it["max_message_bytes"].clone()),
        ("SqsManagedSseEnabled", own_encryption(it)),
        ("KmsMasterKeyId", it["kms_key"].clone()),
        ("KmsDataKeyReusePeriodSeconds", it["kms_reuse_seconds"].clone()),
        ("RedrivePolicy", redrive_policy(it)),
        ("RedriveAllowPolicy", redrive_allow_policy(it)),
        ("Tags", tag_list(&it["tags"])),
    ])
}

/// True, or nothing: a standard queue is not called a FIFO queue that is none.
fn is_fifo(it: &Subject<'_>) -> Value {
    if it["fifo"].is_object() { json!(true) } else { Value::Null }
}

/// Nothing beside a KMS key: the two exclude each other.
fn own_encryption(it: &Subject<'_>) -> Value {
    if it["kms_key"].is_string() && it["own_encryption"] == false { Value::Null } else { it["own_encryption"].clone() }
}

fn redrive_policy(it: &Subject<'_>) -> Value {
    let to = &it["dead_letters"];
    if to.is_null() {
        return Value::Null;
    }
    json!({ "deadLetterTargetArn": to["queue_arn"], "maxReceiveCount": to["max_receives"] })
}

fn redrive_allow_policy(it: &Subject<'_>) -> Value {
    match it["dead_letters_of"].as_array().map(Vec::as_slice) {
        None => Value::Null,
        Some([]) => json!({ "redrivePermission": "denyAll" }),
        Some(queues) => json!({ "redrivePermission": "byQueue", "sourceQueueArns": queues }),
    }
}

/// Where AWS has put it, or puts all queues.
fn url(it: &Subject<'_>) -> String {
    let scope = &it.estate.scope;
    let usual = || format!("https://{}/{}/{}", scope.endpoint("sqs"), scope.account, it.name());
    it.output("url").map_or_else(usual, str::to_owned)
}

fn last_part(url: &Value) -> Vec<String> {
    text(url).rsplit('/').next().filter(|name| !name.is_empty()).into_iter().map(str::to_owned).collect()
}
