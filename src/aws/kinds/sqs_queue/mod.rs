//! SQS queues.

mod attributes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_sqs::Client;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::policy::Policy;
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, kms, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

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

fn five_minutes() -> u32 {
    300
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
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

const QUEUE: On = On::Arns(&["arn:{partition}:sqs:{region}:{account}:{name}"]);

/// AWS takes up to a minute to make a queue known everywhere, or to forget it.
const LIMIT: Duration = Duration::from_mins(2);
/// AWS gives a name to nobody for a minute after its queue was deleted.
const NAME_RESTS: Duration = Duration::from_secs(90);

const SET: &[&str] = &["sqs:SetQueueAttributes"];

impl Resource for Queue {
    const KIND: &'static str = "sqs_queue";
    const AWS_TYPE: &'static str = "AWS::SQS::Queue";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"], QUEUE),
        Grant::apply(
            &["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"],
            QUEUE,
        ),
    ];
    const WRITES: &'static Writes = &Writes {
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
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        let Some(url) = url(&client, key).await? else { return Ok(None) };
        let found = tokio::try_join!(attributes::read(&client, &url), read_tags(&client, &url));
        // Deleted between the calls: as good as absent.
        let Some((live, tags)) = absent_is_none(found)? else { return Ok(None) };
        let spec = Spec { tags, ..live.spec(key)? };
        Ok(Some((spec, live.outputs(url))))
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        const CALL: &str = "sqs CreateQueue";
        let client = aws.client(Client::new).await;
        // CreateQueue returns a queue that exists as if it had made it.
        if url(&client, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CALL, format!("the queue {} exists", want.name)));
        }
        let tags = want.tags.clone().into_iter().collect();
        let call = client.create_queue().queue_name(&want.name).set_tags(Some(tags));
        let call = call.set_attributes(Some(attributes::given(want)));
        let passing = |error: &CallError| {
            let rests = error.code.as_ref().is_some_and(|code| code.ends_with("QueueDeletedRecently"));
            if rests {
                (step.note)("waits for the minute in which AWS gives the name of a deleted queue to nobody".to_owned());
            }
            rests || error.message.contains("Dead letter target does not exist")
        };
        let send = || async { Box::pin(call.clone().send()).await.map(drop).map_err(failed(CALL)) };
        wait::retry(NAME_RESTS, passing, send).await?;
        known(&client, &want.name).await
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        known(&aws.client(Client::new).await, key).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let changed = attributes::changes(now, want);
        if changed.is_empty() && now.tags == want.tags {
            return Ok(());
        }
        let call = "sqs GetQueueUrl";
        let url = url(&client, &want.name).await?;
        let url = url.ok_or_else(|| CallError::own(Class::Absent, call, "the queue does not exist"))?;
        if !changed.is_empty() {
            let set = client.set_queue_attributes().queue_url(&url).set_attributes(Some(changed));
            Box::pin(set.send()).await.map_err(failed("sqs SetQueueAttributes"))?;
        }
        set_tags(&client, &url, &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let Some(known) = url(&client, key).await? else { return Ok(()) };
        absent_is_done(client.delete_queue().queue_url(known).send().await.map_err(failed("sqs DeleteQueue")))?;
        // That its name rests for a minute concerns only who makes it again: `create` waits for that.
        let look = || async { Ok(url(&client, key).await?.is_none().then_some(())) };
        wait::until(&format!("queue {key} to be gone"), LIMIT, look).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        match want.filter(|want| want.name == now.name) {
            None => vec![format!("The messages in `{}` are deleted with it.", now.name)],
            Some(want) if want.retention_seconds < now.retention_seconds => {
                vec![format!("Messages older than {} s are deleted.", want.retention_seconds)]
            }
            Some(_) => Vec::new(),
        }
    }
}

/// Where the queue of that name is; none where there is no such queue.
async fn url(client: &Client, name: &str) -> Result<Option<String>> {
    let reply = client.get_queue_url().queue_name(name).send().await;
    Ok(absent_is_none(reply.map_err(failed("sqs GetQueueUrl")))?.and_then(|reply| reply.queue_url))
}

/// Waits until SQS knows a queue that it has just made.
async fn known(client: &Client, name: &str) -> Result<()> {
    let look = || async { Ok(url(client, name).await?.map(drop)) };
    wait::until(&format!("queue {name} to be known"), LIMIT, look).await
}

async fn read_tags(client: &Client, url: &str) -> Result<Tags> {
    let reply = client.list_queue_tags().queue_url(url).send().await.map_err(failed("sqs ListQueueTags"))?;
    Ok(tags::own(reply.tags.unwrap_or_default()))
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, url: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_queue().queue_url(url).set_tag_keys(Some(remove));
        call.send().await.map_err(failed("sqs UntagQueue"))?;
    }
    if !write.is_empty() {
        let call = client.tag_queue().queue_url(url).set_tags(Some(write.into_iter().collect()));
        call.send().await.map_err(failed("sqs TagQueue"))?;
    }
    Ok(())
}
