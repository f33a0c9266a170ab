//! SNS subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
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
    /// The pattern that a message has to match to be passed on; absent: all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<Value>,
    /// What the pattern looks at: `MessageBody`; absent: the message's attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) filter_scope: Option<String>,
    /// Whether the message is passed on alone, without SNS's envelope.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) raw: bool,
    /// ARN of the queue that gets messages which could not be passed on; absent: they are lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dead_letter_arn: Option<String>,
}

impl Spec {
    /// Whether it is by mail.
    pub(crate) fn is_by_mail(&self) -> bool {
        self.protocol.starts_with("email")
    }

    /// What a change keeps from its receiver, or gives him in another form.
    fn losses(&self, want: &Self) -> Vec<String> {
        let to = &want.endpoint;
        let filter = (&self.filter, &self.filter_scope) != (&want.filter, &want.filter_scope);
        let filter = filter.then(|| {
            if want.filter.is_none() {
                return format!("All messages reach {to}, for up to 15 minutes without what did not match the filter.");
            }
            format!(
                "What does not match the new filter does not reach {to}, and for up to 15 minutes what does not match the old."
            )
        });
        let form = if want.raw { "without" } else { "in" };
        let raw = (self.raw != want.raw).then(|| format!("{to} gets messages {form} SNS's envelope from then on."));
        let lost = self.dead_letter_arn.as_ref().filter(|_| self.dead_letter_arn != want.dead_letter_arn);
        let lost = lost.map(|queue| format!("What cannot be passed on to {to} no longer goes to {queue}."));
        [filter, raw, lost].into_iter().flatten().collect()
    }

    /// A subscription to all messages, as SNS passes them on by itself.
    pub(crate) fn new(topic_arn: &str, protocol: &str, endpoint: &str) -> Self {
        Self {
            topic_arn: topic_arn.to_owned(),
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
            filter: None,
            filter_scope: None,
            raw: false,
            dead_letter_arn: None,
        }
    }
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

const SET: &[&str] = &["sns:SetSubscriptionAttributes"];

pub(crate) const TOPIC: On = On::Arns(&["{topic_arn}"]);

impl ResourceType for Subscription {
    const KIND: &'static str = "sns_subscription";
    const AWS_TYPE: &'static str = "AWS::SNS::Subscription";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["sns:ListSubscriptionsByTopic"], TOPIC),
        Grant::plan(&["sns:GetSubscriptionAttributes"], On::All),
        Grant::apply(&["sns:Subscribe"], TOPIC),
        Grant::apply(&["sns:SetSubscriptionAttributes", "sns:Unsubscribe"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["sns:Subscribe"],
        delete: &["sns:DeleteTopic", "sns:Unsubscribe"],
        update: &[
            Update::new("dead_letter_arn", SET).saying("RedrivePolicy"),
            Update::new("filter", SET).saying("FilterPolicy"),
            Update::new("filter_scope", SET).saying("FilterPolicyScope"),
            Update::new("raw", SET).saying("RawMessageDelivery"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Names, &["endpoint", "dead_letter_arn"]),
            (Nothing, &["topic_arn", "protocol", "filter", "filter_scope", "raw"]),
        ],
    };
    const PRICE: Price = Price::None("deliveries are billed with the topic");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("its topic tells whether it is confirmed");
    const METRICS: Metrics = Metrics::None("deliveries are counted for the topic");
    const EXAMPLES: &'static str = r#"
[[needs]]
kind = "sns_topic"
name = "pipectl-example-subscribed"

[[needs]]
queue = "pipectl-example-subscriber"

[[needs]]
queue = "pipectl-example-undelivered"

[first]
topic_arn = "arn:aws:sns:us-east-1:123456789012:pipectl-example-subscribed"
protocol = "sqs"
endpoint = "arn:aws:sqs:us-east-1:123456789012:pipectl-example-subscriber"
filter = { kind = ["order"] }

[second]
topic_arn = "arn:aws:sns:us-east-1:123456789012:pipectl-example-subscribed"
protocol = "sqs"
endpoint = "arn:aws:sqs:us-east-1:123456789012:pipectl-example-subscriber"
filter = { order = { total = [{ numeric = [">", 100] }] } }
filter_scope = "MessageBody"
raw = true
dead_letter_arn = "arn:aws:sqs:us-east-1:123456789012:pipectl-example-undelivered"
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
        let Some(want) = want else { return Vec::new() };
        let asked = now.is_none_or(|now| Self::key(now) != Self::key(want)) && want.is_by_mail();
        let asked = asked.then(|| {
            format!(
                "{} gets a mail from AWS and must confirm the subscription within 2 days, or it lapses",
                want.endpoint
            )
        });
        asked.into_iter().chain(now.into_iter().flat_map(|now| now.losses(want))).collect()
    }
}
