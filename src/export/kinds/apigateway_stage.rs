//! Stages of REST APIs, each with the deployment that it serves.

use serde_json::{Value, json};

use super::{Mapping, Subject, joined_by, tag_list};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};

const SETTINGS: &str = "aws_api_gateway_method_settings";
const DEPLOYMENT: &str = "aws_api_gateway_deployment";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "apigateway_stage",
    arn: None,
    terraform_type: "aws_api_gateway_stage",
    // They name the API by its id.
    terraform_keys: &[
        ("aws_api_gateway_stage", |it| joined_by(it, &["rest_api_id", "stage_name"])),
        (SETTINGS, |it| joined_by(it, &["rest_api_id", "stage_name"])),
    ],
    terraform: |it| {
        let (api, name) = (Term::named("apigateway_rest_api", it.text("api")), it["name"].clone());
        let log = &it["access_log"];
        let log = if log.is_object() {
            block([("destination_arn", log["log_group_arn"].clone().into()), ("format", log["format"].clone().into())])
        } else {
            Term::none()
        };
        let stage = fields([
            ("rest_api_id", api.clone()),
            ("stage_name", name.clone().into()),
            ("deployment_id", json!(deployment_id(it)?).into()),
            ("xray_tracing_enabled", it["tracing"].clone().into()),
            ("access_log_settings", log),
            ("tags", it["tags"].clone().into()),
        ]);
        let settings = block([
            ("metrics_enabled", it["detailed_metrics"].clone().into()),
            ("throttling_rate_limit", or_the_accounts(&it["rate"]).into()),
            ("throttling_burst_limit", or_the_accounts(&it["burst"]).into()),
        ]);
        let settings = fields([
            ("rest_api_id", api.clone()),
            ("stage_name", name.into()),
            ("method_path", json!("*/*").into()),
            ("settings", settings),
        ]);
        let deployment = fields([("rest_api_id", api), ("description", description(it).into())]);
        let (id, of_deployment) = (id(it)?, format!("{}/{}", api_id(it)?, deployment_id(it)?));
        Ok(vec![
            terraform::Part::new("aws_api_gateway_stage", &id, stage),
            terraform::Part::new(SETTINGS, &format!("{id}/*/*"), settings).under("settings"),
            terraform::Part::new(DEPLOYMENT, &of_deployment, deployment).under("deployment").unread(&["triggers"]),
        ])
    },
    get_att: None,
    cloudformation: |it| {
        let api = cloudformation::named("apigateway_rest_api", it.text("api"));
        let log = &it["access_log"];
        let log = log.is_object().then(|| json!({ "DestinationArn": log["log_group_arn"], "Format": log["format"] }));
        let stage = properties([
            ("RestApiId", api.clone()),
            ("StageName", it["name"].clone()),
            ("DeploymentId", json!(deployment_id(it)?)),
            ("TracingEnabled", it["tracing"].clone()),
            ("AccessLogSetting", json!(log)),
            (
                "MethodSettings",
                json!([{
                    "HttpMethod": "*",
                    "ResourcePath": "/*",
                    "MetricsEnabled": it["detailed_metrics"],
                    "ThrottlingRateLimit": or_the_accounts(&it["rate"]),
                    "ThrottlingBurstLimit": or_the_accounts(&it["burst"]),
                }]),
            ),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let deployment = properties([("RestApiId", api), ("Description", description(it))]);
        let of_stage = [("RestApiId", api_id(it)?), ("StageName", it.text("name"))];
        let of_deployment = [("DeploymentId", deployment_id(it)?), ("RestApiId", api_id(it)?)];
        Ok(vec![
            cloudformation::Part::new("AWS::ApiGateway::Stage", of_stage, stage),
            cloudformation::Part::new("AWS::ApiGateway::Deployment", of_deployment, deployment).under("Deployment"),
        ])
    },
    stays: &[],
};

fn api_id<'a>(it: &Subject<'a>) -> Result<&'a str, &'static str> {
    it.known("api_id")
}

fn deployment_id<'a>(it: &Subject<'a>) -> Result<&'a str, &'static str> {
    it.known("deployment_id")
}

/// What Terraform imports it by.
fn id(it: &Subject<'_>) -> Result<String, &'static str> {
    Ok(format!("{}/{}", api_id(it)?, it.text("name")))
}

/// What tells which methods it is a copy of.
fn description(it: &Subject<'_>) -> Value {
    json!(format!("pipectl {}", it.text("deployment")))
}

fn or_the_accounts(limit: &Value) -> Value {
    if limit.is_null() { json!(-1) } else { limit.clone() }
}
