//! The decision for one resource: desired, remembered and live, three ways.

use std::collections::BTreeSet;

use serde_json::Value;

use super::claim::{Claim, arrives, claim, is_ours, may_adopt, owner};
use super::{Action, Change, DELETED, Input, key_of, moved};
use crate::model::address::Address;
use crate::model::attributes::at;
use crate::model::diff::{FieldChange, diff, fingerprint};
use crate::model::graph::Resource;
use crate::model::kind::{Kind, Live};
use crate::model::left_alone::{Path, kept, left_alone};
use crate::state::{Intent, IntentAction, Record};

/// The change of a resource that the spec wants; `from` is its address so far, if its block was renamed.
pub(super) fn wanted(
    input: &Input<'_>,
    resource: &Resource,
    from: Option<&Address>,
) -> Result<Change, serde_json::Error> {
    let key = key_of(input.registry, &resource.kind, &resource.attributes)?;
    let remembered = from.unwrap_or(&resource.address);
    let record = input.state.resources.get(remembered).filter(|record| record.kind == resource.kind);
    let live = input.world.get(&resource.kind, &key);
    let alone = input.graph.left_alone(&resource.address);
    let Some(kind) = input.registry.get(&resource.kind) else { unreachable!("its key was just asked for") };
    let mut change = Change {
        before: live.map(|live| live.attributes.clone()),
        after: Some(match live {
            Some(live) => kept(&resource.attributes, &live.attributes, alone),
            None => resource.attributes.clone(),
        }),
        left_alone: live.map(|live| left_alone(&resource.attributes, &live.attributes, alone)).unwrap_or_default(),
        outputs: live.map(|live| live.outputs.clone()).unwrap_or_default(),
        depends_on: resource.depends_on.clone(),
        protect: resource.protect,
        previous_address: from.cloned(),
        ..blank(&resource.address, kind, key)
    };
    let mut forced = false;
    let contested = moved::contested(input, resource, &change.key);
    match record {
        _ if contested.is_some() => (change.action, change.reason) = (Action::Conflict, contested),
        Some(record) if record.key != change.key => under_another_key(input, kind, record, &mut change),
        Some(record) => {
            known(kind, (record, input.state.intents.get(remembered)), (live, alone), &mut change);
            forced = force(input, &mut change);
        }
        None => unknown(input, kind, resource, live, &mut change),
    }
    change.fingerprint = fingerprint(change.before.as_deref());
    change.warnings = match change.action {
        Action::None | Action::Conflict => Vec::new(),
        Action::Create => kind.warnings(None, change.after.as_deref()),
        // Nothing differs that would say that it is another one.
        Action::Replace if forced => {
            let (lost, made) =
                (kind.warnings(change.before.as_deref(), None), kind.warnings(None, change.after.as_deref()));
            lost.into_iter().chain(made).collect()
        }
        _ => kind.warnings(change.before.as_deref(), change.after.as_deref()),
    };
    Ok(change)
}

/// A resource that we own, under the same key.
fn known(
    kind: &dyn Kind,
    (record, intent): (&Record, Option<&Intent>),
    (live, alone): (Option<&Live>, &[Path]),
    change: &mut Change,
) {
    change.depended_on = record.depends_on.iter().cloned().collect();
    let Some(live) = live else {
        change.action = Action::Create;
        change.reason = Some(gone(intent));
        return;
    };
    change.drift = drift(kind, (record, intent), (live, alone));
    change.fields = fields(kind, Some((record, intent)), live, change);
    if record.protect != change.protect {
        change.fields.push(protection(record.protect, change.protect));
    }
    change.action = if change.fields.iter().any(|field| field.replaces) {
        Action::Replace
    } else if change.previous_address.is_some() {
        Action::Rename
    } else if change.fields.is_empty() {
        Action::None
    } else {
        Action::Update
    };
}

/// Whether somebody asks for a resource to be replaced that would be kept: then it is.
fn force(input: &Input<'_>, change: &mut Change) -> bool {
    let kept = matches!(change.action, Action::None | Action::Update | Action::Rename);
    if !kept || !input.replace.contains(&change.address) {
        return false;
    }
    change.action = Action::Replace;
    change.reason = Some("`--replace` asks for that; nothing else would".to_owned());
    true
}

