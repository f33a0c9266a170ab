//! `[api.<name>]`, from a REST API, its stage, its permissions to call functions, its log group, its key, its usage plan
//! and its role.

mod authorizer;
mod puts;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Sketch, uses};
use crate::import::Id;
use crate::import::block::Block;
use crate::import::live::{items, text};

const KIND: &str = "apigateway_rest_api";
const STAGE: &str = "apigateway_stage";
const PERMISSION: &str = "lambda_permission";
const KEY: &str = "apigateway_api_key";
const PLAN: &str = "apigateway_usage_plan";
const LOG: &str = "logs_group";
const ROLE: &str = "iam_role";

/// What a browser is told of headers; the key's own and the authorizer's follow from there being one.
const KEY_HEADER: &str = "X-Api-Key";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        match whole(sketch, key, live) {
            Err(reason) => {
                for (kind, part) in parts(sketch, key, None) {
                    sketch.leave(&kind, &part, format!("it is of the API `{key}`, which is not taken over"));
                }
                sketch.leave(KIND, key, reason);
            }
            Ok(whole) => {
                let mut block = sketch.begin("api", (KIND, key), live, key);
                block.parts = parts(sketch, key, Some(&whole));
                leave_others(sketch, key, &whole, &block);
                requests(&mut block, live, &whole, sketch);
                stage(&mut block, &whole, sketch);
                block.tagged(live);
                sketch.add(block);
            }
        }
    }
    leave_strays(sketch);
}

/// What a block needs of an API to say it.
struct Whole<'a> {
    /// What answers, by route.
    routes: Map<String, Value>,
    /// The addresses of what they name.
    needs: BTreeSet<String>,
    /// Who tells whether a caller may call.
    authorizer: Value,
    /// The name of the role as which events are put.
    role: Option<String>,
    stage_name: &'a str,
    stage: &'a Value,
}

/// The routes and the stage of an API, or why no block can say it.
fn whole<'a>(sketch: &Sketch<'a>, key: &str, live: &'a Value) -> Result<Whole<'a>, String> {
    let (mut routes, mut needs, mut roles) = (Map::new(), BTreeSet::new(), BTreeSet::new());
    for (route, method) in live["methods"].as_object().into_iter().flatten() {
        if method["integration"] == "MOCK" {
            continue;
        }
        if method["service"].is_object() {
            let found = puts::found(sketch, route, method)?;
            routes.insert(route.clone(), found.route);
            needs.insert(found.to);
            roles.insert(found.role);
            continue;
        }
        let arn = text(&method["function_arn"]);
        let function = uses::function(&sketch.place.scope, arn);
        match function.and_then(|name| sketch.address("lambda_function", name)) {
            Some(function) => {
                routes.insert(route.clone(), json!(function));
                needs.insert(function);
            }
            None if arn.is_empty() => return Err(format!("no function answers `{route}`")),
            None => return Err(format!("`{route}` is answered by {arn}, which is no function that is taken over")),
        }
    }
    if roles.len() > 1 {
        return Err(format!("it puts events as {} roles, and a block has one", roles.len()));
    }
    let role = roles.pop_first();
    if let Some(reason) = role.as_ref().and_then(|role| puts::unowned(sketch, key, role)) {
        return Err(reason);
    }
    let (authorizer, function) = authorizer::told(sketch, live, &routes)?.unwrap_or_default();
    needs.extend(function);
    let stages = stages(sketch, key);
    let usual = stages.iter().find(|(name, _)| *name == sketch.place.env).or(stages.first());
    let (stage_name, stage) = *usual.ok_or("no stage of it is among what is imported, and its block makes one")?;
    Ok(Whole { routes, needs, authorizer, role, stage_name, stage })
}

/// The stages of an API, by their names.
fn stages<'a>(sketch: &Sketch<'a>, api: &str) -> Vec<(&'a str, &'a Value)> {
    let of_api = sketch.live.all(STAGE).filter(|(_, stage)| stage["api"] == api);
    of_api.map(|(_, stage)| (text(&stage["name"]), stage)).collect()
}

/// What the block of an API makes besides it, as far as it was found.
fn parts(sketch: &Sketch<'_>, api: &str, whole: Option<&Whole<'_>>) -> Vec<Id> {
    let stages = stages(sketch, api).into_iter().map(|(name, _)| name);
    let stages = stages.filter(|name| whole.is_none_or(|whole| whole.stage_name == *name));
    let stages = stages.map(|name| (STAGE, format!("{api}|{name}")));
    let own = [format!("|{api}"), format!("|{api}-authorizer")];
    let permissions = sketch.live.all(PERMISSION).filter(|(key, _)| own.iter().any(|own| key.ends_with(own)));
    let permissions = permissions.map(|(key, _)| (PERMISSION, key.to_owned()));
    let named = [(KEY, api.to_owned()), (PLAN, api.to_owned()), (LOG, log_group(api))];
    let role = whole.and_then(|whole| whole.role.clone()).map(|role| (ROLE, role));
    sketch.there(stages.chain(permissions).chain(named).chain(role))
}

fn log_group(api: &str) -> String {
    format!("/aws/apigateway/{api}")
}

/// A block has one stage.
fn leave_others(sketch: &mut Sketch<'_>, api: &str, whole: &Whole<'_>, block: &Block) {
    for (name, _) in stages(sketch, api).into_iter().filter(|(name, _)| *name != whole.stage_name) {
        let reason = format!("`{}` has the stage `{}`, and a block has one", block.address(), whole.stage_name);
        sketch.leave(STAGE, &format!("{api}|{name}"), reason);
    }
}

