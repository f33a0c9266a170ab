//! Usage plans of API Gateway, with the stages that they open.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, UNKNOWN, filled, items, tag_list, text};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, blocks, fields};

/// Why Terraform does not get the keys of a plan.
const IN_PLAIN_TEXT: &str =
    "Terraform would write the keys' values into its state in plain text; they go on opening the API";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "apigateway_usage_plan",
    arn: None,
    terraform_type: "aws_api_gateway_usage_plan",
    terraform_keys: &[
        ("aws_api_gateway_usage_plan", |it| super::named_by(it, "name")),
        // It names the plan by its id.
        ("aws_api_gateway_usage_plan_key", |it| super::named_by(it, "usage_plan_id")),
    ],
    terraform: |it| {
        let (throttle, quota) = (&it["throttle"], &it["quota"]);
        let stages = stages(it).map(|(api, stage)| {
            fields([("api_id", Term::named("apigateway_rest_api", api)), ("stage", json!(stage).into())])
        });
        let limits = |limits: &Value, fields| if limits.is_object() { block(fields) } else { Term::none() };
        let plan = fields([
            ("name", it["name"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("api_stages", blocks(stages)),
            (
                "throttle_settings",
                limits(
                    throttle,
                    [
                        ("rate_limit", throttle["rate"].clone().into()),
                        ("burst_limit", throttle["burst"].clone().into()),
                    ],
                ),
            ),
            (
                "quota_settings",
                limits(quota, [("limit", quota["limit"].clone().into()), ("period", quota["period"].clone().into())]),
            ),
            ("tags", it["tags"].clone().into()),
        ]);
        Ok(vec![terraform::Part::new("aws_api_gateway_usage_plan", it.known("id")?, plan)])
    },
    get_att: None,
    cloudformation: |it| {
        let (throttle, quota) = (&it["throttle"], &it["quota"]);
        let stages = stages(it)
            .map(|(api, stage)| json!({ "ApiId": cloudformation::named("apigateway_rest_api", api), "Stage": stage }));
        let throttle = json!({ "RateLimit": throttle["rate"], "BurstLimit": throttle["burst"] });
        let limits = json!({ "Limit": quota["limit"], "Period": quota["period"] });
        let plan = properties([
            ("UsagePlanName", it["name"].clone()),
            ("Description", filled(&it["description"])),
            ("ApiStages", filled(&stages.collect())),
            ("Throttle", if it["throttle"].is_object() { throttle } else { Value::Null }),
            ("Quota", if quota.is_object() { limits } else { Value::Null }),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let mut parts = vec![cloudformation::Part::new("AWS::ApiGateway::UsagePlan", [("Id", it.known("id")?)], plan)];
        for name in items(&it["keys"]).map(text) {
            let key_id = it.outputs["key_ids"][name].as_str().ok_or(UNKNOWN)?;
            let opens = properties([
                ("KeyId", cloudformation::named("apigateway_api_key", name)),
                ("KeyType", json!("API_KEY")),
                ("UsagePlanId", cloudformation::named("apigateway_usage_plan", it.name())),
            ]);
            let of_key = format!("{key_id}:{}", it.known("id")?);
            let part = cloudformation::Part::new("AWS::ApiGateway::UsagePlanKey", [("Id", of_key.as_str())], opens);
            parts.push(part.under("Key"));
        }
        Ok(parts)
    },
    stays: &[Stays { attribute: "keys", target: Target::Terraform, reason: IN_PLAIN_TEXT }],
};

/// The names of its APIs, each with that of a stage.
fn stages<'a>(it: &Subject<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    items(&it.attributes["stages"]).filter_map(|stage| text(stage).split_once('|'))
}
