//! A queue's attributes: to SQS they are texts, the policies among them texts of JSON, and an empty one takes away.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::{Value, json};

use crate::aws::Result;
use crate::aws::error::{failed, garbled};
use crate::catalog::sqs_queue::{DeadLetters, Fifo, Outputs, Spec, dead_letters, dead_letters_of, five_minutes};
use crate::model::policy::Policy;
use crate::model::tags::Tags;

const READ: &str = "sqs GetQueueAttributes";

/// As a queue takes dead letters unless it is told otherwise.
const FROM_ALL: &str = r#"{"redrivePermission":"allowAll"}"#;

/// The attributes of a queue as SQS shows them.
pub(super) struct Live(HashMap<Name, String>);

/// Reads them all at once.
pub(super) async fn read(client: &Client, url: &str) -> Result<Live> {
    let call = client.get_queue_attributes().queue_url(url).attribute_names(Name::All);
    Ok(Live(call.send().await.map_err(failed(READ))?.attributes.unwrap_or_default()))
}

/// What a new queue is made with.
pub(super) fn given(want: &Spec) -> HashMap<Name, String> {
    let fifo = want.fifo.as_ref().map(|_| (Name::FifoQueue, "true".to_owned()));
    wanted(want).into_iter().filter(|(_, value)| !value.is_empty()).chain(fifo).collect()
}

/// What has to be set to turn `now` into `want`: SQS leaves everything else as it is.
pub(super) fn changes(now: &Spec, want: &Spec) -> HashMap<Name, String> {
    let now = wanted(now);
    wanted(want).into_iter().filter(|(name, value)| now.get(name) != Some(value)).collect()
}

/// Every attribute that can be set.
fn wanted(spec: &Spec) -> HashMap<Name, String> {
    let mut all = HashMap::from([
        (Name::VisibilityTimeout, spec.visibility_timeout_seconds.to_string()),
        (Name::MessageRetentionPeriod, spec.retention_seconds.to_string()),
        (Name::DelaySeconds, spec.delay_seconds.to_string()),
        (Name::ReceiveMessageWaitTimeSeconds, spec.receive_wait_seconds.to_string()),
        (Name::MaximumMessageSize, spec.max_message_bytes.to_string()),
        (Name::SqsManagedSseEnabled, spec.own_encryption.to_string()),
        (Name::KmsMasterKeyId, spec.kms_key.clone().unwrap_or_default()),
        (Name::KmsDataKeyReusePeriodSeconds, spec.kms_reuse_seconds.to_string()),
        (Name::RedrivePolicy, spec.dead_letters.as_ref().map(redrive_policy).unwrap_or_default()),
        (Name::RedriveAllowPolicy, redrive_allow_policy(spec.dead_letters_of.as_ref())),
        (Name::Policy, spec.policy.as_ref().map(Policy::text).unwrap_or_default()),
    ]);
    if let Some(fifo) = &spec.fifo {
        all.insert(Name::ContentBasedDeduplication, fifo.content_based_deduplication.to_string());
        all.insert(Name::DeduplicationScope, fifo.deduplication_scope.clone());
        all.insert(Name::FifoThroughputLimit, fifo.throughput_limit.clone());
    }
    all
}

fn redrive_policy(to: &DeadLetters) -> String {
    json!({ "deadLetterTargetArn": to.queue_arn, "maxReceiveCount": to.max_receives }).to_string()
}

fn redrive_allow_policy(from: Option<&BTreeSet<String>>) -> String {
    match from {
        None => FROM_ALL.to_owned(),
        Some(none) if none.is_empty() => json!({ "redrivePermission": "denyAll" }).to_string(),
        Some(queues) => json!({ "redrivePermission": "byQueue", "sourceQueueArns": queues }).to_string(),
    }
}

impl Live {
    /// The spec that the live queue is equal to, but for its tags.
    ///
    /// # Errors
    /// When one of its policies is not JSON.
    pub(super) fn spec(&self, name: &str) -> Result<Spec> {
        Ok(Spec {
            name: name.to_owned(),
            fifo: (self.text(&Name::FifoQueue) == Some("true")).then(|| self.fifo()),
            visibility_timeout_seconds: self.number(&Name::VisibilityTimeout).unwrap_or_default(),
            retention_seconds: self.number(&Name::MessageRetentionPeriod).unwrap_or_default(),
            delay_seconds: self.number(&Name::DelaySeconds).unwrap_or_default(),
            receive_wait_seconds: self.number(&Name::ReceiveMessageWaitTimeSeconds).unwrap_or_default(),
            max_message_bytes: self.number(&Name::MaximumMessageSize).unwrap_or_default(),
            own_encryption: self.text(&Name::SqsManagedSseEnabled) == Some("true"),
            kms_key: self.text(&Name::KmsMasterKeyId).map(str::to_owned),
            kms_reuse_seconds: self.number(&Name::KmsDataKeyReusePeriodSeconds).unwrap_or_else(five_minutes),
            dead_letters: self.json(&Name::RedrivePolicy)?.map(|policy| dead_letters(&policy)),
            dead_letters_of: self.json(&Name::RedriveAllowPolicy)?.and_then(|policy| dead_letters_of(&policy)),
            policy: self.json(&Name::Policy)?.map(|policy| Policy::new(&policy)),
            tags: Tags::new(),
        })
    }

    /// What SQS makes up.
    pub(super) fn outputs(&self, url: String) -> Outputs {
        Outputs {
            arn: self.text(&Name::QueueArn).unwrap_or_default().to_owned(),
            url,
            messages: self.number(&Name::ApproximateNumberOfMessages).unwrap_or_default().into(),
            in_flight: self.number(&Name::ApproximateNumberOfMessagesNotVisible).unwrap_or_default().into(),
        }
    }

    fn fifo(&self) -> Fifo {
        let text = |name, usual: &str| self.text(name).unwrap_or(usual).to_owned();
        Fifo {
            content_based_deduplication: self.text(&Name::ContentBasedDeduplication) == Some("true"),
            deduplication_scope: text(&Name::DeduplicationScope, "queue"),
            throughput_limit: text(&Name::FifoThroughputLimit, "perQueue"),
        }
    }

    fn text(&self, name: &Name) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn number(&self, name: &Name) -> Option<u32> {
        self.text(name)?.parse().ok()
    }

    fn json(&self, name: &Name) -> Result<Option<Value>> {
        let parsed = |text| serde_json::from_str(text).map_err(|error| garbled(READ, name.as_str(), text, &error));
        self.text(name).map(parsed).transpose()
    }
}
