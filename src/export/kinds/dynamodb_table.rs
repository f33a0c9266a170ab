//! DynamoDB tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Mapping, Subject, entries, filled, named_by, tag_list, text};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, blocks, fields};

/// The key that AWS keeps for DynamoDB: asked for by naming none.
const AWS_MANAGED: &str = "alias/aws/dynamodb";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "dynamodb_table",
    arn: Some(|it| it.estate.scope.arn("dynamodb", &format!("table/{}", it.name()))),
    terraform_type: "aws_dynamodb_table",
    terraform_keys: &[("aws_dynamodb_table", |it| named_by(it, "name"))],
    terraform: |it| Ok(vec![terraform::Part::new("aws_dynamodb_table", it.name(), table_fields(it))]),
    get_att: Some("Arn"),
    cloudformation: |it| {
        let table = table_properties(it);
        Ok(vec![cloudformation::Part::new("AWS::DynamoDB::Table", [("TableName", it.name())], table)])
    },
    stays: &[],
};

fn table_fields(it: &Subject<'_>) -> Fields {
    let recovery = &it["recovery_days"];
    let recovery = (!recovery.is_null())
        .then(|| fields([("enabled", json!(true).into()), ("recovery_period_in_days", recovery.clone().into())]));
    let ttl = &it["ttl_attribute"];
    let ttl =
        (!ttl.is_null()).then(|| fields([("attribute_name", ttl.clone().into()), ("enabled", json!(true).into())]));
    let encryption = it["kms_key"]
        .is_string()
        .then(|| fields([("enabled", json!(true).into()), ("kms_key_arn", customer_key(it).into())]));
    fields([
        ("name", it["name"].clone().into()),
        ("billing_mode", json!(billing_mode(it)).into()),
        ("hash_key", it["partition_key"]["name"].clone().into()),
        ("range_key", it["sort_key"]["name"].clone().into()),
        ("read_capacity", it["capacity"]["read"].clone().into()),
        ("write_capacity", it["capacity"]["write"].clone().into()),
        ("attribute", blocks(attributes(it).into_iter().map(attribute_block))),
        ("local_secondary_index", blocks(entries(&it["local_indexes"]).map(local_block))),
        ("global_secondary_index", blocks(entries(&it["global_indexes"]).map(global_block))),
        ("ttl", Term::Blocks(ttl.into_iter().collect())),
        ("point_in_time_recovery", Term::Blocks(recovery.into_iter().collect())),
        ("server_side_encryption", Term::Blocks(encryption.into_iter().collect())),
        ("deletion_protection_enabled", it["deletion_protection"].clone().into()),
        ("stream_enabled", if it["stream_view"].is_null() { Term::none() } else { json!(true).into() }),
        ("stream_view_type", it["stream_view"].clone().into()),
        ("tags", it["tags"].clone().into()),
    ])
}

fn attribute_block((name, kind): (String, String)) -> Fields {
    fields([("name", json!(name).into()), ("type", json!(kind).into())])
}

fn local_block((name, index): (&String, &Value)) -> Fields {
    let projection = &index["projection"];
    fields([
        ("name", json!(name).into()),
        ("range_key", index["sort_key"]["name"].clone().into()),
        ("projection_type", projection["type"].clone().into()),
        ("non_key_attributes", filled(&projection["attributes"]).into()),
    ])
}

fn global_block((name, index): (&String, &Value)) -> Fields {
    let (projection, capacity) = (&index["projection"], &index["capacity"]);
    fields([
        ("name", json!(name).into()),
        ("hash_key", index["partition_key"]["name"].clone().into()),
        ("range_key", index["sort_key"]["name"].clone().into()),
        ("projection_type", projection["type"].clone().into()),
        ("non_key_attributes", filled(&projection["attributes"]).into()),
        ("read_capacity", capacity["read"].clone().into()),
        ("write_capacity", capacity["write"].clone().into()),
    ])
}

