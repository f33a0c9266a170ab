//! SNS subscriptions.

use std::collections::BTreeMap;

use aws_sdk_sns::{Client, types};

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::sns_subscription::{Outputs, Spec, Subscription};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

impl Calls for Subscription {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let spec = from_key(key)?;
        Ok(find(aws, &spec).await?.map(|outputs| (spec, outputs, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        // Subscribe returns a subscription that exists as if it had made it.
        if find(aws, want).await?.is_some() {
            let message = format!("{} is subscribed to {} already", want.endpoint, want.topic_arn);
            return Err(CallError::own(Class::InUse, "sns Subscribe", message));
        }
        let subscribe = client.subscribe().topic_arn(&want.topic_arn).protocol(&want.protocol).endpoint(&want.endpoint);
        let subscribe = subscribe.return_subscription_arn(true);
        subscribe.send().await.map_err(failed("sns Subscribe"))?;
        // Whoever reads mail, or answers for a web server, has to confirm a new one. Whether SNS asks anybody else shows in
        // its list.
        let asked = ["email", "email-json", "http", "https"].contains(&want.protocol.as_str());
        Ok(asked.then(|| (want.clone(), Outputs { arn: None, pending: true }, Vec::new())))
    }

    async fn update(_aws: &Aws, _now: &Spec, _want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let spec = from_key(key)?;
        let client = aws.client(Client::new).await;
        let seen = step.seen.and_then(|seen| seen.outputs["arn"].as_str().map(str::to_owned));
        // One that is pending cannot be taken back (Unsubscribe answers InvalidParameter, "pending confirmation"): SNS
        // drops it by itself when it was not confirmed in time, or together with its topic.
        let arn = match seen {
            Some(arn) => arn,
            None => match find(aws, &spec).await? {
                Some(Outputs { arn: Some(arn), .. }) => arn,
                _ => return Ok(()),
            },
        };
        let unsubscribe = client.unsubscribe().subscription_arn(arn).send().await;
        absent_is_done(unsubscribe.map_err(failed("sns Unsubscribe")))
    }
}

/// The three parts of a key; ARNs and protocols have no `|`, an endpoint may.
fn from_key(key: &str) -> Result<Spec> {
    let mut parts = key.splitn(3, '|').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(topic_arn), Some(protocol), Some(endpoint)) => Ok(Spec { topic_arn, protocol, endpoint }),
        _ => Err(CallError::own(Class::Invalid, "sns_subscription", format!("`{key}` is not topic|protocol|endpoint"))),
    }
}

/// The subscription in its topic's list, pending or confirmed; none where there is no topic.
pub(super) async fn find(aws: &Aws, spec: &Spec) -> Result<Option<Outputs>> {
    let client = aws.client(Client::new).await;
    // A topic is listed once for all its subscriptions.
    let list = async |topics: Vec<String>| {
        let mut listed = BTreeMap::new();
        for topic in topics {
            let pages = client.list_subscriptions_by_topic().topic_arn(&topic).into_paginator().items().send();
            let subscriptions = pages.try_collect().await.map_err(failed("sns ListSubscriptionsByTopic"))?;
            listed.insert(topic, subscriptions);
        }
        Ok(listed)
    };
    let listed = aws.batch::<Vec<types::Subscription>>().ask(&spec.topic_arn, 1, list).await;
    let same = |subscription: &types::Subscription| {
        subscription.protocol() == Some(&spec.protocol) && subscription.endpoint() == Some(&spec.endpoint)
    };
    let arns = absent_is_none(listed)?.into_iter().flatten().filter(same).filter_map(|found| found.subscription_arn);
    // In the place of an ARN SNS says `PendingConfirmation`, and for a while `Deleted`.
    Ok(arns.filter(|arn| arn != "Deleted").map(outputs).next())
}

fn outputs(arn: String) -> Outputs {
    let pending = !arn.starts_with("arn:");
    Outputs { arn: Some(arn).filter(|_| !pending), pending }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ResourceType as _;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";

    #[test]
    fn a_key_leads_back_to_its_subscription() {
        let spec =
            Spec { topic_arn: TOPIC.into(), protocol: "https".into(), endpoint: "https://example.com/?a|b".into() };
        assert_eq!(from_key(&Subscription::key(&spec)).unwrap(), spec);
        assert!(from_key(TOPIC).is_err());
    }

    #[test]
    fn a_pending_subscription_has_no_arn_yet() {
        let pending = outputs("PendingConfirmation".into());
        assert!(pending.pending && pending.arn.is_none());
        let confirmed = outputs(format!("{TOPIC}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"));
        assert!(!confirmed.pending && confirmed.arn.is_some());
    }

    #[test]
    fn only_a_new_subscription_by_mail_has_to_be_confirmed() {
        let mail = Spec { topic_arn: TOPIC.into(), protocol: "email".into(), endpoint: "a@example.com".into() };
        let queue = Spec { protocol: "sqs".into(), ..mail.clone() };
        assert_eq!(Subscription::warnings(None, Some(&mail)).len(), 1);
        assert_eq!(Subscription::warnings(Some(&mail), Some(&mail)).len(), 0);
        assert_eq!(Subscription::warnings(Some(&mail), None).len(), 0);
        assert_eq!(Subscription::warnings(None, Some(&queue)).len(), 0);
    }
}
