//! `[dashboard.<name>]`, from a CloudWatch dashboard.

use super::Sketch;
use crate::import::block::{Fallback, Setting};

const KIND: &str = "cloudwatch_dashboard";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        let mut block = sketch.begin("dashboard", (KIND, key), live, key);
        let body = Setting::Document(live["body"].clone());
        block.or(Fallback::own("body", vec![("body", body)]));
        sketch.add(block);
    }
}
