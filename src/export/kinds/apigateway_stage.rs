//! Stages of REST APIs, each with the deployment that it serves.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, joined_by, known, tag_list};
use crate::catalog::Type;
use crate::catalog::apigateway_stage::{AccessLog, Outputs, Spec, Stage};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

const SETTINGS: &str = "aws_api_gateway_method_settings";
const DEPLOYMENT: &str = "aws_api_gateway_deployment";

impl Exported for Stage {
    const TERRAFORM_TYPE: &'static str = "aws_api_gateway_stage";
    // They name the API by its id.
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_api_gateway_stage", |it| joined_by(it, &["rest_api_id", "stage_name"])),
        (SETTINGS, |it| joined_by(it, &["rest_api_id", "stage_name"])),
    ];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { api, name, deployment, rate, burst, detailed_metrics, tracing, access_log, tags } = it.spec;
        let api = Term::named(Type::RestApi, api);
        let log = access_log.as_ref().map_or_else(Term::none, |AccessLog { log_group_arn, format }| {
            block([("destination_arn", log_group_arn.into()), ("format", format.into())])
        });
        let ids = ids(it.outputs)?;
        let stage = fields([
            ("rest_api_id", api.clone()),
            ("stage_name", name.into()),
            ("deployment_id", ids.deployment.into()),
            ("xray_tracing_enabled", tracing.into()),
            ("access_log_settings", log),
            ("tags", tags.into()),
        ]);
        let settings = block([
            ("metrics_enabled", detailed_metrics.into()),
            ("throttling_rate_limit", or_the_accounts(*rate).into()),
            ("throttling_burst_limit", or_the_accounts(*burst).into()),
        ]);
        let settings = fields([
            ("rest_api_id", api.clone()),
            ("stage_name", name.into()),
            ("method_path", "*/*".into()),
            ("settings", settings),
        ]);
        let deployment = fields([("rest_api_id", api), ("description", description(deployment).into())]);
        // What Terraform imports them by.
        let (id, of_deployment) = (format!("{}/{name}", ids.api), format!("{}/{}", ids.api, ids.deployment));
        Ok(vec![
            terraform::Part::new("aws_api_gateway_stage", &id, stage),
            terraform::Part::new(SETTINGS, &format!("{id}/*/*"), settings).under("settings"),
            terraform::Part::new(DEPLOYMENT, &of_deployment, deployment).under("deployment").unread(&["triggers"]),
        ])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { api, name, deployment, rate, burst, detailed_metrics, tracing, access_log, tags } = it.spec;
        let api = cloudformation::named(Type::RestApi, api);
        let log = access_log
            .as_ref()
            .map(|AccessLog { log_group_arn, format }| json!({ "DestinationArn": log_group_arn, "Format": format }));
        let ids = ids(it.outputs)?;
        let settings = json!([{
            "HttpMethod": "*",
            "ResourcePath": "/*",
            "MetricsEnabled": detailed_metrics,
            "ThrottlingRateLimit": or_the_accounts(*rate),
            "ThrottlingBurstLimit": or_the_accounts(*burst),
        }]);
        let stage = properties([
            ("RestApiId", api.clone()),
            ("StageName", json!(name)),
            ("DeploymentId", json!(ids.deployment)),
            ("TracingEnabled", json!(tracing)),
            ("AccessLogSetting", json!(log)),
            ("MethodSettings", settings),
            ("Tags", tag_list(tags)),
        ]);
        let deployment = properties([("RestApiId", api), ("Description", json!(description(deployment)))]);
        let of_stage = [("RestApiId", ids.api), ("StageName", name)];
        let of_deployment = [("DeploymentId", ids.deployment), ("RestApiId", ids.api)];
        Ok(vec![
            cloudformation::Part::new("AWS::ApiGateway::Stage", of_stage, stage),
            cloudformation::Part::new("AWS::ApiGateway::Deployment", of_deployment, deployment).under("Deployment"),
        ])
    }
}

/// What AWS calls its API and what it serves.
struct Ids<'a> {
    api: &'a str,
    deployment: &'a str,
}

fn ids(outputs: &Outputs) -> Result<Ids<'_>, &'static str> {
    Ok(Ids { api: known(&outputs.api_id)?, deployment: known(&outputs.deployment_id)? })
}

/// What tells which methods it is a copy of.
fn description(deployment: &str) -> String {
    format!("pipectl {deployment}")
}

fn or_the_accounts(limit: Option<u32>) -> Value {
    limit.map_or(json!(-1), |limit| json!(limit))
}
