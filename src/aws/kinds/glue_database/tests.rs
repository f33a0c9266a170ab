use serde_json::json;

use super::*;
use crate::aws::glue::databases::{GetDatabase, GetTables};
use crate::aws::scripted::{Scripted, done, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;

fn lake() -> Spec {
    toml::from_str(
        r#"name = "lake"
        description = "Prices"
        location = "s3://lake/"
        parameters = { layer = "silver" }
        tags = { team = "growth" }"#,
    )
    .unwrap()
}

fn kept() -> Kept {
    let permissions =
        json!([{ "Principal": { "DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS" }, "Permissions": ["ALL"] }]);
    Kept {
        create_table_default_permissions: Some(permissions),
        target_database: Some(json!({ "CatalogId": "123456789012", "DatabaseName": "theirs" })),
        federated_database: Some(json!({ "Identifier": "arn", "ConnectionName": "theirs" })),
    }
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    let live = is_as_modelled(&GetDatabase { name: "lake" }).await.database.unwrap();
    assert!(live.name.is_some() && live.description.is_some() && live.location_uri.is_some());
    assert!(live.parameters.is_some() && live.kept.create_table_default_permissions.is_some());
    assert!(live.kept.target_database.is_some() && live.kept.federated_database.is_some());
    let want = lake();
    is_as_modelled(&CreateDatabase { database_input: input(&want, Kept::default()), tags: &want.tags }).await;
    is_as_modelled(&UpdateDatabase { name: "lake", database_input: input(&want, kept()) }).await;
    is_as_modelled(&DeleteDatabase { name: "lake" }).await;
    let tables = is_as_modelled(&GetTables { database_name: "lake", next_token: Some("a+/=".to_owned()) }).await;
    assert!(tables.table_list[0].name.is_some() && tables.table_list[0].parameters.is_some());
    assert!(tables.next_token.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_no_attribute_says_is_handed_on_as_it_was() {
    let live =
        json!({ "Name": "lake", "CreateTableDefaultPermissions": [], "TargetDatabase": { "DatabaseName": "x" } });
    let service = Scripted::new([ok("GetDatabase", json!({ "Database": live })), done("UpdateDatabase")]);
    let now = Spec { description: String::new(), ..lake() };
    Database::update(&service.aws().await, &now, &lake(), &step()).await.unwrap();
    let input = service.last("UpdateDatabase")["DatabaseInput"].clone();
    assert_eq!(input["CreateTableDefaultPermissions"], json!([]));
    assert_eq!(input["TargetDatabase"], json!({ "DatabaseName": "x" }));
    assert_eq!(input["Description"], "Prices");
}

#[tokio::test(start_paused = true)]
async fn a_database_with_tables_is_not_deleted() {
    let page =
        |next: Option<&str>, name: &str| ok("GetTables", json!({ "TableList": [{ "Name": name }], "NextToken": next }));
    let service = Scripted::new([page(Some("more"), "a"), page(None, "b")]);
    let error = Database::delete(&service.aws().await, "lake", &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
    assert_eq!(error.message, "the database still has the tables a, b, which would be forgotten with it");
    let service = Scripted::new([ok("GetTables", json!({ "TableList": [] })), done("DeleteDatabase")]);
    Database::delete(&service.aws().await, "lake", &step()).await.unwrap();
    let service = Scripted::new([refused("GetTables", "EntityNotFoundException", "no database")]);
    Database::delete(&service.aws().await, "lake", &step()).await.unwrap();
}
