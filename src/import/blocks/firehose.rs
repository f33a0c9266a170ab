//! `[firehose.<name>]`, from a delivery stream, its role and its log.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Sketch;
use crate::import::block::{Block, Fallback, Setting};
use crate::import::live::{items, text};
use crate::spec::jq;

const KIND: &str = "firehose_delivery_stream";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    let shared = Shared::of(sketch);
    for (key, live) in sketch.all(KIND) {
        let stream = live["source"]["stream_arn"].as_str().map(|arn| arn.rsplit('/').next().unwrap_or_default());
        let bucket = text(&live["bucket_arn"]).rsplit(':').next().unwrap_or_default();
        let source = stream.map(|stream| sketch.address("kinesis_stream", stream));
        let (None | Some(Some(_)), Some(destination)) = (&source, sketch.address("s3_bucket", bucket)) else {
            sketch.leave(KIND, key, missing(stream.unwrap_or("producers"), bucket));
            continue;
        };
        let others = match others(live, sketch) {
            Ok(others) => others,
            Err(reason) => {
                sketch.leave(KIND, key, reason);
                continue;
            }
        };
        let mut block = sketch.begin("firehose", (KIND, key), live, key);
        if let Some(source) = source.flatten() {
            block.refer("source", &source);
        } else {
            block.set_unless("encrypted", live["encrypted"] == true, true);
            block.set("buffer_key", live["buffer_key"].clone());
        }
        block.refer("destination", &destination);
        delivery(&mut block, live);
        processing(&mut block, live, others.function.as_deref());
        if let Some(bucket) = &others.backup {
            backup(&mut block, live, bucket);
        }
        role(&mut block, live, &shared, sketch);
        logging(&mut block, live, &shared, sketch);
        block.tagged(live);
        sketch.add(block);
    }
}

/// The blocks, besides source and destination, that a delivery stream is taken over together with.
struct Others {
    function: Option<String>,
    backup: Option<String>,
}

/// Finds them; why not, where one of them is not taken.
fn others(live: &Value, sketch: &Sketch<'_>) -> Result<Others, String> {
    let missing =
        |what: &str, name: &str| format!("it {what} {name}, and pipectl takes it over only together with that");
    let function = match processor(live, "Lambda") {
        None => None,
        Some(call) => {
            let arn = text(&call["parameters"]["LambdaArn"]);
            let named = arn.split_once(":function:").map_or(arn, |(_, named)| named);
            let name = match named.split_once(':') {
                None | Some((_, "$LATEST")) => named.split(':').next().unwrap_or_default(),
                Some(_) => return Err(format!("it gives records to a version of a function by its name, {named}")),
            };
            let address = sketch.address("lambda_function", name);
            Some(address.ok_or_else(|| missing("gives records to the function", named))?)
        }
    };
    let backup = match &live["backup"] {
        Value::Null => None,
        backup => {
            let bucket = text(&backup["bucket_arn"]).rsplit(':').next().unwrap_or_default();
            Some(sketch.address("s3_bucket", bucket).ok_or_else(|| missing("copies all records to", bucket))?)
        }
    };
    Ok(Others { function, backup })
}

fn processor<'a>(live: &'a Value, kind: &str) -> Option<&'a Value> {
    items(&live["processors"]).find(|processor| processor["type"] == kind)
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
    block.set_unless("compression", compression(live), "uncompressed");
    block.set_unless("file_extension", live["file_extension"].clone(), "");
    block.set_unless("time_zone", live["time_zone"].clone(), "UTC");
    let newline = items(&live["processors"]).any(|processor| processor["type"] == "AppendDelimiterToRecord");
    block.set_unless("newline", newline, true);
    if let Some(retry) = live["dynamic_partitioning"]["retry_seconds"].as_u64() {
        block.set("dynamic_partitioning", json!({ "keys": keys(live), "retry_seconds": retry }));
    }
    block.set("kms_key", live["kms_key"].clone());
}

/// What happens to records on the way to the bucket.
fn processing(block: &mut Block, live: &Value, function: Option<&str>) {
    if let Some(apart) = processor(live, "RecordDeAggregation") {
        let delimiter = apart["parameters"]["Delimiter"].as_str().and_then(|text| STANDARD.decode(text).ok());
        let delimiter = delimiter.and_then(|bytes| String::from_utf8(bytes).ok());
        block.set("split", delimiter.map_or_else(|| json!({}), |text| json!({ "delimiter": text })));
    }
    if processor(live, "Decompression").is_some() {
        let messages = processor(live, "CloudWatchLogProcessing").is_some();
        block.set("log_events", if messages { "messages" } else { "unpacked" });
    }
    if let (Some(function), Some(call)) = (function, processor(live, "Lambda")) {
        let number = |name: &str| call["parameters"][name].as_str().and_then(|text| text.parse::<f64>().ok());
        let whole = |name: &str| call["parameters"][name].as_str().and_then(|text| text.parse::<u32>().ok());
        let mut transform = Map::from_iter([("function".to_owned(), json!(function))]);
        let given = [
            ("buffer_mib", number("BufferSizeInMBs").map(|it| json!(it))),
            ("buffer_seconds", whole("BufferIntervalInSeconds").map(|it| json!(it))),
            ("retries", whole("NumberOfRetries").map(|it| json!(it))),
        ];
        transform.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        block.stands_on(function);
        block.set("transform", transform);
    }
}

/// Where every record goes besides.
fn backup(block: &mut Block, live: &Value, bucket: &str) {
    let live = &live["backup"];
    let mut backup = Map::from_iter([("bucket".to_owned(), json!(bucket))]);
    let mut set = |key: &str, value: Value| {
        if !value.is_null() && value != "" {
            backup.insert(key.to_owned(), value);
        }
    };
    set("prefix", live["prefix"].clone());
    set("error_prefix", live["error_prefix"].clone());
    set("buffering", json!({ "size_mib": live["buffer_mib"], "interval_seconds": live["buffer_seconds"] }));
    set("compression", Some(compression(live)).filter(|it| it != "uncompressed").map_or(Value::Null, Value::from));
    set("kms_key", live["kms_key"].clone());
    block.stands_on(bucket);
    block.set("backup", backup);
}

fn compression(live: &Value) -> String {
    text(&live["compression"]).to_lowercase().replace('_', "-")
}

/// The partition keys of a query `{customer:.customer_id,day:.day}`.
fn keys(live: &Value) -> Map<String, Value> {
    let query = processor(live, "MetadataExtraction")
        .map_or("", |processor| text(&processor["parameters"]["MetadataExtractionQuery"]));
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
