//! A queue becomes an SQS queue.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::page::Page;
use super::policy::{self, Through, allow, use_key};
use super::{Build, BuildContext, Resolved, resolved};
use crate::catalog::Type;
use crate::catalog::sqs_queue::{self, DeadLetters, Fifo};
use crate::model::graph::What;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::Kind;
use crate::spec::blocks::queue::{Queue, dead_letters_of, topics_of};
use crate::spec::uses::{Access, Use};
use crate::spec::{Block as _, Ref, Spec, json};

/// SQS takes a list of so many queues whose dead letters may come, or lets those of all come.
const LISTED: usize = 10;

impl Build for Queue {
    const TYPE: Option<Type> = Some(Type::Queue);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let arn = site.arn(self);
        let dead_letters = self
            .dead_letters
            .as_ref()
            .map(|to| DeadLetters { queue_arn: site.resolve(to).arn, max_receives: self.max_receives() });
        let policy = if let Some(own) = &self.policy {
            json::object(own)
        } else {
            let tls = policy::tls_only("sqs:*", std::slice::from_ref(&arn));
            Some(policy::document([tls].into_iter().chain(topics(site.name, &arn, spec, scope))))
        };
        let queue = sqs_queue::Spec {
            name: name.clone(),
            fifo: self.fifo.then(|| self.fifo()),
            visibility_timeout_seconds: self.visibility_timeout(site.name, spec),
            retention_seconds: self.retention(site.name, spec),
            delay_seconds: self.delay_seconds,
            receive_wait_seconds: self.receive_wait_seconds,
            max_message_bytes: self.max_message_kib * 1024,
            own_encryption: self.kms_key.is_none(),
            kms_key: self.kms_key.clone(),
            kms_reuse_seconds: self.kms_key.as_ref().map_or(300, |_| self.kms_reuse_seconds),
            dead_letters,
            dead_letters_of: senders(site.name, spec, scope),
            policy: policy.as_ref().map(Policy::new),
            tags: site.tags(&self.tags),
        };
        site.add(queue, self.dead_letters.as_ref().map(Ref::address));
        if let Some(to) = &self.dead_letters {
            site.flow(site.address.clone(), What::Data, to.address());
        }
        site.output("arn", arn);
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(_own: Option<&Self>, used: &Resolved, asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        // Who is given a queue's name has to ask for its URL.
        let (actions, of_key): (&[&str], &[&str]) = if asked.access == Access::Send {
            (&["sqs:GetQueueUrl", "sqs:SendMessage"], &["kms:Decrypt", "kms:GenerateDataKey"])
        } else {
            (
                &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
                &["kms:Decrypt"],
            )
        };
        let key = used.key.as_deref().and_then(|key| use_key(scope, key, of_key, &Through::sqs(&used.arn)));
        [allow(actions, &used.arn)].into_iter().chain(key).collect()
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        let messages = ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"];
        page.graph("Messages that wait, and that are being dealt with", &messages.map(|it| (it, "Maximum")));
        let age = [("ApproximateAgeOfOldestMessage", "Maximum")];
        page.graph("Age of the oldest message (s)", &age);
        let through = ["NumberOfMessagesSent", "NumberOfMessagesDeleted"];
        page.graph("Sent, and done with", &through.map(|metric| (metric, "Sum")));
    }
}

impl Queue {
    fn fifo(&self) -> Fifo {
        let (scope, limit) =
            if self.high_throughput { ("messageGroup", "perMessageGroupId") } else { ("queue", "perQueue") };
        Fifo {
            content_based_deduplication: self.content_based_deduplication,
            deduplication_scope: scope.to_owned(),
            throughput_limit: limit.to_owned(),
        }
    }
}

/// What lets topics of the environment send to a queue.
fn topics(queue: &str, arn: &str, spec: &Spec, scope: &Scope) -> Option<Value> {
    let topics = topics_of(queue, spec);
    let arns: Vec<String> = topics.iter().map(|name| resolved::resolve(Kind::Topic, name, spec, scope).arn).collect();
    (!arns.is_empty()).then(|| {
        json!({
            "Sid": "Topics",
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": arns } },
        })
    })
}

/// The queues whose dead letters may come; absent: those of all, for a queue that is nobody's in this spec may be that of
/// others, and where there are too many to list.
fn senders(queue: &str, spec: &Spec, scope: &Scope) -> Option<BTreeSet<String>> {
    let senders = dead_letters_of(queue, spec);
    let arns = senders.iter().map(|(name, _)| resolved::resolve(Kind::Queue, name, spec, scope).arn);
    (1..=LISTED).contains(&senders.len()).then(|| arns.collect())
}