/// A resource that we own under another key: the new one is made, then the old one deleted.
fn under_another_key(input: &Input<'_>, kind: &dyn Kind, record: &Record, change: &mut Change) {
    change.depended_on = record.depends_on.iter().cloned().collect();
    if change.before.is_some() {
        change.action = Action::Conflict;
        change.reason = Some(format!("`{}`, which is to replace `{}`, exists already", change.key, record.key));
        return;
    }
    let Some(old) = input.world.get(&record.kind, &record.key) else {
        change.action = Action::Create;
        change.reason = Some(format!("`{}` {DELETED}", record.key));
        return;
    };
    change.action = Action::Replace;
    change.previous_key = Some(record.key.clone());
    let alone = input.graph.left_alone(&change.address);
    change.drift = drift(kind, (record, None), (old, alone));
    change.fields = fields(kind, Some((record, None)), old, change);
    change.before = Some(old.attributes.clone());
}

/// A resource that we do not remember.
fn unknown(input: &Input<'_>, kind: &dyn Kind, resource: &Resource, live: Option<&Live>, change: &mut Change) {
    let Some(live) = live else {
        change.action = Action::Create;
        return;
    };
    let interrupted = input.state.intents.get(&resource.address);
    change.depended_on = interrupted.map(|intent| intent.depends_on.iter().cloned().collect()).unwrap_or_default();
    change.fields = fields(kind, None, live, change);
    let stuck: Vec<&str> =
        change.fields.iter().filter(|field| field.replaces).map(|field| field.path.as_str()).collect();
    let stuck =
        (!stuck.is_empty()).then(|| format!("differs in {}, which cannot be changed in place", stuck.join(", ")));
    let attributes = &live.attributes;
    let from = input.graph.arrival(&resource.address).filter(|_| arrives(input, kind, resource, attributes));
    let comes = from.map(|arrival| format!("`moved` says that it was `{}` of {}", arrival.from, arrival.env));
    let (action, reason) = if is_ours(input, kind, &resource.address, attributes) {
        let why = match interrupted {
            Some(_) => "made by an interrupted apply".to_owned(),
            None => comes.unwrap_or_else(|| "it carries this environment's ownership tags".to_owned()),
        };
        match stuck {
            None => (Action::Adopt, why),
            Some(stuck) => (Action::Replace, format!("{why}, and {stuck}")),
        }
    } else if let Some(stuck) = stuck {
        let help = "nothing is replaced that is not ours: give the block what it has, or another `name`";
        (Action::Conflict, format!("`{}` exists and {stuck}; {help}", change.key))
    } else if may_adopt(input, kind, resource, attributes) {
        (Action::Adopt, comes.unwrap_or_else(|| "adoption was asked for".to_owned()))
    } else {
        (Action::Conflict, in_the_way(&change.key, &resource.address, owner(input, kind, attributes)))
    };
    (change.action, change.reason) = (action, Some(reason));
}

/// What to say of a resource that exists and may not be taken over as things are.
fn in_the_way(key: &str, address: &Address, owner: Option<String>) -> String {
    let other = "another `name` leaves it alone";
    match owner {
        None => format!("`{key}` exists and is not ours; `--adopt {address}` takes it over, {other}"),
        Some(owner) => {
            format!("`{key}` belongs to {owner}, as its tags say; only `--adopt {address}` takes it over, {other}")
        }
    }
}

/// The change of a resource that we own and the spec no longer wants.
pub(super) fn unwanted(input: &Input<'_>, address: &Address, record: &Record) -> Change {
    let live = input.world.get(&record.kind, &record.key);
    let intent = input.state.intents.get(address);
    let alone = input.graph.left_alone(address);
    let depends_on: BTreeSet<Address> = record.depends_on.iter().cloned().collect();
    let Some(kind) = input.registry.get(&record.kind) else {
        // Reading it has failed before a plan is made.
        unreachable!("every record's kind was read")
    };
    let theirs = live.and_then(|live| owner(input, kind, &live.attributes));
    Change {
        // What has got the marks of somebody else's since is theirs to delete.
        action: if live.is_some() && theirs.is_none() { Action::Delete } else { Action::Forget },
        reason: match theirs {
            Some(owner) => Some(format!("it belongs to {owner} by now, as its tags say")),
            None => live.is_none().then(|| gone(intent)),
        },
        before: live.map(|live| live.attributes.clone()),
        outputs: record.outputs.clone(),
        depended_on: depends_on.clone(),
        depends_on,
        drift: live.map(|live| drift(kind, (record, intent), (live, alone))).unwrap_or_default(),
        warnings: live.map(|live| kind.warnings(Some(&live.attributes), None)).unwrap_or_default(),
        ..blank(address, kind, record.key.clone())
    }
    .fingerprinted()
}

