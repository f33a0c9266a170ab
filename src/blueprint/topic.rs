//! A topic becomes an SNS topic and a subscription for each of its readers.

use serde_json::{Value, json};

use super::page::Page;
use super::policy::{self, Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::Type;
use crate::catalog::{sns_subscription, sns_topic};
use crate::model::graph::What;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::function::FilterOn;
use crate::spec::blocks::queue::Queue;
use crate::spec::blocks::topic::{Subscribe, Topic};
use crate::spec::kms::Key;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Ref, Spec, filter, json};

impl Build for Topic {
    const TYPE: Option<Type> = Some(Type::Topic);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let arn = site.arn(self);
        let policy = match &self.policy {
            Some(own) => json::object(own),
            None => Some(access(&arn, site)),
        };
        let topic = sns_topic::Spec {
            name: name.clone(),
            display_name: self.display_name.clone(),
            policy: policy.as_ref().map(Policy::new),
            kms_key: self.kms_key.clone(),
            tags: site.tags(&self.tags),
        };
        site.add(topic, []);
        for email in &self.emails {
            let subscription = sns_subscription::Spec::new(&arn, "email", email);
            site.add_part(&format!("email:{email}"), subscription, [site.address.clone()]);
        }
        for one in &self.subscribe {
            add_subscriber(site, &arn, one);
        }
        if let Some(key) = self.kms_key.as_deref().filter(|key| Key::of(key) != Key::AwsManaged) {
            site.note(
                format!("Alarms reach this topic only if the policy of the key `{key}` lets CloudWatch use it"),
                "allow `cloudwatch.amazonaws.com` the actions kms:Decrypt and kms:GenerateDataKey* in the key's policy",
            );
        }
        site.output("arn", arn);
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
        let key = used.key.as_deref().and_then(|key| use_key(scope, key, &actions, &Through::sns(&used.arn)));
        [allow(&["sns:Publish"], &used.arn)].into_iter().chain(key).collect()
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        let metrics = ["NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"];
        page.graph("Messages", &metrics.map(|metric| (metric, "Sum")));
    }
}

/// Adds what makes the topic pass messages on to a queue or a web address.
fn add_subscriber(site: &mut BuildContext<'_>, topic: &str, one: &Subscribe) {
    let queue = one.to.as_ref().map(|to| site.resolve(to).arn);
    let (Some(endpoint), Some(receiver)) = (queue.clone().or_else(|| one.url.clone()), one.receiver()) else { return };
    let protocol = if queue.is_some() { "sqs" } else { "https" };
    let subscription = sns_subscription::Spec {
        filter: filter::policy(&one.filter),
        filter_scope: (one.filter_on == Some(FilterOn::Body)).then(|| "MessageBody".to_owned()),
        raw: one.raw,
        dead_letter_arn: one.dead_letters.as_ref().map(|to| site.resolve(to).arn),
        ..sns_subscription::Spec::new(topic, protocol, &endpoint)
    };
    let queues = || [&one.to, &one.dead_letters].into_iter().flatten();
    let needs = [site.address.clone()].into_iter().chain(queues().map(Ref::address)).collect::<Vec<_>>();
    site.add_part(&format!("subscription:{receiver}"), subscription, needs);
    for to in queues() {
        site.flow(site.address.clone(), What::Data, to.address());
        ask(site, to);
    }
}

/// What pipectl does not write: the policy of a queue that says its own, or is another owner's, and that of a key.
fn ask(site: &mut BuildContext<'_>, queue: &Ref<Queue>) {
    let (own, topic) = (site.spec.blocks.queue.own().get(queue.name()), site.address.clone());
    if own.is_none_or(|own| own.policy.is_some()) {
        site.note(
            format!("`{topic}` reaches `{queue}` only if the policy of that queue lets SNS send"),
            format!("allow `sns.amazonaws.com` the action sqs:SendMessage in it, for the topic `{topic}` alone"),
        );
    }
    if let Some(key) = site.resolve(queue).key.filter(|key| Key::of(key) != Key::AwsManaged) {
        site.note(
            format!("`{topic}` reaches `{queue}` only if the policy of the key `{key}` lets SNS use it"),
            "allow `sns.amazonaws.com` the actions kms:Decrypt and kms:GenerateDataKey* in the key's policy",
        );
    }
}

/// Who may publish: alarms of this account, whose own identities need no line here, and rules that tell of failures; and
/// nobody without TLS.
fn access(topic: &str, site: &BuildContext<'_>) -> Value {
    let scope = site.scope;
    let alarms = json!({
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {
            "StringEquals": { "aws:SourceAccount": scope.account },
            "ArnLike": { "aws:SourceArn": scope.arn("cloudwatch", "alarm:*") },
        },
    });
    let blocks = &site.spec.blocks;
    let jobs = blocks.job.own().values().flat_map(|job| &job.failures_to);
    let crawlers = blocks.crawler.own().values().flat_map(|crawler| &crawler.failures_to);
    let told = jobs.chain(crawlers).any(|to| to.name() == site.name);
    let rules = told.then(|| rules(topic));
    policy::document([alarms].into_iter().chain(rules).chain([policy::tls_only("sns:Publish", &[topic.to_owned()])]))
}

/// What lets EventBridge publish. A condition would refuse it: what it publishes to SNS says no source
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>).
fn rules(topic: &str) -> Value {
    json!({
        "Sid": "Rules",
        "Effect": "Allow",
        "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sns:Publish",
        "Resource": topic,
    })
}
