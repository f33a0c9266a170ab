//! `[queue.<name>]`, from an SQS queue.

use serde_json::{Value, json};

use super::Sketch;
use crate::import::block::{Block, Fallback, Setting};
use crate::import::live::text;

const KIND: &str = "sqs_queue";

/// What the names of FIFO queues end in.
const FIFO: &str = ".fifo";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    // A queue names that of its dead letters: all have their names before one is written.
    let begun: Vec<(Block, &Value)> =
        sketch.all(KIND).into_iter().map(|(key, live)| (begin(sketch, key, live), live)).collect();
    for (block, _) in &begun {
        sketch.announce(block);
    }
    for (mut block, live) in begun {
        of_fifo(&mut block, &live["fifo"]);
        block.set("visibility_timeout_seconds", live["visibility_timeout_seconds"].clone());
        block.set("retention_seconds", live["retention_seconds"].clone());
        block.set_unless("delay_seconds", live["delay_seconds"].clone(), 0);
        block.set_unless("receive_wait_seconds", live["receive_wait_seconds"].clone(), 20);
        let kib = live["max_message_bytes"].as_u64().unwrap_or_default() / 1024;
        block.set_unless("max_message_kib", kib, 256);
        block.set("kms_key", live["kms_key"].clone());
        if !live["kms_key"].is_null() {
            block.set_unless("kms_reuse_seconds", live["kms_reuse_seconds"].clone(), 300);
        }
        dead_letters(&mut block, &live["dead_letters"], sketch);
        let policy = Setting::Document(live["policy"].clone());
        block.or(Fallback::own("policy", vec![("policy", policy)]));
        block.tagged(live);
        sketch.add(block);
    }
}

/// A block that is called by the queue's name; where none is said, a FIFO queue's gets its ending by itself.
fn begin(sketch: &mut Sketch<'_>, key: &str, live: &Value) -> Block {
    let stem = key.strip_suffix(FIFO).unwrap_or(key);
    let mut block = sketch.begin("queue", (KIND, key), live, stem);
    if block.says("name") {
        block.set("name", key);
    }
    block
}

fn of_fifo(block: &mut Block, fifo: &Value) {
    block.set_unless("fifo", fifo.is_object(), false);
    if fifo.is_object() {
        block.set_unless("content_based_deduplication", fifo["content_based_deduplication"].clone(), false);
        block.set_unless("high_throughput", fifo["throughput_limit"] == "perMessageGroupId", false);
    }
}

/// Where messages go that nobody can deal with. To a queue that is not taken over no block can send them: the plan says so.
fn dead_letters(block: &mut Block, live: &Value, sketch: &Sketch<'_>) {
    let to = sketch.place.scope.resource_of("sqs", text(&live["queue_arn"]));
    let Some(to) = to.and_then(|queue| sketch.address(KIND, queue)) else { return };
    block.refer("dead_letters", &to);
    block.set_unless("max_receives", live["max_receives"].clone(), json!(5));
}
