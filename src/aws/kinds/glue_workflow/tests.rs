//! What no emulator shows: an update that tells all, and what AWS may keep of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::aws::Observed as _;
use crate::aws::scripted::{Reply, Scripted, broken, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;
use crate::model::unmodelled::Owned;

const SHOW: &str = "GetWorkflow";
const MAKE: &str = "CreateWorkflow";
const CHANGE: &str = "UpdateWorkflow";

fn nightly() -> Spec {
    toml::from_str(
        r#"
            name = "nightly"
            description = "Cleans clicks"
            properties = { day = "yesterday" }
            max_concurrent_runs = 2
            tags = { team = "growth" }
        "#,
    )
    .unwrap()
}

fn live(limit: u32) -> Reply {
    let properties = json!({ "day": "yesterday" });
    ok(
        SHOW,
        json!({ "Workflow": {
            "Name": "nightly", "Description": "Cleans clicks", "DefaultRunProperties": properties,
            "MaxConcurrentRuns": limit, "LastRun": { "Status": "COMPLETED" },
        } }),
    )
}

fn tags() -> Reply {
    ok("GetTags", json!({ "Tags": { "team": "growth" } }))
}

#[tokio::test]
async fn calls_about_workflows_are_those_of_awss_model() {
    let want = nightly();
    is_as_modelled(&CreateWorkflow { tags: &want.tags, definition: definition(&want) }).await;
    is_as_modelled(&UpdateWorkflow(definition(&want))).await;
    is_as_modelled(&DeleteWorkflow { name: "nightly" }).await;
    let live = is_as_modelled(&GetWorkflow { name: "nightly", include_graph: true }).await.workflow.unwrap();
    let node = &live.graph.as_ref().unwrap().nodes.as_ref().unwrap()[0];
    assert_eq!((node.kind.as_deref(), node.name.as_deref()), (Some("CRAWLER"), Some("x&<é")), "the first of the types");
    assert_eq!(shown_of_workflow(&live).len(), 1, "its blueprint");
    let spec = spec(live).unwrap();
    assert_eq!((spec.properties["k"].as_str(), spec.max_concurrent_runs), ("x&<é", Some(7)));
    assert!(spec.name == "x&<é" && spec.description == "x&<é");
}

#[tokio::test]
async fn it_reads_back_as_it_was_written_and_zero_is_no_limit() {
    let service = Scripted::new([identity(), live(2), tags()]);
    let (spec, outputs, unmodelled) = Workflow::read(&service.aws().await, "nightly", None).await.unwrap().unwrap();
    assert_eq!((Workflow::key(&spec), spec, unmodelled.len()), ("nightly".into(), nightly(), 0));
    assert_eq!(outputs.arn, "arn:aws:glue:eu-west-1:123456789012:workflow/nightly");
    let service = Scripted::new([identity(), live(0), tags()]);
    let (spec, ..) = Workflow::read(&service.aws().await, "nightly", None).await.unwrap().unwrap();
    assert_eq!(spec.max_concurrent_runs, None);
    let none = |of| refused(of, "EntityNotFoundException", "Workflow nightly is not found.");
    let service = Scripted::new([identity(), none(SHOW), none("GetTags")]);
    assert!(Workflow::read(&service.aws().await, "nightly", None).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_reply_was_lost_is_in_its_own_way_and_reads_as_made() {
    let taken = refused(MAKE, "AlreadyExistsException", "Workflow nightly already exists");
    let service = Scripted::new([broken(MAKE), taken, identity(), live(2), tags()]);
    let aws = service.aws().await;
    let error = Workflow::create(&aws, &nightly(), &step()).await.unwrap_err();
    // An apply reads it then, and takes it for its own by its tags.
    assert_eq!((error.class, service.all(MAKE, "Name").len()), (Class::InUse, 2));
    assert_eq!(service.last(MAKE)["Tags"], json!({ "team": "growth" }));
    assert_eq!(Workflow::read(&aws, "nightly", None).await.unwrap().unwrap().0, nightly());
}

#[tokio::test]
async fn an_update_tells_all() {
    let service = Scripted::new([done(CHANGE)]);
    let want = Spec { description: String::new(), properties: BTreeMap::new(), ..nightly() };
    Workflow::update(&service.aws().await, &nightly(), &want, &step()).await.unwrap();
    let sent = json!({ "Name": "nightly", "Description": "", "DefaultRunProperties": {}, "MaxConcurrentRuns": 2 });
    assert_eq!(service.last(CHANGE), sent);
    // Tags alone are a call of their own.
    let service = Scripted::new([identity(), done("UntagResource")]);
    Workflow::update(&service.aws().await, &nightly(), &Spec { tags: Tags::new(), ..nightly() }, &step())
        .await
        .unwrap();
    assert!(!service.operations().contains(&CHANGE.to_owned()));
}

#[tokio::test]
async fn a_limit_that_aws_keeps_is_said() {
    let want = Spec { max_concurrent_runs: None, ..nightly() };
    let service = Scripted::new([done(CHANGE), live(0)]);
    Workflow::update(&service.aws().await, &nightly(), &want, &step()).await.unwrap();
    assert!(service.last(CHANGE).get("MaxConcurrentRuns").is_none());
    let service = Scripted::new([done(CHANGE), live(2)]);
    let error = Workflow::update(&service.aws().await, &nightly(), &want, &step()).await.unwrap_err();
    assert!(error.message.contains("AWS keeps the limit of 2 runs"), "{error}");
}

#[tokio::test]
async fn a_missing_one_counts_as_deleted() {
    const DROP: &str = "DeleteWorkflow";
    for reply in [done(DROP), refused(DROP, "EntityNotFoundException", "not found")] {
        Workflow::delete(&Scripted::new([reply]).aws().await, "nightly", &step()).await.unwrap();
    }
}

#[tokio::test]
async fn triggers_that_others_have_put_into_it_are_named() {
    let node = |kind: &str, name: &str| json!({ "Type": kind, "Name": name });
    let nodes: Vec<Value> = vec![node("TRIGGER", "ours"), node("TRIGGER", "theirs"), node("JOB", "clean")];
    let graph = ok(SHOW, json!({ "Workflow": { "Name": "nightly", "Graph": { "Nodes": nodes } } }));
    let service = Scripted::new([graph]);
    let owned = Owned::new([("glue_trigger".to_owned(), "ours".to_owned())]);
    let look = Workflow::look_closer(&service.aws().await, &nightly(), &owned).await;
    let found: Vec<&str> = look.found.iter().map(|one| one.value.as_str()).collect();
    assert_eq!((found, look.blind.len()), (vec!["theirs"], 0));
    assert_eq!(service.last(SHOW)["IncludeGraph"], true);
}

#[test]
fn what_runs_lose_is_said_beforehand() {
    let said = |want: Option<&Spec>| Workflow::warnings(Some(&nightly()), want);
    assert_eq!(said(None), ["The history of runs of `nightly` is deleted with it."]);
    let want = Spec { properties: BTreeMap::new(), max_concurrent_runs: Some(1), ..nightly() };
    assert_eq!(said(Some(&want)), ["Runs are given day no more.", "More than 1 runs at a time are refused."]);
}
