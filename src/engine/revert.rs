//! What undoes drift: the state's own records as what is wanted, and of the changes towards that no more than drift.

use super::plan::Change;
use crate::model::graph::{Graph, Resource};
use crate::model::kind::Registry;
use crate::state::State;

/// What was last applied, as something to be wanted again. What an interrupted apply was at is not in it: that is no
/// drift, and the next apply goes on with it.
///
/// # Errors
/// When a record's attributes do not fit its kind.
pub fn last_applied(state: &State, registry: &Registry) -> Result<Graph, serde_json::Error> {
    let mut graph = Graph { outputs: state.outputs.clone(), ..Graph::default() };
    for (address, record) in &state.resources {
        if state.intents.contains_key(address) {
            continue;
        }
        let attributes = match registry.get(&record.kind) {
            Some(kind) => kind.canonical(&record.attributes)?.into(),
            None => record.attributes.clone(),
        };
        graph.add(Resource {
            address: address.clone(),
            kind: record.kind.clone(),
            attributes,
            depends_on: record.depends_on.iter().cloned().collect(),
            protect: record.protect,
            adopt: false,
        });
    }
    Ok(graph)
}

/// Whether a change towards [`last_applied`] undoes what somebody else has done: changed a resource, or deleted it. What
/// that leaves out is not wanted there, but is no drift to be undone by a deletion.
pub fn undoes_drift(change: &Change) -> bool {
    change.acts() && change.after.is_some() && (!change.drift.is_empty() || change.is_missing())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::engine::fake::{Cloud, registry};
    use crate::engine::plan::{Action, Adopt, Input, plan};
    use crate::engine::refresh::LiveResources;
    use crate::model::address::Address;
    use crate::model::kind::Live;
    use crate::model::scope::Scope;
    use crate::state::{Intent, IntentAction, Record};

    fn thing(name: &str, size: u8) -> serde_json::Value {
        json!({"name": name, "form": 0, "size": size, "needs": [], "tags": {}})
    }

    fn state(names: &[&str]) -> State {
        let mut state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
        for name in names {
            let record = Record {
                kind: "thing".to_owned(),
                key: (*name).to_owned(),
                attributes: thing(name, 1).into(),
                outputs: json!({}),
                depends_on: Vec::new(),
                protect: false,
            };
            state.resources.insert(Address::block("thing", name), record);
        }
        state
    }

    /// What is done to each thing to have it again as it was, the live ones being of these sizes.
    fn undone(state: &State, live: &[(&str, u8)]) -> BTreeMap<String, Action> {
        let registry = registry(&Arc::new(Mutex::new(Cloud::default())));
        let mut world = LiveResources::default();
        for (name, size) in live {
            let live = Live { attributes: thing(name, *size).into(), outputs: json!({}), unmodelled: Vec::new() };
            world.put("thing", name, Some(live));
        }
        let graph = last_applied(state, &registry).unwrap();
        let adopt = &Adopt::Nothing;
        let changes =
            plan(&Input { graph: &graph, state, world: &world, registry: &registry, adopt, replace: &BTreeSet::new() })
                .unwrap();
        let undoing = changes.0.iter().filter(|change| undoes_drift(change));
        undoing.map(|change| (change.address.to_string(), change.action)).collect()
    }

    #[test]
    fn what_was_changed_is_changed_back_and_what_was_deleted_is_made_again() {
        let undone = undone(&state(&["kept", "changed", "gone"]), &[("kept", 1), ("changed", 2)]);
        let expected = [("thing.changed", Action::Update), ("thing.gone", Action::Create)];
        assert_eq!(undone, expected.map(|(address, action)| (address.to_owned(), action)).into());
    }

    #[test]
    fn what_an_interrupted_apply_was_at_is_left_to_the_next() {
        let mut state = state(&["leaving"]);
        let intent = Intent {
            action: IntentAction::Delete,
            kind: "thing".to_owned(),
            key: "leaving".to_owned(),
            since: crate::engine::apply::now(),
            depends_on: Vec::new(),
            after: None,
        };
        state.intents.insert(Address::block("thing", "leaving"), intent);
        for live in [&[][..], &[("leaving", 1)], &[("leaving", 2)]] {
            assert_eq!(undone(&state, live), BTreeMap::new(), "{live:?}");
        }
    }
}
