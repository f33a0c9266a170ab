//! `[stream.<name>]`, from a Kinesis stream.

use serde_json::Value;

use super::Sketch;

const KIND: &str = "kinesis_stream";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        let mut block = sketch.begin("stream", (KIND, key), live, key);
        block.set("mode", if live["mode"] == "ON_DEMAND" { "on-demand" } else { "provisioned" });
        block.set("shards", live["shards"].clone());
        block.set("retention_hours", live["retention_hours"].clone());
        block.set_unless("encrypted", !live["kms_key"].is_null(), true);
        block.set_unless("kms_key", live["kms_key"].clone(), "alias/aws/kinesis");
        block.set_unless("shard_metrics", live["shard_metrics"].clone(), Value::Array(Vec::new()));
        block.set_unless("max_record_kib", live["max_record_kib"].clone(), 1024);
        block.tagged(live);
        sketch.add(block);
    }
}
