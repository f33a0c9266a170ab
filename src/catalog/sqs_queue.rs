//! SQS queues.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Allowlist, Bound, Nothing, Statements};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::policy::Policy;
use crate::model::tags::Tags;

/// An SQS queue: standard, or FIFO where its name ends in `.fifo`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–80 of `[A-Za-z0-9_-]`, the `.fifo` of a FIFO queue included.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What a FIFO queue has besides; absent of a standard queue.
    #[serde(default)]
    pub(crate) fifo: Option<Fifo>,
    /// How long a message that was received is hidden from others, in seconds; 0–43,200.
    pub(crate) visibility_timeout_seconds: u32,
    /// How long a message is kept, in seconds; 60–1,209,600.
    pub(crate) retention_seconds: u32,
    /// How long a new message is held back, in seconds; 0–900.
    #[serde(default)]
    pub(crate) delay_seconds: u32,
    /// How long a receiver waits for a message where there is none, in seconds; 0–20.
    #[serde(default)]
    pub(crate) receive_wait_seconds: u32,
    /// The largest message, in bytes; 1,024–1,048,576.
    pub(crate) max_message_bytes: u32,
    /// Whether a key of SQS's own encrypts messages (SSE-SQS); not beside a `kms_key`.
    #[serde(default)]
    pub(crate) own_encryption: bool,
    /// KMS key that encrypts messages instead.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// How long SQS goes on using a data key of the KMS key, in seconds; 60–86,400.
    #[serde(default = "five_minutes")]
    pub(crate) kms_reuse_seconds: u32,
    /// Where messages go that are received again and again; absent: nowhere.
    #[serde(default)]
    pub(crate) dead_letters: Option<DeadLetters>,
    /// ARNs of the queues that may send their dead letters here, 10 at most; absent: every queue of the account.
    #[serde(default)]
    pub(crate) dead_letters_of: Option<BTreeSet<String>>,
    /// Who may use it besides those whose own policies allow it.
    #[serde(default)]
    pub(crate) policy: Option<Policy>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What a FIFO queue has besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fifo {
    /// Whether messages of the same content are one.
    #[serde(default)]
    pub(crate) content_based_deduplication: bool,
    /// Within what messages are told apart: `queue` or `messageGroup`.
    pub(crate) deduplication_scope: String,
    /// What its throughput is limited by: `perQueue` or `perMessageGroupId`.
    pub(crate) throughput_limit: String,
}

/// Where messages go that are received again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeadLetters {
    /// ARN of the queue.
    pub(crate) queue_arn: String,
    /// After so many receptions; 1–1,000.
    pub(crate) max_receives: u32,
}

pub(crate) fn five_minutes() -> u32 {
    300
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the queue.
    pub(crate) arn: String,
    /// Where it is sent to and received from.
    pub(crate) url: String,
    /// About how many messages wait to be received.
    pub(crate) messages: u64,
    /// About how many are received, and neither deleted nor back yet.
    pub(crate) in_flight: u64,
}

/// SQS queues.
pub(crate) struct Queue;

pub(crate) const QUEUE: On = On::Arns(&["arn:{partition}:sqs:{region}:{account}:{name}"]);

const SET: &[&str] = &["sqs:SetQueueAttributes"];

