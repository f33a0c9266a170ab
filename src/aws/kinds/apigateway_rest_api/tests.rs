//! An API is made once, whatever becomes of the call; and is found among others of its name.

use crate::model::tags::Tags;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::*;
use crate::aws::scripted::{Scripted, broken, caller, ok, refused, step};

const LIST: &str = "GET /restapis";
const MAKE: &str = "POST /restapis";

fn events() -> Spec {
    let methods = BTreeMap::new();
    let authorizers = BTreeMap::new();
    let description = String::new();
    Spec { name: "events".into(), description, endpoint_type: regional(), methods, authorizers, tags: Tags::new() }
}

/// An API of that name, as a listing has it.
fn api(id: &str, name: &str, tags: &Value) -> Value {
    json!({ "id": id, "name": name, "tags": tags })
}

fn listed(apis: &[Value]) -> Value {
    json!({ "item": apis })
}

/// What becomes of a creation, and what it asks for.
async fn created(replies: Vec<crate::aws::scripted::Reply>) -> (Result<()>, Vec<String>) {
    let service = Scripted::new(replies);
    let made = RestApi::create(&service.aws().await, &events(), &step()).await;
    (made.map(drop), service.operations())
}

#[tokio::test]
async fn one_whose_reply_is_lost_is_found_and_not_made_twice() {
    let lost = listed(&[api("a1", "events", &json!({}))]);
    let (made, asked) = created(vec![ok(LIST, listed(&[])), broken(MAKE), ok(LIST, lost)]).await;
    made.unwrap();
    assert_eq!(asked, [LIST, MAKE, LIST]);
}

