//! SNS subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A subscription to an SNS topic; pending or confirmed, it is the same to a diff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// ARN of the topic.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) topic_arn: String,
    /// `email`, `sqs` … in lower case.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) protocol: String,
    /// Mail address, queue ARN …
    #[schemars(extend("x-replaces" = true))]
    pub(crate) endpoint: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the subscription; absent while it is pending.
    pub(crate) arn: Option<String>,
    /// Whether the receiver has yet to confirm.
    pub(crate) pending: bool,
}

/// SNS subscriptions.
pub(crate) struct Subscription;

pub(crate) const TOPIC: On = On::Arns(&["{topic_arn}"]);

impl ResourceType for Subscription {
    const KIND: &'static str = "sns_subscription";
    const AWS_TYPE: &'static str = "AWS::SNS::Subscription";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["sns:ListSubscriptionsByTopic"], TOPIC),
        Grant::plan(&["sns:GetSubscriptionAttributes"], On::All),
        Grant::apply(&["sns:Subscribe"], TOPIC),
        Grant::apply(&["sns:Unsubscribe"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["sns:Subscribe"],
        delete: &["sns:DeleteTopic", "sns:Unsubscribe"],
        update: &[],
    };
    const ACCESS: &'static Rules =
        &Rules { returns: true, attributes: &[(Names, &["endpoint"]), (Nothing, &["topic_arn", "protocol"])] };
    const PRICE: Price = Price::None("deliveries are billed with the topic");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("its topic tells whether it is confirmed");
    const METRICS: Metrics = Metrics::None("deliveries are counted for the topic");
    const EXAMPLES: &'static str = r#"
[[needs]]
kind = "sns_topic"
name = "pipectl-example-subscribed"

# All three attributes are part of the key: there is nothing to update.
[first]
topic_arn = "arn:aws:sns:us-east-1:123456789012:pipectl-example-subscribed"
protocol = "email"
endpoint = "data-oncall@example.com"

[second]
topic_arn = "arn:aws:sns:us-east-1:123456789012:pipectl-example-subscribed"
protocol = "email"
endpoint = "data-oncall@example.com"
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}|{}", spec.topic_arn, spec.protocol, spec.endpoint)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("its topic keeps what is on its way")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match want {
            Some(want) if now != Some(want) && want.protocol.starts_with("email") => vec![format!(
                "{} gets a mail from AWS and must confirm the subscription within 2 days, or it lapses",
                want.endpoint
            )],
            _ => Vec::new(),
        }
    }
}
