//! `[function.<name>]`, from a Lambda function, its role, its log group and the mapping from its source.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Sketch;
use super::uses::{self, Usable};
use crate::import::block::{Block, Setting};
use crate::import::live::{items, text};
use crate::spec::filter;

const KIND: &str = "lambda_function";
const MAPPING: &str = "lambda_event_source_mapping";
const ROLE: &str = "iam_role";
const LOG: &str = "logs_group";
const INVOKE_CONFIG: &str = "lambda_event_invoke_config";

/// What the environment variables of somebody else's function may hold.
const NOTE: &str = "As they are in AWS: a password among them belongs into a `[secret]`, and not here.";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    let workers = workers(sketch);
    for (key, live) in sketch.all(KIND) {
        let sources = sources(sketch, key);
        let parts = parts(sketch, key, live);
        match basis(sketch, live, &workers) {
            Err(reason) => {
                for (kind, part) in parts {
                    sketch.leave(&kind, &part, format!("it belongs to the function `{key}`, which is not taken over"));
                }
                sketch.leave(KIND, key, reason);
            }
            Ok(basis) => {
                let mut block = sketch.begin("function", (KIND, key), live, key);
                block.parts = parts;
                code(&mut block, live, &basis);
                reading(&mut block, &sources, sketch);
                asynchronous(&mut block, key, sketch);
                surroundings(&mut block, live, &basis, sketch);
                block.tagged(live);
                sketch.add(block);
            }
        }
    }
    leave_strays(sketch);
}

/// What a function's block stands on.
struct Basis<'a> {
    /// The folder of the project that is its code; none of an image.
    folder: Option<String>,
    role: &'a str,
    live_role: &'a Value,
}

/// The folder and the role of a function, or why no block can have them.
fn basis<'a>(sketch: &Sketch<'a>, live: &'a Value, workers: &BTreeMap<&str, Vec<&str>>) -> Result<Basis<'a>, String> {
    if !live["vpc"].is_null() {
        let by_hand = "it is in a VPC: write its subnets and security groups as external blocks, and the function with `vpc`, by \
                       hand, and adopt it";
        return Err(by_hand.to_owned());
    }
    let role = role_name(live);
    let live_role = sketch.live.get(ROLE, role).ok_or_else(|| {
        format!("the role `{role}` that it works as is not among what is imported, and its block makes it")
    })?;
    if let Some(all) = workers.get(role).filter(|all| all.len() > 1) {
        return Err(format!("{} work as the role `{role}`, and a block has a role of its own", all.join(", ")));
    }
    if live["code"]["image"].is_string() {
        return Ok(Basis { folder: None, role, live_role });
    }
    let sha256 = text(&live["code"]["sha256"]);
    let folder = sketch.code.folders.get(sha256).cloned().ok_or_else(|| {
        let searched = if sketch.code.everywhere { "no folder" } else { "none of the first 5,000 folders" };
        format!(
            "AWS gives no code away, and {searched} of the project comes to its package ({sha256}): put the code into a \
             folder, write `[function]` with `code = \"…\"` by hand, and adopt it: the plan shows what the upload changes"
        )
    })?;
    Ok(Basis { folder: Some(folder), role, live_role })
}

fn role_name(live: &Value) -> &str {
    text(&live["role_arn"]).rsplit('/').next().unwrap_or_default()
}

/// The functions and delivery streams that work as a role.
fn workers<'a>(sketch: &Sketch<'a>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut workers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let all = sketch.live.all(KIND).chain(sketch.live.all("firehose_delivery_stream"));
    for (name, live) in all {
        workers.entry(role_name(live)).or_default().push(name);
    }
    workers
}

/// What the block of a function makes besides it, as far as it was found.
fn parts(sketch: &Sketch<'_>, key: &str, live: &Value) -> Vec<(String, String)> {
    let own = [
        (INVOKE_CONFIG, key.to_owned()),
        (ROLE, role_name(live).to_owned()),
        (LOG, text(&live["log_group"]).to_owned()),
    ];
    let mappings = sources(sketch, key).into_iter().map(|(mapping, _)| (MAPPING, mapping.to_owned()));
    sketch.there(own.into_iter().chain(mappings))
}

/// The mappings that lead to a function.
fn sources<'a>(sketch: &Sketch<'a>, function: &str) -> Vec<(&'a str, &'a Value)> {
    sketch.live.all(MAPPING).filter(|(_, mapping)| mapping["function"] == function).collect()
}