#[tokio::test]
async fn one_that_was_not_made_is_told_and_not_asked_for_again() {
    let (made, asked) = created(vec![ok(LIST, listed(&[])), broken(MAKE), ok(LIST, listed(&[]))]).await;
    assert_eq!(made.unwrap_err().class, Class::Other);
    assert_eq!(asked, [LIST, MAKE, LIST]);
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_too_soon_after_another_waits() {
    let throttled = || refused(MAKE, "TooManyRequestsException", "Too Many Requests");
    let replies = vec![ok(LIST, listed(&[])), throttled(), throttled(), ok(MAKE, json!({ "id": "a1" }))];
    let (made, asked) = created(replies).await;
    made.unwrap();
    assert_eq!(asked, [LIST, MAKE, MAKE, MAKE]);
}

#[tokio::test]
async fn among_several_of_a_name_the_one_with_our_tags_is_meant() {
    let ours = json!({ "pipectl:project": "acme" });
    let found = async |apis: &[Value]| {
        let service = Scripted::new([ok(LIST, listed(apis))]);
        find(&service.aws().await, "events").await.map(|api| api.and_then(|api| api.id))
    };
    let other = api("b2", "clicks", &ours);
    assert_eq!(found(std::slice::from_ref(&other)).await.unwrap(), None);
    let (foreign, mine) = (api("c3", "events", &json!({})), api("d4", "events", &ours));
    assert_eq!(found(&[other, foreign.clone()]).await.unwrap().as_deref(), Some("c3"));
    assert_eq!(found(&[foreign, mine.clone()]).await.unwrap().as_deref(), Some("d4"));
    assert_eq!(found(&[mine.clone(), mine]).await.unwrap_err().class, Class::Conflict);
}

const RESOURCES: &str = "GET /restapis/a1/resources";
const PUTS: [&str; 6] = [
    "PUT /restapis/a1/resources/r1/methods/POST",
    "PUT /restapis/a1/resources/r1/methods/POST/integration",
    "PUT /restapis/a1/resources/r1/methods/POST/responses/200",
    "PUT /restapis/a1/resources/r1/methods/POST/integration/responses/200",
    "PUT /restapis/a1/resources/r1/methods/POST/responses/500",
    "PUT /restapis/a1/resources/r1/methods/POST/integration/responses/500",
];

/// A method that asks a service, as AWS tells it.
fn asking() -> Value {
    let answer = |status: &str, pattern: &str| {
        json!({ "statusCode": status, "selectionPattern": pattern,
        "responseParameters": { "method.response.header.Access-Control-Allow-Origin": "'*'" },
        "responseTemplates": { "application/json": "{}" } })
    };
    let integration = json!({
        "type": "AWS", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
        "credentials": "arn:aws:iam::123456789012:role/puts", "passthroughBehavior": "NEVER", "timeoutInMillis": 5000,
        "requestParameters": { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
        "requestTemplates": { "application/json": "$input.body" }, "cacheNamespace": "r1", "cacheKeyParameters": [],
        "integrationResponses": { "200": answer("200", "2\\d{2}"), "500": { "statusCode": "500" } },
    });
    json!({ "httpMethod": "POST", "authorizationType": "NONE", "apiKeyRequired": false, "methodIntegration": integration })
}

fn resources_of(method: &Value) -> Value {
    let clicks = json!({ "id": "r1", "parentId": "r0", "pathPart": "clicks", "path": "/clicks",
        "resourceMethods": { "POST": method } });
    listed(&[json!({ "id": "r0", "path": "/" }), clicks])
}

#[tokio::test]
async fn what_a_method_asks_of_a_service_is_read_whole_and_put_as_it_was_read() {
    let method = asking();
    let apis = || ok(LIST, listed(&[api("a1", "events", &json!({}))]));
    let service = Scripted::new([apis(), ok(RESOURCES, resources_of(&method))]);
    let (spec, _, unmodelled) = RestApi::read(&service.aws().await, "events", None).await.unwrap().unwrap();
    assert_eq!(unmodelled, Vec::new(), "all of it is attributes");
    let read = &spec.methods["POST /clicks"];
    let asked = read.service.as_ref().unwrap();
    assert_eq!((read.function_arn.as_ref(), read.timeout_ms, asked.passthrough.as_str()), (None, 5000, "NEVER"));
    assert_eq!(asked.answers["200"].pattern.as_deref(), Some("2\\d{2}"));
    assert_eq!((&asked.answers["500"].pattern, asked.answers["500"].headers.len()), (&None, 0));

    let puts = PUTS.map(|put| ok(put, json!({})));
    let empty = listed(&[json!({ "id": "r0", "path": "/" }), json!({ "id": "r1", "path": "/clicks" })]);
    let service = Scripted::new([apis(), caller(), ok(RESOURCES, empty)].into_iter().chain(puts));
    RestApi::update(&service.aws().await, &events(), &spec, &step()).await.unwrap();
    let sent = service.last(PUTS[1]);
    for name in ["type", "uri", "credentials", "passthroughBehavior", "requestParameters", "requestTemplates"] {
        assert_eq!(sent[name], method["methodIntegration"][name], "{name}");
    }
    let answer = service.last(PUTS[3]);
    assert_eq!(answer["selectionPattern"], "2\\d{2}");
    assert_eq!(answer["responseTemplates"], json!({ "application/json": "{}" }));
}

const CHANGE: &str = "PATCH /restapis/a1/authorizers/x1";
const DELETE: &str = "DELETE /restapis/a1/authorizers/x1";
const AUTHORIZERS: &str = "GET /restapis/a1/authorizers";

fn told(id: &str, name: &str) -> Value {
    let function = "arn:aws:lambda:us-east-1:123456789012:function:check";
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations");
    json!({ "id": id, "name": name, "type": "TOKEN", "authorizerUri": uri, "authType": "custom",
        "identitySource": "method.request.header.Authorization", "authorizerResultTtlInSeconds": 60 })
}

#[tokio::test]
async fn a_method_names_its_authorizer_which_is_asked_for_only_then() {
    let mut method = asking();
    method["authorizationType"] = json!("CUSTOM");
    method["authorizerId"] = json!("x1");
    let apis = || ok(LIST, listed(&[api("a1", "events", &json!({}))]));
    let live = || ok(AUTHORIZERS, listed(&[told("x1", "check")]));
    let service = Scripted::new([apis(), ok(RESOURCES, resources_of(&method)), live()]);
    let (spec, _, _) = RestApi::read(&service.aws().await, "events", None).await.unwrap().unwrap();
    assert_eq!(spec.methods["POST /clicks"].authorizer.as_deref(), Some("check"));
    let check = &spec.authorizers["check"];
    assert_eq!(check.function_arn.as_deref(), Some("arn:aws:lambda:us-east-1:123456789012:function:check"));
    assert_eq!((check.kind.as_str(), check.ttl_seconds, check.validation.as_ref()), ("TOKEN", 60, None));

    let open = Spec { authorizers: BTreeMap::new(), ..spec.clone() };
    let mut pools = spec.clone();
    let authorizer = pools.authorizers.get_mut("check").unwrap();
    authorizer.user_pools = ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/p".to_owned()].into();
    authorizer.kind = "COGNITO_USER_POOLS".to_owned();
    authorizer.function_arn = None;
    authorizer.ttl_seconds = 0;
    let service = Scripted::new([apis(), caller(), live(), ok(CHANGE, json!({}))]);
    RestApi::update(&service.aws().await, &spec, &pools, &step()).await.unwrap();
    let patches = service.last(CHANGE)["patchOperations"].as_array().unwrap().clone();
    let paths: Vec<String> =
        patches.iter().map(|one| format!("{} {} {}", one["op"], one["path"], one["value"]).replace('"', "")).collect();
    let expected = [
        "replace /type COGNITO_USER_POOLS",
        "replace /authorizerUri ",
        "replace /authorizerResultTtlInSeconds 0",
        "add /providerARNs arn:aws:cognito-idp:us-east-1:123456789012:userpool/p",
    ];
    assert_eq!(paths, expected);

    let service = Scripted::new([apis(), caller(), live(), ok(DELETE, json!({}))]);
    RestApi::update(&service.aws().await, &spec, &open, &step()).await.unwrap();
    assert_eq!(service.operations().last().map(String::as_str), Some(DELETE));
}
