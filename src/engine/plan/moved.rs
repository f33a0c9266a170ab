//! Blocks that the spec says have got another name.

use super::Input;
use crate::model::address::Address;
use crate::model::graph::Resource;

/// The address under which the state remembers a resource whose block has got another name. Once that is applied there is none,
/// and the entry in the spec says nothing any more.
pub(super) fn remembered<'a>(input: &Input<'a>, resource: &Resource) -> Option<&'a Address> {
    let old = input.graph.moved_from(&resource.address)?;
    let (address, record) = input.state.resources.get_key_value(&old)?;
    (record.kind == resource.kind && !input.graph.resources.contains_key(&old)).then_some(address)
}

/// Why a resource cannot be the one of its block's old name: there are two, or its name in AWS would be another.
pub(super) fn contested(input: &Input<'_>, resource: &Resource, key: &str) -> Option<String> {
    let old = remembered(input, resource)?;
    let (record, new) = (&input.state.resources[old], &resource.address);
    if input.state.resources.contains_key(new) {
        return Some(format!(
            "`moved` says that `{old}` is `{new}` now, and both exist: without that entry the plan deletes `{old}`; to keep \
             that one, `pipectl forget --env ENV {new}` first, which leaves what it is in AWS behind"
        ));
    }
    (record.key != key).then(|| {
        format!(
            "`moved` says that `{old}` is `{new}` now, and its name in AWS would become `{key}` in place of `{}`: keep that \
             name, and change it in a plan of its own, which replaces it",
            record.key
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use crate::engine::fake::{Cloud, registry};
    use crate::engine::journal::begin;
    use crate::engine::plan::{Action, Adopt, Change, Changes, Input, plan};
    use crate::engine::refresh::LiveResources;
    use crate::model::address::Address;
    use crate::model::graph::{Graph, Resource};
    use crate::model::kind::Live;
    use crate::model::scope::Scope;
    use crate::state::{Intent, IntentAction, Record, State};

    fn thing(name: &str) -> serde_json::Value {
        json!({"name": name, "form": 0, "size": 1, "needs": [], "tags": {"pipectl:project": "acme", "pipectl:env": "dev"}})
    }

    /// The state that remembers these blocks, each by its name in the cloud.
    fn state(blocks: &[(&str, &str)]) -> State {
        let mut state = State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1"));
        for (block, name) in blocks {
            let (kind, key) = ("thing".to_owned(), (*name).to_owned());
            let (attributes, outputs) = (thing(name).into(), json!({}));
            let record = Record { kind, key, attributes, outputs, depends_on: Vec::new(), protect: false };
            state.resources.insert(Address::block("thing", block), record);
        }
        state
    }

    fn intent(action: IntentAction, name: &str) -> Intent {
        let (kind, key, since) = ("thing".to_owned(), name.to_owned(), crate::engine::apply::now());
        Intent { action, kind, key, since, depends_on: Vec::new(), after: None }
    }

    /// What is planned of `[thing.new]`, which is called so in the cloud and was `[thing.old]`; these things live.
    fn planned(state: &State, name: &str, living: &[&str]) -> Changes {
        let registry = registry(&Arc::new(Mutex::new(Cloud::default())));
        let mut world = LiveResources::default();
        for name in living {
            let live = Live { attributes: thing(name).into(), outputs: json!({}), unmodelled: Vec::new() };
            world.put("thing", name, Some(live));
        }
        let (address, kind, attributes) = (Address::block("thing", "new"), "thing".to_owned(), thing(name).into());
        let mut graph = Graph::default();
        graph.moved.insert(address.clone(), Address::block("thing", "old"));
        graph.add(Resource { address, kind, attributes, depends_on: BTreeSet::new(), protect: false, adopt: false });
        let adopt = &Adopt::Nothing;
        plan(&Input { graph: &graph, state, world: &world, registry: &registry, adopt, replace: &BTreeSet::new() })
            .unwrap()
    }

    fn told(changes: &Changes) -> Vec<(String, Action)> {
        changes.0.iter().map(|change| (change.address.to_string(), change.action)).collect()
    }

    fn only(changes: &Changes) -> &Change {
        let [change] = &changes.0[..] else { panic!("{:?}", told(changes)) };
        change
    }

    #[test]
    fn what_has_moved_is_renamed_and_then_the_entry_says_nothing() {
        let before = planned(&state(&[("old", "a")]), "a", &["a"]);
        let change = only(&before);
        assert_eq!(
            (change.action, change.previous_address.as_ref()),
            (Action::Rename, Some(&Address::block("thing", "old")))
        );
        let after = planned(&state(&[("new", "a")]), "a", &["a"]);
        assert_eq!((only(&after).action, &only(&after).previous_address), (Action::None, &None));
        assert_eq!(only(&planned(&state(&[]), "a", &[])).action, Action::Create, "nothing was applied yet");
    }

    #[test]
    fn nothing_is_lost_where_it_would_be_another_resource_or_there_are_two() {
        let renamed = planned(&state(&[("old", "a")]), "b", &["a"]);
        assert_eq!(only(&renamed).action, Action::Conflict);
        let reason = only(&renamed).reason.as_deref().unwrap();
        assert!(reason.contains("would become `b` in place of `a`"), "{reason}");
        let both = planned(&state(&[("old", "a"), ("new", "b")]), "b", &["a", "b"]);
        assert_eq!(only(&both).action, Action::Conflict, "and the old one is not deleted");
        let reason = only(&both).reason.as_deref().unwrap();
        assert!(reason.contains("both exist") && reason.contains("pipectl forget --env ENV thing.new"), "{reason}");
    }

    #[test]
    fn what_an_interrupted_apply_has_begun_goes_on_under_the_new_address() {
        let mut state = state(&[("old", "a")]);
        state.intents.insert(Address::block("thing", "old"), intent(IntentAction::Update, "a"));
        let changes = planned(&state, "a", &["a"]);
        begin(&mut state, &changes, crate::engine::apply::now());
        assert_eq!(state.intents.keys().collect::<Vec<_>>(), [&Address::block("thing", "new")]);
        assert_eq!(told(&planned(&state, "a", &["a"])), [("thing.new".to_owned(), Action::None)]);
    }

    #[test]
    fn what_an_interrupted_apply_has_made_is_not_deleted_under_its_old_address() {
        let mut state = state(&[]);
        state.intents.insert(Address::block("thing", "old"), intent(IntentAction::Create, "a"));
        assert_eq!(told(&planned(&state, "a", &["a"])), [("thing.new".to_owned(), Action::Adopt)]);
        assert_eq!(told(&planned(&state, "a", &[])), [("thing.new".to_owned(), Action::Create)]);
    }
}
