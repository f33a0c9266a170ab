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
    assert_snapshot!(call(&asked(&arn("kinesis", "stream/clicks"), false, "random")), @"");
    assert_snapshot!(call(&asked(&arn("firehose", "deliverystream/clicks"), false, "random")), @"");
    assert_snapshot!(call(&asked(&arn("sns", "alerts"), false, "random")), @"");
    assert_snapshot!(call(&asked(&arn("sqs", "orders"), false, "random")), @"");
}

#[test]
fn the_documents_of_an_array_are_put_one_by_one() {
    assert_snapshot!(call(&asked(&arn("kinesis", "stream/clicks"), true, "random")), @"");
    assert_snapshot!(call(&asked(&arn("firehose", "deliverystream/clicks"), true, "random")), @"");
}

#[test]
fn a_partition_key_is_of_the_request_or_of_the_document() {
    let key = |batch, key| asked(&arn("kinesis", "stream/clicks"), batch, key).templates["application/json"].clone();
    assert_snapshot!(key(false, "header:X-User"), @"");
    assert_snapshot!(key(false, "path:user"), @"");
    assert_snapshot!(key(false, "field:user.id"), @"");
    assert_snapshot!(key(true, "field:user.id"), @"");
}

#[test]
fn what_was_not_taken_is_no_success() {
    let answers = |service: Service| {
        let one = |(status, answer): (&String, &crate::catalog::apigateway_rest_api::Answer)| {
            format!("{status} {:?} {:?}\n{}", answer.pattern, answer.headers, answer.templates["application/json"])
        };
        service.answers.iter().map(one).collect::<Vec<_>>().join("\n\n")
    };
    assert_snapshot!(answers(asked(&arn("kinesis", "stream/clicks"), true, "random")), @"");
    let firehose = answers(asked(&arn("firehose", "deliverystream/clicks"), true, "random"));
    assert!(firehose.contains("$!{reply.FailedPutCount}") && firehose.contains("$reply.RequestResponses.size()"));
    assert_snapshot!(answers(asked(&arn("sqs", "orders"), false, "random")), @"");
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
    assert_snapshot!(serde_json::to_string_pretty(&role["policies"]).unwrap(), @"");
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
    assert_eq!(digest(&text), "");
}
