//! Usage plans of API Gateway: which API keys open which stages, and how much each key may ask of them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ResourceType, apigateway};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Brake, Grants, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A usage plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name. AWS lets several plans have one.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// The stages that it opens, each with the name of its API: `events|dev`.
    #[serde(default)]
    pub(crate) stages: BTreeSet<String>,
    /// The names of the keys that open them.
    #[serde(default)]
    pub(crate) keys: BTreeSet<String>,
    /// The most that is taken of each key; absent: as much as of all.
    #[serde(default)]
    pub(crate) throttle: Option<Throttle>,
    /// How many requests each key has; absent: any number.
    #[serde(default)]
    pub(crate) quota: Option<Quota>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// The most that is taken of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Throttle {
    /// Requests a second.
    pub(crate) rate: u32,
    /// Requests at once.
    pub(crate) burst: u32,
}

/// How many requests a key has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    /// Requests.
    pub(crate) limit: u32,
    /// In what: `DAY`, `WEEK` or `MONTH`.
    pub(crate) period: String,
    /// How many of them are taken off in the first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) offset: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the plan.
    pub(crate) id: String,
    /// The ids of its keys, by their names.
    pub(crate) key_ids: BTreeMap<String, String>,
}

/// Usage plans.
pub(crate) struct UsagePlan;

const PLANS: &str = "arn:{partition}:apigateway:{region}::/usageplans";

/// Its id is made up by AWS: what narrows it is the region. Its keys are below it.
const PLAN: &str = "arn:{partition}:apigateway:{region}::/usageplans/*";

const UPDATED: &[&str] = &["apigateway:UpdateUsagePlan"];

impl ResourceType for UsagePlan {
    const KIND: &'static str = "apigateway_usage_plan";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::UsagePlan";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], On::Arns(&[PLANS, PLAN, "arn:{partition}:apigateway:{region}::/restapis"])),
        Grant::apply(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/apikeys"])),
        Grant::apply(&["apigateway:POST"], On::Arns(&[PLANS, PLAN])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH"], On::Arns(&[PLAN])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["apigateway:CreateUsagePlan"],
        delete: &["apigateway:DeleteUsagePlan"],
        // They name the plan by its id; what does not name it is found by its time and its caller alone.
        update: &[
            Update::new("description", UPDATED).saying("/description"),
            Update::new("keys", &["apigateway:CreateUsagePlanKey", "apigateway:DeleteUsagePlanKey"]),
            Update::new("quota", UPDATED).saying("/quota"),
            Update::new("stages", UPDATED).saying("/apiStages"),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
            Update::new("throttle", UPDATED).saying("/throttle"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Grants, &["stages", "keys"]),
            (Brake, &["throttle.rate", "throttle.burst", "quota.limit"]),
            (Nothing, &["name", "description", "quota.period", "quota.offset", "tags"]),
        ],
    };
    const PRICE: Price = Price::None("calls are billed with the API");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("only its stages serve anything");
    const METRICS: Metrics = Metrics::None("calls are counted for the API");
    const EXAMPLES: &'static str = include_str!("apigateway_usage_plan.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it holds names and numbers")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        // Another name is another plan: until it has its keys and stages, nobody gets in.
        let Some(want) = want else { return now.closed(&BTreeSet::new()).into_iter().collect() };
        if now.name != want.name {
            let all = now.keys.iter().cloned().collect::<Vec<_>>().join("`, `");
            let all = format!(
                "Who calls with the key `{all}` is refused until the new plan is made, and its quota begins anew."
            );
            return Some(all).filter(|_| !now.keys.is_empty()).into_iter().collect();
        }
        now.closed(&want.keys).into_iter().chain(now.narrowed_by(want)).collect()
    }
}

impl Spec {
    /// The keys that open nothing any more.
    pub(crate) fn closed(&self, kept: &BTreeSet<String>) -> Option<String> {
        let closed: Vec<String> = self.keys.difference(kept).cloned().collect();
        let said = || format!("Who calls with the key `{}` is refused from then on.", closed.join("`, `"));
        (!closed.is_empty()).then(said)
    }

    /// What its keys get no more.
    pub(crate) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let stages: Vec<String> = self.stages.difference(&want.stages).map(|stage| stage.replace('|', "/")).collect();
        let stages = (!stages.is_empty()).then(|| format!("Its keys no longer open {}.", stages.join(", ")));
        let throttle = want
            .throttle
            .as_ref()
            .filter(|want| self.throttle.as_ref().is_none_or(|now| want.rate < now.rate || want.burst < now.burst));
        let throttle =
            throttle.map(|it| format!("More than {} requests a second of a key are refused from then on.", it.rate));
        let quota = want
            .quota
            .as_ref()
            .filter(|want| self.quota.as_ref().is_none_or(|now| want.limit < now.limit || want.period != now.period));
        let quota =
            quota.map(|it| format!("A key has {} requests per {} from then on.", it.limit, it.period.to_lowercase()));
        [stages, throttle, quota].into_iter().flatten().collect()
    }
}
