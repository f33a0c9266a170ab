mod indexes;

use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Scripted, done, ok, step};
use crate::aws::slim::tests::is_as_modelled;

fn prices() -> Spec {
    toml::from_str(
        r#"database = "lake"
        name = "prices"
        description = "Ticks"
        location = "s3://lake/prices/"
        input_format = "in"
        output_format = "out"
        serde = { library = "serde", parameters = { a = "b" } }
        columns = [{ name = "price", type = "double", comment = "In euros" }]
        partition_keys = [{ name = "day", type = "string" }]
        indexes = { day = ["day"] }
        parameters = { classification = "json" }
        tags = { "pipectl:env" = "dev" }"#,
    )
    .unwrap()
}

/// A table with every member that Glue gives.
fn whole() -> Value {
    let all: Value = serde_json::from_str(include_str!("../../../../tests/files/slim.json")).unwrap();
    let mut table = all["glue.GetTable"]["reply"]["Table"].clone();
    // Seconds without a fraction, and an id as long as they are: botocore sends no others.
    for time in ["LastAccessTime", "LastAnalyzedTime"] {
        table[time] = json!(1_795_901_205);
    }
    table["StorageDescriptor"]["SchemaReference"]["SchemaVersionId"] = json!("0".repeat(36));
    table
}

fn live(table: Value) -> Live {
    serde_json::from_value(table).unwrap()
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    let live = is_as_modelled(&GetTable { database_name: "lake", name: "prices" }).await.table.unwrap();
    assert!(live.name.is_some() && live.description.is_some() && live.table_type.is_some());
    assert!(live.parameters.is_some() && live.version_id.is_some());
    assert!(live.is_registered_with_lake_formation.is_some());
    let read = spec("lake", live, None).unwrap();
    assert_eq!(read.serde.unwrap().library, "x&<é");
    assert_eq!((read.columns.len(), read.partition_keys.len(), read.input_format.as_str()), (1, 1, "x&<é"));
    let want = prices();
    let call = CreateTable {
        database_name: "lake",
        table_input: input(&want, Live::default()),
        partition_indexes: at_birth(&want.indexes),
        open_table_format_input: Some(Iceberg::create()),
    };
    is_as_modelled(&call).await;
    let mut live = self::live(whole());
    live.parameters = None;
    let table_input = input(&want, live);
    is_as_modelled(&UpdateTable { database_name: "lake", table_input, version_id: Some("7".to_owned()) }).await;
    is_as_modelled(&DeleteTable { database_name: "lake", name: "prices" }).await;
}

#[test]
fn what_is_written_reads_back_equal() {
    let want = prices();
    let written = serde_json::to_value(input(&want, Live::default())).unwrap();
    let read = spec("lake", live(written), None).unwrap();
    assert_eq!(Spec { indexes: want.indexes.clone(), ..read }, want, "indexes are read by a call of their own");
}

#[tokio::test(start_paused = true)]
async fn an_update_keeps_what_others_note_of_a_table_and_what_no_attribute_says() {
    let table = json!({
        "Name": "prices",
        "Retention": 7,
        "VersionId": "3",
        "Parameters": { "classification": "csv", "UPDATED_BY_CRAWLER": "c", "old": "gone" },
        "StorageDescriptor": {
            "Columns": [{ "Name": "price", "Type": "int", "Parameters": { "tag": "pii" } }],
            "SortColumns": [{ "Column": "price", "SortOrder": 1 }],
        },
        "CreateTime": 1,
        "DatabaseName": "lake",
    });
    let service = Scripted::new([ok("GetTable", json!({ "Table": table })), done("UpdateTable")]);
    let now = Spec { description: String::new(), ..prices() };
    CatalogTable::update(&service.aws().await, &now, &prices(), &step()).await.unwrap();
    let sent = service.last("UpdateTable");
    let input = &sent["TableInput"];
    let parameters = json!({ "classification": "json", "UPDATED_BY_CRAWLER": "c", "pipectl:env": "dev" });
    assert_eq!((&input["Parameters"], &input["Retention"], &sent["VersionId"]), (&parameters, &json!(7), &json!("3")));
    assert_eq!(input["StorageDescriptor"]["SortColumns"], json!([{ "Column": "price", "SortOrder": 1 }]));
    assert_eq!(input["StorageDescriptor"]["Columns"][0]["Parameters"], json!({ "tag": "pii" }));
    assert_eq!(input["StorageDescriptor"]["Columns"][0]["Type"], "double");
    assert!(input["CreateTime"].is_null() && input["DatabaseName"].is_null());
}

#[test]
fn a_table_of_iceberg_keeps_its_metadata_and_shows_none_of_it() {
    let table = json!({
        "Name": "prices",
        "Parameters": { "table_type": "ICEBERG", "metadata_location": "s3://lake/prices/metadata/7.json" },
        "StorageDescriptor": { "Location": "s3://lake/prices/", "Columns": [{ "Name": "price", "Type": "double" }] },
    });
    let read = spec("lake", live(table.clone()), None).unwrap();
    assert!(read.iceberg && read.parameters.is_empty() && read.serde.is_none());
    let written = serde_json::to_value(input(&read, live(table.clone()))).unwrap();
    assert_eq!(written["Parameters"], table["Parameters"]);
}
