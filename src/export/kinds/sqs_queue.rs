//! SQS queues.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, named_by, output, tag_list, text};
use crate::catalog::Type;
use crate::catalog::sqs_queue::{DeadLetters, Fifo, Queue, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Fields, Term, fields};
use crate::model::scope::Scope;

impl Exported for Queue {
    const TERRAFORM_TYPE: &'static str = "aws_sqs_queue";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_sqs_queue", |it| named_by(it, "name")),
        // Named by its URL, which ends in its name.
        ("aws_sqs_queue_policy", |it| last_part(&it["queue_url"])),
        ("aws_sqs_queue_redrive_policy", |it| last_part(&it["queue_url"])),
        ("aws_sqs_queue_redrive_allow_policy", |it| last_part(&it["queue_url"])),
    ];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("sqs", &spec.name))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        Ok(vec![terraform::Part::new("aws_sqs_queue", &url(it), queue_fields(it.spec))])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let (url, policy) = (url(it), &it.spec.policy);
        let queue = properties_of(it.spec);
        let mut parts = vec![cloudformation::Part::new("AWS::SQS::Queue", [("QueueUrl", url.as_str())], queue)];
        if policy.is_some() {
            let policy = properties([("Queue", named(Type::Queue, &it.spec.name)), ("PolicyDocument", json!(policy))]);
            // Not AWS::SQS::QueuePolicy: CloudFormation cannot read that one back, and so not import it.
            let part = cloudformation::Part::new("AWS::SQS::QueueInlinePolicy", [("Queue", url.as_str())], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    }
}

fn queue_fields(spec: &Spec) -> Fields {
    let Spec {
        name,
        fifo,
        visibility_timeout_seconds,
        retention_seconds,
        delay_seconds,
        receive_wait_seconds,
        max_message_bytes,
        own_encryption: _,
        kms_key,
        kms_reuse_seconds,
        dead_letters,
        dead_letters_of,
        policy,
        tags,
    } = spec;
    let of_fifo = Words::of(fifo.as_ref());
    fields([
        ("name", name.into()),
        ("fifo_queue", of_fifo.is_fifo.into()),
        ("content_based_deduplication", of_fifo.content_based_deduplication.into()),
        ("deduplication_scope", of_fifo.deduplication_scope.into()),
        ("fifo_throughput_limit", of_fifo.throughput_limit.into()),
        ("visibility_timeout_seconds", visibility_timeout_seconds.into()),
        ("message_retention_seconds", retention_seconds.into()),
        ("delay_seconds", delay_seconds.into()),
        ("receive_wait_time_seconds", receive_wait_seconds.into()),
        ("max_message_size", max_message_bytes.into()),
        ("sqs_managed_sse_enabled", own_encryption(spec).into()),
        ("kms_master_key_id", kms_key.into()),
        ("kms_data_key_reuse_period_seconds", kms_reuse_seconds.into()),
        ("redrive_policy", Term::encoded(dead_letters.as_ref().map(redrive_policy))),
        ("redrive_allow_policy", Term::encoded(dead_letters_of.as_ref().map(redrive_allow_policy))),
        ("policy", Term::encoded(policy)),
        ("tags", tags.into()),
    ])
}

fn properties_of(spec: &Spec) -> Value {
    let Spec {
        name,
        fifo,
        visibility_timeout_seconds,
        retention_seconds,
        delay_seconds,
        receive_wait_seconds,
        max_message_bytes,
        own_encryption: _,
        kms_key,
        kms_reuse_seconds,
        dead_letters,
        dead_letters_of,
        // A resource of its own.
        policy: _,
        tags,
    } = spec;
    let of_fifo = Words::of(fifo.as_ref());
    properties([
        ("QueueName", json!(name)),
        ("FifoQueue", json!(of_fifo.is_fifo)),
        ("ContentBasedDeduplication", json!(of_fifo.content_based_deduplication)),
        ("DeduplicationScope", json!(of_fifo.deduplication_scope)),
        ("FifoThroughputLimit", json!(of_fifo.throughput_limit)),
        ("VisibilityTimeout", json!(visibility_timeout_seconds)),
        ("MessageRetentionPeriod", json!(retention_seconds)),
        ("DelaySeconds", json!(delay_seconds)),
        ("ReceiveMessageWaitTimeSeconds", json!(receive_wait_seconds)),
        ("MaximumMessageSize", json!(max_message_bytes)),
        ("SqsManagedSseEnabled", json!(own_encryption(spec))),
        ("KmsMasterKeyId", json!(kms_key)),
        ("KmsDataKeyReusePeriodSeconds", json!(kms_reuse_seconds)),
        ("RedrivePolicy", json!(dead_letters.as_ref().map(redrive_policy))),
        ("RedriveAllowPolicy", json!(dead_letters_of.as_ref().map(redrive_allow_policy))),
        ("Tags", tag_list(tags)),
    ])
}

/// What a queue says of its order; all absent for a standard queue, which is not called a FIFO queue that is none.
#[derive(Default)]
struct Words<'a> {
    is_fifo: Option<bool>,
    content_based_deduplication: Option<bool>,
    deduplication_scope: Option<&'a str>,
    throughput_limit: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(fifo: Option<&'a Fifo>) -> Self {
        let Some(Fifo { content_based_deduplication, deduplication_scope, throughput_limit }) = fifo else {
            return Self::default();
        };
        Self {
            is_fifo: Some(true),
            content_based_deduplication: Some(*content_based_deduplication),
            deduplication_scope: Some(deduplication_scope),
            throughput_limit: Some(throughput_limit),
        }
    }
}

/// Nothing beside a KMS key: the two exclude each other.
fn own_encryption(spec: &Spec) -> Option<bool> {
    Some(spec.own_encryption).filter(|own| *own || spec.kms_key.is_none())
}

fn redrive_policy(DeadLetters { queue_arn, max_receives }: &DeadLetters) -> Value {
    json!({ "deadLetterTargetArn": queue_arn, "maxReceiveCount": max_receives })
}

fn redrive_allow_policy(queues: &BTreeSet<String>) -> Value {
    if queues.is_empty() {
        return json!({ "redrivePermission": "denyAll" });
    }
    json!({ "redrivePermission": "byQueue", "sourceQueueArns": queues })
}

/// Where AWS has put it, or puts all queues.
fn url(it: &Typed<'_, Queue>) -> String {
    let scope = &it.estate.scope;
    let usual = || format!("https://{}/{}/{}", scope.endpoint("sqs"), scope.account, it.spec.name);
    output(&it.outputs.url).map_or_else(usual, str::to_owned)
}

fn last_part(url: &Value) -> Vec<String> {
    text(url).rsplit('/').next().filter(|name| !name.is_empty()).into_iter().map(str::to_owned).collect()
}
