//! `[firehose.<name>]`, from a delivery stream, its role and its log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Sketch;
use crate::import::block::{Block, Fallback, Setting};
use crate::import::live::{items, text};
use crate::spec::jq;

const KIND: &str = "firehose_delivery_stream";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    let shared = Shared::of(sketch);
    for (key, live) in sketch.all(KIND) {
        let stream = text(&live["source"]["stream_arn"]).rsplit('/').next().unwrap_or_default();
        let bucket = text(&live["bucket_arn"]).rsplit(':').next().unwrap_or_default();
        let ends = (sketch.address("kinesis_stream", stream), sketch.address("s3_bucket", bucket));
        let (Some(source), Some(destination)) = ends else {
            sketch.leave(KIND, key, missing(stream, bucket));
            continue;
        };
        let mut block = sketch.begin("firehose", (KIND, key), live, key);
        block.refer("source", &source);
        block.refer("destination", &destination);
        delivery(&mut block, live);
        role(&mut block, live, &shared, sketch);
        logging(&mut block, live, &shared, sketch);
        block.tagged(live);
        sketch.add(block);
    }
}

/// What several delivery streams have in common: no block can own it, so each names it and none of them changes it.
struct Shared {
    roles: BTreeSet<String>,
    log_groups: BTreeSet<String>,
}

impl Shared {
    /// Looks through all delivery streams, and says of what they share why it stays outside.
    fn of(sketch: &mut Sketch<'_>) -> Self {
        let roles = several(sketch, |live| role_name(text(&live["role_arn"])));
        let log_groups = several(sketch, |live| text(&live["logging"]["group"]));
        for (kind, shared, how) in [
            ("iam_role", &roles, "work as it (`role`)"),
            ("logs_group", &log_groups, "log to it (`logging = \"external\"`)"),
        ] {
            for (name, users) in shared {
                sketch.leave(
                    kind,
                    name,
                    format!("the delivery streams {} {how}, and leave it as it is", users.join(", ")),
                );
            }
        }
        Self { roles: roles.into_keys().collect(), log_groups: log_groups.into_keys().collect() }
    }
}

/// What more than one delivery stream names, and which they are.
fn several(sketch: &Sketch<'_>, named: impl Fn(&Value) -> &str) -> BTreeMap<String, Vec<String>> {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, live) in sketch.all(KIND) {
        users.entry(named(live).to_owned()).or_default().push(key.to_owned());
    }
    users.retain(|name, users| !name.is_empty() && users.len() > 1);
    users
}

fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

fn missing(stream: &str, bucket: &str) -> String {
    let name = |name: &str| if name.is_empty() { "nothing that pipectl knows".to_owned() } else { format!("`{name}`") };
    format!("it goes from {} to {}, and pipectl takes it over only together with both", name(stream), name(bucket))
}

fn delivery(block: &mut Block, live: &Value) {
    block.set_unless("prefix", live["prefix"].clone(), "");
    block.set_unless("error_prefix", live["error_prefix"].clone(), "");
    block.set("buffering", json!({ "size_mib": live["buffer_mib"], "interval_seconds": live["buffer_seconds"] }));
    let compression = text(&live["compression"]).to_lowercase().replace('_', "-");
    block.set_unless("compression", compression, "uncompressed");
    block.set_unless("file_extension", live["file_extension"].clone(), "");
    block.set_unless("time_zone", live["time_zone"].clone(), "UTC");
    let newline = items(&live["processors"]).any(|processor| processor["type"] == "AppendDelimiterToRecord");
    block.set_unless("newline", newline, true);
    if let Some(retry) = live["dynamic_partitioning"]["retry_seconds"].as_u64() {
        block.set("dynamic_partitioning", json!({ "keys": keys(live), "retry_seconds": retry }));
    }
    block.set("kms_key", live["kms_key"].clone());
}

/// The partition keys of a query `{customer:.customer_id,day:.day}`.
fn keys(live: &Value) -> Map<String, Value> {
    let extraction = items(&live["processors"]).find(|processor| processor["type"] == "MetadataExtraction");
    let query = extraction.map_or("", |processor| text(&processor["parameters"]["MetadataExtractionQuery"]));
    jq::parts(query).into_iter().map(|(key, expression)| (key, json!(expression))).collect()
}

/// The role: pipectl's own if it is just what pipectl would make, else one of the user's.
fn role(block: &mut Block, live: &Value, shared: &Shared, sketch: &mut Sketch<'_>) {
    let arn = text(&live["role_arn"]);
    let name = role_name(arn);
    if sketch.live.get("iam_role", name).is_none() || shared.roles.contains(name) {
        block.set("role", arn);
        return;
    }
    block.set_unless("role_name", name, format!("{}-firehose", block.main.1));
    block.or(Fallback {
        parts: &["role"],
        attribute: "",
        settings: vec![("role_name", Setting::none()), ("role", Setting::text(arn))],
        stays: Some("works as it (`role`), and leaves it as it is"),
        untags: false,
    });
}

/// The log: pipectl's own if it is just what pipectl would make, else one of the user's.
fn logging(block: &mut Block, live: &Value, shared: &Shared, sketch: &mut Sketch<'_>) {
    let (group, stream) = (text(&live["logging"]["group"]), text(&live["logging"]["stream"]));
    if live["logging"].is_null() {
        block.set("logging", "off");
        return;
    }
    block.set_unless("log_group", group, format!("/aws/kinesisfirehose/{}", block.main.1));
    block.set_unless("log_stream", stream, "DestinationDelivery");
    let own = sketch.live.get("logs_group", group).filter(|_| !shared.log_groups.contains(group));
    let Some(found) = own else {
        block.set("logging", "external");
        return;
    };
    block.set("log_retention_days", found["retention_days"].clone());
    block.or(Fallback {
        parts: &["log-group", "log-stream"],
        attribute: "",
        settings: vec![("log_retention_days", Setting::none()), ("logging", Setting::text("external"))],
        stays: Some("logs to it (`logging = \"external\"`), and leaves it as it is"),
        untags: false,
    });
}
