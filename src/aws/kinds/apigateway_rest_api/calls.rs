//! The calls by which an API gets the resources and methods that it should have.
//!
//! In any order and one by one: what serves is a deployment, a copy that none of these touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::operation::put_integration::builders::PutIntegrationFluentBuilder;
use aws_sdk_apigateway::types::{IntegrationType, Resource};

use super::methods::HEADER;
use super::{authorizers, methods};
use crate::aws::Result;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::kinds::apigateway::{self, patient};
use crate::catalog::apigateway_rest_api::{Answer, Method, Service, Spec};
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;

/// The most that one page holds.
const PAGE: i32 = 500;

/// A call of a function is a POST, whatever the method.
const INVOKE: &str = "POST";

/// The resources of an API with their methods and integrations, or `None` where there is no such API.
pub(super) async fn resources(client: &Client, api: &str) -> Result<Option<Vec<Resource>>> {
    let pages = client.get_resources().rest_api_id(api).limit(PAGE).embed("methods").into_paginator().items();
    let all: std::result::Result<Vec<_>, _> = pages.send().collect().await;
    absent_is_none(all.map_err(failed("apigateway GetResources")))
}

/// An API under change.
pub(super) struct Change<'a> {
    pub(super) client: &'a Client,
    /// Its id.
    pub(super) api: &'a str,
    pub(super) scope: &'a Scope,
}

