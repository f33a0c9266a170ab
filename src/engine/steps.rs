//! The steps of a plan and their order: what is made waits for what it needs, what is deleted for what needed it.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Action, Change, Changes};
use super::schedule::Schedule;
use crate::model::address::Address;

/// One thing to do for one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Make it exist and right (create, adopt, update, rename, or delete and make anew under the same key).
    Make,
    /// Delete it.
    Delete,
    /// Delete what its successor under another key has replaced.
    Retire,
}

/// A step: a operation for a change, and the steps that come first.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// What it is for.
    pub change: &'a Change,
    /// What is done.
    pub operation: Operation,
    /// The steps that must have succeeded, by their place in the list.
    pub after: BTreeSet<usize>,
}

/// Addresses that depend on one another in a ring; first and last are the same.
#[derive(Debug, thiserror::Error)]
#[error("these resources need one another in a ring: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → "))]
pub struct Cycle(pub Vec<Address>);

/// The steps of the changes that need any.
///
/// # Errors
/// When they wait for one another in a ring.
pub fn steps(changes: &Changes) -> Result<Vec<Step<'_>>, Cycle> {
    let mut steps = Vec::new();
    for change in &changes.0 {
        for operation in deeds(change) {
            steps.push(Step { change, operation: *operation, after: BTreeSet::new() });
        }
    }
    order(&mut steps);
    match ring(&steps) {
        Some(cycle) => Err(cycle),
        None => Ok(steps),
    }
}

fn deeds(change: &Change) -> &'static [Operation] {
    match change.action {
        // What does not show may still have left something behind: the parameter of an access key that is gone.
        Action::Forget if change.before.is_none() => &[Operation::Delete],
        Action::None | Action::Forget | Action::Conflict => &[],
        Action::Delete => &[Operation::Delete],
        Action::Replace if change.previous_key.is_some() => &[Operation::Make, Operation::Retire],
        Action::Create | Action::Replace | Action::Adopt | Action::Update | Action::Rename => &[Operation::Make],
    }
}

/// Fills in what comes before what.
fn order(steps: &mut [Step<'_>]) {
    let mut makers: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut enders: BTreeMap<&Address, usize> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        match step.operation {
            Operation::Make => makers.insert(&step.change.address, place),
            Operation::Delete | Operation::Retire => enders.insert(old_address(step.change), place),
        };
    }
    let mut pairs = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        if step.operation == Operation::Make {
            pairs
                .extend(step.change.depends_on.iter().filter_map(|need| makers.get(need)).map(|first| (*first, place)));
        }
        if step.operation == Operation::Retire {
            pairs.extend(makers.get(&step.change.address).map(|first| (*first, place)));
        }
        // Whatever needed a resource until now has moved away, or is gone, before that is deleted. A replaced
        // resource's own maker moves away from what it needed only by being retired.
        if step.operation != Operation::Make || step.change.previous_key.is_none() {
            let ends = step.change.depended_on.iter().filter_map(|need| enders.get(need));
            pairs.extend(ends.filter(|last| **last != place).map(|last| (place, *last)));
        }
    }
    for (first, second) in pairs {
        steps[second].after.insert(first);
    }
    clear_the_way(steps, &makers);
}

/// What is deleted goes before what it needed is replaced under the same key; unless its deletion itself waits for
/// that replacement, because something else must move away from it first.
fn clear_the_way(steps: &mut [Step<'_>], makers: &BTreeMap<&Address, usize>) {
    for place in 0..steps.len() {
        if steps[place].operation == Operation::Make {
            continue;
        }
        let replaced = |need: &&usize| {
            let change = steps[**need].change;
            change.action == Action::Replace && change.previous_key.is_none()
        };
        let needs: Vec<usize> = steps[place]
            .change
            .depended_on
            .iter()
            .filter_map(|need| makers.get(need))
            .filter(replaced)
            .copied()
            .collect();
        for need in needs {
            if !waits_for(steps, place, need) {
                steps[need].after.insert(place);
            }
        }
    }
}

/// Whether a step waits for another, directly or not.
fn waits_for(steps: &[Step<'_>], place: usize, other: usize) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![place]);
    while let Some(place) = next.pop() {
        if place == other {
            return true;
        }
        if seen.insert(place) {
            next.extend(&steps[place].after);
        }
    }
    false
}

/// The address under which others have known what this change ends.
fn old_address(change: &Change) -> &Address {
    change.previous_address.as_ref().unwrap_or(&change.address)
}

/// A ring of steps, if there is one: among those that never could start.
fn ring(steps: &[Step<'_>]) -> Option<Cycle> {
    let mut schedule = Schedule::new(steps.iter().map(|step| &step.after));
    while let Some(place) = schedule.start() {
        schedule.succeeded(place);
    }
    let left: BTreeSet<usize> = schedule.left().into_iter().collect();
    let mut place = *left.first()?;
    let mut path = vec![place];
    loop {
        // Every step that is left waits for another that is left.
        place = *steps[place].after.intersection(&left).next()?;
        if let Some(start) = path.iter().position(|seen| *seen == place) {
            path.push(place);
            let ring = path[start..].iter().rev().map(|place| steps[*place].change.address.clone());
            return Some(Cycle(ring.collect()));
        }
        path.push(place);
    }
}
