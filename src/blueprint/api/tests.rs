//! What a route without a function asks of AWS, and as whom: every template as it is sent.

use std::collections::BTreeMap;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use super::service::{Wanted, service};
use crate::blueprint::build;
use crate::catalog::apigateway_rest_api::Service;
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::model::scope::Scope;
use crate::spec::blocks::api::PartitionKey;
use crate::spec::{Options, load_text};

const ROLE: &str = "arn:aws:iam::123456789012:role/puts";

fn asked(arn: &str, batch: bool, key: &str) -> Service {
    let origin = Some("https://shop.example.com");
    let wanted = Wanted { arn, batch, key: PartitionKey::of(key), role: ROLE, origin };
    service(&wanted).unwrap()
}

fn arn(service: &str, resource: &str) -> String {
    Scope::new("123456789012", "eu-west-1").arn(service, resource)
}

/// URI, type of content and template of the call.
fn call(service: &Service) -> String {
    assert_eq!((service.passthrough.as_str(), service.http_method.as_str()), ("NEVER", "POST"));
    assert_eq!(service.credentials.as_deref(), Some(ROLE));
    let types: Vec<&String> = service.parameters.values().collect();
    let templates: Vec<(&String, &String)> = service.templates.iter().collect();
    format!("{}\n{types:?}\n{}\n{}", service.uri, templates[0].0, templates[0].1)
}

