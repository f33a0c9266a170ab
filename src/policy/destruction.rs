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

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: Action) -> Change {
        let address = "stream.clicks".parse().unwrap();
        Change { action, ..Change::blank(address, "kinesis_stream", "AWS::Kinesis::Stream", "clicks".into()) }
    }

    #[test]
    fn what_deletes_is_refused_and_nothing_else() {
        let rule = Policy { no_destroy: true, ..Policy::default() };
        for action in [Action::Delete, Action::Replace] {
            assert_eq!(refusals(&rule, &Changes(vec![change(action)])).len(), 1, "{action:?}");
            assert_eq!(refusals(&Policy::default(), &Changes(vec![change(action)])), []);
        }
        for action in [Action::Create, Action::Update, Action::Adopt, Action::Rename, Action::Forget, Action::None] {
            assert_eq!(refusals(&rule, &Changes(vec![change(action)])), [], "{action:?}");
        }
    }
}
