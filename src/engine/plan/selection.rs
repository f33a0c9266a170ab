//! A part of a plan: what is chosen with all that it needs, or all but what is left out and what needs that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Change, Changes};
use crate::model::address::Address;

/// What of a plan is asked for, and what is to be made anew. A block stands for all its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// These and what they need; all where there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub only: BTreeSet<Address>,
    /// All but these and what needs them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub except: BTreeSet<Address>,
    /// These are deleted and made anew; each is one resource.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub replace: BTreeSet<Address>,
}

/// The whole plan, as it comes.
pub static WHOLE: Selection = Selection { only: BTreeSet::new(), except: BTreeSet::new(), replace: BTreeSet::new() };

/// Why a selection is not one of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSelectable {
    /// The plan has no such resource.
    #[error("neither the spec nor the state has `{0}`")]
    Unknown(Address),
    /// It does not exist, or goes, so that it cannot be replaced.
    #[error("`{0}` cannot be replaced: the plan would {1} it")]
    NotThere(Address, &'static str),
}

impl Selection {
    /// Whether it is the whole plan, as it comes.
    pub fn is_whole(&self) -> bool {
        *self == WHOLE
    }

    /// As the command line has it.
    pub fn words(&self) -> Vec<String> {
        let all = [("--only", &self.only), ("--except", &self.except), ("--replace", &self.replace)];
        let words = |(option, these): (&'static str, &BTreeSet<Address>)| {
            these.iter().flat_map(move |one| [option.to_owned(), one.to_string()]).collect::<Vec<_>>()
        };
        all.into_iter().flat_map(words).collect()
    }

    /// Takes away what is not asked for, and returns it: what would have been done.
    ///
    /// # Errors
    /// When it names what the plan does not know, or what cannot be replaced.
    pub(crate) fn apply(&self, changes: &mut Changes) -> Result<Vec<Address>, NotSelectable> {
        self.check(changes)?;
        let needs = needs(changes);
        let named = |these: &BTreeSet<Address>| {
            let all = changes.0.iter().filter(|change| these.iter().any(|one| covers(one, change)));
            all.map(|change| change.address.clone()).collect::<BTreeSet<_>>()
        };
        let mut kept: BTreeSet<Address> = changes.0.iter().map(|change| change.address.clone()).collect();
        if !self.only.is_empty() {
            kept = reached(named(&self.only), |address| needs.get(address).cloned().unwrap_or_default());
        }
        if !self.except.is_empty() {
            let needed_by = |address: &Address| {
                let these = needs.iter().filter(|(_, needs)| needs.contains(address));
                these.map(|(address, _)| address.clone()).collect()
            };
            let gone = reached(named(&self.except), needed_by);
            kept.retain(|address| !gone.contains(address));
        }
        let left_out = |change: &Change| change.acts() && !kept.contains(&change.address);
        let addresses =
            changes.0.iter().filter(|change| left_out(change)).map(|change| change.address.clone()).collect();
        changes.0.retain(|change| !left_out(change));
        Ok(addresses)
    }

    fn check(&self, changes: &Changes) -> Result<(), NotSelectable> {
        let known = |one: &&Address| changes.0.iter().any(|change| covers(one, change));
        if let Some(unknown) = self.only.iter().chain(&self.except).find(|one| !known(one)) {
            return Err(NotSelectable::Unknown(unknown.clone()));
        }
        for one in &self.replace {
            let Some(change) = changes.0.iter().find(|change| change.address == *one) else {
                return Err(NotSelectable::Unknown(one.clone()));
            };
            let instead = match change.action {
                Action::Replace => continue,
                Action::Create => "create",
                Action::Delete => "delete",
                Action::Forget => "forget",
                Action::Adopt => "adopt",
                Action::Conflict => "not touch",
                Action::Update | Action::Rename | Action::None => "keep",
            };
            return Err(NotSelectable::NotThere(one.clone(), instead));
        }
        Ok(())
    }
}

/// Whether a change is about what is named, under its old name as well.
fn covers(one: &Address, change: &Change) -> bool {
    one.covers(&change.address) || change.previous_address.as_ref().is_some_and(|old| one.covers(old))
}

