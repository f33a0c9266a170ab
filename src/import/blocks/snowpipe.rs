//! `[snowpipe.<name>]`, from the entry of a bucket's notification configuration that tells Snowflake's queue, and from who
//! may read those objects.

use serde_json::{Value, json};

use super::Sketch;
use super::readers::{self, Reader};
use crate::import::block::{Block, Fallback, Setting};
use crate::import::live::{items, text};

const NOTIFICATION: &str = "s3_notification";

/// How the queues of Snowflake's pipes are called.
const QUEUE: &str = "sf-snowpipe-";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    let mut readers = readers::find(sketch);
    for (key, live) in sketch.all(NOTIFICATION) {
        if let Some(function) = live["function_arn"].as_str() {
            let reason = format!(
                "it tells the function {function}: a function's `source` makes an entry of its own, which takes its place once \
                 this one is deleted"
            );
            sketch.leave(NOTIFICATION, key, reason);
            continue;
        }
        let queue = text(&live["queue_arn"]);
        if !queue.rsplit(':').next().unwrap_or_default().starts_with(QUEUE) {
            let reason =
                format!("it tells {queue}, which is no queue of Snowpipe's: pipectl leaves entries of others alone");
            sketch.leave(NOTIFICATION, key, reason);
            continue;
        }
        let same = |reader: &Reader<'_>| live["bucket"] == reader.bucket && live["prefix"] == reader.prefix;
        let reader = readers.iter().position(same).map(|index| readers.remove(index));
        told(sketch, key, live, reader.as_ref());
    }
    for reader in readers {
        not_told(sketch, &reader);
    }
}

/// A snowpipe whose queue is told of new objects.
fn told(sketch: &mut Sketch<'_>, key: &str, live: &Value, reader: Option<&Reader<'_>>) {
    let Some(bucket) = sketch.address("s3_bucket", text(&live["bucket"])) else {
        sketch.leave(NOTIFICATION, key, format!("its bucket `{}` is not taken over", text(&live["bucket"])));
        return;
    };
    let id = text(&live["id"]);
    let own = id.strip_prefix(&format!("pipectl-{}-", sketch.place.env));
    let named = own.or_else(|| bucket.split_once('.').map(|(_, name)| name)).unwrap_or(id).to_owned();
    let mut block = match reader {
        Some(reader) => by(sketch, reader, (NOTIFICATION, key), &named),
        None => by_others(sketch, (NOTIFICATION, key), &named),
    };
    block.refer("bucket", &bucket);
    block.set_unless("prefix", live["prefix"].clone(), "");
    block.set("queue_arn", live["queue_arn"].clone());
    block.set_unless("notification_id", id, format!("pipectl-{}-{}", sketch.place.env, block.name));
    table(&mut block);
    let none = ["name", "snowflake_user_arn", "external_id", "parameter"].map(|key| (key, Setting::none()));
    block.or(Fallback {
        parts: &["user", "role", "key"],
        attribute: "",
        settings: [("access", Setting::text("external"))].into_iter().chain(none).collect(),
        stays: Some("leaves Snowflake's access as it is (`access = \"external\"`)"),
        untags: true,
    });
    sketch.add(block);
}

/// A snowpipe that waits for its queue: there is only who may read.
fn not_told(sketch: &mut Sketch<'_>, reader: &Reader<'_>) {
    let Some(bucket) = sketch.address("s3_bucket", &reader.bucket) else { return };
    let mut block = by(sketch, reader, (reader.kind, reader.name), reader.name);
    block.refer("bucket", &bucket);
    block.set_unless("prefix", reader.prefix.as_str(), "");
    table(&mut block);
    sketch.add(block);
}

/// A snowpipe that reads as somebody who was not found.
fn by_others(sketch: &mut Sketch<'_>, main: (&str, &str), named: &str) -> Block {
    let mut block = Block::new("snowpipe", sketch.names.give("snowpipe", &Value::Null, named), main);
    block.set("access", "external");
    block
}

/// A snowpipe that reads as a user or a role.
fn by(sketch: &mut Sketch<'_>, reader: &Reader<'_>, main: (&str, &str), named: &str) -> Block {
    let name = sketch.names.give("snowpipe", reader.live, named);
    let mut block = Block::new("snowpipe", name, main);
    block.set_unless("name", reader.name, format!("{}-{}-{}", sketch.place.project, sketch.place.env, block.name));
    if reader.kind == "iam_user" {
        block.set("access", "user");
        let keys = sketch.live.all("iam_access_key").map(|(key, _)| key);
        let parameter = keys.filter_map(|key| key.split_once('|')).find(|(user, _)| *user == reader.name);
        let derived = format!("/{}/{}/{}/access-key", sketch.place.project, sketch.place.env, block.name);
        block.set_unless("parameter", parameter.map_or(derived.as_str(), |(_, parameter)| parameter), derived.as_str());
    } else {
        block.set("access", "role");
        let statement = items(&reader.live["trust"]["Statement"]).next().unwrap_or(&Value::Null);
        let first = |value: &Value| items(value).next().cloned().unwrap_or_default();
        block.set("snowflake_user_arn", first(&statement["Principal"]["AWS"]));
        block.set("external_id", first(&statement["Condition"]["StringEquals"]["sts:ExternalId"]));
    }
    block.tagged(reader.live);
    block
}

/// AWS does not know into which table Snowflake loads.
fn table(block: &mut Block) {
    let note = "Only Snowflake knows the table: write it here. It decides on what `pipectl snowflake-sql` prints, and on nothing else.";
    block.say("table", Setting::Noted(json!("DATABASE.SCHEMA.TABLE"), note));
}
