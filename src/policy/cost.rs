//! `max_monthly_cost`: the most that the environment may cost.

use super::Violation;
use crate::cost::{Estimate, estimate, expected};
use crate::model::graph::Graph;
use crate::spec::Spec;

const PATH: &str = "policy.max_monthly_cost";

/// What costs more than it may, or cannot be told.
pub(super) fn violations(spec: &Spec, graph: &Graph) -> Vec<Violation> {
    let Some(most) = spec.policy.max_monthly_cost else { return Vec::new() };
    match estimate(graph, &expected(spec), &spec.env.region) {
        Ok(estimate) => above(&estimate, most).or_else(|| unknown(spec, &estimate)).into_iter().collect(),
        Err(error) => spec
            .policy
            .unjudged(PATH, || format!("what the environment costs cannot be told: {error}"))
            .into_iter()
            .collect(),
    }
}

fn above(estimate: &Estimate, most: f64) -> Option<Violation> {
    let (total, at_least) = (estimate.total, if estimate.is_whole() { "" } else { "at least " });
    let message = format!("the environment would cost {at_least}USD {total:.2} a month, and may cost {most:.2}");
    (total > most).then(|| Violation::new(PATH, message, "`pipectl cost` shows what for"))
}

/// What the total leaves out, however small the rest is.
fn unknown(spec: &Spec, estimate: &Estimate) -> Option<Violation> {
    if estimate.is_whole() {
        return None;
    }
    let priced = |blocks: &[String]| (!blocks.is_empty()).then(|| format!("{} without prices", blocks.join(", ")));
    let read = |streams: &[String]| {
        let help = "write what you `expect`";
        (!streams.is_empty()).then(|| format!("{} whose traffic is not known ({help})", streams.join(", ")))
    };
    let left_out = [priced(&estimate.uncounted), read(&estimate.unknown_traffic)];
    let left_out = left_out.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    spec.policy.unjudged(PATH, || {
        format!("USD {:.2} a month is the least that the environment costs: it leaves out {left_out}", estimate.total)
    })
}