#[test]
fn an_event_is_put_as_it_came() {
    assert_snapshot!(call(&asked(&arn("kinesis", "stream/clicks"), false, "random")), @r#"
    arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord
    ["'application/x-amz-json-1.1'"]
    application/json
    #set($key = $context.requestId)
    {"StreamName": "clicks", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}
    "#);
    assert_snapshot!(call(&asked(&arn("firehose", "deliverystream/clicks"), false, "random")), @r#"
    arn:aws:apigateway:eu-west-1:firehose:action/PutRecord
    ["'application/x-amz-json-1.1'"]
    application/json
    {"DeliveryStreamName": "clicks", "Record": {"Data": "$util.base64Encode($input.body)"}}
    "#);
    assert_snapshot!(call(&asked(&arn("sns", "alerts"), false, "random")), @r#"
    arn:aws:apigateway:eu-west-1:sns:action/Publish
    ["'application/x-www-form-urlencoded'"]
    application/json
    Action=Publish&TopicArn=$util.urlEncode('arn:aws:sns:eu-west-1:123456789012:alerts')&Message=$util.urlEncode($input.body)
    "#);
    assert_snapshot!(call(&asked(&arn("sqs", "orders"), false, "random")), @r#"
    arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders
    ["'application/x-www-form-urlencoded'"]
    application/json
    Action=SendMessage&MessageBody=$util.urlEncode($input.body)
    "#);
}

#[test]
fn the_documents_of_an_array_are_put_one_by_one() {
    assert_snapshot!(call(&asked(&arn("kinesis", "stream/clicks"), true, "random")), @r#"
    arn:aws:apigateway:eu-west-1:kinesis:action/PutRecords
    ["'application/x-amz-json-1.1'"]
    application/json
    {"StreamName": "clicks", "Records": [#if($input.json('$').startsWith('['))#foreach($event in $input.path('$'))
    #set($key = "${context.requestId}-${foreach.index}")
    {"Data": "$util.base64Encode($input.json("$[${foreach.index}]"))", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}#if($foreach.hasNext),#end
    #end#end]}
    "#);
    assert_snapshot!(call(&asked(&arn("firehose", "deliverystream/clicks"), true, "random")), @r#"
    arn:aws:apigateway:eu-west-1:firehose:action/PutRecordBatch
    ["'application/x-amz-json-1.1'"]
    application/json
    {"DeliveryStreamName": "clicks", "Records": [#if($input.json('$').startsWith('['))#foreach($event in $input.path('$'))
    {"Data": "$util.base64Encode($input.json("$[${foreach.index}]"))"}#if($foreach.hasNext),#end
    #end#end]}
    "#);
}

#[test]
fn a_partition_key_is_of_the_request_or_of_the_document() {
    let key = |batch, key| asked(&arn("kinesis", "stream/clicks"), batch, key).templates["application/json"].clone();
    assert_snapshot!(key(false, "header:X-User"), @r#"
    #set($key = $context.requestId)#foreach($name in $input.params().header.keySet())#if($name.equalsIgnoreCase('X-User') && $input.params().header.get($name) != '')#set($key = $input.params().header.get($name))#end#end
    {"StreamName": "clicks", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}
    "#);
    assert_snapshot!(key(false, "path:user"), @r#"
    #set($key = $input.params('user'))
    {"StreamName": "clicks", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}
    "#);
    assert_snapshot!(key(false, "field:user.id"), @r#"
    #set($event = $input.path('$'))
    #set($key = "$!{event.user.id}")#if($key == "")#set($key = $context.requestId)#end
    {"StreamName": "clicks", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}
    "#);
    assert_snapshot!(key(true, "field:user.id"), @r#"
    {"StreamName": "clicks", "Records": [#if($input.json('$').startsWith('['))#foreach($event in $input.path('$'))
    #set($key = "$!{event.user.id}")#if($key == "")#set($key = "${context.requestId}-${foreach.index}")#end
    {"Data": "$util.base64Encode($input.json("$[${foreach.index}]"))", "PartitionKey": "$util.escapeJavaScript($key).replaceAll("\\'", "'")"}#if($foreach.hasNext),#end
    #end#end]}
    "#);
}

#[test]
fn what_was_not_taken_is_no_success() {
    let answers = |service: Service| {
        let one = |(status, answer): (&String, &crate::catalog::apigateway_rest_api::Answer)| {
            format!("{status} {:?} {:?}\n{}", answer.pattern, answer.headers, answer.templates["application/json"])
        };
        service.answers.iter().map(one).collect::<Vec<_>>().join("\n\n")
    };
    assert_snapshot!(answers(asked(&arn("kinesis", "stream/clicks"), true, "random")), @r#"
    200 Some("2\\d{2}") {"Access-Control-Allow-Origin": "https://shop.example.com"}
    #set($reply = $input.path('$'))
    #set($failed = "$!{reply.FailedRecordCount}")
    #if($failed == "0")
    {"accepted": $reply.Records.size()}
    #else
    #set($context.responseOverride.status = 503)
    #set($comma = "")
    {"message": "Some events were not taken: send these again", "failed": "$failed", "indexes": [#foreach($record in $reply.Records)#if("$!{record.ErrorCode}" != "")$comma${foreach.index}#set($comma = ", ")#end#end]}
    #end

    400 Some("4\\d{2}") {"Access-Control-Allow-Origin": "https://shop.example.com"}
    #set($code = "$!input.path('$.__type')")
    #if($code.contains("Throttl") || $code.contains("Exceeded") || $code.contains("Unavailable"))
    #set($context.responseOverride.status = 503)
    {"message": "Too much at once: send it again later"}
    #elseif($code.contains("Validation") || $code.contains("InvalidArgument") || $code.contains("InvalidParameter") || $code.contains("InvalidMessage") || $code.contains("Serialization"))
    {"message": "AWS does not take this: it is empty, too large or malformed"}
    #else
    #set($context.responseOverride.status = 500)
    {"message": "Internal server error"}
    #end

    500 None {"Access-Control-Allow-Origin": "https://shop.example.com"}
    {"message": "Internal server error"}
    "#);
    let firehose = answers(asked(&arn("firehose", "deliverystream/clicks"), true, "random"));
    assert!(firehose.contains("$!{reply.FailedPutCount}") && firehose.contains("$reply.RequestResponses.size()"));
    assert_snapshot!(answers(asked(&arn("sqs", "orders"), false, "random")), @r#"
    200 Some("2\\d{2}") {"Access-Control-Allow-Origin": "https://shop.example.com"}
    {"accepted": 1}

    400 Some("4\\d{2}") {"Access-Control-Allow-Origin": "https://shop.example.com"}
    #set($code = "$!input.path('$.Error.Code')")
    #if($code.contains("Throttl") || $code.contains("Exceeded") || $code.contains("Unavailable"))
    #set($context.responseOverride.status = 503)
    {"message": "Too much at once: send it again later"}
    #elseif($code.contains("Validation") || $code.contains("InvalidArgument") || $code.contains("InvalidParameter") || $code.contains("InvalidMessage") || $code.contains("Serialization"))
    {"message": "AWS does not take this: it is empty, too large or malformed"}
    #else
    #set($context.responseOverride.status = 500)
    {"message": "Internal server error"}
    #end

    500 None {"Access-Control-Allow-Origin": "https://shop.example.com"}
    {"message": "Internal server error"}
    "#);
}

const SPEC: &str = r#"
[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
[api.events]
routes = { "POST /one" = "stream.clicks", "POST /many" = { to = "stream.clicks", batch = true }, "POST /mail" = "topic.alerts", "POST /orders" = "queue.orders", "POST /raw" = { to = "firehose.theirs", batch = true }, "GET /health" = "function.take" }
key = { routes = ["POST /one"] }
[stream.clicks]
shards = 1
kms_key = "alias/events"
[topic.alerts]
[queue.orders]
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"
[firehose.theirs]
external = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/theirs"
[function.take]
code = "functions/take"
runtime = "python3.13"
handler = "app.handler"
"#;

fn graph(text: &str) -> Graph {
    let options = Options { root: Path::new(env!("CARGO_MANIFEST_DIR")).into(), ..Options::default() };
    let loaded = load_text("envs/dev.toml", text, &options);
    let spec = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
    build(&spec, &Scope::new("123456789012", "eu-west-1"))
}

fn attributes(graph: &Graph, address: &str) -> Value {
    Value::clone(&graph.resources[&address.parse::<Address>().unwrap()].attributes)
}

#[test]
fn all_routes_that_put_share_a_role_which_may_do_just_that() {
    let graph = graph(SPEC);
    let role = attributes(&graph, "api.events/role");
    assert_eq!(role["name"], "acme-dev-events-api");
    assert_snapshot!(serde_json::to_string_pretty(&role["policies"]).unwrap(), @r#"
    {
      "put": {
        "Statement": [
          {
            "Action": [
              "firehose:PutRecordBatch"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:firehose:eu-west-1:123456789012:deliverystream/theirs"
            ]
          },
          {
            "Action": [
              "kinesis:PutRecord",
              "kinesis:PutRecords"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:kinesis:eu-west-1:123456789012:stream/acme-dev-clicks"
            ]
          },
          {
            "Action": [
              "kms:Decrypt",
              "kms:GenerateDataKey"
            ],
            "Condition": {
              "StringEquals": {
                "kms:ViaService": [
                  "sqs.eu-west-1.amazonaws.com"
                ]
              },
              "StringLike": {
                "kms:EncryptionContext:aws:sqs:arn": [
                  "arn:aws:sqs:eu-west-1:123456789012:acme-dev-orders"
                ]
              }
            },
            "Effect": "Allow",
            "Resource": [
              "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"
            ]
          },
          {
            "Action": [
              "kms:GenerateDataKey"
            ],
            "Condition": {
              "ForAnyValue:StringEquals": {
                "kms:ResourceAliases": [
                  "alias/events"
                ]
              },
              "StringEquals": {
                "kms:ViaService": [
                  "kinesis.eu-west-1.amazonaws.com"
                ]
              },
              "StringLike": {
                "kms:EncryptionContext:aws:kinesis:arn": [
                  "arn:aws:kinesis:eu-west-1:123456789012:stream/acme-dev-clicks"
                ]
              }
            },
            "Effect": "Allow",
            "Resource": [
              "arn:aws:kms:eu-west-1:123456789012:key/*"
            ]
          },
          {
            "Action": [
              "sns:Publish"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:sns:eu-west-1:123456789012:acme-dev-alerts"
            ]
          },
          {
            "Action": [
              "sqs:SendMessage"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:sqs:eu-west-1:123456789012:acme-dev-orders"
            ]
          }
        ],
        "Version": "2012-10-17"
      }
    }
    "#);
    let api = &graph.resources[&"api.events".parse::<Address>().unwrap()];
    let needs: Vec<String> = api.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["api.events/role", "function.take", "queue.orders", "stream.clicks", "topic.alerts"]);
    let keyed: BTreeMap<&String, bool> =
        api.attributes["methods"].as_object().unwrap().iter().map(|(key, one)| (key, one["api_key"] == true)).collect();
    assert_eq!(keyed.values().filter(|keyed| **keyed).count(), 1);
    assert!(graph.resources.keys().filter(|address| address.to_string().contains("permission")).count() == 1);
}

#[test]
fn another_template_deploys_anew_and_a_new_attribute_does_not() {
    let digest = |text: &str| attributes(&graph(text), "api.events/stage")["deployment"].clone();
    let functions = SPEC.replace("POST /one\" = \"stream.clicks\"", "POST /one\" = \"function.take\"");
    assert_ne!(digest(SPEC), digest(&functions));
    // As 0.1 had it: what is not said is not digested.
    let plain = "\"GET /health\" = \"function.take\" }\n";
    let only = format!("routes = {{ {plain}");
    let start = SPEC.find("routes").unwrap();
    let end = SPEC.find("key = { routes").unwrap();
    let text = format!("{}{only}{}", &SPEC[..start], &SPEC[SPEC.find("[stream").unwrap()..]);
    assert!(end > start);
    assert_eq!(digest(&text), "d0ec7b3ed798");
}

/// The spec with an authorizer.
fn told(authorizer: &str) -> Graph {
    let cors = "cors = { origin = \"*\" }\nauthorizer";
    graph(&SPEC.replace("[api.events]\n", &format!("[api.events]\n{cors} = {{ {authorizer} }}\n")))
}

#[test]
fn a_function_tells_for_all_routes_but_those_that_are_open_and_for_no_preflight() {
    let graph = told(
        "function = \"function.take\", gets = \"request\", identity = [\"header:X-Who\", \"query:who\"], except = [\"GET /health\"]",
    );
    let api = attributes(&graph, "api.events");
    let way = |route: &str| api["methods"][route]["authorization"].as_str().unwrap().to_owned();
    assert_eq!([way("POST /one"), way("GET /health"), way("OPTIONS /one")], ["CUSTOM", "NONE", "NONE"]);
    assert_eq!(api["methods"]["POST /one"]["authorizer"], "authorizer");
    assert_snapshot!(serde_json::to_string(&api["authorizers"]).unwrap(), @r#"{"authorizer":{"credentials":null,"function_arn":"arn:aws:lambda:eu-west-1:123456789012:function:acme-dev-take","identity_sources":["method.request.header.X-Who","method.request.querystring.who"],"ttl_seconds":300,"type":"REQUEST","user_pools":[],"validation":null}}"#);
    let asked = &api["methods"]["OPTIONS /one"]["headers"]["Access-Control-Allow-Headers"];
    assert_eq!(asked, "Content-Type,X-Api-Key,X-Who");
    let permission = attributes(&graph, "api.events/permission-authorizer");
    assert_eq!(permission["api"]["calls"], "authorizers/*");
    assert_eq!(permission["statement_id"], "acme-dev-events-authorizer");
}

#[test]
fn iam_and_user_pools_tell_without_a_function() {
    let iam = attributes(&told("iam = true"), "api.events");
    assert_eq!(iam["methods"]["POST /one"]["authorization"], "AWS_IAM");
    assert!(iam.get("authorizers").is_none());
    let pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc";
    let pools = told(&format!("user_pools = [\"{pool}\"], scopes = [\"events/write\"], cache_seconds = 0"));
    let pools = attributes(&pools, "api.events");
    assert_eq!(pools["methods"]["POST /one"]["scopes"][0], "events/write");
    assert_eq!(pools["authorizers"]["authorizer"]["user_pools"][0], pool);
    assert_eq!(pools["authorizers"]["authorizer"]["type"], "COGNITO_USER_POOLS");
}
