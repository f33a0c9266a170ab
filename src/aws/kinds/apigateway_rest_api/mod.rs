//! REST APIs of API Gateway, with their resources, methods and integrations. Nobody is served by them before a stage is.

mod calls;
mod methods;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{self, EndpointConfiguration, EndpointType, Op};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apigateway::{self, find, id, make, once, patch, patient, set_tags};
use crate::aws::error::{absent_is_done, failed};
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

use calls::{Change, resources};
pub(crate) use methods::Method;

/// A REST API, and what each of its methods does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name. AWS lets several APIs have one; pipectl does not, as CloudWatch counts them by name.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// Where it is reached: `REGIONAL`, `EDGE` or `PRIVATE`.
    #[serde(default = "regional")]
    #[schemars(extend("x-replaces" = true))]
    pub(crate) endpoint_type: String,
    /// What it does, by method and path: `POST /events`.
    pub(crate) methods: BTreeMap<String, Method>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn regional() -> String {
    "REGIONAL".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the API.
    pub(crate) id: String,
    /// The id of the resource `/`, under which all others are.
    pub(crate) root: String,
}

/// REST APIs.
pub(crate) struct RestApi;

const CREATE: &str = "apigateway CreateRestApi";
/// Its id is made up by AWS: what narrows it is the region.
const APIS: On =
    On::Arns(&["arn:{partition}:apigateway:{region}::/restapis", "arn:{partition}:apigateway:{region}::/restapis/*"]);

impl Resource for RestApi {
    const KIND: &'static str = "apigateway_rest_api";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::RestApi";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], APIS),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"], APIS),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["apigateway:CreateRestApi", "apigateway:ImportRestApi"],
        delete: &["apigateway:DeleteRestApi"],
        // They name the API by its id; what does not name it is found by its time and its caller alone.
        update: &[
            Update::new("description", &["apigateway:UpdateRestApi"]).saying("/description"),
            Update::new(
                "methods",
                &[
                    "apigateway:DeleteIntegration",
                    "apigateway:DeleteMethod",
                    "apigateway:DeleteResource",
                    "apigateway:PutIntegration",
                    "apigateway:PutIntegrationResponse",
                    "apigateway:PutMethod",
                    "apigateway:PutRestApi",
                    "apigateway:UpdateIntegration",
                    "apigateway:UpdateMethod",
                ],
            ),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
        ],
    };
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let Some(api) = find(aws, key).await? else { return Ok(None) };
        let client = aws.client(Client::new).await;
        // Deleted between the two calls: as good as absent.
        let Some(resources) = resources(&client, id(&api)).await? else { return Ok(None) };
        let endpoint = api.endpoint_configuration.as_ref().and_then(|it| it.types().first());
        let spec = Spec {
            name: key.to_owned(),
            description: api.description.clone().unwrap_or_default(),
            endpoint_type: endpoint.map_or_else(regional, ToString::to_string),
            methods: methods::of(&resources),
            tags: tags::own(api.tags.clone().unwrap_or_default()),
        };
        let root = resources.into_iter().find(|resource| resource.path() == Some("/")).and_then(|root| root.id);
        Ok(Some((spec, Outputs { id: id(&api).to_owned(), root: root.unwrap_or_default() })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
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
        make::<types::RestApi, _>(aws, &want.name, send).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        if now == want {
            return Ok(());
        }
        let client = aws.client(Client::new).await;
        let api = apigateway::found(aws, &want.name).await?;
        if now.methods != want.methods {
            Change { client: &client, api: id(&api), scope: aws.scope().await? }.methods(&want.methods).await?;
        }
        if now.description != want.description {
            let to = patch(Op::Replace, "/description", Some(&want.description));
            let call = client.update_rest_api().rest_api_id(id(&api)).patch_operations(to).send();
            call.await.map_err(failed("apigateway UpdateRestApi"))?;
        }
        set_tags(aws, &format!("/restapis/{}", id(&api)), &now.tags, &want.tags).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let Some(api) = find(aws, key).await? else { return Ok(()) };
        let call = aws.client(Client::new).await.delete_rest_api().rest_api_id(id(&api));
        let delete = || async { call.clone().send().await.map(drop).map_err(failed("apigateway DeleteRestApi")) };
        absent_is_done(patient(delete).await)
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), None) => {
                vec![format!("The URL of `{}` is gone for good: another API gets another one.", now.name)]
            }
            (Some(now), Some(want)) if now.name != want.name || now.endpoint_type != want.endpoint_type => {
                vec!["Its URL changes: the id in it is made up by AWS.".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
