//! Beyond the attributes of SNS topics and subscriptions.

use std::collections::HashMap;

use aws_sdk_sns::{Client, types};

use super::{set, text};
use crate::aws::error::failed;
use crate::aws::kinds::sns_subscription::find;
use crate::aws::{Aws, Observed};
use crate::catalog::sns_subscription::{self as subscription, Subscription};
use crate::catalog::sns_topic::{self as topic, Topic};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const DELIVERY: Setting =
    Setting::shown("delivery policy", Weight::ChangesData).undone_by("aws sns set-topic-attributes");
const FEEDBACK: Setting =
    Setting::shown("delivery status logging", Weight::TakesOut).undone_by("aws sns set-topic-attributes");
const TRACING: Setting = Setting::shown("active tracing", Weight::Costs).undone_by("aws sns set-topic-attributes");
const ARCHIVE: Setting = Setting::shown("message archive", Weight::Costs).undone_by("aws sns set-topic-attributes");
const FIFO: Setting = Setting::shown("FIFO topic", Weight::ChangesData).undone_by("a topic of another name");
const SUBSCRIBERS: Setting = Setting::asked("other subscribers", Weight::TakesOut, "sns:ListSubscriptionsByTopic")
    .undone_by("aws sns unsubscribe");

/// What GetTopicAttributes shows of a topic besides its attributes.
pub(in crate::aws::kinds) fn shown_of_topic(attributes: &HashMap<String, String>) -> Vec<Unmodelled> {
    let value = |name: &str| text(attributes.get(name).map(String::as_str));
    let mut roles: Vec<&str> = attributes
        .iter()
        .filter(|(name, role)| name.ends_with("FeedbackRoleArn") && !role.is_empty())
        .map(|(name, _)| name.trim_end_matches("FeedbackRoleArn"))
        .collect();
    roles.sort_unstable();
    [
        set(&DELIVERY, value("DeliveryPolicy")),
        set(&FEEDBACK, super::list(roles)),
        set(&TRACING, value("TracingConfig").filter(|mode| *mode == "Active")),
        set(&ARCHIVE, value("ArchivePolicy").filter(|policy| *policy != "{}")),
        set(&FIFO, value("FifoTopic").filter(|fifo| *fifo == "true")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Observed for Topic {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&DELIVERY, &FEEDBACK, &TRACING, &ARCHIVE, &FIFO, &SUBSCRIBERS],
        not_looked_at: &[
            ("data protection policy", "it takes a message away, and never adds a reader"),
            ("signature version", "receivers verify either"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &topic::Spec, owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Client::new).await;
        let Some(arn) = look.answer(&SUBSCRIBERS, aws.scope().await.map(|scope| scope.arn("sns", &now.name))) else {
            return look;
        };
        let pages = client.list_subscriptions_by_topic().topic_arn(&arn).into_paginator().items().send();
        let all = pages.try_collect().await.map_err(failed("sns ListSubscriptionsByTopic"));
        let foreign = look.answer(&SUBSCRIBERS, all).into_iter().flatten().filter(|one: &types::Subscription| {
            let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
            let key = format!("{arn}|{}|{}", part(one.protocol()), part(one.endpoint()));
            one.subscription_arn() != Some("Deleted") && !owned.has("sns_subscription", &key)
        });
        let foreign: Vec<_> = foreign.map(|one| SUBSCRIBERS.is(subscriber(&one))).collect();
        look.found(foreign);
        look
    }

    async fn obstacles(_aws: &Aws, _now: &topic::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

fn subscriber(one: &types::Subscription) -> String {
    let pending = if one.subscription_arn().is_some_and(|arn| arn.starts_with("arn:")) { "" } else { ", unconfirmed" };
    format!("{} {}{pending}", one.protocol().unwrap_or_default(), one.endpoint().unwrap_or_default())
}

const ATTRIBUTES: &str = "sns:GetSubscriptionAttributes";
const FILTER: Setting =
    Setting::asked("filter policy", Weight::ChangesData, ATTRIBUTES).undone_by("aws sns set-subscription-attributes");
const RAW: Setting = Setting::asked("raw message delivery", Weight::ChangesData, ATTRIBUTES)
    .undone_by("aws sns set-subscription-attributes");
const DEAD_LETTERS: Setting =
    Setting::asked("dead-letter queue", Weight::TakesOut, ATTRIBUTES).undone_by("aws sns set-subscription-attributes");
const RETRIES: Setting =
    Setting::asked("delivery policy", Weight::ChangesData, ATTRIBUTES).undone_by("aws sns set-subscription-attributes");
const REPLAY: Setting =
    Setting::asked("replay policy", Weight::ChangesData, ATTRIBUTES).undone_by("aws sns set-subscription-attributes");

impl Observed for Subscription {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&FILTER, &RAW, &DEAD_LETTERS, &RETRIES, &REPLAY],
        not_looked_at: &[("one that waits to be confirmed", "SNS shows nothing of it before")],
    };

    async fn look_closer(aws: &Aws, now: &subscription::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(Client::new).await;
        let arn = look.answer(&FILTER, find(aws, now).await).flatten().and_then(|found| found.arn);
        let Some(arn) = arn else { return look };
        let reply = client.get_subscription_attributes().subscription_arn(arn).send().await;
        let Some(reply) = look.answer(&FILTER, reply.map_err(failed("sns GetSubscriptionAttributes"))) else {
            return look;
        };
        let value = |name: &str| text(reply.attributes().and_then(|all| all.get(name)).map(String::as_str));
        // Of others these are attributes.
        if now.is_by_mail() {
            look.found(set(&FILTER, value("FilterPolicy").filter(|policy| *policy != "{}")));
            look.found(set(&RAW, value("RawMessageDelivery").filter(|raw| *raw == "true")));
            look.found(set(&DEAD_LETTERS, value("RedrivePolicy")));
        }
        look.found(set(&RETRIES, value("DeliveryPolicy")));
        look.found(set(&REPLAY, value("ReplayPolicy")));
        look
    }

    async fn obstacles(_aws: &Aws, _now: &subscription::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
