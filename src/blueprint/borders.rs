//! What AWS does not let cross the border between two accounts, although a spec can say it.

use super::resolved::resolve;
use crate::model::scope::Scope;
use crate::spec::Spec;
use crate::spec::blocks::Kind;

/// A reference that cannot work, because what it leads to is in another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where it stands: `queue.orders.dead_letters`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: &'static str,
}

/// Every such reference of a spec, seen from the account of its environment.
pub fn misfits(spec: &Spec, scope: &Scope) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut at = |path: String, (kind, block): (&str, &str), why: &str, help: &'static str| {
        let Some(kind) = Kind::named(kind) else { return };
        if resolve(kind, block, spec, scope).foreign {
            let message = format!("`{}.{block}` is in another account, and {why}", kind.name());
            misfits.push(Misfit { path, message, help });
        }
    };
    for (name, queue) in spec.blocks.queue.own() {
        if let Some(to) = &queue.dead_letters {
            let why = "SQS moves dead letters within one account only";
            at(format!("queue.{name}.dead_letters"), to.parts(), why, "make a queue of one's own for them");
        }
    }
    for (name, schedule) in spec.blocks.schedule.own() {
        let why = "an EventBridge rule calls functions of its own account only";
        at(format!("schedule.{name}.calls"), schedule.calls.parts(), why, "let a function of one's own call it");
    }
    for (name, alarm) in spec.blocks.alarm.own() {
        let condition = alarm.condition(spec);
        let watched = condition.operands.values().filter_map(|operand| operand.of.as_ref()).chain([&alarm.watches]);
        for of in watched {
            let why = "CloudWatch has its metrics there";
            at(format!("alarm.{name}.watches"), of.parts(), why, "let its owner's alarm tell a topic of yours");
        }
    }
    for (name, dashboard) in spec.blocks.dashboard.own() {
        for shown in &dashboard.shows {
            let why = "CloudWatch has its metrics there";
            at(format!("dashboard.{name}.shows"), shown.parts(), why, "take it out");
        }
    }
    misfits.dedup();
    misfits
}
