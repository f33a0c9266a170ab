//! What no emulator shows: states in between, and what AWS refuses in them.

use serde_json::{Value, json};

use super::calls::{CreateTrigger, Definition, DeleteTrigger, StartTrigger, StopTrigger, UpdateTrigger};
use super::*;
use crate::aws::glue::jobs::{GetTrigger, GetTriggers};
use crate::aws::scripted::{Reply, Scripted, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;

fn nightly() -> Spec {
    toml::from_str(
        r#"
            name = "nightly"
            kind = "SCHEDULED"
            description = "Nightly"
            schedule = "cron(0 3 * * ? *)"
            actions = [{ job = "clean", arguments = { "--day" = "yesterday" }, timeout_minutes = 30 }]
            predicate = { logical = "ANY", conditions = [{ job = "land", state = "SUCCEEDED" }] }
            workflow = "lake"
            tags = { team = "growth" }
        "#,
    )
    .unwrap()
}

#[tokio::test]
async fn calls_about_triggers_are_those_of_awss_model() {
    let want = nightly();
    let create = CreateTrigger {
        name: "nightly",
        kind: "SCHEDULED",
        workflow_name: Some("lake"),
        start_on_creation: Some(true),
        tags: &want.tags,
        definition: Definition::of(&want),
    };
    is_as_modelled(&create).await;
    is_as_modelled(&UpdateTrigger { name: "nightly", trigger_update: Definition::of(&want) }).await;
    is_as_modelled(&StartTrigger { name: "nightly" }).await;
    is_as_modelled(&StopTrigger { name: "nightly" }).await;
    is_as_modelled(&DeleteTrigger { name: "nightly" }).await;
    let next_token = Some("a+/=".to_owned());
    let page = is_as_modelled(&GetTriggers { dependent_job_name: "clean", next_token }).await;
    assert!(page.triggers[0].name.is_some() && page.next_token.is_some());
    let live = is_as_modelled(&GetTrigger { name: "nightly" }).await.trigger.unwrap();
    assert_eq!(live.state.as_deref(), Some("CREATING"));
    let named: Vec<String> = shown_of_trigger(&live).into_iter().map(|one| one.what).collect();
    assert_eq!(named.len(), 4, "{named:?}");
    let spec = spec(live).unwrap();
    assert_eq!((spec.actions[0].job.as_str(), spec.actions[0].timeout_minutes), ("x&<é", Some(7)));
    assert_eq!(spec.predicate.unwrap().conditions[0].state, "STARTING");
    assert!(spec.schedule.is_some() && spec.workflow.is_some() && spec.kind == "SCHEDULED");
}

fn in_state(state: &str) -> Reply {
    ok("GetTrigger", json!({ "Trigger": whole("SCHEDULED", state) }))
}

fn whole(kind: &str, state: &str) -> Value {
    json!({
        "Name": "nightly",
        "Type": kind,
        "State": state,
        "Actions": [{ "JobName": "clean" }],
        "Schedule": "cron(0 3 * * ? *)",
    })
}

fn absent(of: &'static str) -> Reply {
    refused(of, "EntityNotFoundException", "Trigger nightly is not found.")
}

#[tokio::test(start_paused = true)]
async fn a_new_trigger_is_waited_for_until_it_fires() {
    let script = [done("CreateTrigger"), absent("GetTrigger"), in_state("CREATING"), in_state("ACTIVATING")];
    let service = Scripted::new(script.into_iter().chain([in_state("ACTIVATED")]));
    Trigger::create(&service.aws().await, &nightly(), &step()).await.unwrap();
    assert_eq!(service.last("CreateTrigger")["StartOnCreation"], true);
    assert_eq!(service.operations().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn one_that_fires_when_asked_has_no_switch() {
    let asked = Spec { kind: ON_DEMAND.to_owned(), schedule: None, predicate: None, ..nightly() };
    let service = Scripted::new([done("CreateTrigger"), in_state("CREATED")]);
    Trigger::create(&service.aws().await, &asked, &step()).await.unwrap();
    assert!(service.last("CreateTrigger").get("StartOnCreation").is_none());
    let live = ok("GetTrigger", json!({ "Trigger": whole(ON_DEMAND, "CREATED") }));
    let service = Scripted::new([identity(), live, ok("GetTags", json!({}))]);
    let found = Trigger::read(&service.aws().await, "nightly", None).await.unwrap().unwrap().0;
    assert!(found.enabled);
    // Whatever the spec says of it: AWS would refuse both calls.
    let off = Spec { enabled: false, ..asked.clone() };
    Trigger::update(&Scripted::new([]).aws().await, &asked, &off, &step()).await.unwrap();
    let mut now = asked.clone();
    Trigger::align(&mut now, &off);
    assert!(now == off);
}

#[tokio::test(start_paused = true)]
async fn an_update_tells_all_as_aws_overwrites_all() {
    let service =
        Scripted::new([in_state("ACTIVATED"), done("UpdateTrigger"), in_state("UPDATING"), in_state("ACTIVATED")]);
    let want = Spec { schedule: Some("cron(0 4 * * ? *)".to_owned()), ..nightly() };
    Trigger::update(&service.aws().await, &nightly(), &want, &step()).await.unwrap();
    let sent = service.last("UpdateTrigger");
    assert_eq!(sent["TriggerUpdate"]["Schedule"], "cron(0 4 * * ? *)");
    let told = sent["TriggerUpdate"].as_object().unwrap();
    assert!(["Actions", "Description", "Predicate", "Schedule"].iter().all(|one| told.contains_key(*one)), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn where_aws_takes_no_change_of_one_that_fires_it_is_stopped_for_as_long() {
    let active = "The operation is not allowed when trigger is in state: ACTIVATED";
    let service = Scripted::new([
        in_state("ACTIVATED"),
        refused("UpdateTrigger", "InvalidInputException", active),
        in_state("ACTIVATED"),
        done("StopTrigger"),
        in_state("DEACTIVATING"),
        in_state("DEACTIVATED"),
        refused("UpdateTrigger", "InvalidInputException", "no such cron"),
        in_state("DEACTIVATED"),
        done("StartTrigger"),
        in_state("ACTIVATED"),
    ]);
    let want = Spec { schedule: Some("cron(x)".to_owned()), ..nightly() };
    let error = Trigger::update(&service.aws().await, &nightly(), &want, &step()).await.unwrap_err();
    assert_eq!(error.message, "no such cron");
    assert_eq!(service.operations()[8], "StartTrigger", "it fires again");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_to_fire_no_more_is_stopped_before_it_is_changed() {
    let off = Spec { enabled: false, description: "Off".to_owned(), ..nightly() };
    let service = Scripted::new([
        in_state("ACTIVATING"),
        in_state("ACTIVATED"),
        done("StopTrigger"),
        in_state("DEACTIVATED"),
        in_state("DEACTIVATED"),
        done("UpdateTrigger"),
        in_state("DEACTIVATED"),
    ]);
    Trigger::update(&service.aws().await, &nightly(), &off, &step()).await.unwrap();
    let service = Scripted::new([in_state("DEACTIVATED"), done("StartTrigger"), in_state("ACTIVATED")]);
    let on = Spec { enabled: true, ..off.clone() };
    Trigger::update(&service.aws().await, &off, &on, &step()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_trigger_is_stopped_before_it_is_deleted_and_is_gone_afterwards() {
    let service = Scripted::new([
        in_state("ACTIVATED"),
        done("StopTrigger"),
        in_state("DEACTIVATED"),
        done("DeleteTrigger"),
        in_state("DELETING"),
        absent("GetTrigger"),
    ]);
    Trigger::delete(&service.aws().await, "nightly", &step()).await.unwrap();
    // AWS refuses to stop one that was never started.
    let service = Scripted::new([in_state("CREATED"), done("DeleteTrigger"), absent("GetTrigger")]);
    Trigger::delete(&service.aws().await, "nightly", &step()).await.unwrap();
    let service = Scripted::new([absent("GetTrigger"), done("DeleteTrigger"), absent("GetTrigger")]);
    Trigger::delete(&service.aws().await, "nightly", &step()).await.unwrap();
}

#[tokio::test]
async fn one_that_is_being_deleted_is_gone() {
    let service = Scripted::new([identity(), in_state("DELETING"), ok("GetTags", json!({}))]);
    assert!(Trigger::read(&service.aws().await, "nightly", None).await.unwrap().is_none());
}

#[test]
fn what_is_not_started_any_more_is_said_beforehand() {
    let said = |want: Option<&Spec>| Trigger::warnings(Some(&nightly()), want);
    assert_eq!(said(None), ["It starts `clean` no more."]);
    assert_eq!(said(Some(&Spec { enabled: false, ..nightly() })), ["It starts `clean` no more."]);
    assert_eq!(said(Some(&Spec { description: "Other".to_owned(), ..nightly() })), [""; 0]);
    let off = Spec { enabled: false, ..nightly() };
    assert_eq!(Trigger::warnings(Some(&off), Some(&nightly())), ["It starts `clean` from then on."]);
}