fn table_properties(it: &Subject<'_>) -> Value {
    let attributes = attributes(it).into_iter();
    let attributes = attributes.map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind }));
    let global = entries(&it["global_indexes"]).map(|(name, index)| {
        properties([
            ("IndexName", json!(name)),
            ("KeySchema", key_schema(&index["partition_key"], &index["sort_key"])),
            ("Projection", projection(&index["projection"])),
            ("ProvisionedThroughput", throughput(&index["capacity"])),
        ])
    });
    let local = entries(&it["local_indexes"]).map(|(name, index)| {
        properties([
            ("IndexName", json!(name)),
            ("KeySchema", key_schema(&it["partition_key"], &index["sort_key"])),
            ("Projection", projection(&index["projection"])),
        ])
    });
    let recovery = it["recovery_days"].as_u64();
    let recovery = recovery.map(|days| json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days }));
    let ttl = it["ttl_attribute"].as_str().map(|name| json!({ "AttributeName": name, "Enabled": true }));
    let key = customer_key(it);
    let encryption = it["kms_key"]
        .is_string()
        .then(|| properties([("SSEEnabled", json!(true)), ("SSEType", json!("KMS")), ("KMSMasterKeyId", key)]));
    properties([
        ("TableName", it["name"].clone()),
        ("BillingMode", json!(billing_mode(it))),
        ("KeySchema", key_schema(&it["partition_key"], &it["sort_key"])),
        ("AttributeDefinitions", attributes.collect()),
        ("LocalSecondaryIndexes", filled(&local.collect())),
        ("GlobalSecondaryIndexes", filled(&global.collect())),
        ("ProvisionedThroughput", throughput(&it["capacity"])),
        ("TimeToLiveSpecification", json!(ttl)),
        ("PointInTimeRecoverySpecification", json!(recovery)),
        ("SSESpecification", json!(encryption)),
        ("DeletionProtectionEnabled", it["deletion_protection"].clone()),
        ("StreamSpecification", json!(it["stream_view"].as_str().map(|view| json!({ "StreamViewType": view })))),
        ("Tags", tag_list(&it["tags"])),
    ])
}

fn billing_mode(it: &Subject<'_>) -> &'static str {
    if it["capacity"].is_null() { "PAY_PER_REQUEST" } else { "PROVISIONED" }
}

/// The key, unless it is the one that is asked for by naming none.
fn customer_key(it: &Subject<'_>) -> Value {
    if it["kms_key"] == AWS_MANAGED { Value::Null } else { it["kms_key"].clone() }
}

/// Name and type of every attribute that is a key of the table or of an index.
fn attributes(it: &Subject<'_>) -> BTreeMap<String, String> {
    let indexes = entries(&it["local_indexes"]).chain(entries(&it["global_indexes"]));
    let of_indexes = indexes.flat_map(|(_, index)| [&index["partition_key"], &index["sort_key"]]);
    let keys = [&it["partition_key"], &it["sort_key"]].into_iter().chain(of_indexes);
    let named = keys.filter(|key| key.is_object());
    named.map(|key| (text(&key["name"]).to_owned(), text(&key["type"]).to_owned())).collect()
}

fn key_schema(partition: &Value, sort: &Value) -> Value {
    let element = |key: &Value, kind: &str| json!({ "AttributeName": key["name"], "KeyType": kind });
    let sort = sort.is_object().then(|| element(sort, "RANGE"));
    [Some(element(partition, "HASH")), sort].into_iter().flatten().collect()
}

fn projection(projection: &Value) -> Value {
    properties([
        ("ProjectionType", projection["type"].clone()),
        ("NonKeyAttributes", filled(&projection["attributes"])),
    ])
}

fn throughput(capacity: &Value) -> Value {
    if capacity.is_null() {
        return Value::Null;
    }
    json!({ "ReadCapacityUnits": capacity["read"], "WriteCapacityUnits": capacity["write"] })
}
