//! REST APIs of API Gateway, with their resources, methods and integrations. Nobody is served by them before a stage is.

mod authorizers;
mod calls;
mod methods;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_apigateway::types::{EndpointConfiguration, EndpointType, Op};
use aws_sdk_apigateway::{Client, types};
use calls::{Change, resources};

use super::apigateway;
use super::apigateway::{find, id, make, once, patch, patient, set_tags};

use super::unmodelled::apigateway::shown_of_api;
use crate::aws::error::{absent_is_done, failed};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::apigateway_rest_api::{Outputs, RestApi, Spec, regional};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

const CREATE: &str = "apigateway CreateRestApi";

impl Calls for RestApi {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let Some(api) = find(aws, key).await? else { return Ok(None) };
        let client = aws.client(Client::new).await;
        // Deleted between the two calls: as good as absent.
        let look =
            async |wanted: bool| if wanted { authorizers::of(&client, id(&api)).await } else { Ok(BTreeMap::new()) };
        let expected = hint.is_some_and(|hint| !hint.authorizers.is_empty());
        let (resources, live) = tokio::try_join!(resources(&client, id(&api)), look(expected))?;
        let Some(resources) = resources else { return Ok(None) };
        let live = if expected { live } else { look(methods::name_authorizers(&resources)).await? };
        let names = authorizers::names(&live);
        let endpoint = api.endpoint_configuration.as_ref().and_then(|it| it.types().first());
        let spec = Spec {
            name: key.to_owned(),
            description: api.description.clone().unwrap_or_default(),
            endpoint_type: endpoint.map_or_else(regional, ToString::to_string),
            methods: methods::of(&resources, &names),
            authorizers: live.into_iter().map(|(name, live)| (name, live.spec)).collect(),
            tags: tags::own(api.tags.clone().unwrap_or_default()),
        };
        let unmodelled = shown_of_api(&api, &resources);
        let root = resources.into_iter().find(|resource| resource.path() == Some("/")).and_then(|root| root.id);
        Ok(Some((spec, Outputs { id: id(&api).to_owned(), root: root.unwrap_or_default() }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        if find(aws, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CREATE, format!("a REST API called {} exists", want.name)));
        }
        let client = aws.client(Client::new).await;
        let call = client
            .create_rest_api()
            .name(&want.name)
            .description(&want.description)
            .endpoint_configuration(
                EndpointConfiguration::builder().types(EndpointType::from(want.endpoint_type.as_str())).build(),
            )
            .set_tags(Some(want.tags.clone().into_iter().collect()));
        let send = || async {
            call.clone().customize().config_override(once()).send().await.map(drop).map_err(failed(CREATE))
        };
        make::<types::RestApi, _>(aws, &want.name, send).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let client = aws.client(Client::new).await;
        let api = apigateway::found(aws, &want.name).await?;
        if now.methods != want.methods || now.authorizers != want.authorizers {
            Change { client: &client, api: id(&api), scope: aws.scope().await? }.to(now, want).await?;
        }
        if now.description != want.description {
            let to = patch(Op::Replace, "/description", Some(&want.description));
            let call = client.update_rest_api().rest_api_id(id(&api)).patch_operations(to).send();
            call.await.map_err(failed("apigateway UpdateRestApi"))?;
        }
        set_tags(aws, &format!("/restapis/{}", id(&api)), &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let Some(api) = find(aws, key).await? else { return Ok(()) };
        let call = aws.client(Client::new).await.delete_rest_api().rest_api_id(id(&api));
        let delete = || async {
            aws.seldom("apigateway DeleteRestApi").await;
            call.clone().send().await.map(drop).map_err(failed("apigateway DeleteRestApi"))
        };
        absent_is_done(patient(delete).await)
    }
}