/// What runs, and how.
fn code(block: &mut Block, live: &Value, basis: &Basis<'_>) {
    block.set_unless("description", live["description"].clone(), "");
    block.set("code", json!(basis.folder));
    block.set("image", live["code"]["image"].clone());
    block.set("image_config", live["image_config"].clone());
    for key in ["runtime", "handler", "layers", "memory_mb", "ephemeral_storage_mb", "timeout_seconds", "kms_key"] {
        block.set(key, live[key].clone());
    }
    if live["environment"].as_object().is_some_and(|all| !all.is_empty()) {
        block.say("environment", Setting::Noted(live["environment"].clone(), NOTE));
    }
    block.set_unless("architecture", live["architecture"].clone(), "x86_64");
    block.set_unless("tracing", live["tracing"].clone(), true);
    if let Some(levels) = live["log_levels"].as_object() {
        block.set("log_format", "json");
        block.set_unless("log_level", text(&levels["application"]).to_ascii_lowercase(), "info");
        block.set_unless("system_log_level", text(&levels["system"]).to_ascii_lowercase(), "info");
    }
    block.set("reserved_concurrency", live["reserved_concurrency"].clone());
}

/// What it reads.
fn reading(block: &mut Block, mappings: &[(&str, &Value)], sketch: &mut Sketch<'_>) {
    let mut more = Vec::new();
    for (key, live) in mappings {
        let arn = text(&live["source_arn"]);
        let from = uses::named(&sketch.place.scope, arn);
        let from = from.filter(|(usable, _)| [Usable::Stream, Usable::Queue, Usable::Table].contains(usable));
        match from.and_then(|(usable, name)| sketch.address(usable.kind(), name)) {
            None => {
                let reason = format!("its source {arn} is no stream, queue or table that is taken over");
                sketch.leave(MAPPING, key, reason);
            }
            Some(from) => match source(live, &from, block, sketch) {
                Some(source) if !block.says("source") => block.set("source", source),
                Some(source) => more.push(Value::Object(source)),
                None => {
                    let reason =
                        "its filter asks for more than what a record or message holds, which a block says alone";
                    sketch.leave(MAPPING, key, reason.to_owned());
                }
            },
        }
    }
    block.set_unless("sources", json!(more), json!([]));
}

/// The patterns of a mapping as a block says them: of a table as they are, and else of the content of a record or message alone.
fn patterns(live: &Value, from: &str) -> Option<Vec<Value>> {
    let within = match from.split('.').next() {
        Some("table") => return Some(items(&live["filters"]).map(filter::from_aws).collect()),
        Some("queue") => "body",
        _ => "data",
    };
    let content = |pattern: &Value| {
        let whole = pattern.as_object().filter(|whole| whole.len() == 1)?;
        whole.get(within).filter(|content| content.is_object()).map(filter::from_aws)
    };
    items(&live["filters"]).map(content).collect()
}

/// The table `source`, without what goes without saying; none where a block cannot say it.
fn source(live: &Value, from: &str, block: &mut Block, sketch: &Sketch<'_>) -> Option<Map<String, Value>> {
    let of_queue = from.starts_with("queue.");
    let filter = patterns(live, from)?;
    block.needs.insert(from.to_owned());
    let mut source = Map::from_iter([("from".to_owned(), json!(from))]);
    let mut say = |key: &str, value: Value, usual: Value| {
        if value != usual && !value.is_null() {
            source.insert(key.to_owned(), value);
        }
    };
    say("enabled", live["enabled"].clone(), json!(true));
    say("batch_size", live["batch_size"].clone(), json!(if of_queue { 10 } else { 100 }));
    say("window_seconds", live["window_seconds"].clone(), json!(0));
    say("report_failures", live["report_failures"].clone(), json!(false));
    say("filter", json!(filter), json!([]));
    if of_queue {
        say("max_concurrency", live["max_concurrency"].clone(), Value::Null);
        return Some(source);
    }
    say("tumbling_window_seconds", live["tumbling_window_seconds"].clone(), Value::Null);
    if live["starting_position"] == "LATEST" {
        say("starting_position", json!("latest"), Value::Null);
    }
    say("parallelization", live["parallelization"].clone(), json!(1));
    say("bisect_on_error", live["bisect_on_error"].clone(), json!(true));
    say("retries", live["retries"].clone(), Value::Null);
    say("max_age_seconds", live["max_age_seconds"].clone(), Value::Null);
    let told = uses::named(&sketch.place.scope, text(&live["failure_arn"]));
    let told = told.filter(|(usable, _)| [Usable::Topic, Usable::Queue].contains(usable));
    if let Some(told) = told.and_then(|(usable, name)| sketch.address(usable.kind(), name)) {
        say("failures_to", json!(told), Value::Null);
        block.needs.insert(told);
    }
    Some(source)
}

