//! Usage plans of API Gateway, with the stages that they open.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, UNKNOWN, attribute, filled, known, tag_list};
use crate::catalog::Type;
use crate::catalog::apigateway_usage_plan::{Quota, Spec, Throttle, UsagePlan};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, blocks, fields};
use crate::model::scope::Scope;

/// Why Terraform does not get the keys of a plan.
const IN_PLAIN_TEXT: &str =
    "Terraform would write the keys' values into its state in plain text; they go on opening the API";

impl Exported for UsagePlan {
    const TERRAFORM_TYPE: &'static str = "aws_api_gateway_usage_plan";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_api_gateway_usage_plan", |it| super::named_by(it, "name")),
        // It names the plan by its id.
        ("aws_api_gateway_usage_plan_key", |it| super::named_by(it, "usage_plan_id")),
    ];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] =
        &[Stays { attribute: attribute!(Spec.keys), target: Target::Terraform, reason: IN_PLAIN_TEXT }];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        // The keys stay behind.
        let Spec { name, description, stages: _, keys: _, throttle, quota, tags } = it.spec;
        let stages = stages(it.spec)
            .map(|(api, stage)| fields([("api_id", Term::named(Type::RestApi, api)), ("stage", stage.into())]));
        let throttle = throttle.as_ref().map_or_else(Term::none, |Throttle { rate, burst }| {
            block([("rate_limit", rate.into()), ("burst_limit", burst.into())])
        });
        let quota = quota.as_ref().map_or_else(Term::none, |Quota { limit, period, offset }| {
            block([
                ("limit", limit.into()),
                ("period", period.into()),
                ("offset", if *offset > 0 { offset.into() } else { Term::none() }),
            ])
        });
        let plan = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("api_stages", blocks(stages)),
            ("throttle_settings", throttle),
            ("quota_settings", quota),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_api_gateway_usage_plan", known(&it.outputs.id)?, plan)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, stages: _, keys, throttle, quota, tags } = it.spec;
        let stages = stages(it.spec)
            .map(|(api, stage)| json!({ "ApiId": cloudformation::named(Type::RestApi, api), "Stage": stage }));
        let throttle =
            throttle.as_ref().map(|Throttle { rate, burst }| json!({ "RateLimit": rate, "BurstLimit": burst }));
        let quota = quota.as_ref().map(|Quota { limit, period, offset }| {
            json!({ "Limit": limit, "Period": period, "Offset": Some(offset).filter(|offset| **offset > 0) })
        });
        let plan = properties([
            ("UsagePlanName", json!(name)),
            ("Description", filled(description)),
            ("ApiStages", filled(stages.collect::<Vec<_>>())),
            ("Throttle", json!(throttle)),
            ("Quota", json!(quota)),
            ("Tags", tag_list(tags)),
        ]);
        let id = known(&it.outputs.id)?;
        let mut parts = vec![cloudformation::Part::new("AWS::ApiGateway::UsagePlan", [("Id", id)], plan)];
        for key in keys {
            let key_id = it.outputs.key_ids.get(key).ok_or(UNKNOWN)?;
            let opens = properties([
                ("KeyId", cloudformation::named(Type::ApiKey, key)),
                ("KeyType", json!("API_KEY")),
                ("UsagePlanId", cloudformation::named(Type::UsagePlan, name)),
            ]);
            let of_key = format!("{key_id}:{id}");
            let part = cloudformation::Part::new("AWS::ApiGateway::UsagePlanKey", [("Id", of_key.as_str())], opens);
            parts.push(part.under("Key"));
        }
        Ok(parts)
    }
}

/// The names of its APIs, each with that of a stage.
fn stages(spec: &Spec) -> impl Iterator<Item = (&str, &str)> {
    spec.stages.iter().filter_map(|stage| stage.split_once('|'))
}
