//! SNS subscriptions.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::{Client, types};
use serde_json::{Value, json};

use crate::aws::error::{absent_is_done, absent_is_none, failed, garbled};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::sns_subscription::{Outputs, Spec, Subscription};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

impl Calls for Subscription {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let spec = from_key(key)?;
        let Some(outputs) = find(aws, &spec).await? else { return Ok(None) };
        let Some(arn) = &outputs.arn else {
            // What it was made with shows once it is confirmed.
            return Ok(Some((hint.cloned().unwrap_or(spec), outputs, Vec::new())));
        };
        // No block says any of them of a mail, and they take a round trip of their own: SNS tells them by an ARN that it makes up.
        if spec.is_by_mail() {
            return Ok(Some((spec, outputs, Vec::new())));
        }
        let Some(attributes) = absent_is_none(attributes(aws, arn).await)? else { return Ok(None) };
        Ok(Some((with_attributes(spec, &attributes)?, outputs, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        // Subscribe returns a subscription that exists as if it had made it.
        if find(aws, want).await?.is_some() {
            let message = format!("{} is subscribed to {} already", want.endpoint, want.topic_arn);
            return Err(CallError::own(Class::InUse, "sns Subscribe", message));
        }
        let subscribe = client.subscribe().topic_arn(&want.topic_arn).protocol(&want.protocol).endpoint(&want.endpoint);
        let subscribe = subscribe.return_subscription_arn(true).set_attributes(Some(to_attributes(want)));
        subscribe.send().await.map_err(failed("sns Subscribe"))?;
        // Whoever reads mail, or answers for a web server, has to confirm a new one. Whether SNS asks anybody else shows in
        // its list.
        let asked = ["email", "email-json", "http", "https"].contains(&want.protocol.as_str());
        Ok(asked.then(|| (want.clone(), Outputs { arn: None, pending: true }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        // One that is pending takes nothing yet.
        let Some(Outputs { arn: Some(arn), .. }) = find(aws, want).await? else { return Ok(()) };
        let client = aws.client(Client::new).await;
        for (name, value) in changes(now, want) {
            let set = client.set_subscription_attributes().subscription_arn(&arn);
            let set = set.attribute_name(name).attribute_value(value).send().await;
            set.map_err(failed("sns SetSubscriptionAttributes"))?;
        }
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
        (Some(topic_arn), Some(protocol), Some(endpoint)) => Ok(Spec::new(&topic_arn, &protocol, &endpoint)),
        _ => Err(CallError::own(Class::Invalid, "sns_subscription", format!("`{key}` is not topic|protocol|endpoint"))),
    }
}

const FILTER: &str = "FilterPolicy";
const SCOPE: &str = "FilterPolicyScope";
const RAW: &str = "RawMessageDelivery";
const REDRIVE: &str = "RedrivePolicy";
/// What a filter looks at unless it says otherwise.
const ATTRIBUTES: &str = "MessageAttributes";

async fn attributes(aws: &Aws, arn: &str) -> Result<HashMap<String, String>> {
    let client = aws.client(Client::new).await;
    let reply = client.get_subscription_attributes().subscription_arn(arn).send().await;
    Ok(reply.map_err(failed("sns GetSubscriptionAttributes"))?.attributes.unwrap_or_default())
}

/// What SNS shows of a subscription besides whose it is.
fn with_attributes(spec: Spec, shown: &HashMap<String, String>) -> Result<Spec> {
    const CALL: &str = "sns GetSubscriptionAttributes";
    let text = |name: &str| shown.get(name).map(String::as_str).filter(|text| !text.is_empty() && *text != "{}");
    let json = |name: &'static str| {
        let parsed = |text| serde_json::from_str::<Value>(text).map_err(|error| garbled(CALL, name, text, &error));
        text(name).map(parsed).transpose()
    };
    let redrive = json(REDRIVE)?;
    Ok(Spec {
        filter: json(FILTER)?,
        filter_scope: text(SCOPE).filter(|scope| *scope != ATTRIBUTES).map(str::to_owned),
        raw: text(RAW) == Some("true"),
        dead_letter_arn: redrive.and_then(|redrive| redrive["deadLetterTargetArn"].as_str().map(str::to_owned)),
        ..spec
    })
}

fn redrive(arn: Option<&str>) -> String {
    arn.map_or_else(String::new, |arn| json!({ "deadLetterTargetArn": arn }).to_string())
}

/// What a subscription is made with.
fn to_attributes(want: &Spec) -> HashMap<String, String> {
    let scope = want.filter_scope.clone();
    let all = [
        (FILTER, want.filter.as_ref().map(ToString::to_string)),
        (SCOPE, scope),
        (RAW, want.raw.then(|| "true".to_owned())),
        (REDRIVE, want.dead_letter_arn.as_deref().map(|arn| redrive(Some(arn)))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The attributes to set, one by one, so that the filter fits what it looks at all the while: SNS refuses one of a message's
/// body that looks at attributes, and the other way round takes it.
fn changes(now: &Spec, want: &Spec) -> Vec<(&'static str, String)> {
    let filter = || (FILTER, want.filter.as_ref().map_or_else(|| "{}".to_owned(), ToString::to_string));
    let scope = || (SCOPE, want.filter_scope.clone().unwrap_or_else(|| ATTRIBUTES.to_owned()));
    let filter = (now.filter != want.filter).then(filter);
    let scope = (now.filter_scope != want.filter_scope).then(scope);
    let (first, then) = if want.filter_scope.is_some() { (scope, filter) } else { (filter, scope) };
    let raw = (now.raw != want.raw).then(|| (RAW, want.raw.to_string()));
    let dead =
        (now.dead_letter_arn != want.dead_letter_arn).then(|| (REDRIVE, redrive(want.dead_letter_arn.as_deref())));
    [first, then, raw, dead].into_iter().flatten().collect()
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
        let spec = Spec::new(TOPIC, "https", "https://example.com/?a|b");
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
        let mail = Spec::new(TOPIC, "email", "a@example.com");
        let queue = Spec { protocol: "sqs".into(), ..mail.clone() };
        assert_eq!(Subscription::warnings(None, Some(&mail)).len(), 1);
        assert_eq!(Subscription::warnings(Some(&mail), Some(&mail)).len(), 0);
        assert_eq!(Subscription::warnings(Some(&mail), None).len(), 0);
        assert_eq!(Subscription::warnings(None, Some(&queue)).len(), 0);
    }

    /// A filter of attributes, and one of the body, with all else that can be said.
    fn two() -> (Spec, Spec) {
        let examples: toml::Table = toml::from_str(Subscription::EXAMPLES).unwrap();
        let of = |name: &str| examples[name].clone().try_into().unwrap();
        (of("first"), of("second"))
    }

    #[test]
    fn a_filter_fits_what_it_looks_at_at_any_time_of_a_change() {
        let (flat, deep) = two();
        let names = |now, want| -> Vec<&str> { changes(now, want).into_iter().map(|(name, _)| name).collect() };
        assert_eq!(names(&flat, &deep), [SCOPE, FILTER, RAW, REDRIVE]);
        assert_eq!(names(&deep, &flat), [FILTER, SCOPE, RAW, REDRIVE]);
        let none = Spec { filter: None, ..flat.clone() };
        assert_eq!(changes(&flat, &none), [(FILTER, "{}".to_owned())]);
    }

    #[test]
    fn what_is_sent_reads_back_and_what_sns_says_by_itself_is_nothing() {
        let (_, deep) = two();
        let bare = from_key(&Subscription::key(&deep)).unwrap();
        assert_eq!(with_attributes(bare.clone(), &to_attributes(&deep)).unwrap(), deep);
        let shown = [(SCOPE, ATTRIBUTES), (RAW, "false"), (FILTER, "{}"), ("Owner", "123456789012")];
        let shown = shown.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(with_attributes(bare.clone(), &shown).unwrap(), bare);
    }
}
