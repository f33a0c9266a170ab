//! SNS topics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing, Statements};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::policy::Policy;
use crate::model::tags::Tags;

/// A standard SNS topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–256 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Name shown to receivers.
    #[serde(default)]
    pub(crate) display_name: String,
    /// Who may publish; absent: AWS's default policy (the owner's account).
    #[serde(default)]
    pub(crate) policy: Option<Policy>,
    /// KMS key that encrypts messages at rest; absent: not encrypted.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the topic.
    pub(crate) arn: String,
}

/// SNS topics.
pub(crate) struct Topic;

pub(crate) const TOPIC: On = On::Arns(&["arn:{partition}:sns:{region}:{account}:{name}"]);

impl ResourceType for Topic {
    const KIND: &'static str = "sns_topic";
    const AWS_TYPE: &'static str = "AWS::SNS::Topic";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"], TOPIC),
        Grant::apply(
            &["sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource", "sns:DeleteTopic"],
            TOPIC,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["sns:CreateTopic"],
        delete: &["sns:DeleteTopic"],
        update: &[
            Update::new("display_name", &["sns:SetTopicAttributes"]).saying("DisplayName"),
            Update::new("policy", &["sns:AddPermission", "sns:RemovePermission", "sns:SetTopicAttributes"])
                .saying("Policy"),
            Update::new("kms_key", &["sns:SetTopicAttributes"]).saying("KmsMasterKeyId"),
            Update::new("tags", &["sns:TagResource", "sns:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Statements, &["policy"]),
            (Bound("key"), &["kms_key"]),
            (Nothing, &["name", "display_name", "tags"]),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/SNS", dimension: "TopicName" };
    const MANAGED_BY: &'static [&'static str] = &["sns:GetTopicAttributes", "sns:SetTopicAttributes"];
    const EXAMPLES: &'static str = r#"
[first]
name = "pipectl-example-topic"
display_name = "Alerts"
kms_key = "alias/alerts"
tags = { "pipectl:env" = "dev", team = "growth" }

[first.policy]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Principal = { Service = "cloudwatch.amazonaws.com" }, Action = "sns:Publish", Resource = "*" }]

[second]
name = "pipectl-example-topic"
tags = { "pipectl:env" = "dev", owner = "data + platform" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        match &spec.kms_key {
            Some(_) => AtRest::ByKms,
            // <https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html>
            None => AtRest::OnItsWay { field: "kms_key" },
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn unbind(live: &mut Spec) {
        live.policy = None;
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is another topic, without the subscriptions of others.
        let Some(want) = want.filter(|want| want.name == now.name) else {
            return vec![format!(
                "the subscriptions of the topic {} are deleted with it; those by mail would have to be confirmed again",
                now.name
            )];
        };
        let key = want.kms_key.as_ref().filter(|_| now.kms_key != want.kms_key);
        let needs =
            |key| format!("who publishes to the topic {} needs the key {key}, AWS's services among them", now.name);
        key.map(needs).into_iter().collect()
    }
}
