//! CloudWatch dashboards.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::put_dashboard::PutDashboardError;
use aws_sdk_cloudwatch::types::DashboardValidationMessage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::{Ownership, Step};
use crate::engine::trail::Writes;

/// A CloudWatch dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account; 1–255 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Its body, compared as JSON.
    pub(crate) body: Value,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the dashboard.
    pub(crate) arn: String,
}

/// CloudWatch dashboards.
pub(crate) struct Dashboard;

const DASHBOARD: On = On::Arns(&["arn:{partition}:cloudwatch::{account}:dashboard/{name}"]);

impl Resource for Dashboard {
    const KIND: &'static str = "cloudwatch_dashboard";
    const AWS_TYPE: &'static str = "AWS::CloudWatch::Dashboard";
    const OWNERSHIP: Ownership = Ownership::Unmarked;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["cloudwatch:GetDashboard"], DASHBOARD),
        Grant::apply(&["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"], DASHBOARD),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        // Which gives a dashboard all that it has.
        create: &["monitoring:PutDashboard"],
        delete: &["monitoring:DeleteDashboards"],
        update: &[],
    };
    const EXAMPLES: &'static str = r##"
[first]
name = "pipectl-example-dashboard"
[[first.body.widgets]]
type = "metric"
width = 12
height = 6
[first.body.widgets.properties]
region = "us-east-1"
title = "Incoming"
metrics = [["AWS/Kinesis", "IncomingRecords", "StreamName", "clicks", { stat = "Sum" }]]

[second]
name = "pipectl-example-dashboard"
[[second.body.widgets]]
type = "text"
width = 24
height = 2
[second.body.widgets.properties]
markdown = "# Clicks & more"
"##;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let call = "cloudwatch GetDashboard";
        let client = aws.client(Client::new).await;
        let reply = client.get_dashboard().dashboard_name(key).send().await.map_err(failed(call));
        let Some(dashboard) = absent_is_none(reply)? else { return Ok(None) };
        let body = serde_json::from_str(dashboard.dashboard_body().unwrap_or("null"))
            .map_err(|error| CallError::own(Class::Other, call, format!("unreadable body: {error}")))?;
        let arn = dashboard.dashboard_arn.unwrap_or_default();
        Ok(Some((Spec { name: key.to_owned(), body }, Outputs { arn })))
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        // PutDashboard overwrites a dashboard that exists.
        if Self::read(aws, &want.name, None).await?.is_some() {
            let message = format!("the dashboard {} exists", want.name);
            return Err(CallError::own(Class::InUse, "cloudwatch PutDashboard", message));
        }
        put(aws, want, step).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        if now.body != want.body {
            put(aws, want, step).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let delete = client.delete_dashboards().dashboard_names(key).send().await;
        absent_is_done(delete.map_err(failed("cloudwatch DeleteDashboards")))
    }
}

/// Writes the body. What CloudWatch finds wrong with it comes with a refusal, or, if it is minor, with success.
async fn put(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
    let client = aws.client(Client::new).await;
    let put = client.put_dashboard().dashboard_name(&want.name).dashboard_body(want.body.to_string()).send().await;
    let reply = put.map_err(|error| {
        let findings = match error.as_service_error() {
            Some(PutDashboardError::DashboardInvalidInputError(invalid)) => {
                findings(invalid.dashboard_validation_messages())
            }
            _ => Vec::new(),
        };
        let error = failed("cloudwatch PutDashboard")(error);
        CallError { message: [vec![error.message], findings].concat().join("; "), ..error }
    })?;
    for finding in findings(reply.dashboard_validation_messages()) {
        (step.note)(format!("the dashboard {} is written, but {finding}", want.name));
    }
    Ok(())
}

/// CloudWatch's messages, each with the place in the body: `/widgets/9/properties: Should have required property …`.
fn findings(messages: &[DashboardValidationMessage]) -> Vec<String> {
    let finding = |message: &DashboardValidationMessage| {
        format!("{}: {}", message.data_path().unwrap_or("/"), message.message().unwrap_or("not valid"))
    };
    messages.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_and_what() {
        let message = DashboardValidationMessage::builder()
            .data_path("/widgets/9/properties")
            .message("Should have required property 'metrics'")
            .build();
        assert_eq!(findings(&[message]), ["/widgets/9/properties: Should have required property 'metrics'"]);
    }
}
