//! Every kind that can exist without being ours, on both emulators: seen, compared field by field, taken over only where
//! that is asked for, marked as ours, and never taken from another environment that is not named.

use std::collections::BTreeSet;
use std::sync::Arc;

use pipectl::aws::kinds;
use pipectl::engine::apply::{Apply, Event};
use pipectl::engine::journal;
use pipectl::engine::plan::{Action, Adopt, Change, Changes, Input, plan};
use pipectl::engine::refresh::LiveResources;
use pipectl::engine::steps::steps;
use pipectl::model::address::Address;
use pipectl::model::diff::diff;
use pipectl::model::graph::{Graph, Resource};
use pipectl::model::kind::{BoxFuture, Kind, Live, Owner, Ownership, Registry, StepContext};
use pipectl::model::scope::Scope;
use pipectl::state::State;
use serde_json::{Value, json};

use super::gaps::Gaps;
use super::needs::{Need, create};
use super::{all, examples};
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn kinds_are_adopted_on_ministack() {
    all(emulator::ministack(), stands_alone, is_adopted).await;
}

#[tokio::test]
async fn kinds_are_adopted_on_moto() {
    all(emulator::moto(), stands_alone, is_adopted).await;
}

/// What is part of another resource, or says by its key whose it is, is never nobody's.
fn stands_alone(kind: &dyn Kind) -> bool {
    matches!(kind.ownership(), Ownership::Tags | Ownership::Unmarked)
}

async fn is_adopted(name: &'static str, emulator: &'static Emulator) {
    let account = emulator.account();
    let registry = kinds::registry(&account.aws());
    let kind = registry.get(name).expect("it is in the registry");
    let examples = examples(kind, &account);
    let owner = Owner { project: "theirs".into(), env: "live".into(), address: Address::block("kind", "theirs") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let needs = Need::all(&registry, &examples, &account);
    for need in &needs {
        need.make(&step).await;
    }
    let theirs = kind.with_files(&tagged(kind, &examples["second"], None)).unwrap();
    let wanted = kind.with_files(&tagged(kind, &examples["first"], Some("dev"))).unwrap();
    create(kind, &theirs, &step).await;
    let now = kind.read(&kind.key(&theirs).unwrap(), Some(&theirs)).await.unwrap().expect("it was made");
    kind.update(&now.attributes, &theirs, &step).await.unwrap();

    let mut trial = Trial::new(&registry, kind, emulator, wanted);
    let live = trial.read(&theirs).await;
    let offered = trial.plan(&live, &Adopt::Nothing, false);
    assert_eq!(offered.action, Action::Conflict, "{offered:?}");
    assert_eq!(offered.fields, diff(&live.attributes, &trial.wanted, kind.schema()), "every difference is shown");
    assert!(!offered.fields.is_empty());
    for asked in [trial.plan(&live, &Adopt::All, false), trial.plan(&live, &Adopt::Nothing, true)] {
        assert_eq!((asked.action, &asked.fields), (Action::Adopt, &offered.fields));
    }
    trial.apply(trial.plan(&live, &Adopt::All, false)).await;

    let live = trial.read(&trial.wanted.clone()).await;
    assert_eq!(*live.attributes, trial.wanted, "with the marks of whose it is");
    assert_eq!(trial.plan(&live, &Adopt::Nothing, true).action, Action::None, "`adopt = true` does no harm");
    if kind.ownership() == Ownership::Tags {
        trial.belongs_to_no_other(&live);
    }
    kind.delete(&kind.key(&trial.wanted).unwrap(), &step).await.unwrap();
    for need in needs.iter().rev() {
        need.remove(&step).await;
    }
}

/// An example whose tags say that it is nobody's, or `env`'s.
fn tagged(kind: &dyn Kind, example: &Value, env: Option<&str>) -> Value {
    let mut example = example.clone();
    if kind.ownership() == Ownership::Tags {
        let tags = example["tags"].as_object_mut().expect("the example of a kind with tags has some");
        tags.retain(|key, _| !key.starts_with("pipectl:"));
        if let Some(env) = env {
            tags.extend([("pipectl:project".to_owned(), json!("acme")), ("pipectl:env".to_owned(), json!(env))]);
        }
    }
    example
}

/// A spec that wants one resource, and what is remembered of it.
struct Trial<'a> {
    registry: &'a Registry,
    kind: &'a dyn Kind,
    emulator: &'a Emulator,
    wanted: Value,
    state: State,
}

impl<'a> Trial<'a> {
    fn new(registry: &'a Registry, kind: &'a dyn Kind, emulator: &'a Emulator, wanted: Value) -> Self {
        Self { registry, kind, emulator, wanted, state: of_env("dev") }
    }

    fn address() -> Address {
        Address::block("kind", "wanted")
    }

    /// What exists, with what the emulator loses of it.
    async fn read(&self, written: &Value) -> Live {
        let key = self.kind.key(&self.wanted).unwrap();
        let live = self.kind.read(&key, Some(&self.wanted)).await.unwrap().expect("it exists");
        let gaps = Gaps::of(self.emulator.name, self.kind.name());
        Live { attributes: gaps.fill(Arc::unwrap_or_clone(live.attributes), written).into(), ..live }
    }

    /// The change of the resource, by the command line's and the spec's leave to adopt.
    fn plan(&self, live: &Live, asked: &Adopt, adopt: bool) -> Change {
        let mut graph = Graph::default();
        graph.add(Resource {
            address: Self::address(),
            kind: self.kind.name().to_owned(),
            attributes: self.wanted.clone().into(),
            depends_on: BTreeSet::new(),
            protect: false,
            adopt,
        });
        let mut world = LiveResources::default();
        world.put(self.kind.name(), &self.kind.key(&self.wanted).unwrap(), Some(live.clone()));
        let input = Input {
            graph: &graph,
            state: &self.state,
            world: &world,
            registry: self.registry,
            adopt: asked,
            replace: &BTreeSet::new(),
        };
        plan(&input).unwrap().0.remove(0)
    }

    async fn apply(&mut self, change: Change) {
        let changes = Changes(vec![change]);
        let begun = self.state.clone();
        let settled = std::sync::Mutex::new(Vec::new());
        let observe = |event| {
            if let Event::Done { settled: one, .. } = event {
                settled.lock().unwrap().push(one);
            }
        };
        let admit = || Box::pin(std::future::ready(true)) as BoxFuture<'_, bool>;
        let apply = Apply { registry: self.registry, state: &begun, empty: false, observe: &observe, admit: &admit };
        let outcome = apply.run(&steps(&changes).unwrap(), std::future::pending()).await;
        assert!(outcome.complete(), "{:?}", outcome.failed);
        for one in settled.into_inner().unwrap() {
            journal::settle(&mut self.state, one);
        }
    }

    /// Another environment gets what is this one's only by its very address.
    fn belongs_to_no_other(&mut self, live: &Live) {
        self.state = of_env("other");
        for (asked, adopt) in [(Adopt::Nothing, false), (Adopt::Nothing, true), (Adopt::All, true)] {
            let change = self.plan(live, &asked, adopt);
            let reason = change.reason.unwrap();
            assert_eq!(change.action, Action::Conflict, "{asked:?}: {reason}");
            assert!(reason.contains("belongs to environment `dev` of project `acme`"), "{reason}");
        }
        let named = Adopt::Only(BTreeSet::from([Self::address()]));
        assert_eq!(self.plan(live, &named, false).action, Action::Adopt);
    }
}

fn of_env(env: &str) -> State {
    State::empty("acme", env, Scope::new("123456789012", "us-east-1"))
}
