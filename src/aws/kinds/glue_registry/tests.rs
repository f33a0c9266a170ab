//! What no emulator shows: registries that are on their way out, and schemas that would be lost.

use serde_json::{Value, json};

use super::*;
use crate::aws::Observed as _;
use crate::aws::glue::registries::{GetRegistry, ListSchemas};
use crate::aws::scripted::{Reply, Scripted, broken, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;
use crate::model::unmodelled::Owned;

const EVENTS: RegistryId<'static> = RegistryId { registry_name: "events" };

fn events() -> Spec {
    toml::from_str("name = 'events'\ndescription = 'Clicks'\ntags = { team = 'growth' }\n").unwrap()
}

#[tokio::test]
async fn calls_about_registries_are_those_of_awss_model() {
    let want = events();
    let create = CreateRegistry { registry_name: "events", description: "Clicks", tags: &want.tags };
    assert!(is_as_modelled(&create).await.registry_arn.is_some());
    is_as_modelled(&UpdateRegistry { registry_id: EVENTS, description: "Clicks" }).await;
    is_as_modelled(&DeleteRegistry { registry_id: EVENTS }).await;
    let live = is_as_modelled(&GetRegistry { registry_id: EVENTS }).await;
    assert_eq!((live.registry_name.as_deref(), live.status.as_deref()), (Some("x&<é"), Some("AVAILABLE")));
    let page = is_as_modelled(&ListSchemas { registry_id: EVENTS, next_token: Some("a+/=".to_owned()) }).await;
    assert!(page.schemas.unwrap()[0].schema_name.is_some() && page.next_token.is_some());
}

fn live(status: &str) -> Value {
    let arn = "arn:aws:glue:eu-west-1:123456789012:registry/events";
    json!({ "RegistryName": "events", "RegistryArn": arn, "Description": "Clicks", "Status": status })
}

fn in_state(status: &str) -> Reply {
    ok("GetRegistry", live(status))
}

fn absent(of: &'static str) -> Reply {
    refused(of, "EntityNotFoundException", "Registry is not found.")
}

fn schemas_of(names: &[&str], next: Option<&str>) -> Reply {
    let schemas: Vec<Value> = names.iter().map(|name| json!({ "SchemaName": name })).collect();
    ok("ListSchemas", json!({ "Schemas": schemas, "NextToken": next }))
}

fn tags(tags: &Value) -> Reply {
    ok("GetTags", json!({ "Tags": tags }))
}

#[tokio::test]
async fn one_that_is_being_deleted_is_none() {
    let service = Scripted::new([identity(), in_state("DELETING"), tags(&json!({}))]);
    assert!(SchemaRegistry::read(&service.aws().await, "events", None).await.unwrap().is_none());
    let service = Scripted::new([identity(), in_state("AVAILABLE"), tags(&json!({ "team": "growth" }))]);
    let (found, outputs, _) = SchemaRegistry::read(&service.aws().await, "events", None).await.unwrap().unwrap();
    assert!(found == events() && outputs.arn.ends_with(":registry/events"));
    let service = Scripted::new([identity(), absent("GetRegistry"), absent("GetTags")]);
    assert!(SchemaRegistry::read(&service.aws().await, "events", None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_one_has_its_tags_at_birth_and_is_not_read() {
    let service = Scripted::new([ok("CreateRegistry", live("AVAILABLE"))]);
    let (made, _, _) = SchemaRegistry::create(&service.aws().await, &events(), &step()).await.unwrap().unwrap();
    assert!(made == events());
    assert_eq!(service.last("CreateRegistry")["Tags"], json!({ "team": "growth" }));
    assert_eq!(service.operations().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_name_of_one_that_is_being_deleted_is_waited_for() {
    let taken = || refused("CreateRegistry", "AlreadyExistsException", "Registry already exists");
    let service = Scripted::new([
        taken(),
        in_state("DELETING"),
        in_state("DELETING"),
        in_state("DELETING"),
        absent("GetRegistry"),
        ok("CreateRegistry", live("AVAILABLE")),
    ]);
    SchemaRegistry::create(&service.aws().await, &events(), &step()).await.unwrap();
    let service = Scripted::new([taken(), in_state("AVAILABLE")]);
    let error = SchemaRegistry::create(&service.aws().await, &events(), &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations().len()), (Class::InUse, 2), "it is somebody's");
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_reply_the_next_read_finds_it_with_its_tags() {
    let service = Scripted::new([
        broken("CreateRegistry"),
        refused("CreateRegistry", "AlreadyExistsException", "Registry already exists"),
        in_state("AVAILABLE"),
        identity(),
        in_state("AVAILABLE"),
        tags(&json!({ "team": "growth" })),
    ]);
    let aws = service.aws().await;
    let error = SchemaRegistry::create(&aws, &events(), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
    let (found, ..) = SchemaRegistry::read(&aws, "events", None).await.unwrap().unwrap();
    assert!(found == events(), "there is nothing left to do");
}

#[tokio::test(start_paused = true)]
async fn one_with_schemas_is_not_deleted() {
    let service = Scripted::new([in_state("AVAILABLE"), schemas_of(&["a"], Some("more")), schemas_of(&["b"], None)]);
    let error = SchemaRegistry::delete(&service.aws().await, "events", &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
    assert_eq!(
        error.message,
        "the registry still has the schemas a, b, which would be deleted with it, and all their versions"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_ends_when_aws_tells_of_it_no_more_and_goes_on_where_it_was() {
    let script = [in_state("AVAILABLE"), schemas_of(&[], None), done("DeleteRegistry"), in_state("DELETING")];
    let service = Scripted::new(script.into_iter().chain([absent("GetRegistry")]));
    SchemaRegistry::delete(&service.aws().await, "events", &step()).await.unwrap();
    let service = Scripted::new(std::iter::repeat_n(in_state("DELETING"), 1000));
    let error = SchemaRegistry::delete(&service.aws().await, "events", &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("goes on from here"), "{error}");
    assert!(!service.operations().contains(&"DeleteRegistry".to_owned()), "it is under way");
    let service = Scripted::new([absent("GetRegistry")]);
    SchemaRegistry::delete(&service.aws().await, "events", &step()).await.unwrap();
}

#[tokio::test]
async fn what_would_be_lost_with_it_is_said_beforehand_but_for_its_own() {
    let marks = json!({ "pipectl:project": "acme", "pipectl:env": "dev" });
    let mut now = events();
    now.tags = serde_json::from_value(marks.clone()).unwrap();
    let script = [identity(), schemas_of(&["ours", "theirs"], None), tags(&marks), tags(&json!({}))];
    let service = Scripted::new(script);
    let obstacles = SchemaRegistry::obstacles(&service.aws().await, &now, false).await;
    assert!(obstacles.len() == 1 && obstacles[0].starts_with("it holds the schema theirs, which"), "{obstacles:?}");
    let service = Scripted::new([schemas_of(&["ours", "theirs"], None)]);
    let owned = Owned::new([("glue_schema".to_owned(), "events|ours".to_owned())]);
    let look = SchemaRegistry::look_closer(&service.aws().await, &now, &owned).await;
    let values: Vec<&str> = look.found.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["theirs"]);
}

#[tokio::test]
async fn a_description_and_tags_are_changed_each_by_its_own_call() {
    let service = Scripted::new([identity(), done("UpdateRegistry"), done("TagResource")]);
    let want = Spec { description: String::new(), tags: [("a".to_owned(), "b".to_owned())].into(), ..events() };
    let now = Spec { tags: [].into(), ..events() };
    SchemaRegistry::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    assert_eq!(service.last("UpdateRegistry")["Description"], "");
    assert!(SchemaRegistry::warnings(Some(&now), Some(&want)).is_empty());
}