/// What each change cannot do without: the changes of what it stands on; and of what ends, those that leave it.
fn needs(changes: &Changes) -> BTreeMap<Address, BTreeSet<Address>> {
    let acting = || changes.0.iter().filter(|change| change.acts());
    let mut needs: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    let mut add = |who: &Address, what: &Address| _ = needs.entry(who.clone()).or_default().insert(what.clone());
    for change in acting() {
        let makes = change.after.is_some();
        for other in acting().filter(|other| other.address != change.address) {
            if makes && other.after.is_some() && change.depends_on.contains(&other.address) {
                add(&change.address, &other.address);
                // What AWS has bound to the one before stays dead until it is bound anew.
                if change.rebinds {
                    add(&other.address, &change.address);
                }
            }
            let old = change.previous_address.as_ref().unwrap_or(&change.address);
            let ends = match change.action {
                Action::Delete => true,
                Action::Replace => change.previous_key.is_some(),
                Action::Create
                | Action::Update
                | Action::Rename
                | Action::Adopt
                | Action::Conflict
                | Action::Forget
                | Action::None => false,
            };
            if ends && (other.depended_on.contains(old) || other.depended_on.contains(&change.address)) {
                add(&change.address, &other.address);
            }
        }
    }
    needs
}

/// Everything that is reached from these.
fn reached(from: BTreeSet<Address>, next: impl Fn(&Address) -> BTreeSet<Address>) -> BTreeSet<Address> {
    let mut seen = from.clone();
    let mut left: Vec<Address> = from.into_iter().collect();
    while let Some(address) = left.pop() {
        for one in next(&address) {
            if seen.insert(one.clone()) {
                left.push(one);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(address: &str, action: Action, needs: &[&str], needed: &[&str]) -> Change {
        let all = |these: &[&str]| these.iter().map(|one| one.parse().unwrap()).collect();
        let after = (action != Action::Delete).then(|| json!({}).into());
        let blank = Change::blank(address.parse().unwrap(), "thing", "Fake::Thing", address.into());
        Change { action, after, depends_on: all(needs), depended_on: all(needed), ..blank }
    }

    fn pipeline() -> Changes {
        Changes(vec![
            change("alarm.lag", Action::Update, &["topic.alerts"], &[]),
            change("bucket.events", Action::None, &[], &[]),
            change("firehose.clicks", Action::Create, &["firehose.clicks/role", "stream.clicks", "bucket.events"], &[]),
            change("firehose.clicks/role", Action::Create, &["bucket.events"], &[]),
            change("firehose.old", Action::Delete, &["stream.old"], &["stream.old"]),
            change("stream.clicks", Action::Create, &[], &[]),
            change("stream.old", Action::Delete, &[], &[]),
            change("topic.alerts", Action::Create, &[], &[]),
        ])
    }

    fn chosen(only: &[&str], except: &[&str]) -> Vec<String> {
        let all = |these: &[&str]| these.iter().map(|one| one.parse().unwrap()).collect();
        let selection = Selection { only: all(only), except: all(except), ..Selection::default() };
        let mut changes = pipeline();
        let left_out = selection.apply(&mut changes).unwrap();
        let acting: Vec<String> =
            changes.0.iter().filter(|change| change.acts()).map(|change| change.address.to_string()).collect();
        assert_eq!(acting.len() + left_out.len(), 7, "nothing is lost in silence");
        acting
    }

    #[test]
    fn what_is_chosen_comes_with_what_it_needs() {
        assert_eq!(chosen(&["topic.alerts"], &[]), ["topic.alerts"]);
        assert_eq!(chosen(&["firehose.clicks"], &[]), ["firehose.clicks", "firehose.clicks/role", "stream.clicks"]);
        assert_eq!(chosen(&["alarm.lag"], &[]), ["alarm.lag", "topic.alerts"]);
        assert_eq!(chosen(&["stream.old"], &[]), ["firehose.old", "stream.old"], "what reads it goes first");
        assert_eq!(chosen(&["firehose.old"], &[]), ["firehose.old"]);
        assert_eq!(chosen(&["bucket.events"], &[]), [""; 0]);
    }

    #[test]
    fn what_is_left_out_takes_along_what_needs_it() {
        let but = chosen(&[], &["stream.clicks"]);
        assert_eq!(but, ["alarm.lag", "firehose.clicks/role", "firehose.old", "stream.old", "topic.alerts"]);
        let but = chosen(&[], &["firehose.old", "topic.alerts"]);
        assert_eq!(but, ["firehose.clicks", "firehose.clicks/role", "stream.clicks"], "the old stream stays as well");
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let of = |only: &[&str], replace: &[&str]| {
            let all = |these: &[&str]| these.iter().map(|one| one.parse().unwrap()).collect();
            let selection = Selection { only: all(only), replace: all(replace), ..Selection::default() };
            selection.apply(&mut pipeline()).unwrap_err().to_string()
        };
        assert_eq!(of(&["stream.click"], &[]), "neither the spec nor the state has `stream.click`");
        assert_eq!(of(&[], &["stream.clicks"]), "`stream.clicks` cannot be replaced: the plan would create it");
        assert_eq!(of(&[], &["stream.old"]), "`stream.old` cannot be replaced: the plan would delete it");
    }
}
