//! `[schedule.<name>]`, from an EventBridge rule and its permission to call a function.

use serde_json::Value;

use super::{Sketch, uses};
use crate::import::Id;
use crate::import::block::Block;
use crate::import::live::text;

const KIND: &str = "events_rule";
const PERMISSION: &str = "lambda_permission";
/// What the ids of pipectl's own permissions begin with; the block's name comes behind it.
const STATEMENT: &str = "schedule-";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        let arn = sketch.place.scope.arn("events", &format!("rule/{key}"));
        let permissions: Vec<Id> = permissions(sketch, &arn);
        match calls(sketch, live) {
            Err(reason) => {
                for (kind, permission) in permissions {
                    sketch.leave(&kind, &permission, format!("it is of the rule `{key}`, which is not taken over"));
                }
                sketch.leave(KIND, key, reason);
            }
            Ok((function, input)) => {
                let mut block = begin(sketch, key, live, &permissions);
                block.parts = permissions;
                block.set_unless("description", live["description"].clone(), "");
                block.set("expression", live["schedule"].clone());
                block.refer("calls", &function);
                block.set("input", input.clone());
                block.set_unless("enabled", live["enabled"].clone(), true);
                block.tagged(live);
                sketch.add(block);
            }
        }
    }
}

/// A block whose name is the one that the permission's id says, for that follows from it; else one that is made of the rule's.
fn begin(sketch: &mut Sketch<'_>, key: &str, live: &Value, permissions: &[Id]) -> Block {
    let mut statements = permissions.iter().filter_map(|(_, permission)| permission.split_once('|'));
    let said = statements.find_map(|(_, statement)| statement.strip_prefix(STATEMENT));
    let mut block = Block::new("schedule", sketch.names.give("schedule", live, said.unwrap_or(key)), (KIND, key));
    let derived = format!("{}-{}-{}", sketch.place.project, sketch.place.env, block.name);
    block.set_unless("name", key, derived);
    block
}

/// The permissions by which a rule may call functions.
fn permissions(sketch: &Sketch<'_>, rule: &str) -> Vec<Id> {
    let of_rule = sketch.live.all(PERMISSION).filter(|(_, live)| live["source_arn"] == rule);
    of_rule.map(|(key, _)| (PERMISSION.to_owned(), key.to_owned())).collect()
}

/// The function that a rule calls, and with what; or why no block can say it.
fn calls<'a>(sketch: &Sketch<'_>, live: &'a Value) -> Result<(String, &'a Value), String> {
    if text(&live["schedule"]).is_empty() {
        return Err("it fires on events, and pipectl has rules that fire at set times alone".to_owned());
    }
    let targets: Vec<&Value> = live["targets"].as_object().into_iter().flatten().map(|(_, target)| target).collect();
    let [target] = targets[..] else {
        return Err(format!("it calls {} targets, and a `schedule` calls one function", targets.len()));
    };
    let arn = text(&target["arn"]);
    let function = uses::function(&sketch.place.scope, arn).and_then(|name| sketch.address("lambda_function", name));
    let function = function.ok_or_else(|| format!("it calls {arn}, which is no function that is taken over"))?;
    Ok((function, &target["input"]))
}
