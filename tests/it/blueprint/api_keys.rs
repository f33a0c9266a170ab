//! What the key of an API becomes.

use serde_json::json;

use super::{attributes, graph};

const API: &str = r#"
[api.events]
routes = { "POST /events" = "function.take", "GET /health" = "function.take" }
cors = { origin = "*" }
[api.events.key]
routes = ["POST /events"]
quota = { limit = 1000, per = "month" }
[function.take]
code = "functions/take"
runtime = "python3.13"
handler = "app.handler"
"#;

#[test]
fn a_key_opens_its_stage_and_is_asked_for_where_the_spec_says() {
    let graph = graph(API, &[]);
    let methods = &attributes(&graph, "api.events")["methods"];
    assert_eq!(
        (&methods["POST /events"]["api_key"], &methods["GET /health"]["api_key"]),
        (&json!(true), &json!(false))
    );
    // A page is told that it may send it; for asking beforehand, it is not asked for.
    let asks = &methods["OPTIONS /events"];
    assert_eq!(asks["headers"]["Access-Control-Allow-Headers"], "Content-Type,X-Api-Key");
    assert_eq!(asks["api_key"], json!(false));
    let plan = &graph.resources[&"api.events/usage-plan".parse().unwrap()];
    let opens = json!([["acme-test-events|test"], ["acme-test-events"], { "limit": 1000, "period": "MONTH" }, null]);
    assert_eq!(json!(["stages", "keys", "quota", "throttle"].map(|name| &plan.attributes[name])), opens);
    let needs: Vec<String> = plan.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["api.events/key", "api.events/stage"]);
    assert_eq!(graph.outputs["api.events.key_id"], json!({ "of": "api.events/key", "output": "id" }));
}

#[test]
fn an_api_without_a_key_is_deployed_as_it_was() {
    let (begin, end) = (API.find("[api.events.key]").unwrap(), API.find("[function.take]").unwrap());
    let without = |key: &str| super::graph(&API.replace(&API[begin..end], key), &[]);
    let (graph, with) = (without(""), without("key = {}\n"));
    let deployed = |graph| attributes(graph, "api.events/stage")["deployment"].clone();
    assert_ne!(deployed(&graph), deployed(&with));
    assert!(!attributes(&graph, "api.events").to_string().contains("\"api_key\":true"));
    assert_eq!(attributes(&with, "api.events").to_string().matches("\"api_key\":true").count(), 2);
}