/// What is asked, of whom, and by whom.
fn requests(block: &mut Block, live: &Value, whole: &Whole<'_>, sketch: &Sketch<'_>) {
    block.set_unless("description", live["description"].clone(), "");
    block.needs.extend(whole.needs.clone());
    block.set("routes", whole.routes.clone());
    block.set("authorizer", whole.authorizer.clone());
    if let Some(role) = &whole.role {
        block.set_unless("role_name", role.as_str(), format!("{}-api", block.main.1));
    }
    let methods = &live["methods"];
    let of_routes = || whole.routes.keys().map(|route| &methods[route]);
    let guarded: BTreeSet<&String> = whole.routes.keys().filter(|route| methods[*route]["api_key"] == true).collect();
    if !guarded.is_empty() {
        let all = guarded.len() == whole.routes.len();
        block.set("key", key(&block.main.1, if all { BTreeSet::new() } else { guarded }, sketch));
    }
    let timeout = of_routes().next().map(|method| method["timeout_ms"].clone()).unwrap_or_default();
    block.set_unless("timeout_ms", timeout, 29_000);
    let mut mocks = methods.as_object().into_iter().flatten().filter(|(route, _)| !whole.routes.contains_key(*route));
    let headers = match &whole.authorizer {
        authorizer if authorizer["iam"] == true => vec!["Authorization", "X-Amz-Date", "X-Amz-Security-Token"],
        authorizer if authorizer["identity"].is_array() => {
            items(&authorizer["identity"]).filter_map(|source| text(source).strip_prefix("header:")).collect()
        }
        authorizer if authorizer.is_object() => vec!["Authorization"],
        _ => Vec::new(),
    };
    block.set("cors", mocks.next().map(|(_, mock)| cors(&mock["headers"], &headers)).unwrap_or_default());
}

/// The table `key`: what the usage plan says of whoever has it.
fn key(api: &str, routes: BTreeSet<&String>, sketch: &Sketch<'_>) -> Value {
    let none = Value::Null;
    let plan = sketch.live.get(PLAN, api).unwrap_or(&none);
    let quota = &plan["quota"];
    let quota = quota.is_object().then(|| {
        let period = text(&quota["period"]).to_lowercase();
        let per = if period == "day" { Value::Null } else { json!(period) };
        json!({ "limit": quota["limit"], "per": per, "offset": quota["offset"] })
    });
    json!({ "routes": if routes.is_empty() { None } else { Some(routes) }, "throttle": plan["throttle"], "quota": quota })
}

/// The table `cors`, from what a browser is told.
fn cors(told: &Value, asked: &[&str]) -> Value {
    let of = |name: &str| text(&told[name]);
    let headers = of("Access-Control-Allow-Headers").split(',').filter(|name| !name.is_empty() && *name != KEY_HEADER);
    let headers = headers.filter(|name| !asked.contains(name));
    let headers: Vec<&str> = headers.collect();
    let age: Option<u32> = of("Access-Control-Max-Age").parse().ok();
    json!({
        "origin": of("Access-Control-Allow-Origin"),
        "headers": if headers == ["Content-Type"] { None } else { Some(headers) },
        "max_age_seconds": age.filter(|age| *age != 600),
    })
}

/// What serves it, and how much.
fn stage(block: &mut Block, whole: &Whole<'_>, sketch: &Sketch<'_>) {
    let live = whole.stage;
    block.set_unless("stage", whole.stage_name, sketch.place.env.as_str());
    let throttle = json!({ "rate": live["rate"], "burst": live["burst"] });
    block.set_unless("throttle", throttle, json!({ "rate": 1000, "burst": 1000 }));
    block.set_unless("access_log", live["access_log"].is_object(), false);
    if live["access_log"].is_object() {
        let log = sketch.live.get(LOG, &log_group(&block.main.1));
        block.set_unless("log_retention_days", log.map(|log| log["retention_days"].clone()).unwrap_or_default(), 30);
    }
    block.set_unless("detailed_metrics", live["detailed_metrics"].clone(), false);
    block.set_unless("tracing", live["tracing"].clone(), true);
}

/// Stages, keys, plans and permissions that are of no API and no rule that was found.
fn leave_strays(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(STAGE) {
        let api = text(&live["api"]);
        if sketch.live.get(KIND, api).is_none() {
            sketch.leave(STAGE, key, format!("its API `{api}` is not among what is imported"));
        }
    }
    for (kind, what) in [(KEY, "an API key"), (PLAN, "a usage plan")] {
        for (key, _) in sketch.all(kind) {
            if sketch.live.get(KIND, key).is_none() {
                let reason = format!("{what} belongs to an `[api]` of the same name, and no API `{key}` is imported");
                sketch.leave(kind, key, reason);
            }
        }
    }
    for (key, live) in sketch.all(PERMISSION) {
        let id = (PERMISSION.to_owned(), key.to_owned());
        let ours = sketch.outside.contains_key(&id) || sketch.blocks.iter().any(|block| block.parts.contains(&id));
        if !ours {
            let source = items(&live["source_arn"]).next().map(|arn| format!(" for {}", text(arn))).unwrap_or_default();
            let principal = text(&live["principal"]);
            let reason =
                format!("it lets {principal} call the function{source}, which no schedule and no API of the spec does");
            sketch.leave(PERMISSION, key, reason);
        }
    }
}
