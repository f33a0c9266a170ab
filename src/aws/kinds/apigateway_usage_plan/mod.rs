//! Usage plans of API Gateway: which API keys open which stages, and how much each key may ask of them.

mod calls;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_apigateway::{Client, types};

use self::calls::{Change, api_stages, delete_plan, quota, throttle};
use super::apigateway;
use super::apigateway::{by_name, make, once};
use crate::aws::error::failed;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::apigateway_usage_plan::{Outputs, Spec, UsagePlan};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const CREATE: &str = "apigateway CreateUsagePlan";

impl Calls for UsagePlan {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let none = BTreeSet::new();
        let wanted = hint.map_or(&none, |hint| &hint.stages);
        calls::read(aws, key, wanted).await
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
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
        make::<types::UsagePlan, _>(aws, &want.name, send).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
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

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        match by_name::<types::UsagePlan>(aws, key).await? {
            Some(live) => delete_plan(&aws.client(Client::new).await, &live).await,
            None => Ok(()),
        }
    }
}
