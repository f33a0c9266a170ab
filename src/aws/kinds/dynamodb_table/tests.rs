//! Tables on a service that answers from a script: the states that emulators skip.

use crate::catalog::ResourceType as _;
use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Reply, Scripted, done, ok, refused, step};

const CREATE: &str = "CreateTable";
const DESCRIBE: &str = "DescribeTable";
const UPDATE: &str = "UpdateTable";
const TTL: &str = "UpdateTimeToLive";

fn table(attributes: &str) -> Spec {
    toml::from_str(&format!("name = \"sessions\"\npartition_key = {{ name = \"id\", type = \"S\" }}\n{attributes}"))
        .unwrap()
}

/// A table in a status, with global indexes in theirs.
fn shown(status: &str, indexes: &[(&str, &str)]) -> Reply {
    let index = |(name, status): &(&str, &str)| json!({ "IndexName": name, "IndexStatus": status });
    let indexes: Vec<Value> = indexes.iter().map(index).collect();
    ok(
        DESCRIBE,
        json!({ "Table": { "TableName": "sessions", "TableStatus": status, "GlobalSecondaryIndexes": indexes } }),
    )
}

fn absent() -> Reply {
    refused(DESCRIBE, "ResourceNotFoundException", "not found")
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_being_deleted_makes_room_and_the_new_one_is_awaited() {
    let taken = refused(CREATE, "ResourceInUseException", "the name is taken");
    let deleting = [shown("DELETING", &[]), shown("DELETING", &[]), absent()];
    // DescribeTable may not know a table that CreateTable has just answered for.
    let made = [done(CREATE), absent(), shown("CREATING", &[]), shown("ACTIVE", &[("by-user", "CREATING")])];
    let service = Scripted::new(
        [taken].into_iter().chain(deleting).chain(made).chain([shown("ACTIVE", &[("by-user", "ACTIVE")])]),
    );
    Table::create(&service.aws().await, &table(""), &step()).await.unwrap();
    assert_eq!(service.operations().last().map(String::as_str), Some(DESCRIBE));
    assert_eq!(service.last(CREATE)["BillingMode"], "PAY_PER_REQUEST");
}

#[tokio::test(start_paused = true)]
async fn indexes_go_and_come_one_by_one_and_are_awaited() {
    let now =
        table("[global_indexes.old]\npartition_key = { name = \"a\", type = \"S\" }\nprojection = { type = \"ALL\" }");
    let want =
        table("[global_indexes.new]\npartition_key = { name = \"b\", type = \"N\" }\nprojection = { type = \"ALL\" }");
    let service = Scripted::new([
        shown("ACTIVE", &[("old", "ACTIVE")]),
        refused(UPDATE, "ResourceInUseException", "the table is being updated"),
        done(UPDATE),
        shown("UPDATING", &[("old", "DELETING")]),
        shown("ACTIVE", &[("old", "DELETING")]),
        shown("ACTIVE", &[]),
        done(UPDATE),
        shown("ACTIVE", &[("new", "CREATING")]),
        shown("ACTIVE", &[("new", "ACTIVE")]),
    ]);
    Table::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let expected = [DESCRIBE, UPDATE, UPDATE, DESCRIBE, DESCRIBE, DESCRIBE, UPDATE, DESCRIBE, DESCRIBE];
    assert_eq!(service.operations(), expected);
    let last = service.last(UPDATE);
    assert_eq!(last["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"], "new");
    let id = json!({ "AttributeName": "id", "AttributeType": "S" });
    assert_eq!(last["AttributeDefinitions"], json!([{ "AttributeName": "b", "AttributeType": "N" }, id]));
}

#[tokio::test(start_paused = true)]
async fn a_switch_to_provisioned_names_the_capacity_of_every_index_that_stays() {
    let index =
        "[global_indexes.kept]\npartition_key = { name = \"a\", type = \"S\" }\nprojection = { type = \"ALL\" }";
    let want = table(&format!("capacity = {{ read = 5, write = 3 }}\n{index}\ncapacity = {{ read = 2, write = 1 }}"));
    let service = Scripted::new([shown("ACTIVE", &[]), done(UPDATE), shown("ACTIVE", &[])]);
    Table::update(&service.aws().await, &table(index), &want, &step()).await.unwrap();
    let call = service.last(UPDATE);
    assert_eq!(call["BillingMode"], "PROVISIONED");
    assert_eq!(call["ProvisionedThroughput"], json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 3 }));
    assert_eq!(call["GlobalSecondaryIndexUpdates"][0]["Update"]["ProvisionedThroughput"]["ReadCapacityUnits"], 2);
}

#[tokio::test(start_paused = true)]
async fn another_ttl_waits_until_aws_takes_a_second_change() {
    let busy =
        refused(TTL, "ValidationException", "Time to live has been modified multiple times within a fixed interval");
    let service = Scripted::new([shown("ACTIVE", &[]), done(TTL), busy.clone(), busy, done(TTL)]);
    let (now, want) = (table("ttl_attribute = \"old\""), table("ttl_attribute = \"new\""));
    Table::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let expected = json!({ "AttributeName": "new", "Enabled": true });
    assert_eq!(service.last(TTL)["TimeToLiveSpecification"], expected);
}

#[tokio::test(start_paused = true)]
async fn a_table_whose_key_is_gone_is_not_waited_for() {
    let service = Scripted::new([shown("INACCESSIBLE_ENCRYPTION_CREDENTIALS", &[])]);
    let error = Table::ready(&service.aws().await, "sessions").await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "{error}");
}

#[test]
fn what_is_lost_and_what_takes_an_hour_is_said_before() {
    let now = table("ttl_attribute = \"a\"\nrecovery_days = 35\ndeletion_protection = true");
    let want = table("ttl_attribute = \"b\"\nrecovery_days = 7\ncapacity = { read = 1, write = 1 }");
    let warnings = Table::warnings(Some(&now), Some(&want)).join("\n");
    for part in ["may take an hour to leave `a`", "restored to the last 7 days only", "billing mode"] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
    let gone = Table::warnings(Some(&now), None).join("\n");
    assert!(
        gone.contains("The items in `sessions` are deleted") && gone.contains("`deletion_protection` off"),
        "{gone}"
    );
    let other_key = toml::from_str("name = \"sessions\"\npartition_key = { name = \"id\", type = \"N\" }").unwrap();
    assert_eq!(Table::warnings(Some(&now), Some(&other_key)).join("\n"), gone, "a replacement deletes it too");
    assert_eq!(Table::warnings(Some(&now), Some(&now)), Vec::<String>::new());
}
