//! DynamoDB tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list};
use crate::catalog::dynamodb_table::{Capacity, GlobalIndex, Key, LocalIndex, Projection, Spec, Table};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, blocks, fields};
use crate::model::scope::Scope;

/// The key that AWS keeps for DynamoDB: asked for by naming none.
const AWS_MANAGED: &str = "alias/aws/dynamodb";

impl Exported for Table {
    const TERRAFORM_TYPE: &'static str = "aws_dynamodb_table";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_dynamodb_table", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("dynamodb", &format!("table/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        Ok(vec![terraform::Part::new("aws_dynamodb_table", &it.spec.name, table_fields(it.spec))])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let identifier = [("TableName", it.spec.name.as_str())];
        Ok(vec![cloudformation::Part::new("AWS::DynamoDB::Table", identifier, table_properties(it.spec))])
    }
}

fn table_fields(spec: &Spec) -> Fields {
    let Spec {
        name,
        partition_key,
        sort_key,
        local_indexes,
        global_indexes,
        capacity,
        ttl_attribute,
        recovery_days,
        kms_key,
        deletion_protection,
        stream_view,
        tags,
    } = spec;
    let recovery =
        recovery_days.map(|days| fields([("enabled", true.into()), ("recovery_period_in_days", days.into())]));
    let ttl = ttl_attribute.as_ref().map(|name| fields([("attribute_name", name.into()), ("enabled", true.into())]));
    let encryption =
        kms_key.as_ref().map(|key| fields([("enabled", true.into()), ("kms_key_arn", customer_key(key).into())]));
    let (read, write) = units(capacity.as_ref());
    fields([
        ("name", name.into()),
        ("billing_mode", billing_mode(capacity.as_ref()).into()),
        ("hash_key", (&partition_key.name).into()),
        ("range_key", name_of(sort_key.as_ref()).into()),
        ("read_capacity", read.into()),
        ("write_capacity", write.into()),
        ("attribute", blocks(attributes(spec).into_iter().map(attribute_block))),
        ("local_secondary_index", blocks(local_indexes.iter().map(local_block))),
        ("global_secondary_index", blocks(global_indexes.iter().map(global_block))),
        ("ttl", Term::Blocks(ttl.into_iter().collect())),
        ("point_in_time_recovery", Term::Blocks(recovery.into_iter().collect())),
        ("server_side_encryption", Term::Blocks(encryption.into_iter().collect())),
        ("deletion_protection_enabled", deletion_protection.into()),
        ("stream_enabled", stream_view.as_ref().map(|_| true).into()),
        ("stream_view_type", stream_view.into()),
        ("tags", tags.into()),
    ])
}

fn attribute_block((name, kind): (&str, &str)) -> Fields {
    fields([("name", name.into()), ("type", kind.into())])
}

fn local_block((name, index): (&String, &LocalIndex)) -> Fields {
    let LocalIndex { sort_key, projection: Projection { kind, attributes } } = index;
    fields([
        ("name", name.into()),
        ("range_key", (&sort_key.name).into()),
        ("projection_type", kind.into()),
        ("non_key_attributes", filled(attributes).into()),
    ])
}

fn global_block((name, index): (&String, &GlobalIndex)) -> Fields {
    let GlobalIndex { partition_key, sort_key, projection: Projection { kind, attributes }, capacity } = index;
    let (read, write) = units(capacity.as_ref());
    fields([
        ("name", name.into()),
        ("hash_key", (&partition_key.name).into()),
        ("range_key", name_of(sort_key.as_ref()).into()),
        ("projection_type", kind.into()),
        ("non_key_attributes", filled(attributes).into()),
        ("read_capacity", read.into()),
        ("write_capacity", write.into()),
    ])
}

