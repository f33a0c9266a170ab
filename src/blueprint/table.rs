//! A table becomes a DynamoDB table.

use serde_json::{Value, json};

use super::{Build, Site};
use crate::engine::scope::Scope;
use crate::spec::Spec;
use crate::spec::blocks::table::{GlobalIndex, Key, LocalIndex, Projection, Table, Type, View};

impl Build for Table {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let global = self.global_indexes.iter().map(|(name, index)| (name.clone(), self.global(index)));
        let local = self.local_indexes.iter().map(|(name, index)| (name.clone(), local(index)));
        let attributes = json!({
            "name": name,
            "partition_key": key(&self.partition_key),
            "sort_key": self.sort_key.as_ref().map(key),
            "global_indexes": global.collect::<serde_json::Map<_, _>>(),
            "local_indexes": local.collect::<serde_json::Map<_, _>>(),
            "capacity": self.capacity,
            "ttl_attribute": self.ttl,
            "recovery_days": self.point_in_time_recovery.then_some(self.recovery_days),
            "kms_key": self.kms_key,
            "deletion_protection": self.deletion_protection.unwrap_or(site.protect),
            "stream_view": self.stream.map(view),
            "tags": site.tags(&self.tags),
        });
        site.add("dynamodb_table", attributes, []);
        site.output("arn", self.arn(site.name, site.spec, site.scope));
        site.output("name", name);
    }
}

impl Table {
    pub(super) fn arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("dynamodb", &format!("table/{}", self.aws_name(block, spec)))
    }

    fn global(&self, index: &GlobalIndex) -> Value {
        json!({
            "partition_key": key(&index.partition_key),
            "sort_key": index.sort_key.as_ref().map(key),
            "projection": { "type": projection(index.projection), "attributes": index.include },
            "capacity": self.capacity.map(|of_table| index.capacity.unwrap_or(of_table)),
        })
    }
}

fn local(index: &LocalIndex) -> Value {
    json!({
        "sort_key": key(&index.sort_key),
        "projection": { "type": projection(index.projection), "attributes": index.include },
    })
}

fn key(key: &Key) -> Value {
    let kind = match key.kind {
        Type::String => "S",
        Type::Number => "N",
        Type::Binary => "B",
    };
    json!({ "name": key.name, "type": kind })
}

fn projection(projection: Projection) -> &'static str {
    match projection {
        Projection::All => "ALL",
        Projection::KeysOnly => "KEYS_ONLY",
        Projection::Include => "INCLUDE",
    }
}

fn view(view: View) -> &'static str {
    match view {
        View::KeysOnly => "KEYS_ONLY",
        View::NewImage => "NEW_IMAGE",
        View::OldImage => "OLD_IMAGE",
        View::NewAndOldImages => "NEW_AND_OLD_IMAGES",
    }
}
