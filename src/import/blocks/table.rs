//! `[table.<name>]`, from a DynamoDB table.

use serde_json::{Map, Value, json};

use super::Sketch;
use crate::import::block::Block;
use crate::import::live::{items, text};

const KIND: &str = "dynamodb_table";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (name, live) in sketch.all(KIND) {
        let mut block = sketch.begin("table", (KIND, name), live, name);
        block.set("partition_key", key(&live["partition_key"]));
        block.set("sort_key", key(&live["sort_key"]));
        let capacity = &live["capacity"];
        block.set_unless("global_indexes", indexes(&live["global_indexes"], capacity), json!({}));
        block.set_unless("local_indexes", indexes(&live["local_indexes"], capacity), json!({}));
        block.set("capacity", capacity.clone());
        block.set("ttl", live["ttl_attribute"].clone());
        recovery(&mut block, &live["recovery_days"]);
        block.set("stream", word(&live["stream_view"]));
        block.set("kms_key", live["kms_key"].clone());
        block.set_unless("deletion_protection", live["deletion_protection"].clone(), false);
        block.tagged(live);
        sketch.add(block);
    }
}

/// How far back the table can be restored.
fn recovery(block: &mut Block, days: &Value) {
    block.set_unless("point_in_time_recovery", !days.is_null(), true);
    block.set_unless("recovery_days", days.clone(), 35);
}

/// A key, or null.
fn key(live: &Value) -> Value {
    let kind = match text(&live["type"]) {
        "S" => Value::Null,
        "N" => json!("number"),
        "B" => json!("binary"),
        other => json!(other),
    };
    if live.is_object() { json!({ "name": live["name"], "type": kind }) } else { Value::Null }
}

/// Indexes by name, each without what goes without saying.
fn indexes(live: &Value, capacity: &Value) -> Value {
    let index = |(name, index): (&String, &Value)| {
        let projection = word(&index["projection"]["type"]);
        let include: Vec<&Value> = items(&index["projection"]["attributes"]).collect();
        let said = json!({
            "partition_key": key(&index["partition_key"]),
            "sort_key": key(&index["sort_key"]),
            "projection": if projection == "all" { Value::Null } else { projection },
            "include": if include.is_empty() { Value::Null } else { json!(include) },
            "capacity": if index["capacity"] == *capacity { &Value::Null } else { &index["capacity"] },
        });
        (name.clone(), said)
    };
    live.as_object().into_iter().flatten().map(index).collect::<Map<_, _>>().into()
}

/// `new-image` of `NEW_IMAGE`.
fn word(live: &Value) -> Value {
    live.as_str().map(|word| word.to_lowercase().replace('_', "-")).into()
}
