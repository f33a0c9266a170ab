//! SNS topics.

use std::collections::HashMap;

use aws_sdk_sns::{Client, types};
use serde_json::{Value, json};

use super::unmodelled::sns::shown_of_topic;
use crate::aws::error::{absent_is_none, failed, garbled};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::sns_topic::{Outputs, Spec, Topic};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::policy::Policy;
use crate::model::tags;
use crate::model::tags::Tags;

impl Calls for Topic {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, key).await?);
        let found = tokio::try_join!(attributes(&client, &arn), read_tags(&client, &arn));
        let Some((mut attributes, tags)) = absent_is_none(found)? else { return Ok(None) };
        let unmodelled = shown_of_topic(&attributes);
        let mut take = |name: &str| attributes.remove(name).filter(|value| !value.is_empty());
        let spec = Spec {
            name: key.to_owned(),
            display_name: take("DisplayName").unwrap_or_default(),
            policy: take("Policy").map(|text| declared(&text, &arn)).transpose()?.flatten(),
            kms_key: take("KmsMasterKeyId"),
            tags,
        };
        Ok(Some((spec, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, &want.name).await?);
        // CreateTopic returns a topic that exists as if it had made it.
        if absent_is_none(attributes(&client, &arn).await)?.is_some() {
            return Err(CallError::own(Class::InUse, "sns CreateTopic", format!("the topic {} exists", want.name)));
        }
        let attributes = [
            ("DisplayName", Some(want.display_name.clone()).filter(|name| !name.is_empty())),
            ("Policy", want.policy.as_ref().map(Policy::text)),
            ("KmsMasterKeyId", want.kms_key.clone()),
        ];
        let attributes: HashMap<_, _> =
            attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let create = client.create_topic().name(&want.name).set_attributes(Some(attributes));
        let create = create.set_tags(Some(to_tags(&want.tags)));
        create.send().await.map_err(failed("sns CreateTopic"))?;
        Ok(Some((want.clone(), Outputs { arn }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, &want.name).await?);
        if now.display_name != want.display_name {
            set(&client, &arn, "DisplayName", &want.display_name).await?;
        }
        if now.policy != want.policy {
            let policy = want.policy.clone().unwrap_or_else(|| default_policy(&arn));
            set(&client, &arn, "Policy", &policy.text()).await?;
        }
        if now.kms_key != want.kms_key {
            set(&client, &arn, "KmsMasterKeyId", want.kms_key.as_deref().unwrap_or_default()).await?;
        }
        let (write, remove) = tags::changes(&now.tags, &want.tags);
        if !write.is_empty() {
            let tag = client.tag_resource().resource_arn(&arn).set_tags(Some(to_tags(&write)));
            tag.send().await.map_err(failed("sns TagResource"))?;
        }
        if !remove.is_empty() {
            let untag = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            untag.send().await.map_err(failed("sns UntagResource"))?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, key).await?);
        // DeleteTopic of a topic that does not exist succeeds.
        client.delete_topic().topic_arn(arn).send().await.map_err(failed("sns DeleteTopic")).map(drop)
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("sns", name))
}

async fn attributes(client: &Client, arn: &str) -> Result<HashMap<String, String>> {
    let reply = client.get_topic_attributes().topic_arn(arn).send().await.map_err(failed("sns GetTopicAttributes"))?;
    Ok(reply.attributes.unwrap_or_default())
}

async fn read_tags(client: &Client, arn: &str) -> Result<Tags> {
    let reply = client.list_tags_for_resource().resource_arn(arn).send().await;
    let reply = reply.map_err(failed("sns ListTagsForResource"))?;
    Ok(tags::own(reply.tags.into_iter().flatten().map(|tag| (tag.key, tag.value))))
}

fn to_tags(tags: &Tags) -> Vec<types::Tag> {
    // A tag is built of key and value, and both are set.
    let tag =
        |(key, value): (&String, &String)| types::Tag::builder().key(key).value(value).build().expect("key and value");
    tags.iter().map(tag).collect()
}

/// SetTopicAttributes takes one attribute per call.
async fn set(client: &Client, arn: &str, name: &str, value: &str) -> Result<()> {
    let set = client.set_topic_attributes().topic_arn(arn).attribute_name(name).attribute_value(value);
    set.send().await.map_err(failed("sns SetTopicAttributes")).map(drop)
}

/// The policy that SNS gives a topic without one, and that stands for "none": it cannot be deleted, only set back.
fn default_policy(arn: &str) -> Policy {
    let account = arn.split(':').nth(4).unwrap_or_default();
    Policy::new(&json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        }],
    }))
}

/// A topic's policy, or `None` if it is SNS's own. The actions do not count: topics of other ages list others. The
/// rest does, since the console and AddPermission add to SNS's own policy and leave its id.
fn declared(text: &str, arn: &str) -> Result<Option<Policy>> {
    let policy = Policy::parse(text).map_err(|error| garbled("sns GetTopicAttributes", "policy", text, &error))?;
    Ok((without_actions(&policy) != without_actions(&default_policy(arn))).then_some(policy))
}

fn without_actions(policy: &Policy) -> Value {
    let mut document = policy.document().clone();
    if let Some(actions) = document.pointer_mut("/Statement/0/Action") {
        actions.take();
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";

    #[test]
    fn the_default_policy_reads_as_none_whatever_actions_it_lists() {
        let mut document = default_policy(ARN).document().clone();
        assert_eq!(declared(&document.to_string(), ARN).unwrap(), None);
        document["Statement"][0]["Action"] = json!(["SNS:Publish", "SNS:Receive"]);
        assert_eq!(declared(&document.to_string(), ARN).unwrap(), None);
    }

    #[test]
    fn a_default_policy_that_somebody_opened_is_seen() {
        let mut document = default_policy(ARN).document().clone();
        let _ = document["Statement"][0].as_object_mut().unwrap().remove("Condition");
        assert_eq!(declared(&document.to_string(), ARN).unwrap(), Some(Policy::new(&document)));
    }
}
