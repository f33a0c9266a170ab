//! `[bucket.<name>]`, from an S3 bucket.

use serde_json::{Map, Value, json};

use super::Sketch;
use crate::import::block::{Block, Fallback, Setting};
use crate::import::live::{items, text};

const KIND: &str = "s3_bucket";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        let mut block = sketch.begin("bucket", (KIND, key), live, key);
        block.set_unless("versioning", live["versioning"].clone(), true);
        let encryption = &live["encryption"];
        if encryption["algorithm"] != "AES256" {
            let key = encryption["kms_key"].as_str().unwrap_or("alias/aws/s3");
            block.set("kms_key", key);
            block.set_unless("bucket_key", encryption["bucket_key"].clone(), true);
        }
        days(&mut block, live);
        log(&mut block, &live["access_log"], sketch);
        let policy = Setting::Document(live["policy"].clone());
        block.or(Fallback::own("policy", vec![("policy", policy)]));
        block.tagged(live);
        sketch.add(block);
    }
}

/// Where it logs. To a bucket that is not taken over no block can log: the plan says so.
fn log(block: &mut Block, live: &Value, sketch: &Sketch<'_>) {
    let Some(to) = sketch.address(KIND, text(&live["bucket"])) else { return };
    let mut log = Map::from_iter([("bucket".to_owned(), json!(to))]);
    if live["prefix"].as_str().is_some_and(|prefix| !prefix.is_empty()) {
        log.insert("prefix".to_owned(), live["prefix"].clone());
    }
    block.needs.insert(to);
    block.set("access_log", log);
}

/// The settings of days, as far as the rule `objects` has them; rules of one's own where that is not all.
fn days(block: &mut Block, live: &Value) {
    const DAYS: [&str; 4] = ["expire_days", "noncurrent_days", "abort_multipart_days", "transitions"];
    let rules = &live["lifecycle"];
    if live["transition_minimum"] == "varies_by_storage_class" {
        block.set("transition_minimum", "varies-by-storage-class");
    }
    let own = Setting::Rows(items(rules).map(row).collect());
    let Some(objects) = items(rules).find(|rule| rule["id"] == "objects").map(row) else {
        block.say("lifecycle", own);
        return;
    };
    for key in DAYS {
        block.set(key, objects[key].clone());
    }
    let instead = [("lifecycle", own)].into_iter().chain(DAYS.map(|key| (key, Setting::none()))).collect();
    block.or(Fallback::own("lifecycle", instead));
}

/// A rule, without what goes without saying.
fn row(rule: &Value) -> Value {
    let moves = items(&rule["transitions"]).map(|step| {
        let class = text(&step["class"]).to_lowercase().replace('_', "-");
        json!({ "days": step["days"], "class": class })
    });
    let defaults = [("enabled", json!(true)), ("prefix", json!("")), ("expired_delete_markers", json!(false))];
    let plain = rule.as_object().cloned().unwrap_or_default().into_iter();
    let plain = plain.filter(|(key, value)| !defaults.contains(&(key.as_str(), value.clone())) && !value.is_null());
    let mut row: Map<String, Value> = plain.filter(|(key, _)| key != "transitions").collect();
    let moves: Vec<Value> = moves.collect();
    if !moves.is_empty() {
        row.insert("transitions".to_owned(), moves.into());
    }
    row.into()
}
