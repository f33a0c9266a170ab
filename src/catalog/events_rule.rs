//! EventBridge rules that fire at set times, or on events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Grants, Nothing, Opens};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// An EventBridge rule of the default bus that fires at set times or on events, with what it calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–64 of `[.\-_A-Za-z0-9]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 512 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// When it fires, in UTC: `rate(5 minutes)` or `cron(0 8 * * ? *)`; absent for one that fires on events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<String>,
    /// The events on which it fires, as EventBridge's pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<Value>,
    /// Whether it fires.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// What it calls, by id; at most 5.
    #[serde(default)]
    pub(crate) targets: BTreeMap<String, Target>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What a rule calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// ARN of the function or topic.
    pub(crate) arn: String,
    /// What it is called with, as JSON; absent: EventBridge's own event.
    #[serde(default)]
    pub(crate) input: Option<Value>,
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the rule.
    pub(crate) arn: String,
}

/// EventBridge rules.
pub(crate) struct Rule;

pub(crate) const RULE: On = On::Arns(&["arn:{partition}:events:{region}:{account}:rule/{name}"]);

const PUT: &[&str] = &["events:PutRule"];

impl ResourceType for Rule {
    const KIND: &'static str = "events_rule";
    const AWS_TYPE: &'static str = "AWS::Events::Rule";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"], RULE),
        Grant::apply(
            &[
                "events:DeleteRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ],
            RULE,
        ),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: PUT,
        delete: &["events:DeleteRule"],
        update: &[
            Update::new("description", PUT),
            Update::new("enabled", &["events:DisableRule", "events:EnableRule", "events:PutRule"]),
            Update::new("pattern", PUT),
            Update::new("schedule", PUT),
            Update::new("tags", &["events:TagResource", "events:UntagResource"]),
            Update::new("targets", &["events:PutTargets", "events:RemoveTargets"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Opens, &["enabled"]),
            (Grants, &["targets"]),
            (Nothing, &["name", "description", "schedule", "pattern", "tags"]),
        ],
    };
    const PRICE: Price =
        Price::None("rules on AWS's default bus cost nothing that call at set times, or on events of AWS's services");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Events", dimension: "RuleName" };
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-nightly"
        schedule = "cron(15 3 * * ? *)"
        targets = { function = { arn = "arn:aws:lambda:us-east-1:123456789012:function:conformance-report" } }
        tags = { "pipectl:env" = "dev", team = "growth" }

        [second]
        name = "conformance-nightly"
        description = "A run has failed"
        enabled = false
        tags = { team = "data" }

        [second.pattern]
        source = ["aws.glue"]
        detail-type = ["Glue Job State Change"]
        detail = { jobName = ["conformance-clean"], state = ["FAILED", "TIMEOUT"] }

        [second.targets.other]
        arn = "arn:aws:lambda:us-east-1:123456789012:function:conformance-other"
        input = { report = "hourly", days = 1 }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps nothing: events pass through it")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some((now, want)) = now.zip(want) else { return Vec::new() };
        let off = now.enabled && !want.enabled;
        let off = off.then(|| format!("The rule {} no longer fires.", now.name));
        let left: Vec<&str> = now
            .targets
            .iter()
            .filter(|(_, target)| want.targets.values().all(|it| it.arn != target.arn))
            .map(|(_, target)| target.arn.as_str())
            .collect();
        let left = (!left.is_empty()).then(|| format!("It no longer calls {}.", left.join(", ")));
        off.into_iter().chain(left).collect()
    }
}
