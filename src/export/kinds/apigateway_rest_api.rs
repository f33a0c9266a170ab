//! REST APIs: their methods as an OpenAPI document, which both tools give to API Gateway whole.

use serde_json::{Map, Value, json};

use super::{Mapping, Subject, entries, filled, named_by, tag_list, text};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, block, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "apigateway_rest_api",
    arn: None,
    terraform_type: "aws_api_gateway_rest_api",
    terraform_keys: &[
        ("aws_api_gateway_rest_api", |it| named_by(it, "name")),
        // They name the API by its id.
        ("aws_api_gateway_resource", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_method", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_method_response", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_integration", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_integration_response", |it| named_by(it, "rest_api_id")),
        ("aws_api_gateway_deployment", |it| named_by(it, "rest_api_id")),
    ],
    terraform: |it| {
        let api = fields([
            ("name", it["name"].clone().into()),
            ("description", filled(&it["description"]).into()),
            ("endpoint_configuration", block([("types", json!([it["endpoint_type"]]).into())])),
            ("body", Term::encoded(&document(it))),
            ("tags", it["tags"].clone().into()),
        ]);
        let part = terraform::Part::new("aws_api_gateway_rest_api", it.known("id")?, api);
        // AWS does not return the document that an API was made from.
        Ok(vec![part.unread(&["body", "put_rest_api_mode"])])
    },
    get_att: None,
    cloudformation: |it| {
        let api = properties([
            ("Name", it["name"].clone()),
            ("Description", filled(&it["description"])),
            ("EndpointConfiguration", json!({ "Types": [it["endpoint_type"]] })),
            ("Body", document(it)),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let id = [("RestApiId", it.known("id")?)];
        Ok(vec![cloudformation::Part::new("AWS::ApiGateway::RestApi", id, api)])
    },
    stays: &[],
};

/// OpenAPI 3.0 with API Gateway's extensions.
fn document(it: &Subject<'_>) -> Value {
    let mut paths = Map::new();
    for (key, method) in entries(&it["methods"]) {
        let (verb, path) = key.split_once(' ').unwrap_or((key, "/"));
        let verb = if verb == "ANY" { "x-amazon-apigateway-any-method".to_owned() } else { verb.to_lowercase() };
        paths.entry(path).or_insert_with(|| json!({}))[verb] = operation(it, method);
    }
    json!({
        "openapi": "3.0.1",
        "info": { "title": it["name"], "version": "1" },
        "paths": paths,
        "components": { "securitySchemes": {
            "api_key": { "type": "apiKey", "name": "x-api-key", "in": "header" },
        } },
    })
}

fn operation(it: &Subject<'_>, method: &Value) -> Value {
    let headers = || entries(&method["headers"]);
    let integration = match method["function_arn"].as_str() {
        Some(function) => json!({
            "type": method["integration"],
            "httpMethod": "POST",
            "uri": format!(
                "arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/{function}/invocations",
                it.estate.scope.partition, it.estate.scope.region
            ),
            "timeoutInMillis": method["timeout_ms"],
        }),
        None => json!({
            "type": method["integration"],
            "timeoutInMillis": method["timeout_ms"],
            "requestTemplates": { "application/json": r#"{"statusCode": 200}"# },
            "responses": { "default": {
                "statusCode": "200",
                "responseParameters": headers()
                    .map(|(name, value)| (format!("method.response.header.{name}"), json!(format!("'{}'", text(value)))))
                    .collect::<Map<_, _>>(),
            } },
        }),
    };
    let declared = headers().map(|(name, _)| (name.clone(), json!({ "schema": { "type": "string" } })));
    let mut operation = json!({
        "x-amazon-apigateway-auth": { "type": method["authorization"] },
        "responses": { "200": { "description": "OK", "headers": declared.collect::<Map<_, _>>() } },
        "x-amazon-apigateway-integration": integration,
    });
    if method["api_key"] == true {
        operation["security"] = json!([{ "api_key": [] }]);
    }
    operation
}
