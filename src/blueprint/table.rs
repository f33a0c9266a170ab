//! A table becomes a DynamoDB table.

use serde_json::{Value, json};

use super::page::Page;
use super::policy::{Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::{Type, dynamodb_table};
use crate::model::scope::Scope;
use crate::spec::blocks::table::{self, Capacity, GlobalIndex, Key, LocalIndex, Projection, Table, View};
use crate::spec::uses::{Access, Use};
use crate::spec::{Block as _, Spec};

impl Build for Table {
    const TYPE: Option<Type> = Some(Type::Table);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let global = self.global_indexes.iter().map(|(name, index)| (name.clone(), self.global(index)));
        let local = self.local_indexes.iter().map(|(name, index)| (name.clone(), local(index)));
        let table = dynamodb_table::Spec {
            name: name.clone(),
            partition_key: key(&self.partition_key),
            sort_key: self.sort_key.as_ref().map(key),
            global_indexes: global.collect(),
            local_indexes: local.collect(),
            capacity: self.capacity.map(capacity),
            ttl_attribute: self.ttl.clone(),
            recovery_days: self.point_in_time_recovery.then_some(self.recovery_days),
            kms_key: self.kms_key.clone(),
            deletion_protection: self.deletion_protection.unwrap_or(site.protect),
            stream_view: self.stream.map(view).map(str::to_owned),
            tags: site.tags(&self.tags),
        };
        site.add(table, []);
        site.output("arn", site.arn(self));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn allow(own: Option<&Self>, used: &Resolved, asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let arn = &used.arn;
        let actions: &[&str] = match asked.access {
            Access::Read => &["BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan"],
            Access::Query => &["DescribeTable", "Query"],
            _ => &["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"],
        };
        let actions: Vec<String> = actions.iter().map(|action| format!("dynamodb:{action}")).collect();
        let mut statement = allow(&actions.iter().map(String::as_str).collect::<Vec<_>>(), arn);
        // Which indexes another owner's has is not known.
        if asked.access != Access::Write && own.is_none_or(Table::has_indexes) {
            statement["Resource"] = json!([arn, format!("{arn}/index/*")]);
        }
        let mut statements = vec![statement];
        let actions = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"];
        let key = used.key.as_deref();
        statements.extend(key.and_then(|key| use_key(scope, key, &actions, &Through::dynamodb(&used.name))));
        statements
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        let consumed = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"];
        page.graph("Capacity units consumed", &consumed.map(|metric| (metric, "Sum")));
        let throttled = ["ReadThrottleEvents", "WriteThrottleEvents"];
        page.graph("Throttled", &throttled.map(|metric| (metric, "Sum")));
        let expired = ["TimeToLiveDeletedItemCount", "ConditionalCheckFailedRequests"];
        page.graph("Items expired, and conditions not met", &expired.map(|metric| (metric, "Sum")));
    }
}

impl Table {
    fn global(&self, index: &GlobalIndex) -> dynamodb_table::GlobalIndex {
        dynamodb_table::GlobalIndex {
            partition_key: key(&index.partition_key),
            sort_key: index.sort_key.as_ref().map(key),
            projection: projection(index.projection, &index.include),
            capacity: self.capacity.map(|of_table| capacity(index.capacity.unwrap_or(of_table))),
        }
    }
}

fn local(index: &LocalIndex) -> dynamodb_table::LocalIndex {
    dynamodb_table::LocalIndex {
        sort_key: key(&index.sort_key),
        projection: projection(index.projection, &index.include),
    }
}

fn capacity(capacity: Capacity) -> dynamodb_table::Capacity {
    dynamodb_table::Capacity { read: capacity.read, write: capacity.write }
}

fn key(key: &Key) -> dynamodb_table::Key {
    let kind = match key.kind {
        table::Type::String => "S",
        table::Type::Number => "N",
        table::Type::Binary => "B",
    };
    dynamodb_table::Key { name: key.name.clone(), kind: kind.to_owned() }
}

fn projection<'a>(projection: Projection, include: impl IntoIterator<Item = &'a String>) -> dynamodb_table::Projection {
    let kind = match projection {
        Projection::All => "ALL",
        Projection::KeysOnly => "KEYS_ONLY",
        Projection::Include => "INCLUDE",
    };
    dynamodb_table::Projection { kind: kind.to_owned(), attributes: include.into_iter().cloned().collect() }
}

pub(super) fn view(view: View) -> &'static str {
    match view {
        View::KeysOnly => "KEYS_ONLY",
        View::NewImage => "NEW_IMAGE",
        View::OldImage => "OLD_IMAGE",
        View::NewAndOldImages => "NEW_AND_OLD_IMAGES",
    }
}