impl ResourceType for Queue {
    const KIND: &'static str = "sqs_queue";
    const AWS_TYPE: &'static str = "AWS::SQS::Queue";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"], QUEUE),
        Grant::apply(
            &["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"],
            QUEUE,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["sqs:CreateQueue"],
        delete: &["sqs:DeleteQueue"],
        update: &[
            Update::new("dead_letters", SET).saying("RedrivePolicy"),
            Update::new("dead_letters_of", SET).saying("RedriveAllowPolicy"),
            Update::new("delay_seconds", SET).saying("DelaySeconds"),
            Update::new("fifo", SET),
            Update::new("kms_key", SET).saying("KmsMasterKeyId"),
            Update::new("kms_reuse_seconds", SET).saying("KmsDataKeyReusePeriodSeconds"),
            Update::new("max_message_bytes", SET).saying("MaximumMessageSize"),
            Update::new("own_encryption", SET).saying("SqsManagedSseEnabled"),
            Update::new("policy", &["sqs:AddPermission", "sqs:RemovePermission", "sqs:SetQueueAttributes"]),
            Update::new("receive_wait_seconds", SET).saying("ReceiveMessageWaitTimeSeconds"),
            Update::new("retention_seconds", SET).saying("MessageRetentionPeriod"),
            Update::new("tags", &["sqs:TagQueue", "sqs:UntagQueue"]),
            Update::new("visibility_timeout_seconds", SET).saying("VisibilityTimeout"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Statements, &["policy"]),
            (Allowlist, &["dead_letters_of"]),
            (Bound("key"), &["kms_key"]),
            (
                Nothing,
                &[
                    "name",
                    "fifo",
                    "visibility_timeout_seconds",
                    "retention_seconds",
                    "delay_seconds",
                    "receive_wait_seconds",
                    "max_message_bytes",
                    "own_encryption",
                    "kms_reuse_seconds",
                    "dead_letters",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/SQS", dimension: "QueueName" };
    const MANAGED_BY: &'static [&'static str] = &["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"];
    const EXAMPLES: &'static str = include_str!("sqs_queue.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        // <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html>
        match (&spec.kms_key, spec.own_encryption) {
            (Some(_), _) => AtRest::ByKms,
            (None, true) => AtRest::ByService { field: "kms_key" },
            (None, false) => AtRest::Plain { field: "kms_key" },
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS has no limit of queues")
    }

    fn unbind(live: &mut Spec) {
        live.policy = None;
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        match want.filter(|want| want.name == now.name) {
            None => vec![format!("The messages in `{}` are deleted with it.", now.name)],
            // A queue cannot become one with an order, or without.
            Some(want) if want.fifo.is_some() != now.fifo.is_some() => {
                vec![format!("The messages in `{}` are deleted with it.", now.name)]
            }
            Some(want) => now.narrowed_by(want),
        }
    }
}

impl Spec {
    /// What it keeps, takes or tells no more.
    pub(crate) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let sooner = want.retention_seconds < self.retention_seconds;
        let sooner = sooner.then(|| format!("Messages older than {} s are deleted.", want.retention_seconds));
        let visible = want.visibility_timeout_seconds < self.visibility_timeout_seconds;
        let visible = visible.then(|| {
            format!("A message that takes longer than {} s is received twice.", want.visibility_timeout_seconds)
        });
        let smaller = want.max_message_bytes < self.max_message_bytes;
        let smaller = smaller
            .then(|| format!("Messages of more than {} bytes are refused from then on.", want.max_message_bytes));
        let letters = self.dead_letters.as_ref().filter(|_| self.dead_letters != want.dead_letters);
        let letters = letters.map(|now| match &want.dead_letters {
            None => {
                format!("What fails again and again no longer goes to {}: it stays until it is deleted.", now.queue_arn)
            }
            Some(want) if want.queue_arn != now.queue_arn => {
                format!("What fails again and again goes to {} from then on.", want.queue_arn)
            }
            Some(want) => format!("A message is a dead letter after {} receptions.", want.max_receives),
        });
        let sources = want.dead_letters_of.is_some() && self.dead_letters_of != want.dead_letters_of;
        let sources =
            sources.then(|| "Queues that it does not name can no longer send their dead letters here.".to_owned());
        let key = want.kms_key.as_ref().filter(|_| self.kms_key != want.kms_key);
        let key = key.map(|key| format!("Who sends and receives needs the key {key}, AWS's services among them."));
        let fifo = self.fifo.is_some() && self.fifo != want.fifo;
        let fifo = fifo.then(|| "Messages are told apart, or kept in order, otherwise from then on.".to_owned());
        [sooner, visible, smaller, letters, sources, key, fifo].into_iter().flatten().collect()
    }
}

pub(crate) fn dead_letters(policy: &Value) -> DeadLetters {
    // The console writes the number as a text.
    let most = &policy["maxReceiveCount"];
    let most = most.as_u64().or_else(|| most.as_str()?.parse().ok()).unwrap_or_default();
    DeadLetters {
        queue_arn: policy["deadLetterTargetArn"].as_str().unwrap_or_default().to_owned(),
        max_receives: u32::try_from(most).unwrap_or(u32::MAX),
    }
}

pub(crate) fn dead_letters_of(policy: &Value) -> Option<BTreeSet<String>> {
    let queues = policy["sourceQueueArns"].as_array().into_iter().flatten();
    (policy["redrivePermission"] != "allowAll")
        .then(|| queues.filter_map(|arn| arn.as_str().map(str::to_owned)).collect())
}
