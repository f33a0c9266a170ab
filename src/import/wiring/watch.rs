//! What watches and shows a pipeline: alarms by the dimensions of their metrics, dashboards by the names in their bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Wiring;
use crate::catalog::Type;
use crate::catalog::facets::Metrics;
use crate::model::discovery::{Alarm, Dashboard};
use crate::model::scope::Scope;

/// Takes the alarms that watch what is taken, the topics that they notify, the alarms that watch those, and so on.
/// Returns the ARNs of the topics.
pub(super) fn alarms(all: &[Alarm], scope: &Scope, wiring: &mut Wiring) -> BTreeSet<String> {
    let mut topics = BTreeSet::new();
    loop {
        let before = wiring.found.len();
        let watched: Vec<&Alarm> = all.iter().filter(|alarm| alarm.rule.is_none() && watches(alarm, wiring)).collect();
        for alarm in watched {
            wiring.take("cloudwatch_alarm", &alarm.name, format!("the alarm {}", alarm.name));
            for action in &alarm.actions {
                if let Some(topic) = scope.resource_of("sns", action) {
                    wiring.take("sns_topic", topic, format!("the topic {topic}"));
                    topics.insert(action.clone());
                } else {
                    let reason = format!("the alarm {} calls it, and it is {}", alarm.name, callee(action));
                    wiring.leave(action, reason);
                }
            }
        }
        if wiring.found.len() == before {
            break;
        }
    }
    let taken: Vec<String> = wiring.keys("cloudwatch_alarm").iter().map(|name| format!("(\"{name}\")")).collect();
    for alarm in all {
        if alarm.rule.as_ref().is_some_and(|rule| taken.iter().any(|name| rule.contains(name))) {
            let reason = "it is made of other alarms, and pipectl has alarms on metrics alone";
            wiring.leave(format!("the composite alarm {}", alarm.name), reason);
        }
    }
    topics
}

fn watches(alarm: &Alarm, wiring: &Wiring) -> bool {
    alarm.watches.iter().any(|(namespace, dimension, value)| {
        let named = |one: &&Type| match one.metrics() {
            Metrics::In { namespace: own, dimension: key } => (own, key) == (namespace, dimension),
            // Of a type that is not imported.
            Metrics::InMore { .. } | Metrics::None(_) => false,
        };
        Type::ALL.iter().filter(named).any(|one| wiring.has(one.name(), value))
    })
}

fn callee(arn: &str) -> &'static str {
    match arn.split(':').nth(2) {
        Some("sns") => "a topic of another account or region",
        _ => "no SNS topic",
    }
}

/// Takes the dashboards that show what is taken and nothing of `others`: names of streams and delivery streams that are
/// not taken.
pub(super) fn dashboards(all: &[Dashboard], others: &BTreeSet<&str>, scope: &Scope, wiring: &mut Wiring) {
    // Whatever CloudWatch has metrics of.
    let shown = Type::ALL.iter().filter(|one| matches!(one.metrics(), Metrics::In { .. }));
    let mut taken: Vec<String> = shown.flat_map(|one| wiring.keys(one.name())).collect();
    taken
        .extend(wiring.keys("cloudwatch_alarm").iter().map(|alarm| scope.arn("cloudwatch", &format!("alarm:{alarm}"))));
    for dashboard in all {
        if !taken.iter().any(|name| mentions(&dashboard.body, name)) {
            continue;
        }
        let source = format!("the dashboard {}", dashboard.name);
        match others.iter().find(|other| mentions(&dashboard.body, other)) {
            Some(other) => wiring.leave(source, format!("it shows {other} too, which is not taken")),
            None => wiring.take("cloudwatch_dashboard", &dashboard.name, source),
        }
    }
}

/// Whether a text of the body is this name, or holds it in quotes, as queries and search expressions do.
fn mentions(body: &Value, name: &str) -> bool {
    match body {
        Value::String(text) => {
            text == name || text.contains(&format!("'{name}'")) || text.contains(&format!("\"{name}\""))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        Value::Object(members) => members.values().any(|member| mentions(member, name)),
        _ => false,
    }
}
