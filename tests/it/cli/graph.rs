//! The pipeline drawn, from a spec and from a plan.

use insta::assert_snapshot;
use pipectl::engine::planfile::PlanFile;
use pipectl::report::drawing::{Drawing, dot, mermaid};
use serde_json::{Value, json};

use super::SMALL;
use crate::support::cli::Cli;
use crate::support::planned;

/// Where the environments of the project itself are.
fn prod() -> Cli {
    let file = |name: &str| std::fs::read_to_string(format!("{}/envs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    Cli::new().file("envs/base.toml", &file("base.toml")).file("envs/prod.toml", &file("prod.toml"))
}

#[test]
fn a_spec_is_drawn_without_aws() {
    let cli = prod().env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let drawn = |format: &str| cli.run(&["graph", "--env", "prod", "--format", format]).success().stdout;
    assert_eq!(cli.run(&["graph", "--env", "prod"]).success().stdout, drawn("mermaid"), "Mermaid is the default");
    assert_snapshot!("prod-mermaid", drawn("mermaid"));
    assert_snapshot!("prod-dot", drawn("dot"));
    let svg = drawn("svg");
    let svg = roxmltree::Document::parse(&svg).unwrap();
    let title = svg.descendants().find(|node| node.has_tag_name("title")).unwrap().text();
    assert_eq!(title, Some("Pipeline acme-clickstream prod"));
}

#[test]
fn a_plan_is_drawn_with_what_it_changes() {
    let drawing = Drawing::of_plan(&planned::everyday());
    assert_snapshot!("plan-mermaid", mermaid::text(&drawing));
    assert_snapshot!("plan-dot", dot::text(&drawing));
}

#[test]
fn a_plan_file_without_flows_is_drawn_from_its_dependencies() {
    let mut plan = planned::between(&planned::prod(&[]), &planned::prod(&[]), |_, _| {});
    plan.flows.clear();
    let text = PlanFile::new(&plan).unwrap().to_string();
    assert!(!text.contains("flows"), "it is as earlier versions wrote it");
    let cli = Cli::new().file("plan.json", &text);
    let drawn = cli.run(&["graph", "plan.json", "--json"]).success().json();
    let edges = drawn["edges"].as_array().unwrap();
    assert!(edges.contains(&json!({"from": "firehose.clicks", "to": "stream.clicks", "what": "needs"})), "{edges:?}");
    assert!(edges.iter().all(|edge| edge["what"] == "needs"), "{edges:?}");
}

#[test]
fn a_drawing_as_json_has_nodes_and_edges() {
    let drawn = Cli::new().file("envs/dev.toml", SMALL).run(&["graph", "--env", "dev", "--json"]).success().json();
    let ids: Vec<&Value> = drawn["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
    assert_eq!(ids, ["alarm.lag", "stream.clicks", "topic.alerts"]);
    assert_eq!(drawn["nodes"][1]["aws_name"], "acme-dev-clicks");
    assert_eq!(
        drawn["edges"],
        json!([{"from": "alarm.lag", "to": "stream.clicks", "what": "watches"},
            {"from": "alarm.lag", "to": "topic.alerts", "what": "notifies"}])
    );
}

#[test]
fn a_plan_is_written_as_a_page_besides() {
    let text = PlanFile::new(&planned::everyday()).unwrap().to_string();
    let cli = Cli::new().file("plan.json", &text);
    let shown = cli.run(&["show", "--html", "plan.html"]).success();
    assert_eq!(shown.stdout, cli.run(&["show"]).success().stdout);
    let page = cli.read("plan.html");
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert_eq!(cli.run(&["show", "--html", "-"]).success().stdout, page);
    assert_snapshot!(cli.run(&["show", "--html", "no/such/plan.html"]).fails(1).stderr, @"error: `no/such/plan.html` cannot be written: No such file or directory (os error 2)");
}
