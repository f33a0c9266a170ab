//! `[topic.<name>]`, from an SNS topic and those who are subscribed to it by mail.

use serde_json::{Value, json};

use super::Sketch;
use crate::import::block::{Fallback, Setting};
use crate::import::live::text;

const KIND: &str = "sns_topic";
const SUBSCRIPTION: &str = "sns_subscription";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(SUBSCRIPTION) {
        if live["protocol"] != "email" {
            let reason = format!("it is no subscription by mail, but by `{}`", text(&live["protocol"]));
            sketch.leave(SUBSCRIPTION, key, reason);
        } else if !is_plain(live) {
            sketch.leave(
                SUBSCRIPTION,
                key,
                "it has a filter or a dead-letter queue, and the `emails` of a block have none",
            );
        }
    }
    for (key, live) in sketch.all(KIND) {
        let mut block = sketch.begin("topic", (KIND, key), live, key);
        block.set_unless("display_name", live["display_name"].clone(), "");
        let arn = sketch.place.scope.arn("sns", key);
        let of_this = |live: &&Value| live["protocol"] == "email" && live["topic_arn"] == arn && is_plain(live);
        let mails: Vec<Value> = sketch
            .live
            .all(SUBSCRIPTION)
            .map(|(_, live)| live)
            .filter(of_this)
            .map(|one| one["endpoint"].clone())
            .collect();
        block.set_unless("emails", mails, json!([]));
        block.set("kms_key", live["kms_key"].clone());
        let policy = Setting::Document(live["policy"].clone());
        block.or(Fallback::own("policy", vec![("policy", policy)]));
        block.tagged(live);
        sketch.add(block);
    }
}

/// Whether a subscription passes all messages on, and keeps none.
fn is_plain(live: &Value) -> bool {
    ["filter", "filter_scope", "dead_letter_arn"].iter().all(|key| live[key].is_null()) && live["raw"] != true
}
