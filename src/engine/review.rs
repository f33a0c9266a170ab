//! Whether a plan that was reviewed says what was worked out anew: anybody may have written into its file since.
//!
//! Everything is compared that a plan says of what is done, by name where that is exempt: a part of a plan that is new to
//! this file is compared. What is carried out is the plan that was worked out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::fresh::{Difference, Stale};
use super::plan::{Action, Change};
use super::planfile::Plan;
use crate::model::address::Address;
use crate::model::diff::{diff, fingerprint, is_marked};
use crate::model::kind::Registry;
use crate::model::left_alone::{LeftAlone, Path, kept};

/// Parts of a plan that are texts, or that follow from others: who made it and when, what it costs, what is missing.
/// `changes` are compared one by one, and `flows` are what is drawn.
const TEXTS: [&str; 9] = ["made_by", "caller", "created", "expires", "flows", "notes", "cost", "refusals", "spec"];
/// Parts of a change that are texts, or what AWS says besides.
const SAID: [&str; 3] = ["reason", "outputs", "warnings"];
/// Parts of a change that follow from the live resource.
const SEEN: [&str; 4] = ["before", "fingerprint", "fields", "drift"];

/// How a warning begins that says what the caller may not look at. Another caller may look at more, or at less.
pub const NOT_LOOKED_AT: &str = "Not looked at";

/// Something that a plan's file says otherwise than what was worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// Of which resource; absent where it is about the plan as a whole.
    pub address: Option<Address>,
    /// Which part: `after.shards`, `action`.
    pub field: String,
    /// What the file says; null where it says nothing.
    pub said: Value,
    /// What was worked out; null where there is nothing.
    pub found: Value,
}

/// What two plans differ in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    /// What AWS, or the files of this machine, say otherwise than when the plan was made.
    pub stale: Vec<Stale>,
    /// What the file says otherwise, and neither of these explains.
    pub disagreements: Vec<Disagreement>,
}

/// Compares a plan that was read from a file with the one that was worked out from spec, state and AWS.
pub fn review(registry: &Registry, reviewed: &Plan, found: &Plan) -> Review {
    let mut review = Review::default();
    whole(reviewed, found, &mut review);
    let (said, twice) = by_address(reviewed);
    for address in twice {
        review.disagree(Some(address), "changes", json!("twice"), json!("once"));
    }
    let (now, _) = by_address(found);
    let addresses: BTreeSet<&Address> = said.keys().chain(now.keys()).copied().collect();
    for address in addresses {
        match (said.get(address), now.get(address)) {
            (Some(said), Some(now)) => changes(registry, said, now, &mut review),
            (said, now) => {
                let action = |change: Option<&&Change>| change.map_or(Value::Null, |change| json!(change.action));
                review.disagree(Some(address), "action", action(said), action(now));
            }
        }
    }
    review
}

impl Review {
    fn disagree(&mut self, address: Option<&Address>, field: &str, said: Value, found: Value) {
        self.disagreements.push(Disagreement { address: address.cloned(), field: field.to_owned(), said, found });
    }

    /// What two parts differ in, field by field.
    fn compare(&mut self, address: Option<&Address>, said: &Value, found: &Value) {
        for field in diff(said, found, &Value::Null) {
            self.disagree(address, &field.path, field.before, field.after);
        }
    }
}

/// What is not about one resource.
fn whole(reviewed: &Plan, found: &Plan, review: &mut Review) {
    let (mut said, mut now) = (tree(reviewed), tree(found));
    for name in TEXTS {
        said.remove(name);
        now.remove(name);
    }
    review.compare(None, &Value::Object(said), &Value::Object(now));
    let spec = |plan: &Plan| plan.spec.as_ref().map(|spec| json!({"digest": spec.digest, "overrides": spec.overrides}));
    review.compare(None, &json!({"spec": spec(reviewed)}), &json!({"spec": spec(found)}));
    let refused = |plan: &Plan| plan.refusals.iter().map(|refusal| refusal.address.to_string()).collect::<Vec<_>>();
    review.compare(None, &json!({"refusals": refused(reviewed)}), &json!({"refusals": refused(found)}));
}

/// A value as an object; every part of a plan has a JSON form, and what had none would differ from everything.
fn tree(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(error) => Map::from_iter([("error".to_owned(), error.to_string().into())]),
    }
}

/// The changes by address, and the addresses that stand there more than once.
fn by_address(plan: &Plan) -> (BTreeMap<&Address, &Change>, Vec<&Address>) {
    let (mut all, mut twice) = (BTreeMap::new(), Vec::new());
    for change in &plan.changes.0 {
        if all.insert(&change.address, change).is_some() {
            twice.push(&change.address);
        }
    }
    (all, twice)
}

