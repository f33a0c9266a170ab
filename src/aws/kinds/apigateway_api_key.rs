//! API keys of API Gateway. AWS makes up their values, which pipectl neither reads nor keeps.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{self, Op};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apigateway::{self, by_name, make, once, patch, patient, set_tags};
use crate::aws::error::{absent_is_done, failed};
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// An API key. What it opens is said by usage plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name. AWS lets several keys have one.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether it opens anything.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn yes() -> bool {
    true
}

/// What AWS makes up, but for its value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the key, and tells its value to who may ask.
    pub(crate) id: String,
}

/// API keys.
pub(crate) struct ApiKey;

const CREATE: &str = "apigateway CreateApiKey";
const UPDATE: &str = "apigateway UpdateApiKey";
const KEYS: &str = "arn:{partition}:apigateway:{region}::/apikeys";
/// Its id is made up by AWS: what narrows it is the region.
const KEY: On = On::Arns(&["arn:{partition}:apigateway:{region}::/apikeys/*"]);

impl Resource for ApiKey {
    const KIND: &'static str = "apigateway_api_key";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::ApiKey";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], On::Arns(&[KEYS])),
        Grant::apply(&["apigateway:POST"], On::Arns(&[KEYS])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH"], KEY),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
        // `send` opens the API with it.
        Grant::operate(&["apigateway:GET"], KEY),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["apigateway:CreateApiKey", "apigateway:ImportApiKeys"],
        delete: &["apigateway:DeleteApiKey"],
        // They name the key by its id; what does not name it is found by its time and its caller alone.
        update: &[
            Update::new("description", &["apigateway:UpdateApiKey"]).saying("/description"),
            Update::new("enabled", &["apigateway:UpdateApiKey"]).saying("/enabled"),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
        ],
    };
    const EXAMPLES: &'static str = r#"
[first]
name = "conformance-key"
tags = { team = "growth" }

[second]
name = "conformance-key"
description = "Opens the API to a partner"
tags = { team = "data" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let Some(live) = by_name::<types::ApiKey>(aws, key).await? else { return Ok(None) };
        let spec = Spec {
            name: key.to_owned(),
            description: live.description.unwrap_or_default(),
            enabled: live.enabled,
            tags: tags::own(live.tags.unwrap_or_default()),
        };
        Ok(Some((spec, Outputs { id: live.id.unwrap_or_default() })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        if by_name::<types::ApiKey>(aws, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, CREATE, format!("an API key called {} exists", want.name)));
        }
        let call = aws.client(Client::new).await.create_api_key().name(&want.name).description(&want.description);
        let call = call.enabled(want.enabled).set_tags(Some(want.tags.clone().into_iter().collect()));
        let send = || async {
            call.clone().customize().config_override(once()).send().await.map(drop).map_err(failed(CREATE))
        };
        make::<types::ApiKey, _>(aws, &want.name, send).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
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

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let live = by_name::<types::ApiKey>(aws, key).await?;
        let Some(id) = live.and_then(|live| live.id) else { return Ok(()) };
        let call = aws.client(Client::new).await.delete_api_key().api_key(id);
        let delete = || async { call.clone().send().await.map(drop).map_err(failed("apigateway DeleteApiKey")) };
        absent_is_done(patient(delete).await)
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), None) => {
                vec![format!(
                    "Who calls with the key `{}` is refused from then on: another has another value.",
                    now.name
                )]
            }
            (Some(now), Some(want)) if now.name != want.name => {
                vec!["Its value changes: who calls with it has to be given the new one.".to_owned()]
            }
            (Some(now), Some(want)) if now.enabled && !want.enabled => {
                vec!["Who calls with it is refused until it is enabled again.".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
