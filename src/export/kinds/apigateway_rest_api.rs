//! REST APIs: their methods as an OpenAPI document, which both tools give to API Gateway whole.

use serde_json::{Map, Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, known, named_by, tag_list};
use crate::catalog::apigateway_rest_api::{Answer, Authorizer, Method, RestApi, Service, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

impl Exported for RestApi {
    const TERRAFORM_TYPE: &'static str = "aws_api_gateway_rest_api";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_api_gateway_rest_api", |it| named_by(it, "name")),
        // They name the API by its id.
        ("aws_api_gateway_resource", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_method", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_method_response", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_integration", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_integration_response", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_deployment", |it| named_by(it, "rest_api_id")),
    ];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        // The methods are in the document.
        let Spec { name, description, endpoint_type, methods: _, authorizers: _, tags } = it.spec;
        let api = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("endpoint_configuration", block([("types", [endpoint_type].into())])),
            ("body", Term::encoded(document(it))),
            ("tags", tags.into()),
        ]);
        let part = terraform::Part::new("aws_api_gateway_rest_api", known(&it.outputs.id)?, api);
        // AWS does not return the document that an API was made from.
        Ok(vec![part.unread(&["body", "put_rest_api_mode"])])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, endpoint_type, methods: _, authorizers: _, tags } = it.spec;
        let api = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("EndpointConfiguration", json!({ "Types": [endpoint_type] })),
            ("Body", document(it)),
            ("Tags", tag_list(tags)),
        ]);
        let id = [("RestApiId", known(&it.outputs.id)?)];
        Ok(vec![cloudformation::Part::new("AWS::ApiGateway::RestApi", id, api)])
    }
}

/// OpenAPI 3.0 with API Gateway's extensions.
fn document(it: &Typed<'_, RestApi>) -> Value {
    let mut paths = Map::new();
    for (key, method) in &it.spec.methods {
        let (verb, path) = key.split_once(' ').unwrap_or((key, "/"));
        let verb = if verb == "ANY" { "x-amazon-apigateway-any-method".to_owned() } else { verb.to_lowercase() };
        paths.entry(path).or_insert_with(|| json!({}))[verb] = operation(&it.estate.scope, method);
    }
    let key = json!({ "type": "apiKey", "name": "x-api-key", "in": "header" });
    let schemes = it.spec.authorizers.iter().map(|(name, one)| (name.clone(), scheme(&it.estate.scope, one)));
    let schemes: Map<String, Value> = [("api_key".to_owned(), key)].into_iter().chain(schemes).collect();
    json!({
        "openapi": "3.0.1",
        "info": { "title": it.spec.name, "version": "1" },
        "paths": paths,
        "components": { "securitySchemes": schemes },
    })
}

fn operation(scope: &Scope, method: &Method) -> Value {
    let Method { authorization, authorizer, scopes, api_key, integration, function_arn, service, timeout_ms, headers } =
        method;
    let own = Answer { headers: headers.clone(), ..Answer::default() };
    let answers: Vec<(&str, &Answer)> = match (service, function_arn) {
        (Some(service), _) => service.answers.iter().map(|(status, answer)| (status.as_str(), answer)).collect(),
        (None, _) => vec![("200", &own)],
    };
    let integration = match (service, function_arn) {
        (Some(service), _) => asking(service, integration, *timeout_ms),
        (None, Some(function)) => json!({
            "type": integration,
            "httpMethod": "POST",
            "uri": invocation(scope, function),
            "timeoutInMillis": timeout_ms,
        }),
        (None, None) => json!({
            "type": integration,
            "timeoutInMillis": timeout_ms,
            "requestTemplates": { "application/json": r#"{"statusCode": 200}"# },
            "responses": { "default": answered("200", &own) },
        }),
    };
    let declared = |answer: &Answer| -> Map<String, Value> {
        answer.headers.keys().map(|name| (name.clone(), json!({ "schema": { "type": "string" } }))).collect()
    };
    let responses = answers.iter().map(|(status, answer)| {
        let description = if *status == "200" { "OK" } else { "Error" };
        ((*status).to_owned(), json!({ "description": description, "headers": declared(answer) }))
    });
    let mut operation = json!({
        "x-amazon-apigateway-auth": { "type": authorization },
        "responses": responses.collect::<Map<_, _>>(),
        "x-amazon-apigateway-integration": integration,
    });
    // Both together are asked for.
    let key = api_key.then(|| ("api_key".to_owned(), json!([])));
    let told = authorizer.as_ref().map(|name| (name.clone(), json!(scopes)));
    let asked: Map<String, Value> = key.into_iter().chain(told).collect();
    if !asked.is_empty() {
        operation["security"] = json!([asked]);
    }
    operation
}

/// An authorizer, as OpenAPI has what keeps callers out.
fn scheme(scope: &Scope, authorizer: &Authorizer) -> Value {
    let Authorizer { kind, function_arn, credentials, user_pools, identity_sources, validation, ttl_seconds } =
        authorizer;
    let sources: Vec<&str> = identity_sources.iter().map(String::as_str).collect();
    let header = sources.first().and_then(|source| source.strip_prefix("method.request.header."));
    let uri = function_arn.as_ref().map(|arn| invocation(scope, arn));
    let pools = (!user_pools.is_empty()).then_some(user_pools);
    json!({
        "type": "apiKey",
        "name": header.filter(|_| kind != "REQUEST").unwrap_or("Unused"),
        "in": "header",
        "x-amazon-apigateway-authtype": if function_arn.is_some() { "custom" } else { "cognito_user_pools" },
        "x-amazon-apigateway-authorizer": {
            "type": kind.to_lowercase(),
            "authorizerUri": uri,
            "authorizerCredentials": credentials,
            "providerARNs": pools,
            "identitySource": sources.join(","),
            "identityValidationExpression": validation,
            "authorizerResultTtlInSeconds": ttl_seconds,
        },
    })
}

/// What API Gateway calls a function by.
fn invocation(scope: &Scope, function: &str) -> String {
    format!(
        "arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/{function}/invocations",
        scope.partition, scope.region
    )
}

/// What asks a service of AWS.
fn asking(service: &Service, integration: &str, timeout_ms: u32) -> Value {
    let Service { uri, http_method, credentials, passthrough, parameters, templates, answers } = service;
    let by_pattern = answers.iter().map(|(status, answer)| {
        (answer.pattern.clone().unwrap_or_else(|| "default".to_owned()), answered(status, answer))
    });
    json!({
        "type": integration,
        "httpMethod": http_method,
        "uri": uri,
        "credentials": credentials,
        "passthroughBehavior": passthrough.to_lowercase(),
        "requestParameters": parameters,
        "requestTemplates": templates,
        "timeoutInMillis": timeout_ms,
        "responses": by_pattern.collect::<Map<_, _>>(),
    })
}

/// What is answered with a status.
fn answered(status: &str, answer: &Answer) -> Value {
    let Answer { pattern: _, headers, templates } = answer;
    let headers =
        headers.iter().map(|(name, value)| (format!("method.response.header.{name}"), json!(format!("'{value}'"))));
    let mut answered = json!({ "statusCode": status, "responseParameters": headers.collect::<Map<_, _>>() });
    if !templates.is_empty() {
        answered["responseTemplates"] = json!(templates);
    }
    answered
}
