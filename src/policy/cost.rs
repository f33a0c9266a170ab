//! `max_monthly_cost`: the most that the environment may cost.

use super::Violation;
use crate::cost::{estimate, expected};
use crate::engine::graph::Graph;
use crate::spec::Spec;

/// What costs more than it may, or cannot be told.
pub(super) fn violations(spec: &Spec, graph: &Graph) -> Option<Violation> {
    let most = spec.policy.max_monthly_cost?;
    let (message, help) = match estimate(graph, &expected(spec), &spec.env.region) {
        Ok(estimate) if estimate.total <= most => return None,
        Ok(estimate) => {
            let total = estimate.total;
            (
                format!("the environment would cost USD {total:.2} a month, and may cost {most:.2}"),
                "`pipectl cost` shows what for".to_owned(),
            )
        }
        Err(error) => (
            format!("what the environment costs cannot be told: {error}"),
            "take the rule out of this environment".to_owned(),
        ),
    };
    Some(Violation::new("policy.max_monthly_cost", message, help))
}