/// The change of something that an interrupted apply may have made and that the spec no longer wants.
pub(super) fn abandoned(input: &Input<'_>, address: &Address, intent: &Intent) -> Option<Change> {
    let kind = input.registry.get(&intent.kind)?;
    let live = input.world.get(&intent.kind, &intent.key);
    let foreign = live.is_some_and(|live| {
        claim(kind.ownership(), &live.attributes, &input.state.project, &input.state.env) == Claim::Foreign
    });
    let depends_on: BTreeSet<Address> = intent.depends_on.iter().cloned().collect();
    let change = Change {
        depended_on: depends_on.clone(),
        depends_on,
        // What does not show may still have left something behind: a key whose secret was never stored.
        action: if foreign { Action::Forget } else { Action::Delete },
        reason: Some("an interrupted apply was about to make it".to_owned()),
        before: live.map(|live| live.attributes.clone()),
        warnings: live.map(|live| kind.warnings(Some(&live.attributes), None)).unwrap_or_default(),
        ..blank(address, kind, intent.key.clone())
    };
    Some(change.fingerprinted())
}

fn blank(address: &Address, kind: &dyn Kind, key: String) -> Change {
    Change::blank(address.clone(), kind.name(), kind.aws_type(), key)
}

impl Change {
    fn fingerprinted(mut self) -> Self {
        self.fingerprint = fingerprint(self.before.as_deref());
        self
    }
}

/// Why something is gone that the state remembers: an apply that was interrupted has got that far, or somebody else has
/// deleted it.
fn gone(intent: Option<&Intent>) -> String {
    match intent.map(|intent| intent.action) {
        None | Some(IntentAction::Update | IntentAction::Rebind) => format!("it {DELETED}"),
        Some(IntentAction::Create) => "an interrupted apply was about to make it".to_owned(),
        Some(IntentAction::Replace) => "an interrupted apply was about to replace it".to_owned(),
        Some(IntentAction::Delete) => "an interrupted apply was about to delete it".to_owned(),
    }
}

/// What somebody else has changed since we last wrote, but for what is left to others.
fn drift(
    kind: &dyn Kind,
    (record, intent): (&Record, Option<&Intent>),
    (live, alone): (&Live, &[Path]),
) -> Vec<FieldChange> {
    let applied = kept(&record.attributes, &live.attributes, alone);
    // Null in what we wrote means "left to AWS" only where the schema says so.
    let mut changes = diff(&live.attributes, &applied, kind.schema());
    changes.retain(|change| !may_be_left(intent, &change.path, &change.before));
    for change in &mut changes {
        std::mem::swap(&mut change.before, &mut change.after);
        change.drifted = true;
        change.replaces = false;
    }
    changes
}

/// Whether an apply that was interrupted may have left a live value behind.
fn may_be_left(intent: Option<&Intent>, path: &str, live: &Value) -> bool {
    intent.is_some_and(|intent| match intent.action {
        // A resource that is half made or half deleted may have any value.
        IntentAction::Create | IntentAction::Replace | IntentAction::Delete => true,
        IntentAction::Update | IntentAction::Rebind => {
            intent.after.as_deref().is_some_and(|after| at(after, path) == live)
        }
    })
}

/// The fields to change, each marked if somebody else changed it since we last wrote it.
fn fields(kind: &dyn Kind, last: Option<(&Record, Option<&Intent>)>, live: &Live, change: &Change) -> Vec<FieldChange> {
    let want = change.after.as_deref().unwrap_or(&Value::Null);
    let mut fields = diff(&live.attributes, want, kind.schema());
    if let Some((record, intent)) = last {
        for field in &mut fields {
            let as_left = at(&record.attributes, &field.path) == &field.before;
            field.drifted = !as_left && !may_be_left(intent, &field.path, &field.before);
        }
    }
    fields
}

