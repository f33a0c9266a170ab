//! Of EventBridge: rules, what they call, and their tags.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::slim::{Call, Json, Nothing, Service};

/// EventBridge.
pub(crate) enum EventBridge {}

impl Service for EventBridge {
    type Speaks = Json;
    const ID: &'static str = "EventBridge";
    const NAME: &'static str = "events";
    const OF: &'static str = "AWSEvents";
}

/// Asks for a rule: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeRule<'a> {
    /// Its name.
    pub(crate) name: &'a str,
}

impl Call for DescribeRule<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "DescribeRule";
    type Reply = DescribedRule;
}

/// What DescribeRule says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct DescribedRule {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// When it fires.
    pub(crate) schedule_expression: Option<String>,
    /// The events at which it fires: JSON.
    pub(crate) event_pattern: Option<String>,
    /// `ENABLED`, `DISABLED` …
    pub(crate) state: Option<String>,
    /// The role with which it calls its targets.
    pub(crate) role_arn: Option<String>,
    /// The service of AWS's that made it, where one did.
    pub(crate) managed_by: Option<String>,
}

/// Asks what a rule calls: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsByRule<'a> {
    /// The rule's name.
    pub(crate) rule: &'a str,
}

impl Call for ListTargetsByRule<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "ListTargetsByRule";
    type Reply = ListedTargets;
}

/// What ListTargetsByRule says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListedTargets {
    /// The targets.
    pub(crate) targets: Option<Vec<LiveTarget>>,
}

/// A target as it is: of what nobody models here, whether it is there.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct LiveTarget {
    /// Its id within the rule.
    pub(crate) id: String,
    /// What is called.
    pub(crate) arn: String,
    /// What it is called with: JSON.
    pub(crate) input: Option<String>,
    pub(crate) role_arn: Option<IgnoredAny>,
    pub(crate) input_path: Option<IgnoredAny>,
    pub(crate) input_transformer: Option<IgnoredAny>,
    pub(crate) retry_policy: Option<IgnoredAny>,
    pub(crate) kinesis_parameters: Option<IgnoredAny>,
    pub(crate) run_command_parameters: Option<IgnoredAny>,
    pub(crate) ecs_parameters: Option<IgnoredAny>,
    pub(crate) batch_parameters: Option<IgnoredAny>,
    pub(crate) sqs_parameters: Option<IgnoredAny>,
    pub(crate) http_parameters: Option<IgnoredAny>,
    pub(crate) redshift_data_parameters: Option<IgnoredAny>,
    pub(crate) sage_maker_pipeline_parameters: Option<IgnoredAny>,
    pub(crate) app_sync_parameters: Option<IgnoredAny>,
    /// Where events go that it did not take.
    pub(crate) dead_letter_config: Option<DeadLetters>,
}

/// Where events go that a target did not take.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct DeadLetters {
    /// The queue's ARN.
    pub(crate) arn: Option<String>,
}

/// Makes a rule, or overwrites it: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRule<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What it is for.
    pub(crate) description: &'a str,
    /// When it fires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_expression: Option<&'a str>,
    /// The events at which it fires: JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_pattern: Option<String>,
    /// `ENABLED` or `DISABLED`.
    pub(crate) state: &'static str,
    /// With a new one alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
}

impl Call for PutRule<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "PutRule";
    type Reply = Nothing;
}

/// Gives a rule targets: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutTargets<'a> {
    /// The rule's name.
    pub(crate) rule: &'a str,
    /// The targets.
    pub(crate) targets: Vec<NewTarget<'a>>,
}

/// A target as it is to be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewTarget<'a> {
    /// Its id within the rule.
    pub(crate) id: &'a str,
    /// What is called.
    pub(crate) arn: &'a str,
    /// What it is called with: JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
}

impl Call for PutTargets<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "PutTargets";
    type Reply = ChangedTargets;
}

/// Takes targets from a rule: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTargets<'a> {
    /// The rule's name.
    pub(crate) rule: &'a str,
    /// Theirs within the rule.
    pub(crate) ids: Vec<String>,
}

impl Call for RemoveTargets<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "RemoveTargets";
    type Reply = ChangedTargets;
}

/// What PutTargets and RemoveTargets say: success, and what they refused nevertheless.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ChangedTargets {
    /// What they refused.
    pub(crate) failed_entries: Option<Vec<FailedEntry>>,
}

