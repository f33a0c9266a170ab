//! `[dashboard.<name>]`, from a CloudWatch dashboard.

use serde_json::Value;

use super::Sketch;
use crate::import::block::{Fallback, Setting};
use crate::import::live::OTHERS;

const KIND: &str = "cloudwatch_dashboard";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        // It has no tags that would say whose it is.
        if let Some(other) = of_others(sketch, live) {
            sketch.leave(KIND, key, format!("it shows `{other}`, which is pipectl's already"));
            continue;
        }
        let mut block = sketch.begin("dashboard", (KIND, key), live, key);
        let body = Setting::Document(live["body"].clone());
        block.or(Fallback::own("body", vec![("body", body)]));
        sketch.add(block);
    }
}

/// Something that a dashboard shows and that another environment has, where it shows nothing that is taken over.
fn of_others(sketch: &Sketch<'_>, live: &Value) -> Option<String> {
    let body = live["body"].to_string();
    let shown = |key: &String| body.contains(&format!("\"{key}\""));
    if sketch.addresses.keys().any(|(_, key)| shown(key)) {
        return None;
    }
    let others = sketch.outside.iter().filter(|(_, reason)| reason.starts_with(OTHERS));
    others.map(|((_, key), _)| key).find(|key| shown(key)).cloned()
}
