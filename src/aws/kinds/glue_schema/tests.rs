//! What no emulator shows: versions that are checked and fail, and what AWS takes for a version that it has.

use serde_json::{Value, json};

use super::*;
use crate::aws::glue::registries::RegisterSchemaVersion;
use crate::aws::scripted::{Reply, Scripted, broken, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;

const CLICK: &str = "events|click";

fn click() -> Spec {
    toml::from_str(
        r#"
            registry = "events"
            name = "click"
            format = "JSON"
            compatibility = "BACKWARD"
            description = "A click"
            definition = "{}"
            tags = { team = "growth" }
        "#,
    )
    .unwrap()
}

fn with(definition: &str) -> Spec {
    Spec { definition: Some(definition.to_owned()), ..click() }
}

const OTHER: &str = r#"{"type": "object"}"#;

#[tokio::test]
async fn calls_about_schemas_are_those_of_awss_model() {
    let want = click();
    let create = CreateSchema {
        registry_id: RegistryId { registry_name: "events" },
        schema_name: "click",
        data_format: "JSON",
        compatibility: "BACKWARD",
        description: "A click",
        tags: &want.tags,
        schema_definition: "{}",
    };
    let made = is_as_modelled(&create).await;
    assert_eq!((made.latest_schema_version, made.schema_version_status.as_deref()), (Some(7), Some("AVAILABLE")));
    let register = RegisterSchemaVersion { schema_id: id(CLICK), schema_definition: "{}" };
    assert_eq!(is_as_modelled(&register).await.version_number, Some(7));
    let now = Spec { compatibility: "NONE".to_owned(), description: String::new(), ..click() };
    let want = Spec { compatibility: "FULL".to_owned(), ..click() };
    is_as_modelled(&settings(&now, &want).unwrap()).await;
    is_as_modelled(&DeleteSchema { schema_id: id(CLICK) }).await;
    let live = is_as_modelled(&GetSchema { schema_id: id(CLICK) }).await;
    assert_eq!((live.latest_schema_version, live.schema_status.as_deref()), (Some(7), Some("AVAILABLE")));
    assert!(live.registry_name.is_some() && live.data_format.is_some() && live.compatibility.is_some());
    let version = GetSchemaVersion { schema_id: id(CLICK), schema_version_number: Version::Number(7) };
    let live = is_as_modelled(&version).await;
    assert_eq!((live.version_number, live.schema_definition.as_deref()), (Some(7), Some("x&<é")));
}

fn live(status: &str) -> Reply {
    ok(
        "GetSchema",
        json!({
            "RegistryName": "events",
            "SchemaName": "click",
            "Description": "A click",
            "DataFormat": "JSON",
            "Compatibility": "BACKWARD",
            "SchemaCheckpoint": 1,
            "LatestSchemaVersion": 3,
            "SchemaStatus": status,
        }),
    )
}

fn version(number: u64, status: &str, definition: &str) -> Reply {
    let live = json!({ "VersionNumber": number, "Status": status, "SchemaDefinition": definition });
    ok("GetSchemaVersion", live)
}

fn registered(number: u64, status: &str) -> Reply {
    ok("RegisterSchemaVersion", json!({ "VersionNumber": number, "Status": status }))
}

fn absent(of: &'static str) -> Reply {
    refused(of, "EntityNotFoundException", "Schema is not found.")
}

fn tags() -> Reply {
    ok("GetTags", json!({ "Tags": { "team": "growth" } }))
}

async fn read(script: impl IntoIterator<Item = Reply>) -> Option<(Spec, Outputs)> {
    let service = Scripted::new([identity(), tags()].into_iter().chain(script));
    let found = RegistrySchema::read(&service.aws().await, CLICK, None).await.unwrap();
    found.map(|(spec, outputs, _)| (spec, outputs))
}

#[tokio::test]
async fn its_definition_is_that_of_the_latest_version_that_can_be_used() {
    let (found, outputs) = read([live("AVAILABLE"), version(3, "AVAILABLE", "{}")]).await.unwrap();
    assert!(found == click() && outputs.version == 3);
    assert_eq!(outputs.arn, "arn:aws:glue:eu-west-1:123456789012:schema/events/click");
    let (found, _) = read([live("AVAILABLE"), version(4, "PENDING", OTHER)]).await.unwrap();
    assert_eq!(found.definition, None, "whoever wants it waits for it");
    let (found, _) = read([live("AVAILABLE"), absent("GetSchemaVersion")]).await.unwrap();
    assert_eq!(found.definition, None, "it was made without one");
    assert!(read([live("DELETING"), version(3, "AVAILABLE", "{}")]).await.is_none());
    assert!(read([absent("GetSchema"), absent("GetSchemaVersion")]).await.is_none());
}

#[tokio::test]
async fn how_a_definition_is_set_is_no_difference() {
    let (mut found, _) =
        read([live("AVAILABLE"), version(3, "AVAILABLE", "{\n  \"type\":\"object\"}\n")]).await.unwrap();
    let want = Spec { file: Some("schemas/click.json".to_owned()), ..with(OTHER) };
    RegistrySchema::align(&mut found, &want);
    assert!(found == want);
}

#[tokio::test(start_paused = true)]
async fn a_new_schema_is_waited_for_until_its_version_can_be_used() {
    let made = |status: &str| ok("CreateSchema", json!({ "LatestSchemaVersion": 1, "SchemaVersionStatus": status }));
    let service = Scripted::new([made("AVAILABLE")]);
    RegistrySchema::create(&service.aws().await, &click(), &step()).await.unwrap();
    assert_eq!(service.last("CreateSchema")["Tags"], json!({ "team": "growth" }));
    let pending = [absent("GetSchemaVersion"), version(1, "PENDING", "{}"), version(1, "AVAILABLE", "{}")];
    let service = Scripted::new([made("PENDING")].into_iter().chain(pending));
    RegistrySchema::create(&service.aws().await, &click(), &step()).await.unwrap();
    assert_eq!(service.last("GetSchemaVersion")["SchemaVersionNumber"], json!({ "VersionNumber": 1 }));
}

#[tokio::test(start_paused = true)]
async fn the_name_of_one_that_is_being_deleted_is_waited_for() {
    let taken = || refused("CreateSchema", "AlreadyExistsException", "Schema already exists");
    let made = ok("CreateSchema", json!({ "LatestSchemaVersion": 1, "SchemaVersionStatus": "AVAILABLE" }));
    let service = Scripted::new([taken(), live("DELETING"), live("DELETING"), absent("GetSchema"), made]);
    RegistrySchema::create(&service.aws().await, &click(), &step()).await.unwrap();
    let service = Scripted::new([taken(), live("AVAILABLE")]);
    let error = RegistrySchema::create(&service.aws().await, &click(), &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations().len()), (Class::InUse, 2), "it is somebody's");
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_reply_the_next_read_finds_it_with_its_tags() {
    let service = Scripted::new([
        broken("CreateSchema"),
        refused("CreateSchema", "AlreadyExistsException", "Schema already exists"),
        live("AVAILABLE"),
        identity(),
        live("AVAILABLE"),
        version(1, "AVAILABLE", "{}"),
        tags(),
    ]);
    let aws = service.aws().await;
    assert_eq!(RegistrySchema::create(&aws, &click(), &step()).await.unwrap_err().class, Class::InUse);
    let (found, ..) = RegistrySchema::read(&aws, CLICK, None).await.unwrap().unwrap();
    assert!(found == click(), "there is nothing left to do");
}

async fn updated(service: &Scripted, now: &Spec, want: &Spec) -> Result<()> {
    RegistrySchema::update(&service.aws().await, now, want, &step()).await
}

#[tokio::test(start_paused = true)]
async fn another_definition_is_another_version_that_is_waited_for() {
    let service = Scripted::new([
        registered(4, "PENDING"),
        version(4, "PENDING", OTHER),
        version(4, "AVAILABLE", OTHER),
        // The end of it is not seen everywhere at once.
        version(3, "AVAILABLE", "{}"),
        version(4, "AVAILABLE", OTHER),
    ]);
    updated(&service, &click(), &with(OTHER)).await.unwrap();
    assert_eq!(service.last("RegisterSchemaVersion")["SchemaDefinition"], OTHER);
    assert_eq!(service.last("GetSchemaVersion")["SchemaVersionNumber"], json!({ "LatestVersion": true }));
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_the_same_definition_comes_to_the_same_version() {
    let (found, _) = read([live("AVAILABLE"), version(4, "PENDING", OTHER)]).await.unwrap();
    let service =
        Scripted::new([registered(4, "PENDING"), version(4, "AVAILABLE", OTHER), version(4, "AVAILABLE", OTHER)]);
    updated(&service, &found, &with(OTHER)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_not_compatible_fails_and_says_what_now() {
    for script in [vec![registered(4, "FAILURE")], vec![registered(4, "PENDING"), version(4, "FAILURE", OTHER)]] {
        let service = Scripted::new(script);
        let error = updated(&service, &click(), &with(OTHER)).await.unwrap_err();
        assert_eq!(error.class, Class::Invalid);
        for said in ["version 4 of the schema click of the registry events", "not BACKWARD", "loosen `compatibility`"] {
            assert!(error.message.contains(said), "{error}");
        }
    }
    let service = Scripted::new([refused("RegisterSchemaVersion", "InvalidInputException", "Schema is invalid")]);
    let error = updated(&service, &click(), &with(OTHER)).await.unwrap_err();
    assert!(
        error.message.contains("its compatibility is BACKWARD") && error.message.ends_with("Schema is invalid"),
        "{error}"
    );
    assert_eq!(error.code.as_deref(), Some("InvalidInputException"));
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_an_older_version_has_is_no_new_one() {
    let service = Scripted::new([registered(1, "AVAILABLE"), version(3, "AVAILABLE", "{}")]);
    let error = updated(&service, &click(), &with(OTHER)).await.unwrap_err();
    assert!(
        error.message.contains("already, as version 1") && error.message.contains("version 3 stays the latest"),
        "{error}"
    );
    let service = Scripted::new([registered(3, "AVAILABLE"), version(3, "AVAILABLE", "{}")]);
    let error = updated(&service, &click(), &with(OTHER)).await.unwrap_err();
    assert!(error.message.contains("for that of its version 3"), "{error}");
}

fn order(service: &Scripted) -> Vec<String> {
    service.operations().into_iter().filter(|one| one != "GetSchemaVersion").collect()
}

#[tokio::test(start_paused = true)]
async fn a_new_version_is_checked_as_it_is_wanted_from_now_on() {
    let script = || [done("UpdateSchema"), registered(4, "AVAILABLE"), version(4, "AVAILABLE", OTHER)];
    let service = Scripted::new(script());
    let looser = Spec { compatibility: "NONE".to_owned(), ..with(OTHER) };
    updated(&service, &click(), &looser).await.unwrap();
    assert_eq!(order(&service), ["UpdateSchema", "RegisterSchemaVersion"]);
    let told = service.last("UpdateSchema");
    assert_eq!(
        (&told["Compatibility"], &told["SchemaVersionNumber"]),
        (&json!("NONE"), &json!({ "LatestVersion": true }))
    );
    assert_eq!(told["Description"], Value::Null, "it stays");
    // One that is to take no version any more takes this one before.
    let service = Scripted::new(script());
    let closed = Spec { compatibility: "DISABLED".to_owned(), ..with(OTHER) };
    updated(&service, &click(), &closed).await.unwrap();
    assert_eq!(order(&service), ["RegisterSchemaVersion", "UpdateSchema"]);
    let service = Scripted::new([]);
    let error =
        updated(&service, &Spec { definition: click().definition, ..closed.clone() }, &closed).await.unwrap_err();
    assert!(error.message.contains("takes no new version"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_description_alone_names_no_version() {
    let service = Scripted::new([done("UpdateSchema")]);
    updated(&service, &click(), &Spec { description: String::new(), ..click() }).await.unwrap();
    let told = service.last("UpdateSchema");
    assert_eq!(
        (&told["SchemaVersionNumber"], &told["Compatibility"], &told["Description"]),
        (&Value::Null, &Value::Null, &json!(""))
    );
    // A definition that nobody has read is left as it is.
    let unread = Spec { definition: None, ..click() };
    updated(&Scripted::new([]), &click(), &unread).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_deletion_ends_when_aws_tells_of_it_no_more_and_goes_on_where_it_was() {
    let script = [live("AVAILABLE"), done("DeleteSchema"), live("DELETING"), absent("GetSchema")];
    let service = Scripted::new(script);
    RegistrySchema::delete(&service.aws().await, CLICK, &step()).await.unwrap();
    let service = Scripted::new(std::iter::repeat_n(live("DELETING"), 1000));
    let error = RegistrySchema::delete(&service.aws().await, CLICK, &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(!service.operations().contains(&"DeleteSchema".to_owned()), "it is under way");
    RegistrySchema::delete(&Scripted::new([absent("GetSchema")]).aws().await, CLICK, &step()).await.unwrap();
}

#[test]
fn what_data_cannot_be_read_without_is_said_beforehand() {
    let said = |want: Option<&Spec>| RegistrySchema::warnings(Some(&click()), want);
    assert!(said(None)[0].contains("All versions of `click` of the registry events are deleted"));
    assert!(said(Some(&Spec { format: "AVRO".to_owned(), ..click() }))[0].contains("are deleted"));
    assert_eq!(
        said(Some(&with(OTHER))),
        ["It becomes the latest version of `click`, if AWS finds it BACKWARD; those before stay."]
    );
    let closed = Spec { compatibility: "DISABLED".to_owned(), ..with(OTHER) };
    assert_eq!(said(Some(&closed)).len(), 2);
    assert_eq!(
        RegistrySchema::warnings(Some(&closed), Some(&Spec { definition: click().definition, ..closed.clone() })),
        ["AWS refuses it: `click` takes no new version."]
    );
    assert_eq!(said(Some(&click())), [""; 0]);
}
