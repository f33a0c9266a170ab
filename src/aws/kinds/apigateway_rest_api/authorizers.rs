//! The authorizers of an API. AWS makes up the ids by which methods name them.

use std::collections::BTreeMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{self, AuthorizerType, Op, PatchOperation};

use crate::aws::Result;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::kinds::apigateway::{self, PAGE, patch};
use crate::catalog::apigateway_rest_api::Authorizer;
use crate::model::scope::Scope;

/// An authorizer as it is live.
#[derive(Debug)]
pub(super) struct Live {
    /// Its id.
    pub(super) id: String,
    /// What it is.
    pub(super) spec: Authorizer,
}

/// The authorizers of an API, by name; none where it is gone.
pub(super) async fn of(client: &Client, api: &str) -> Result<BTreeMap<String, Live>> {
    let mut all = BTreeMap::new();
    let mut position = None;
    loop {
        let call = client.get_authorizers().rest_api_id(api).limit(PAGE).set_position(position).send().await;
        let reply = absent_is_none(call.map_err(failed("apigateway GetAuthorizers")))?;
        let Some(reply) = reply else { return Ok(all) };
        position = reply.position.clone().filter(|position| !position.is_empty());
        for one in reply.items.unwrap_or_default() {
            let (Some(id), Some(name)) = (one.id.clone(), one.name.clone()) else { continue };
            all.insert(name, Live { id, spec: spec(&one) });
        }
        if position.is_none() {
            return Ok(all);
        }
    }
}

/// The names of authorizers, by their ids.
pub(super) fn names(live: &BTreeMap<String, Live>) -> BTreeMap<String, String> {
    live.iter().map(|(name, live)| (live.id.clone(), name.clone())).collect()
}

fn spec(live: &types::Authorizer) -> Authorizer {
    let uri = live.authorizer_uri().filter(|uri| !uri.is_empty());
    let sources = live.identity_source().unwrap_or_default().split(',').map(str::trim);
    Authorizer {
        kind: live.r#type().map(ToString::to_string).unwrap_or_default(),
        function_arn: uri.map(|uri| apigateway::function_arn(uri).unwrap_or(uri).to_owned()),
        credentials: live.authorizer_credentials.clone().filter(|arn| !arn.is_empty()),
        user_pools: live.provider_arns().iter().cloned().collect(),
        identity_sources: sources.filter(|source| !source.is_empty()).map(str::to_owned).collect(),
        validation: live.identity_validation_expression.clone().filter(|text| !text.is_empty()),
        // Absent it is five minutes.
        ttl_seconds: live.authorizer_result_ttl_in_seconds.and_then(|ttl| ttl.try_into().ok()).unwrap_or(300),
    }
}

/// Makes an authorizer, and returns its id.
pub(super) async fn create(
    client: &Client,
    api: &str,
    (name, want): (&str, &Authorizer),
    scope: &Scope,
) -> Result<String> {
    const CALL: &str = "apigateway CreateAuthorizer";
    let pools: Vec<String> = want.user_pools.iter().cloned().collect();
    let call = client
        .create_authorizer()
        .rest_api_id(api)
        .name(name)
        .r#type(AuthorizerType::from(want.kind.as_str()))
        .set_authorizer_uri(want.function_arn.as_ref().map(|arn| apigateway::uri(arn, scope)))
        .set_authorizer_credentials(want.credentials.clone())
        .set_provider_arns((!pools.is_empty()).then_some(pools))
        .set_identity_source(sources(want))
        .set_identity_validation_expression(want.validation.clone())
        .authorizer_result_ttl_in_seconds(want.ttl_seconds.cast_signed());
    present(CALL, "id", call.send().await.map_err(failed(CALL))?.id)
}

fn sources(want: &Authorizer) -> Option<String> {
    let all: Vec<&str> = want.identity_sources.iter().map(String::as_str).collect();
    (!all.is_empty()).then(|| all.join(","))
}

/// Lets a live authorizer be another.
pub(super) async fn update(client: &Client, api: &str, now: &Live, want: &Authorizer, scope: &Scope) -> Result<()> {
    let patches = patches(&now.spec, want, scope);
    if patches.is_empty() {
        return Ok(());
    }
    let call = client.update_authorizer().rest_api_id(api).authorizer_id(&now.id);
    let call = call.set_patch_operations(Some(patches)).send().await;
    call.map(drop).map_err(failed("apigateway UpdateAuthorizer"))
}

fn patches(now: &Authorizer, want: &Authorizer, scope: &Scope) -> Vec<PatchOperation> {
    let uri = |one: &Authorizer| one.function_arn.as_ref().map(|arn| apigateway::uri(arn, scope));
    let texts = [
        ("/type", Some(now.kind.clone()), Some(want.kind.clone())),
        ("/authorizerUri", uri(now), uri(want)),
        ("/authorizerCredentials", now.credentials.clone(), want.credentials.clone()),
        ("/identitySource", sources(now), sources(want)),
        ("/identityValidationExpression", now.validation.clone(), want.validation.clone()),
        ("/authorizerResultTtlInSeconds", Some(now.ttl_seconds.to_string()), Some(want.ttl_seconds.to_string())),
    ];
    let changed = texts.into_iter().filter(|(_, now, want)| now != want);
    let texts = changed.map(|(path, _, want)| patch(Op::Replace, path, Some(want.as_deref().unwrap_or_default())));
    let gone = now.user_pools.difference(&want.user_pools).map(|arn| patch(Op::Remove, "/providerARNs", Some(arn)));
    let come = want.user_pools.difference(&now.user_pools).map(|arn| patch(Op::Add, "/providerARNs", Some(arn)));
    // Those that come first: without a pool it is none.
    texts.chain(come).chain(gone).collect()
}

/// Deletes an authorizer that no method names any more.
pub(super) async fn delete(client: &Client, api: &str, id: &str) -> Result<()> {
    let call = client.delete_authorizer().rest_api_id(api).authorizer_id(id).send().await;
    absent_is_done(call.map(drop).map_err(failed("apigateway DeleteAuthorizer")))
}