fn table_properties(spec: &Spec) -> Value {
    let Spec {
        name,
        partition_key,
        sort_key,
        local_indexes,
        global_indexes,
        capacity,
        ttl_attribute,
        recovery_days,
        kms_key,
        deletion_protection,
        stream_view,
        tags,
    } = spec;
    let attributes = attributes(spec).into_iter();
    let attributes = attributes.map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind }));
    let global = global_indexes.iter().map(global_properties);
    let local = local_indexes.iter().map(|(name, LocalIndex { sort_key, projection })| {
        properties([
            ("IndexName", json!(name)),
            ("KeySchema", key_schema(partition_key, Some(sort_key))),
            ("Projection", projected(projection)),
        ])
    });
    let recovery =
        recovery_days.map(|days| json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days }));
    let ttl = ttl_attribute.as_ref().map(|name| json!({ "AttributeName": name, "Enabled": true }));
    let encryption = kms_key.as_ref().map(|key| {
        let key = json!(customer_key(key));
        properties([("SSEEnabled", json!(true)), ("SSEType", json!("KMS")), ("KMSMasterKeyId", key)])
    });
    properties([
        ("TableName", json!(name)),
        ("BillingMode", json!(billing_mode(capacity.as_ref()))),
        ("KeySchema", key_schema(partition_key, sort_key.as_ref())),
        ("AttributeDefinitions", attributes.collect()),
        ("LocalSecondaryIndexes", filled(local.collect::<Vec<_>>())),
        ("GlobalSecondaryIndexes", filled(global.collect::<Vec<_>>())),
        ("ProvisionedThroughput", throughput(capacity.as_ref())),
        ("TimeToLiveSpecification", json!(ttl)),
        ("PointInTimeRecoverySpecification", json!(recovery)),
        ("SSESpecification", json!(encryption)),
        ("DeletionProtectionEnabled", json!(deletion_protection)),
        ("StreamSpecification", json!(stream_view.as_ref().map(|view| json!({ "StreamViewType": view })))),
        ("Tags", tag_list(tags)),
    ])
}

fn global_properties((name, index): (&String, &GlobalIndex)) -> Value {
    let GlobalIndex { partition_key, sort_key, projection, capacity } = index;
    properties([
        ("IndexName", json!(name)),
        ("KeySchema", key_schema(partition_key, sort_key.as_ref())),
        ("Projection", projected(projection)),
        ("ProvisionedThroughput", throughput(capacity.as_ref())),
    ])
}

fn billing_mode(capacity: Option<&Capacity>) -> &'static str {
    if capacity.is_none() { "PAY_PER_REQUEST" } else { "PROVISIONED" }
}

/// The key, unless it is the one that is asked for by naming none.
fn customer_key(key: &str) -> Option<&str> {
    Some(key).filter(|key| *key != AWS_MANAGED)
}

/// Name and type of every attribute that is a key of the table or of an index.
fn attributes(spec: &Spec) -> BTreeMap<&str, &str> {
    let local = spec.local_indexes.values().map(|index| &index.sort_key);
    let global =
        spec.global_indexes.values().flat_map(|index| [&index.partition_key].into_iter().chain(&index.sort_key));
    let keys = [&spec.partition_key].into_iter().chain(&spec.sort_key).chain(local).chain(global);
    keys.map(|Key { name, kind }| (name.as_str(), kind.as_str())).collect()
}

fn name_of(key: Option<&Key>) -> Option<&str> {
    key.map(|key| key.name.as_str())
}

fn key_schema(partition: &Key, sort: Option<&Key>) -> Value {
    let element = |key: &Key, kind: &str| json!({ "AttributeName": key.name, "KeyType": kind });
    [Some(element(partition, "HASH")), sort.map(|sort| element(sort, "RANGE"))].into_iter().flatten().collect()
}

fn projected(projection: &Projection) -> Value {
    let Projection { kind, attributes } = projection;
    properties([("ProjectionType", json!(kind)), ("NonKeyAttributes", filled(attributes))])
}

fn units(capacity: Option<&Capacity>) -> (Option<u32>, Option<u32>) {
    capacity.map(|Capacity { read, write }| (*read, *write)).unzip()
}

fn throughput(capacity: Option<&Capacity>) -> Value {
    let units =
        capacity.map(|Capacity { read, write }| json!({ "ReadCapacityUnits": read, "WriteCapacityUnits": write }));
    json!(units)
}