impl Change<'_> {
    /// Gives the API the authorizers and methods that are wanted, and takes away those that were.
    pub(super) async fn to(&self, now: &Spec, want: &Spec) -> Result<()> {
        let concerned = !now.authorizers.is_empty() || !want.authorizers.is_empty();
        let live = if concerned { authorizers::of(self.client, self.api).await? } else { BTreeMap::new() };
        let mut ids: BTreeMap<String, String> = live.iter().map(|(name, one)| (name.clone(), one.id.clone())).collect();
        for (name, wanted) in &want.authorizers {
            if let Some(one) = live.get(name) {
                authorizers::update(self.client, self.api, one, wanted, self.scope).await?;
            } else {
                let id = authorizers::create(self.client, self.api, (name, wanted), self.scope).await?;
                ids.insert(name.clone(), id);
            }
        }
        if now.methods != want.methods {
            self.methods(&want.methods, &ids).await?;
        }
        // No method names them any more.
        let unwanted = live.iter().filter(|(name, _)| !want.authorizers.contains_key(*name));
        for (_, one) in unwanted.filter(|(name, _)| now.authorizers.contains_key(*name)) {
            authorizers::delete(self.client, self.api, &one.id).await?;
        }
        Ok(())
    }

    /// Gives the API these methods, and takes all others away.
    async fn methods(&self, want: &BTreeMap<String, Method>, authorizers: &BTreeMap<String, String>) -> Result<()> {
        let Some(live) = resources(self.client, self.api).await? else {
            return Err(CallError::own(Class::Absent, "apigateway GetResources", "the API does not exist"));
        };
        let names = authorizers.iter().map(|(name, id)| (id.clone(), name.clone())).collect();
        let now = methods::of(&live, &names);
        let mut ids: BTreeMap<String, String> = live.into_iter().filter_map(|one| Some((one.path?, one.id?))).collect();
        for (key, method) in &now {
            if want.get(key) != Some(method) {
                self.delete_method(&ids, key).await?;
            }
        }
        let needed: BTreeSet<String> = want.keys().flat_map(|key| steps(split(key).1)).collect();
        self.delete_resources(&mut ids, &needed).await?;
        // Sorted, a resource stands before those below it.
        for path in &needed {
            if !ids.contains_key(path) {
                let id = self.create_resource(&ids, path).await?;
                ids.insert(path.clone(), id);
            }
        }
        for (key, method) in want {
            if now.get(key) != Some(method) {
                let (verb, path) = split(key);
                let authorizer = method.authorizer.as_ref().map(|name| authorizers.get(name).unwrap_or(name));
                self.put(&ids[path], verb, method, authorizer).await?;
            }
        }
        Ok(())
    }

    async fn delete_method(&self, ids: &BTreeMap<String, String>, key: &str) -> Result<()> {
        let (verb, path) = split(key);
        let call = self.client.delete_method().rest_api_id(self.api).resource_id(&ids[path]).http_method(verb).send();
        absent_is_done(call.await.map_err(failed("apigateway DeleteMethod")))
    }

    /// Deletes the resources that are not needed; with one go those below it.
    async fn delete_resources(&self, ids: &mut BTreeMap<String, String>, needed: &BTreeSet<String>) -> Result<()> {
        let unneeded: Vec<String> =
            ids.keys().filter(|path| *path != "/" && !needed.contains(*path)).cloned().collect();
        // The lowest first, so that nothing depends on what AWS takes along.
        for path in unneeded.iter().rev() {
            if let Some(resource) = ids.remove(path) {
                let call = self.client.delete_resource().rest_api_id(self.api).resource_id(resource);
                let delete =
                    || async { call.clone().send().await.map(drop).map_err(failed("apigateway DeleteResource")) };
                absent_is_done(patient(delete).await)?;
            }
        }
        Ok(())
    }

    async fn create_resource(&self, ids: &BTreeMap<String, String>, path: &str) -> Result<String> {
        const CALL: &str = "apigateway CreateResource";
        let (parent, part) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = if parent.is_empty() { "/" } else { parent };
        let call = self.client.create_resource().rest_api_id(self.api).parent_id(&ids[parent]).path_part(part);
        let create = || async { call.clone().send().await.map_err(failed(CALL)) };
        let id = patient(create).await?.id;
        present(CALL, "id", id)
    }

    async fn put(&self, resource: &str, verb: &str, method: &Method, authorizer: Option<&String>) -> Result<()> {
        let scopes: Vec<String> = method.scopes.iter().cloned().collect();
        let call = self
            .client
            .put_method()
            .rest_api_id(self.api)
            .resource_id(resource)
            .http_method(verb)
            .authorization_type(&method.authorization)
            .set_authorizer_id(authorizer.cloned())
            .set_authorization_scopes((!scopes.is_empty()).then_some(scopes))
            .api_key_required(method.api_key);
        call.send().await.map_err(failed("apigateway PutMethod"))?;
        if method.integration.is_empty() {
            return Ok(());
        }
        let call = self
            .client
            .put_integration()
            .rest_api_id(self.api)
            .resource_id(resource)
            .http_method(verb)
            .r#type(IntegrationType::from(method.integration.as_str()));
        let timeout = method.timeout_ms.cast_signed();
        let call = match (&method.service, &method.function_arn) {
            (Some(service), _) => asking(call, service).timeout_in_millis(timeout),
            (None, Some(arn)) => {
                call.integration_http_method(INVOKE).uri(apigateway::uri(arn, self.scope)).timeout_in_millis(timeout)
            }
            // It answers by itself with the status that this template says.
            (None, None) => call.request_templates("application/json", r#"{"statusCode": 200}"#),
        };
        call.send().await.map_err(failed("apigateway PutIntegration"))?;
        match (&method.service, &method.function_arn) {
            (Some(service), _) => {
                for (status, answer) in &service.answers {
                    self.put_answer(resource, verb, status, answer).await?;
                }
                Ok(())
            }
            (None, Some(_)) => Ok(()),
            (None, None) => {
                let answer = Answer { headers: method.headers.clone(), ..Answer::default() };
                self.put_answer(resource, verb, methods::OK, &answer).await
            }
        }
    }

    /// What is answered where no function does: which headers there are, and what is in them and in the body.
    async fn put_answer(&self, resource: &str, verb: &str, status: &str, answer: &Answer) -> Result<()> {
        let declared = answer.headers.keys().map(|name| (format!("{HEADER}{name}"), false)).collect();
        let call = self.client.put_method_response().rest_api_id(self.api).resource_id(resource).http_method(verb);
        let call = call.status_code(status).set_response_parameters(Some(declared)).send();
        call.await.map_err(failed("apigateway PutMethodResponse"))?;
        let constants = answer.headers.iter().map(|(name, value)| (format!("{HEADER}{name}"), format!("'{value}'")));
        let call = self.client.put_integration_response().rest_api_id(self.api).resource_id(resource).http_method(verb);
        let call = call
            .status_code(status)
            .set_selection_pattern(answer.pattern.clone())
            .set_response_parameters(Some(constants.collect()))
            .set_response_templates(some(&answer.templates));
        call.send().await.map(drop).map_err(failed("apigateway PutIntegrationResponse"))
    }
}

/// Asks a service of AWS.
fn asking(call: PutIntegrationFluentBuilder, service: &Service) -> PutIntegrationFluentBuilder {
    call.integration_http_method(&service.http_method)
        .uri(&service.uri)
        .set_credentials(service.credentials.clone())
        .passthrough_behavior(&service.passthrough)
        .set_request_parameters(some(&service.parameters))
        .set_request_templates(some(&service.templates))
}

/// A map, where there is anything in it.
fn some(map: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.clone().into_iter().collect())
}

/// Verb and path of `POST /events`.
fn split(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or((key, "/"))
}

/// The resources on the way to a path, without `/`: for `/a/b`, `/a` and `/a/b`; for `/` that itself.
fn steps(path: &str) -> Vec<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    ends.map(|end| path[..end].to_owned()).collect()
}