/// Compares what is said of one resource.
fn changes(registry: &Registry, said: &Change, now: &Change, review: &mut Review) {
    let address = Some(&now.address);
    let schema = registry.get(&now.kind).map_or(&Value::Null, |kind| kind.schema());
    if said.kind != now.kind {
        return review.disagree(address, "kind", json!(said.kind), json!(now.kind));
    }
    let said = &*as_of_now(said, now);
    if let Some(what) = moved_on(said, now, schema) {
        return review.stale.push(Stale { address: now.address.clone(), what });
    }
    let (mut left, mut right) = (tree(said), tree(now));
    for name in SAID {
        left.remove(name);
        right.remove(name);
    }
    let idle = said.action == Action::None && now.action == Action::None;
    if idle && said.before != now.before && alike(said, now, schema) {
        // What AWS counts by itself: the shards of a stream on demand.
        for name in SEEN {
            left.remove(name);
            right.remove(name);
        }
    }
    for field in diff(&Value::Object(left), &Value::Object(right), &Value::Null) {
        if !is_of_this_machine(&field.path, schema) {
            review.disagree(address, &field.path, field.before, field.after);
        }
    }
    // Told more than there is, nobody misses anything.
    let untold = |warning: &&String| !said.warnings.contains(warning) && !warning.starts_with(NOT_LOOKED_AT);
    for warning in now.warnings.iter().filter(untold) {
        review.disagree(address, "warnings", Value::Null, json!(warning));
    }
}

/// What is said of a resource, with what is left alone of it as others have it by now: no plan is stale for that. What is
/// left alone, and what the spec says there, is compared as everything is; and so is a file that contradicts itself.
fn as_of_now<'a>(said: &'a Change, now: &Change) -> Cow<'a, Change> {
    let which = |change: &Change| change.left_alone.iter().map(|one| one.path.clone()).collect::<Vec<Path>>();
    let stays = |change: &Change| match change.action {
        Action::None | Action::Update | Action::Rename | Action::Adopt => true,
        Action::Delete | Action::Replace | Action::Conflict | Action::Create | Action::Forget => false,
    };
    let (paths, honest) = (which(now), said.fingerprint == fingerprint(said.before.as_deref()));
    let (Some(before), Some(after), Some(live)) = (&said.before, &said.after, &now.before) else {
        return Cow::Borrowed(said);
    };
    if paths.is_empty() || paths != which(said) || !honest || !stays(said) || !stays(now) {
        return Cow::Borrowed(said);
    }
    let (before, after) = (kept(before, live, &paths), kept(after, live, &paths));
    let values = said.left_alone.iter().zip(&now.left_alone);
    let left_alone = values.map(|(one, now)| LeftAlone { live: now.live.clone(), ..one.clone() }).collect();
    let fingerprint = fingerprint(Some(&before));
    Cow::Owned(Change { before: Some(before), after: Some(after), left_alone, fingerprint, ..said.clone() })
}

/// Whether AWS, or the files of this machine, have moved on since a plan was made, and how: nobody has to have written into
/// its file for that.
fn moved_on(said: &Change, now: &Change, schema: &Value) -> Option<Difference> {
    let files: Vec<String> = diff(&whole_of(said.after.as_deref()), &whole_of(now.after.as_deref()), schema)
        .into_iter()
        .map(|field| field.path)
        .collect();
    if !files.is_empty() && files.iter().all(|path| is_marked(schema, path, "x-files")) {
        return Some(Difference::Files(files.join(", ")));
    }
    // A file that contradicts itself was written by somebody else.
    let honest = said.fingerprint == fingerprint(said.before.as_deref());
    if !honest || !(said.acts() || now.acts()) || said.fingerprint == now.fingerprint {
        return None;
    }
    let key = said.previous_key.as_ref().unwrap_or(&said.key);
    Some(match (&said.before, &now.before) {
        (_, None) => Difference::Gone(key.clone()),
        (None, Some(_)) => Difference::Appeared(now.key.clone()),
        (Some(before), Some(after)) => Difference::Changed(diff(before, after, schema)),
    })
}

fn whole_of(attributes: Option<&Value>) -> Value {
    attributes.cloned().unwrap_or_default()
}

/// Whether what two plans saw of a resource to which nothing is done differs in nothing that its type compares.
fn alike(said: &Change, now: &Change, schema: &Value) -> bool {
    let (Some(before), Some(after)) = (said.before.as_deref(), now.after.as_deref()) else { return false };
    diff(before, after, schema).is_empty()
}

/// Whether a part of a change says where files are: AWS knows nothing of it, and it is the other plan's that counts.
fn is_of_this_machine(path: &str, schema: &Value) -> bool {
    let attribute = ["before.", "after."].iter().find_map(|side| path.strip_prefix(side));
    attribute.is_some_and(|attribute| is_marked(schema, attribute, "x-unread"))
}