/// A target that was refused.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct FailedEntry {
    /// AWS's code.
    pub(crate) error_code: Option<String>,
    /// Why.
    pub(crate) error_message: Option<String>,
}

/// Deletes a rule: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRule<'a> {
    /// Its name.
    pub(crate) name: &'a str,
}

impl Call for DeleteRule<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "DeleteRule";
    type Reply = Nothing;
}

/// A tag.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Tag {
    /// Its key.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

/// Asks for tags: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html>.
#[derive(Debug, Serialize)]
pub(crate) struct ListTagsForResource<'a> {
    /// Of what.
    #[serde(rename = "ResourceARN")]
    pub(crate) arn: &'a str,
}

impl Call for ListTagsForResource<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "ListTagsForResource";
    type Reply = Tagged;
}

/// What ListTagsForResource says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Tagged {
    /// The tags.
    pub(crate) tags: Option<Vec<Tag>>,
}

/// Adds tags, or gives them other values: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>.
#[derive(Debug, Serialize)]
pub(crate) struct TagResource<'a> {
    /// Of what.
    #[serde(rename = "ResourceARN")]
    pub(crate) arn: &'a str,
    /// The tags.
    #[serde(rename = "Tags")]
    pub(crate) tags: Vec<Tag>,
}

impl Call for TagResource<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "TagResource";
    type Reply = Nothing;
}

/// Takes tags away: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html>.
#[derive(Debug, Serialize)]
pub(crate) struct UntagResource<'a> {
    /// Of what.
    #[serde(rename = "ResourceARN")]
    pub(crate) arn: &'a str,
    /// Their keys.
    #[serde(rename = "TagKeys")]
    pub(crate) keys: &'a [String],
}

impl Call for UntagResource<'_> {
    type Of = EventBridge;
    const NAME: &'static str = "UntagResource";
    type Reply = Nothing;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    const ARN: &str = "arn:aws:events:eu-west-1:123456789012:rule/nightly";

    fn tag() -> Tag {
        Tag { key: "team".to_owned(), value: "growth".to_owned() }
    }

    #[tokio::test]
    async fn calls_about_rules_are_those_of_awss_model() {
        let rule = is_as_modelled(&DescribeRule { name: "nightly" }).await;
        let read = [&rule.name, &rule.description, &rule.schedule_expression, &rule.event_pattern, &rule.state];
        let read = [&read[..], &[&rule.role_arn, &rule.managed_by]].concat();
        assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {rule:?}");
        is_as_modelled(&PutRule {
            name: "nightly",
            description: "At night",
            schedule_expression: Some("rate(1 day)"),
            event_pattern: Some("{\"source\":[\"aws.s3\"]}".to_owned()),
            state: "DISABLED",
            tags: vec![tag()],
        })
        .await;
        is_as_modelled(&DeleteRule { name: "nightly" }).await;
    }

    #[tokio::test]
    async fn calls_about_targets_are_those_of_awss_model() {
        let listed = is_as_modelled(&ListTargetsByRule { rule: "nightly" }).await;
        let [target] = listed.targets.unwrap().try_into().unwrap();
        assert_eq!((target.id.as_str(), target.arn.as_str()), ("x&<é", "x&<é"));
        assert!(target.dead_letter_config.as_ref().is_some_and(|dead| dead.arn.is_some()), "{target:?}");
        assert!(!format!("{target:?}").contains("None"), "a member has another name in AWS: {target:?}");
        let new = NewTarget { id: "function", arn: "arn:aws:lambda", input: Some("{\"a\":1}".to_owned()) };
        let put = is_as_modelled(&PutTargets { rule: "nightly", targets: vec![new] }).await;
        let removed = is_as_modelled(&RemoveTargets { rule: "nightly", ids: vec!["function".to_owned()] }).await;
        for refused in [put, removed] {
            let [entry] = refused.failed_entries.unwrap().try_into().unwrap();
            assert!(entry.error_code.is_some() && entry.error_message.is_some(), "{entry:?}");
        }
    }

    #[tokio::test]
    async fn calls_about_tags_are_those_of_awss_model() {
        let tagged = is_as_modelled(&ListTagsForResource { arn: ARN }).await;
        let [read] = tagged.tags.unwrap().try_into().unwrap();
        assert_eq!((read.key.as_str(), read.value.as_str()), ("x&<é", "x&<é"));
        is_as_modelled(&TagResource { arn: ARN, tags: vec![tag()] }).await;
        is_as_modelled(&UntagResource { arn: ARN, keys: &["team".to_owned()] }).await;
    }
}
