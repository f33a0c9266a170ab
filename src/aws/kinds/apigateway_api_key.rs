//! API keys of API Gateway. AWS makes up their values, which pipectl neither reads nor keeps.

use aws_sdk_apigateway::types::Op;
use aws_sdk_apigateway::{Client, types};

use super::apigateway::{by_name, make, once, patch, patient, set_tags};
use super::unmodelled::apigateway::shown_of_key;
use crate::aws::error::{absent_is_done, failed};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::apigateway_api_key::{ApiKey, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

const CREATE: &str = "apigateway CreateApiKey";

const UPDATE: &str = "apigateway UpdateApiKey";

impl Calls for ApiKey {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let Some(live) = by_name::<types::ApiKey>(aws, key).await? else { return Ok(None) };
        let unmodelled = shown_of_key(&live);
        let spec = Spec {
            name: key.to_owned(),
            description: live.description.unwrap_or_default(),
            enabled: live.enabled,
            tags: tags::own(live.tags.unwrap_or_default()),
        };
        Ok(Some((spec, Outputs { id: live.id.unwrap_or_default() }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        if by_name::<types::ApiKey>(aws, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CREATE, format!("an API key called {} exists", want.name)));
        }
        let call = aws.client(Client::new).await.create_api_key().name(&want.name).description(&want.description);
        let call = call.enabled(want.enabled).set_tags(Some(want.tags.clone().into_iter().collect()));
        let send = || async {
            call.clone().customize().config_override(once()).send().await.map(drop).map_err(failed(CREATE))
        };
        make::<types::ApiKey, _>(aws, &want.name, send).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let live = by_name::<types::ApiKey>(aws, &want.name).await?.and_then(|live| live.id);
        let id = live.ok_or_else(|| CallError::own(Class::Absent, UPDATE, "the API key does not exist"))?;
        let mut patches = Vec::new();
        if now.description != want.description {
            patches.push(patch(Op::Replace, "/description", Some(&want.description)));
        }
        if now.enabled != want.enabled {
            patches.push(patch(Op::Replace, "/enabled", Some(&want.enabled.to_string())));
        }
        if !patches.is_empty() {
            let call = aws.client(Client::new).await.update_api_key().api_key(&id).set_patch_operations(Some(patches));
            call.send().await.map_err(failed(UPDATE))?;
        }
        set_tags(aws, &format!("/apikeys/{id}"), &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let live = by_name::<types::ApiKey>(aws, key).await?;
        let Some(id) = live.and_then(|live| live.id) else { return Ok(()) };
        let call = aws.client(Client::new).await.delete_api_key().api_key(id);
        let delete = || async { call.clone().send().await.map(drop).map_err(failed("apigateway DeleteApiKey")) };
        absent_is_done(patient(delete).await)
    }
}