/// What becomes of events that reach it asynchronously; what tells somebody else shows in the plan.
fn asynchronous(block: &mut Block, function: &str, sketch: &Sketch<'_>) {
    let Some(live) = sketch.live.get(INVOKE_CONFIG, function) else { return };
    let mut said = Map::from_iter([
        ("retries".to_owned(), live["retries"].clone()),
        ("max_age_seconds".to_owned(), live["max_age_seconds"].clone()),
    ]);
    for (key, arn) in [("failures_to", &live["failure_arn"]), ("successes_to", &live["success_arn"])] {
        let arn = text(arn);
        let called = uses::function(&sketch.place.scope, arn).map(|name| (KIND, name));
        let named = uses::named(&sketch.place.scope, arn).map(|(usable, name)| (usable.kind(), name)).or(called);
        if let Some(to) = named.and_then(|(kind, name)| sketch.address(kind, name)) {
            block.needs.insert(to.clone());
            said.insert(key.to_owned(), json!(to));
        } else if arn.contains(":event-bus/") {
            said.insert(key.to_owned(), json!({ "bus": arn }));
        }
    }
    block.set("asynchronous", said);
}

/// Its role, with what that may use, and its log.
fn surroundings(block: &mut Block, live: &Value, basis: &Basis<'_>, sketch: &Sketch<'_>) {
    let said = |name: &str| block.settings.iter().find(|(key, _)| *key == name).map(|(_, setting)| setting);
    let sources = [said("source"), said("sources")].into_iter().flatten().filter_map(|setting| match setting {
        Setting::Plain(value) => Some(value),
        Setting::Noted(..) | Setting::Document(_) | Setting::Rows(_) => None,
    });
    let implied: Vec<String> = sources.flat_map(items).flat_map(implied).collect();
    let all = uses::of(basis.live_role, sketch);
    let uses: Vec<_> = all.into_iter().filter(|(used, _)| !implied.contains(used)).collect();
    block.needs.extend(uses.iter().map(|(_, address)| address.clone()));
    let uses: Vec<String> = uses.into_iter().map(|(used, _)| used).collect();
    block.set_unless("uses", json!(uses), json!([]));
    let own = items(&basis.live_role["policies"]["own"]["Statement"]);
    let own: Vec<Value> = own.map(statement).collect();
    if !own.is_empty() {
        block.say("allow", Setting::Rows(own));
    }
    block.set_unless("policies", basis.live_role["managed_policies"].clone(), json!([]));
    block.set_unless("role_name", basis.role, format!("{}-function", block.main.1));
    let log = sketch.live.get(LOG, text(&live["log_group"]));
    block.set_unless("log_retention_days", log.map(|log| log["retention_days"].clone()).unwrap_or_default(), 30);
}

/// A statement of a spec's own; what a spec cannot say of it the plan shows as a change.
fn statement(live: &Value) -> Value {
    let said = [("sid", "Sid"), ("actions", "Action"), ("resources", "Resource"), ("conditions", "Condition")];
    let said = said.into_iter().filter_map(|(key, theirs)| Some((key.to_owned(), live.get(theirs)?.clone())));
    Value::Object(said.collect())
}

/// The uses that a source brings with it.
fn implied(source: &Value) -> Vec<String> {
    let from = text(&source["from"]);
    // The stream of a table is not the table.
    let read = match from.split('.').next() {
        Some("queue") => Some("receive"),
        Some("table") => None,
        _ => Some("read"),
    };
    let read = read.map(|read| format!("{from}:{read}"));
    let told = source["failures_to"].as_str();
    let told = told.map(|to| format!("{to}:{}", if to.starts_with("queue.") { "send" } else { "publish" }));
    read.into_iter().chain(told).collect()
}

/// What belongs to functions that were not found.
fn leave_strays(sketch: &mut Sketch<'_>) {
    for (function, _) in sketch.all(INVOKE_CONFIG) {
        if sketch.live.get(KIND, function).is_none() {
            sketch.leave(INVOKE_CONFIG, function, format!("its function `{function}` is not among what is imported"));
        }
    }
    for (key, live) in sketch.all(MAPPING) {
        let function = text(&live["function"]);
        if sketch.live.get(KIND, function).is_none() {
            sketch.leave(MAPPING, key, format!("its function `{function}` is not among what is imported"));
        }
    }
}