fn protection(before: bool, after: bool) -> FieldChange {
    FieldChange {
        path: "protect".to_owned(),
        before: before.into(),
        after: after.into(),
        replaces: false,
        drifted: false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use crate::engine::fake::{Cloud, registry};
    use crate::engine::plan::{Action, Adopt, Change, Input, plan};
    use crate::engine::refresh::LiveResources;
    use crate::model::address::Address;
    use crate::model::graph::{Graph, Resource};
    use crate::model::kind::Live;
    use crate::model::left_alone::Path;
    use crate::model::scope::Scope;
    use crate::state::{Intent, IntentAction, Record, State};

    fn thing(size: u8) -> serde_json::Value {
        json!({"name": "a", "form": 0, "size": size, "needs": [], "tags": {}})
    }

    /// What is planned of a thing that was left at size 1 and lives at another, or not at all; it may be wanted still, and an
    /// interrupted apply may have been at it.
    fn planned(live: Option<u8>, wanted: bool, begun: Option<IntentAction>) -> Change {
        planned_after(live, wanted, begun, None)
    }

    /// The same, where an update that was interrupted was to leave a size behind.
    fn planned_after(live: Option<u8>, wanted: bool, begun: Option<IntentAction>, left: Option<u8>) -> Change {
        planned_with(live, wanted, begun, (left, Vec::new()))
    }

    fn planned_with(
        live: Option<u8>,
        wanted: bool,
        begun: Option<IntentAction>,
        (left, alone): (Option<u8>, Vec<Path>),
    ) -> Change {
        let (registry, address) = (registry(&Arc::new(Mutex::new(Cloud::default()))), Address::block("thing", "a"));
        let mut state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
        let record = Record {
            kind: "thing".to_owned(),
            key: "a".to_owned(),
            attributes: thing(1).into(),
            outputs: json!({}),
            depends_on: Vec::new(),
            protect: false,
        };
        state.resources.insert(address.clone(), record);
        if let Some(action) = begun {
            let (kind, key, since) = ("thing".to_owned(), "a".to_owned(), crate::engine::apply::now());
            let (depends_on, after) = (Vec::new(), left.map(|size| thing(size).into()));
            state.intents.insert(address.clone(), Intent { action, kind, key, since, depends_on, after });
        }
        let mut world = LiveResources::default();
        world.put(
            "thing",
            "a",
            live.map(|size| Live { attributes: thing(size).into(), outputs: json!({}), unmodelled: Vec::new() }),
        );
        let mut graph = Graph::default();
        if wanted {
            let (kind, attributes) = ("thing".to_owned(), thing(1).into());
            let depends_on = std::collections::BTreeSet::new();
            graph.add(Resource { address, kind, attributes, depends_on, protect: false, adopt: false });
        }
        graph.left_alone.insert(Address::block("thing", "a"), alone);
        let input = Input {
            graph: &graph,
            state: &state,
            world: &world,
            registry: &registry,
            adopt: &Adopt::Nothing,
            replace: &std::collections::BTreeSet::new(),
        };
        plan(&input).unwrap().0.remove(0)
    }

    /// The same of a thing of which these attributes are left alone.
    fn planned_leaving(live: Option<u8>, alone: &[&[&str]]) -> Change {
        let alone = alone.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect();
        planned_with(live, true, None, (None, alone))
    }

    #[test]
    fn what_an_interrupted_apply_has_left_is_not_told_as_somebody_elses() {
        let all = [IntentAction::Create, IntentAction::Replace, IntentAction::Delete];
        for (wanted, action) in [true, false].into_iter().flat_map(|wanted| all.map(|action| (wanted, action))) {
            let gone = planned(None, wanted, Some(action));
            let reason = gone.reason.clone().unwrap();
            assert!(reason.starts_with("an interrupted apply was about to"), "{reason}");
            assert!(!gone.is_missing(), "it is no drift");
            let half = planned(Some(0), wanted, Some(action));
            assert_eq!(half.drift, []);
            assert!(half.fields.iter().all(|field| !field.drifted), "{:?}", half.fields);
        }
    }

    #[test]
    fn an_update_that_was_interrupted_is_told_apart_from_what_somebody_else_has_changed() {
        for action in [IntentAction::Update, IntentAction::Rebind] {
            let half = planned_after(Some(2), true, Some(action), Some(2));
            assert_eq!(half.drift, [], "the apply may have left it");
            assert!(!half.fields[0].drifted);
            let foreign = planned_after(Some(3), true, Some(action), Some(2));
            assert_eq!(foreign.drift[0].path, "size", "neither before nor after the update");
            assert!(foreign.fields[0].drifted);
            let gone = planned_after(None, true, Some(action), Some(2));
            assert!(gone.is_missing(), "an update deletes nothing: {:?}", gone.reason);
        }
    }

    #[test]
    fn what_is_left_alone_is_wanted_as_it_is_and_is_no_drift() {
        let (mut change, left) = (planned(Some(2), true, None), planned_leaving(Some(2), &[&["size"]]));
        assert_eq!((change.action, change.drift.len()), (Action::Update, 1));
        assert_eq!((left.action, left.drift, left.fields), (Action::None, Vec::new(), Vec::new()));
        assert_eq!(left.after, Some(thing(2).into()), "what is remembered, sealed and compared is what is live");
        assert_eq!((&left.left_alone[0].live, &left.left_alone[0].spec), (&json!(2), &json!(1)));
        change = planned_leaving(None, &[&["size"]]);
        assert_eq!(
            (change.action, change.after),
            (Action::Create, Some(thing(1).into())),
            "a creation takes the spec's"
        );
        assert_eq!(change.left_alone, []);
    }

    #[test]
    fn what_somebody_else_has_done_is_told_as_that() {
        for wanted in [true, false] {
            assert!(planned(None, wanted, None).is_missing());
            assert_eq!(planned(Some(2), wanted, None).drift[0].path, "size");
        }
        assert!(planned(Some(2), true, None).fields[0].drifted);
    }
}
