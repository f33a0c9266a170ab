//! What a method of an API does, as attributes and as AWS has it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::types;

use crate::aws::kinds::apigateway::{asks_a_service, function_arn};
use crate::catalog::apigateway_rest_api::{Answer, Method, Service, longest, never, nobody, post};

/// In what API Gateway calls a header of the answer.
pub(super) const HEADER: &str = "method.response.header.";

/// What an API answers by itself with.
pub(super) const OK: &str = "200";

/// Whether any method names an authorizer.
pub(super) fn name_authorizers(resources: &[types::Resource]) -> bool {
    let methods = resources.iter().filter_map(|resource| resource.resource_methods()).flatten();
    methods.into_iter().any(|(_, live)| live.authorizer_id().is_some_and(|id| !id.is_empty()))
}

/// The methods on all resources: `POST /events`. Authorizers are told by their `names`, where these are known by their ids.
pub(super) fn of(resources: &[types::Resource], names: &BTreeMap<String, String>) -> BTreeMap<String, Method> {
    let on = |resource: &types::Resource| {
        let path = resource.path.clone().unwrap_or_default();
        let methods = resource.resource_methods.clone().unwrap_or_default();
        methods.into_iter().map(move |(verb, live)| (format!("{verb} {path}"), method(&live, names)))
    };
    resources.iter().flat_map(on).collect()
}

/// The method that a live one is equal to.
fn method(live: &types::Method, names: &BTreeMap<String, String>) -> Method {
    let integration = live.method_integration();
    let uri = integration.and_then(|it| it.uri()).filter(|uri| !uri.is_empty());
    let service = integration.filter(|it| asks_a_service(it)).map(service);
    let answer = integration.and_then(|it| it.integration_responses()).and_then(|all| all.get(OK));
    let headers = answer.filter(|_| service.is_none()).map(headers);
    Method {
        authorization: live.authorization_type.clone().unwrap_or_else(nobody),
        authorizer: live
            .authorizer_id()
            .filter(|id| !id.is_empty())
            .map(|id| names.get(id).map_or(id, String::as_str).to_owned()),
        scopes: live.authorization_scopes().iter().cloned().collect(),
        api_key: live.api_key_required.unwrap_or_default(),
        integration: integration.and_then(|it| it.r#type()).map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        function_arn: uri.filter(|_| service.is_none()).map(|uri| function_arn(uri).unwrap_or(uri).to_owned()),
        // Of what API Gateway answers by itself AWS may say nothing.
        timeout_ms: integration
            .filter(|it| uri.is_some() && it.timeout_in_millis > 0)
            .map_or_else(longest, |it| it.timeout_in_millis.cast_unsigned()),
        headers: headers.unwrap_or_default(),
        service,
    }
}

/// What an integration asks of a service.
fn service(live: &types::Integration) -> Service {
    let texts = |all: Option<&HashMap<String, String>>| all.into_iter().flatten().map(owned).collect();
    let answer = |live: &types::IntegrationResponse| Answer {
        pattern: live.selection_pattern.clone().filter(|pattern| !pattern.is_empty()),
        headers: headers(live),
        templates: texts(live.response_templates()),
    };
    let answers = live.integration_responses().into_iter().flatten();
    Service {
        uri: live.uri.clone().unwrap_or_default(),
        http_method: live.http_method.clone().unwrap_or_else(post),
        credentials: live.credentials.clone().filter(|arn| !arn.is_empty()),
        passthrough: live.passthrough_behavior.clone().unwrap_or_else(never),
        parameters: texts(live.request_parameters()),
        templates: texts(live.request_templates()),
        answers: answers.map(|(status, live)| (status.clone(), answer(live))).collect(),
    }
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

/// The headers of an answer.
fn headers(answer: &types::IntegrationResponse) -> BTreeMap<String, String> {
    let headers = answer.response_parameters().into_iter().flatten();
    let header = |(name, value): (&String, &String)| {
        let name = name.strip_prefix(HEADER).unwrap_or(name);
        // What is no constant shows as AWS has it.
        let constant = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
        (name.to_owned(), constant.unwrap_or(value).to_owned())
    };
    headers.map(header).collect()
}
