//! The calls that a plan comes to: which actions its steps need, on which ARNs, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::model::account::{ContextValue, Question};
use crate::model::grant::{Grant, Job};
use crate::model::kind::Registry;
use crate::model::scope::Scope;
use crate::ops::deploy_policy::{Allowed, Conditions, of_external};

/// How many resources are asked about in one call.
const RESOURCES_PER_CALL: usize = 50;
/// What the calls that are no resource's are for.
const THE_STATE: &str = "the state";

/// The calls of a plan.
pub(super) struct Calls {
    allowed: Allowed,
    /// Who needs an action on a resource.
    needed_by: BTreeMap<(String, String), BTreeSet<String>>,
}

/// What is done to a resource, as far as its actions tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Create,
    Change,
    Delete,
}

impl Calls {
    /// Those of a plan: of its resources, of what it uses that is somebody else's, and of the state that is written on the way.
    pub(super) fn of(registry: &Registry, plan: &Plan) -> Self {
        let mut calls = Self { allowed: Allowed::default(), needed_by: BTreeMap::new() };
        for change in &plan.changes.0 {
            let grants = registry.get(&change.kind).map_or(&[][..], |kind| kind.grants());
            for (doing, attributes) in doings(change) {
                let mut own = Allowed::default();
                for grant in grants.iter().filter(|grant| grant.job == Job::Apply) {
                    own.grant(grant, attributes, &plan.scope, &|action| needs(action, doing, change, grants));
                }
                calls.add(own, &change.address.to_string());
            }
        }
        if plan.changes.any() {
            // An apply looks again at what is somebody else's, before its first call.
            for (address, external) in &plan.externals {
                calls.add(of_external(external, &plan.scope, &[Job::Plan, Job::Apply]), &address.to_string());
            }
            calls.add(of_state(&plan.state.location, &plan.scope), THE_STATE);
        }
        calls
    }

    fn add(&mut self, own: Allowed, by: &str) {
        for (action, resource) in own.pairs() {
            let pair = (action.to_owned(), resource.to_owned());
            self.needed_by.entry(pair).or_default().insert(by.to_owned());
        }
        self.allowed.extend(own);
    }

    /// As few questions as ask about each of them and about nothing else.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (actions, conditions, resources) in self.allowed.groups() {
            let resources: Vec<String> = resources.iter().cloned().collect();
            for some in resources.chunks(RESOURCES_PER_CALL) {
                let actions = actions.iter().map(|action| (*action).to_owned()).collect();
                questions.push(Question { actions, resources: some.to_vec(), context: context(conditions) });
            }
        }
        questions
    }

    /// Statements that allow these calls, an action on a resource each, and no other.
    pub(super) fn statements(&self, calls: &BTreeSet<(&str, &str)>) -> Vec<Value> {
        self.allowed.only(calls).statements()
    }

    /// Who needs an action on a resource.
    pub(super) fn needed_by(&self, action: &str, resource: &str) -> BTreeSet<String> {
        let pair = (action.to_owned(), resource.to_owned());
        self.needed_by.get(&pair).cloned().unwrap_or_default()
    }
}

fn context(conditions: &Conditions) -> Vec<ContextValue> {
    let tests = conditions.iter().flat_map(|(operator, tests)| tests.iter().map(move |test| (operator, test)));
    let value = |(operator, (key, value)): (&&str, (&String, &String))| ContextValue {
        key: key.clone(),
        value: value.clone(),
        listed: operator.starts_with("ForAnyValue"),
    };
    tests.map(value).collect()
}

/// What is written of the state: the state itself, and the lock.
fn of_state(location: &str, scope: &Scope) -> Allowed {
    let mut allowed = Allowed::default();
    let place = location.strip_prefix("s3://").map(|place| place.trim_end_matches("state.json"));
    if let Some((bucket, folder)) = place.and_then(|place| place.split_once('/')) {
        let objects = format!("{}/{folder}*", scope.bucket_arn(bucket));
        allowed.add(&["s3:PutObject", "s3:DeleteObject"], [objects], &Conditions::new());
    }
    allowed
}

/// What is done to a change's resource, each with the attributes that name it.
fn doings(change: &Change) -> Vec<(Doing, &Value)> {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let doings = match change.action {
        Action::None | Action::Conflict | Action::Forget => vec![],
        Action::Create => vec![(Doing::Create, after)],
        Action::Delete => vec![(Doing::Delete, before)],
        Action::Replace => vec![(Doing::Create, after), (Doing::Delete, before)],
        Action::Adopt | Action::Update | Action::Rename => vec![(Doing::Change, after)],
    };
    doings.into_iter().filter_map(|(doing, attributes)| Some((doing, attributes?))).collect()
}

/// Whether a step may call an action of its kind: by what AWS's names of actions say.
///
/// A creation takes nothing away, a deletion gives nothing; a change does neither to the resource as a whole, and where
/// only tags change it is about tags. Within that, which of the calls are made depends on what AWS answers.
fn needs(action: &str, doing: Doing, change: &Change, grants: &[Grant]) -> bool {
    let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
    let about_tags = operation.contains("Tag");
    match doing {
        Doing::Create => !takes(operation) && !operation.starts_with("Update"),
        Doing::Delete => takes(operation) && !about_tags || !actions(grants).any(takes),
        Doing::Change => {
            // `protect` is pipectl's own: AWS is not told.
            let mut fields =
                change.fields.iter().map(|one| one.path.as_str()).filter(|path| *path != "protect").peekable();
            let whole = operation.starts_with("Create") || ends(operation, grants);
            fields.peek().is_some() && !whole && (about_tags || !fields.all(|path| path.starts_with("tags")))
        }
    }
}

/// Whether an operation takes something away.
fn takes(operation: &str) -> bool {
    const WORDS: [&str; 11] = [
        "Delete",
        "Remove",
        "Untag",
        "Detach",
        "Disable",
        "Decrease",
        "Stop",
        "Disassociate",
        "Unsubscribe",
        "Abort",
        "List",
    ];
    WORDS.iter().any(|word| operation.starts_with(word))
}

/// Whether an operation deletes the whole resource: what another creates, or any where none creates by that name.
fn ends(operation: &str, grants: &[Grant]) -> bool {
    let Some(what) = operation.strip_prefix("Delete") else { return operation == "Unsubscribe" };
    let mut created = actions(grants).filter_map(|one| one.strip_prefix("Create")).peekable();
    created.peek().is_none() || created.any(|one| one == what)
}

/// The operations of all that an apply may need.
fn actions(grants: &[Grant]) -> impl Iterator<Item = &'static str> {
    let apply = grants.iter().filter(|grant| grant.job == Job::Apply);
    apply.flat_map(|grant| grant.actions).filter_map(|action| action.split_once(':').map(|(_, operation)| operation))
}
