//! What a schema registry becomes, and what those may do who read and write by its schemas.

use insta::assert_snapshot;
use serde_json::json;

use super::{about, attributes, graph};

const EVENTS: &str = r#"
[registry.events]
description = "What producers write"
[registry.events.schemas.click]
definition = "schemas/click.avsc"
format = "avro"
compatibility = "full_all"
description = "A click"
[registry.events.schemas."order.v1"]
definition = "schemas/order.proto"
format = "protobuf"
[registry.theirs]
external = "arn:aws:glue:eu-west-1:123456789012:registry/shared"
[function.process]
code = "functions/process"
runtime = "python3.13"
handler = "app.handler"
tracing = false
environment = { REGISTRY = "${registry.events.name}" }
uses = ["registry.events:read"]
[job.clean]
script = "jobs/clean.py"
code_bucket = "bucket.events"
arguments = { "--registry" = "${registry.events.name}" }
reads = ["registry.events", "registry.theirs"]
"#;

#[test]
fn it_is_a_registry_with_a_part_for_each_schema() {
    let graph = graph(EVENTS, &[]);
    let registry = attributes(&graph, "registry.events");
    assert_eq!(
        (&registry["name"], &registry["description"]),
        (&json!("acme-test-events"), &json!("What producers write"))
    );
    let click = attributes(&graph, "registry.events/schema-click");
    assert_eq!((&click["registry"], &click["name"]), (&json!("acme-test-events"), &json!("click")));
    assert_eq!((&click["format"], &click["compatibility"]), (&json!("AVRO"), &json!("FULL_ALL")));
    assert_eq!((&click["file"], &click["definition"]), (&json!("schemas/click.avsc"), &json!(null)));
    assert_eq!(click["tags"]["pipectl:address"], "registry.events/schema-click");
    let order = attributes(&graph, "registry.events/schema-order.v1");
    assert_eq!((&order["name"], &order["format"]), (&json!("order.v1"), &json!("PROTOBUF")));
    assert_eq!(order["compatibility"], "BACKWARD", "what AWS recommends");
    let needs = &graph.resources[&"registry.events/schema-click".parse().unwrap()].depends_on;
    assert!(needs.contains(&"registry.events".parse().unwrap()));
    assert_eq!(graph.outputs["registry.events.name"], "acme-test-events");
    assert_eq!(graph.outputs["registry.events.arn"], "arn:aws:glue:eu-west-1:123456789012:registry/acme-test-events");
}

#[test]
fn who_reads_by_its_schemas_may_ask_for_those_alone_but_by_the_ids_of_versions() {
    let graph = graph(EVENTS, &[]);
    assert_eq!(attributes(&graph, "function.process")["environment"]["REGISTRY"], "acme-test-events");
    let policy = &attributes(&graph, "function.process/role")["policies"]["function"]["Statement"];
    assert_snapshot!(about(policy, "glue:"), @r#"
    {"Action":["glue:GetRegistry","glue:GetSchema","glue:GetSchemaByDefinition"],"Effect":"Allow","Resource":["arn:aws:glue:eu-west-1:123456789012:registry/acme-test-events","arn:aws:glue:eu-west-1:123456789012:schema/acme-test-events/*"]}
    {"Action":["glue:GetSchemaVersion"],"Effect":"Allow","Resource":["*"]}
    "#);
    assert_eq!(attributes(&graph, "job.clean")["arguments"]["--registry"], "acme-test-events");
    let policy = &attributes(&graph, "job.clean/role")["policies"]["job"]["Statement"];
    let said = about(policy, "glue:");
    assert!(said.contains("schema/acme-test-events/*") && said.contains("schema/shared/*"), "{said}");
}
