//! `no_destroy`: plans delete and replace nothing.

use crate::engine::plan::{Action, Change, Changes, Refusal};
use crate::spec::policy::Policy;

/// The changes that the rule forbids.
pub fn refusals(policy: &Policy, changes: &Changes) -> Vec<Refusal> {
    let changes = changes.0.iter().filter(|_| policy.no_destroy);
    changes.filter_map(refusal).collect()
}

fn refusal(change: &Change) -> Option<Refusal> {
    let verb = match change.action {
        Action::Delete => "deleted",
        Action::Replace => "replaced",
        _ => return None,
    };
    let message = format!("would be {verb}, but is protected by `[policy] no_destroy = true`: take the rule out first");
    Some(Refusal { address: change.address.clone(), message })
}
