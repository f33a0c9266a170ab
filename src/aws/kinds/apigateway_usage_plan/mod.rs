//! Usage plans of API Gateway: which API keys open which stages, and how much each key may ask of them.

mod calls;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calls::{Change, api_stages, delete_plan, quota, throttle};
use super::apigateway::{self, by_name, make, once};
use crate::aws::error::failed;
use crate::aws::tags::Tags;
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

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
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the plan.
    pub(crate) id: String,
    /// The ids of its keys, by their names.
    pub(crate) key_ids: BTreeMap<String, String>,
}

/// Usage plans.
pub(crate) struct UsagePlan;

const CREATE: &str = "apigateway CreateUsagePlan";
const PLANS: &str = "arn:{partition}:apigateway:{region}::/usageplans";
/// Its id is made up by AWS: what narrows it is the region. Its keys are below it.
const PLAN: &str = "arn:{partition}:apigateway:{region}::/usageplans/*";
const UPDATED: &[&str] = &["apigateway:UpdateUsagePlan"];

impl Resource for UsagePlan {
    const KIND: &'static str = "apigateway_usage_plan";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::UsagePlan";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], On::Arns(&[PLANS, PLAN, "arn:{partition}:apigateway:{region}::/restapis"])),
        Grant::apply(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/apikeys"])),
        Grant::apply(&["apigateway:POST"], On::Arns(&[PLANS, PLAN])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH"], On::Arns(&[PLAN])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
    ];
    const WRITES: &'static Writes = &Writes {
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
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let none = BTreeSet::new();
        let wanted = hint.map_or(&none, |hint| &hint.stages);
        calls::read(aws, key, wanted).await
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        if by_name::<types::UsagePlan>(aws, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CREATE, format!("a usage plan called {} exists", want.name)));
        }
        let call = aws.client(Client::new).await.create_usage_plan().name(&want.name).description(&want.description);
        let call = call
            .set_api_stages(Some(api_stages(aws, &want.stages).await?))
            .set_throttle(want.throttle.as_ref().map(throttle))
            .set_quota(want.quota.as_ref().map(quota))
            .set_tags(Some(want.tags.clone().into_iter().collect()));
        let send = || async {
            call.clone().customize().config_override(once()).send().await.map(drop).map_err(failed(CREATE))
        };
        make::<types::UsagePlan, _>(aws, &want.name, send).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let live = by_name::<types::UsagePlan>(aws, &want.name).await?.and_then(|live| live.id);
        let absent = || CallError::own(Class::Absent, "apigateway GetUsagePlans", "the usage plan does not exist");
        let (client, id) = (aws.client(Client::new).await, live.ok_or_else(absent)?);
        let change = Change { aws, client: &client, plan: &id };
        change.settings(now, want).await?;
        change.keys(&want.keys).await?;
        apigateway::set_tags(aws, &format!("/usageplans/{id}"), &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        match by_name::<types::UsagePlan>(aws, key).await? {
            Some(live) => delete_plan(&aws.client(Client::new).await, &live).await,
            None => Ok(()),
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let closed = |(now, want): (&Spec, Option<&Spec>)| {
            now.keys.iter().filter(|key| want.is_none_or(|want| !want.keys.contains(*key))).cloned().collect::<Vec<_>>()
        };
        let closed = now.map(|now| closed((now, want))).filter(|closed| !closed.is_empty());
        closed
            .map(|closed| format!("Who calls with the key `{}` is refused from then on.", closed.join("`, `")))
            .into_iter()
            .collect()
    }
}
