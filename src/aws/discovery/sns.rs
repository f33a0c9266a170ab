//! Topics, and who is subscribed to them.

use aws_sdk_sns::{Client, types};

use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result};
use crate::model::discovery::Subscription;

/// The subscriptions to a topic.
pub(super) async fn subscriptions(aws: &Aws, topic: &str) -> Result<Vec<Subscription>> {
    let client = aws.client(Client::new).await;
    let pages = client.list_subscriptions_by_topic().topic_arn(topic).into_paginator().items().send();
    let all: Vec<types::Subscription> =
        absent_is_none(pages.try_collect().await.map_err(failed("sns ListSubscriptionsByTopic")))?.unwrap_or_default();
    // In the place of an ARN SNS says `PendingConfirmation`, and for a while `Deleted`.
    let there = all.into_iter().filter(|one| one.subscription_arn() != Some("Deleted"));
    let subscription = |one: types::Subscription| {
        let arn = one.subscription_arn.filter(|arn| arn.starts_with("arn:"));
        Some(Subscription { arn, protocol: one.protocol?, endpoint: one.endpoint? })
    };
    Ok(there.filter_map(subscription).collect())
}
