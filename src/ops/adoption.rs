//! Adoption by itself: of a whole plan, what takes over what exists, and what that stands on.

use std::collections::BTreeSet;

use crate::engine::plan::{Action, Adopt, Change};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::address::Address;

/// The part of a plan that is about what exists and is not remembered as ours; the rest of it is for another plan.
///
/// Without anything asked for, that is all that could be adopted, and nothing else. With addresses it is what they name,
/// with all is it what may be adopted without naming it; either way with what that stands on and does not exist yet.
#[must_use]
pub fn adoptions(mut plan: Plan, asked: &Adopt) -> Plan {
    let chosen = chosen(&plan.changes.0, asked);
    plan.changes.0.retain(|change| chosen.contains(&change.address));
    plan.refusals.retain(|refusal| chosen.contains(&refusal.address));
    plan.broadens.retain(|broadening| chosen.contains(&broadening.address));
    let blocks: BTreeSet<&str> = chosen.iter().map(Address::block_name).collect();
    plan.outputs.retain(|name, _| name.rsplit_once('.').is_some_and(|(block, _)| blocks.contains(block)));
    // These are about the whole environment.
    Plan { purpose: Purpose::Adopt, cost: None, notes: Vec::new(), likely_renames: Vec::new(), ..plan }
}

/// What exists and stays as it is, because it would have to be named: of what would be adopted, all is asked for.
pub fn left_alone(plan: &Plan) -> impl Iterator<Item = &Change> {
    plan.changes.0.iter().filter(|change| change.action == Action::Conflict)
}

/// What is ours by its marks, is not remembered, and cannot be changed in place: no adoption, a plan replaces it.
pub fn replaced(changes: &[Change]) -> impl Iterator<Item = &Change> {
    let ours = |change: &&Change| change.action == Action::Replace && change.previous_key.is_none();
    changes.iter().filter(ours).filter(|change| change.reason.is_some())
}

fn chosen(changes: &[Change], asked: &Adopt) -> BTreeSet<Address> {
    let adoptable = changes.iter().filter(|change| matches!(change.action, Action::Adopt | Action::Conflict));
    let asked_for = |change: &&Change| match asked {
        Adopt::Nothing => true,
        Adopt::All => change.action == Action::Adopt,
        Adopt::Only(_) => asked.allows(&change.address),
    };
    let mut next: Vec<&Change> = adoptable.filter(asked_for).collect();
    let mut chosen: BTreeSet<Address> = next.iter().map(|change| change.address.clone()).collect();
    if *asked == Adopt::Nothing {
        return chosen;
    }
    let missing = |change: &&Change| matches!(change.action, Action::Create | Action::Adopt | Action::Conflict);
    while let Some(one) = next.pop() {
        for need in changes.iter().filter(|change| one.depends_on.contains(&change.address)).filter(missing) {
            if chosen.insert(need.address.clone()) {
                next.push(need);
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(address: &str, action: Action, needs: &[&str]) -> Change {
        let depends_on = needs.iter().map(|need| need.parse().unwrap()).collect();
        Change { action, depends_on, ..Change::blank(address.parse().unwrap(), "thing", "Fake::Thing", address.into()) }
    }

    fn pipeline() -> Vec<Change> {
        vec![
            change("alarm.lag", Action::Create, &["topic.alerts"]),
            change("bucket.events", Action::Conflict, &[]),
            change("firehose.clicks", Action::Adopt, &["firehose.clicks/role", "stream.clicks"]),
            change("firehose.clicks/role", Action::Create, &["bucket.events"]),
            change("stream.clicks", Action::Update, &[]),
            change("topic.alerts", Action::Adopt, &[]),
        ]
    }

    fn chosen_of(asked: &Adopt) -> Vec<String> {
        chosen(&pipeline(), asked).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_ours_and_would_be_replaced_is_named_and_other_replacements_are_not() {
        let remembered = change("firehose.known", Action::Replace, &[]);
        let reason = Some("it carries this environment's ownership tags, and differs in source".to_owned());
        let marked = Change { reason, ..change("firehose.lost", Action::Replace, &[]) };
        let named: Vec<String> = replaced(&[remembered, marked]).map(|change| change.address.to_string()).collect();
        assert_eq!(named, ["firehose.lost"]);
    }

    #[test]
    fn what_could_be_adopted_is_shown_alone() {
        assert_eq!(chosen_of(&Adopt::Nothing), ["bucket.events", "firehose.clicks", "topic.alerts"]);
    }

    #[test]
    fn what_an_adoption_stands_on_comes_along_and_nothing_else() {
        let one = |address: &str| Adopt::Only(BTreeSet::from([address.parse().unwrap()]));
        assert_eq!(chosen_of(&one("topic.alerts")), ["topic.alerts"]);
        let whole = ["bucket.events", "firehose.clicks", "firehose.clicks/role"];
        assert_eq!(chosen_of(&one("firehose.clicks")), whole, "also what is in the way of it");
        assert_eq!(chosen_of(&Adopt::All), [&whole[..], &["topic.alerts"]].concat());
        assert_eq!(chosen_of(&one("stream.clicks")), [""; 0], "it is ours already");
    }
}
