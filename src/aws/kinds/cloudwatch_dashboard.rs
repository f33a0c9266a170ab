//! CloudWatch dashboards.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::put_dashboard::PutDashboardError;
use aws_sdk_cloudwatch::types::DashboardValidationMessage;

use crate::aws::error::{absent_is_done, absent_is_none, failed, garbled, present};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::cloudwatch_dashboard::{Dashboard, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

impl Calls for Dashboard {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let call = "cloudwatch GetDashboard";
        let client = aws.client(Client::new).await;
        let reply = client.get_dashboard().dashboard_name(key).send().await.map_err(failed(call));
        let Some(dashboard) = absent_is_none(reply)? else { return Ok(None) };
        let body = present(call, "body", dashboard.dashboard_body())?;
        let body = serde_json::from_str(body).map_err(|error| garbled(call, "body", body, &error))?;
        let arn = dashboard.dashboard_arn.unwrap_or_default();
        Ok(Some((Spec { name: key.to_owned(), body }, Outputs { arn }, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        // PutDashboard overwrites a dashboard that exists.
        if Self::read(aws, &want.name, None).await?.is_some() {
            let message = format!("the dashboard {} exists", want.name);
            return Err(CallError::own(Class::InUse, "cloudwatch PutDashboard", message));
        }
        put(aws, want, step).await?;
        let arn = aws.scope().await?.global_arn("cloudwatch", &format!("dashboard/{}", want.name));
        Ok(Some((want.clone(), Outputs { arn }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &StepContext<'_>) -> Result<()> {
        if now.body != want.body {
            put(aws, want, step).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let delete = client.delete_dashboards().dashboard_names(key).send().await;
        absent_is_done(delete.map_err(failed("cloudwatch DeleteDashboards")))
    }
}

/// Writes the body. What CloudWatch finds wrong with it comes with a refusal, or, if it is minor, with success.
async fn put(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<()> {
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
