//! What must hold for any spec, any world and any misfortune, tried on the cloud in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::json;

use super::apply::{Apply, Event, Outcome, now};
use super::fake::{Cloud, registry};
use super::journal;
use super::plan::{Action, Adopt, Changes, Input, plan};
use super::refresh::{LiveResources, Target, refresh};
use super::steps::steps;
use crate::model::address::Address;
use crate::model::graph::{Graph, Resource};
use crate::model::kind::{BoxFuture, Registry};
use crate::model::scope::Scope;
use crate::state::{State, file};

/// A thing of a wanted graph: its name's generation (a new one replaces under a new key), its form (replaces under
/// the same key), its size, and which earlier things it needs.
type Wanted = (u8, u8, u8, BTreeSet<usize>);

fn graph(things: &BTreeMap<usize, Wanted>) -> Graph {
    let mut graph = Graph::default();
    let address = |number: usize| Address::block("thing", &format!("t{number}"));
    for (number, (generation, form, size, needs)) in things {
        let needs: Vec<&usize> = needs.iter().filter(|need| things.contains_key(need)).collect();
        let names: Vec<String> = needs.iter().map(|need| format!("n{need}-{}", things[*need].0)).collect();
        let tags = json!({"pipectl:project": "acme", "pipectl:env": "dev"});
        graph.add(Resource {
            address: address(*number),
            kind: "thing".into(),
            attributes: json!({"name": format!("n{number}-{generation}"), "form": form, "size": size, "needs": names, "tags": tags}).into(),
            depends_on: needs.into_iter().map(|need| address(*need)).collect(),
            protect: false,
            adopt: false,
        });
    }
    graph
}

fn wanted() -> impl Strategy<Value = BTreeMap<usize, Wanted>> {
    prop::collection::btree_map(
        0..6_usize,
        (0..2_u8, 0..2_u8, 1..3_u8, prop::collection::btree_set(0..6_usize, 0..3)),
        0..6,
    )
    .prop_map(|things| {
        // A thing needs only earlier ones: no rings.
        things
            .into_iter()
            .map(|(n, (a, b, c, needs))| (n, (a, b, c, needs.into_iter().filter(|m| *m < n).collect())))
            .collect()
    })
}

struct TestCloud {
    cloud: Arc<Mutex<Cloud>>,
    registry: Registry,
    state: Mutex<State>,
}

impl TestCloud {
    fn new() -> Self {
        let cloud = Arc::new(Mutex::new(Cloud::default()));
        let registry = registry(&cloud);
        let state = Mutex::new(State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1")));
        Self { cloud, registry, state }
    }

    fn state(&self) -> State {
        self.state.lock().unwrap().clone()
    }

    async fn plan(&self, graph: &Graph) -> Changes {
        let state = self.state();
        let mut targets = Vec::new();
        for resource in graph.resources.values() {
            let key = resource.attributes["name"].as_str().unwrap().to_owned();
            targets.push(Target { address: &resource.address, kind: "thing", key, hint: None });
        }
        for (address, record) in &state.resources {
            targets.push(Target { address, kind: "thing", key: record.key.clone(), hint: None });
        }
        for (address, intent) in &state.intents {
            targets.push(Target { address, kind: "thing", key: intent.key.clone(), hint: None });
        }
        let world: LiveResources = refresh(&self.registry, targets).await.unwrap();
        let input = Input {
            graph,
            state: &state,
            world: &world,
            registry: &self.registry,
            adopt: &Adopt::Nothing,
            replace: &BTreeSet::new(),
        };
        plan(&input).unwrap()
    }

    /// Applies; once the client is dead, nothing reaches the state any more.
    async fn apply(&self, changes: &Changes) -> Outcome {
        let before = self.state();
        journal::begin(&mut self.state.lock().unwrap(), changes, now());
        file::verify(&self.state()).unwrap();
        let observe = |event| {
            if let Event::Done { settled, .. } = event
                && !self.cloud.lock().unwrap().dead()
            {
                journal::settle(&mut self.state.lock().unwrap(), settled);
                file::verify(&self.state()).unwrap();
            }
        };
        let admit = || Box::pin(std::future::ready(true)) as BoxFuture<'_, bool>;
        let apply = Apply { registry: &self.registry, state: &before, empty: false, observe: &observe, admit: &admit };
        apply.run(&steps(changes).unwrap(), std::future::pending()).await
    }

    async fn converge(&self, graph: &Graph) {
        let changes = self.plan(graph).await;
        let outcome = self.apply(&changes).await;
        assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
        let again = self.plan(graph).await;
        assert!(!again.any(), "the plan after an apply is not empty: {again:?}");
        assert!(self.state().intents.is_empty(), "intents are left");
        let things: BTreeSet<String> = self.cloud.lock().unwrap().things.keys().cloned().collect();
        let want: BTreeSet<String> =
            graph.resources.values().map(|r| r.attributes["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(things, want, "what exists is not what is wanted");
        let torn = std::mem::take(&mut self.cloud.lock().unwrap().torn);
        // What is replaced under its name is missed for a moment by what needs it.
        assert!(torn.iter().all(|name| want.contains(name)), "deleted while they were needed: {torn:?}");
        assert_eq!(self.state().resources.len(), want.len());
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_plan_after_an_apply_is_empty(first in wanted(), second in wanted()) {
        run(async {
            let site = TestCloud::new();
            site.converge(&graph(&first)).await;
            site.converge(&graph(&second)).await;
            site.converge(&Graph::default()).await;
        });
    }

    #[test]
    fn whatever_call_a_crash_hits_the_next_apply_converges(
        first in wanted(), second in wanted(), at in 0..20_usize, takes_effect: bool,
    ) {
        run(async {
            let site = TestCloud::new();
            site.converge(&graph(&first)).await;
            let calls = site.cloud.lock().unwrap().calls;
            let changes = site.plan(&graph(&second)).await;
            site.cloud.lock().unwrap().dies = Some((calls + at, takes_effect));
            site.apply(&changes).await;
            site.cloud.lock().unwrap().dies = None;
            site.converge(&graph(&second)).await;
        });
    }

    #[test]
    fn after_a_crash_a_destruction_leaves_nothing(first in wanted(), at in 0..12_usize, takes_effect: bool) {
        run(async {
            let site = TestCloud::new();
            let changes = site.plan(&graph(&first)).await;
            site.cloud.lock().unwrap().dies = Some((at, takes_effect));
            site.apply(&changes).await;
            site.cloud.lock().unwrap().dies = None;
            site.converge(&Graph::default()).await;
        });
    }

    #[test]
    fn a_failed_call_stops_only_what_needs_it(first in wanted(), at in 0..12_usize, takes_effect: bool) {
        run(async {
            let site = TestCloud::new();
            let changes = site.plan(&graph(&first)).await;
            site.cloud.lock().unwrap().fails = Some((at, takes_effect));
            let outcome = site.apply(&changes).await;
            assert_eq!(outcome.done.len() + outcome.failed.len() + outcome.skipped.len(), first.len());
            for (failed, _) in &outcome.failed {
                for change in changes.0.iter().filter(|change| outcome.skipped.contains(&change.address)) {
                    assert!(!change.depends_on.is_empty() && &change.address != failed);
                }
            }
            site.cloud.lock().unwrap().fails = None;
            site.converge(&graph(&first)).await;
        });
    }

    #[test]
    fn nothing_is_made_before_what_it_needs_nor_deleted_before_what_needs_it(first in wanted(), second in wanted()) {
        run(async {
            let site = TestCloud::new();
            site.converge(&graph(&first)).await;
            let (before, after) = (graph(&first), graph(&second));
            let from = site.cloud.lock().unwrap().log.len();
            site.converge(&after).await;
            let log = site.cloud.lock().unwrap().log[from..].to_vec();
            let place = |entry: String| log.iter().position(|done| done == &entry);
            let name = |graph: &Graph, address: &Address| {
                graph.resources.get(address).map(|r| r.attributes["name"].as_str().unwrap().to_owned())
            };
            for resource in after.resources.values() {
                let own = name(&after, &resource.address).unwrap();
                for need in resource.depends_on.iter().filter_map(|need| name(&after, need)) {
                    if let (Some(own), Some(need)) = (place(format!("create {own}")), place(format!("create {need}"))) {
                        assert!(need < own, "{log:?}");
                    }
                }
            }
            for resource in before.resources.values().filter(|r| !after.resources.contains_key(&r.address)) {
                let own = name(&before, &resource.address).unwrap();
                let gone = resource.depends_on.iter().filter(|need| !after.resources.contains_key(need));
                for need in gone.filter_map(|need| name(&before, need)) {
                    let (own, need) = (place(format!("delete {own}")), place(format!("delete {need}")));
                    if let (Some(own), Some(need)) = (own, need) {
                        assert!(own < need, "{log:?}");
                    }
                }
            }
        });
    }

    #[test]
    fn the_same_input_gives_the_same_plan(first in wanted(), second in wanted()) {
        run(async {
            let site = TestCloud::new();
            site.converge(&graph(&first)).await;
            assert_eq!(site.plan(&graph(&second)).await, site.plan(&graph(&second)).await);
        });
    }
}

fn one(size: u8) -> BTreeMap<usize, Wanted> {
    BTreeMap::from([(0, (0, 0, size, BTreeSet::new()))])
}

#[test]
fn what_somebody_else_changed_is_told_from_what_the_spec_changes() {
    run(async {
        let site = TestCloud::new();
        site.converge(&graph(&one(1))).await;
        site.cloud.lock().unwrap().things.get_mut("n0-0").unwrap()["size"] = json!(9);
        let changes = site.plan(&graph(&one(1))).await;
        assert_eq!(changes.0[0].action, Action::Update);
        assert!(changes.0[0].fields[0].drifted);
        assert_eq!((&changes.0[0].drift[0].before, &changes.0[0].drift[0].after), (&json!(1), &json!(9)));
        site.converge(&graph(&one(1))).await;
        let changes = site.plan(&graph(&one(2))).await;
        assert!(!changes.0[0].fields[0].drifted);
    });
}

#[test]
fn what_exists_and_is_not_ours_is_a_conflict_until_adoption_is_asked_for() {
    run(async {
        let site = TestCloud::new();
        let foreign = json!({"name": "n0-0", "form": 0, "size": 1, "tags": {}});
        site.cloud.lock().unwrap().things.insert("n0-0".into(), foreign);
        let mut wanted = graph(&one(1));
        assert_eq!(site.plan(&wanted).await.0[0].action, Action::Conflict);
        wanted.resources.values_mut().for_each(|resource| resource.adopt = true);
        assert_eq!(site.plan(&wanted).await.0[0].action, Action::Adopt);
        site.converge(&wanted).await;
    });
}

#[test]
fn what_would_have_to_be_replaced_is_not_adopted() {
    run(async {
        let site = TestCloud::new();
        let mut wanted = graph(&one(1));
        wanted.resources.values_mut().for_each(|resource| resource.adopt = true);
        let exists = |tags| json!({"name": "n0-0", "form": 9, "size": 1, "tags": tags});
        let put = |tags| site.cloud.lock().unwrap().things.insert("n0-0".into(), exists(tags));
        put(json!({}));
        let change = site.plan(&wanted).await.0.remove(0);
        assert_eq!(change.action, Action::Conflict);
        assert!(change.reason.unwrap().contains("differs in form, which cannot be changed in place"));

        // What is ours by its tags is, as after the loss of a state; unless it is protected.
        put(json!({"pipectl:project": "acme", "pipectl:env": "dev"}));
        let changes = site.plan(&wanted).await;
        assert_eq!((changes.0[0].action, changes.refusals(&site.state()).len()), (Action::Replace, 0));
        wanted.resources.values_mut().for_each(|resource| resource.protect = true);
        assert_eq!(site.plan(&wanted).await.refusals(&site.state()).len(), 1);
    });
}

#[test]
fn a_renamed_block_keeps_its_resource() {
    run(async {
        let site = TestCloud::new();
        site.converge(&graph(&one(1))).await;
        let mut wanted = graph(&one(1));
        let (_, mut resource) = wanted.resources.pop_first().unwrap();
        resource.address = Address::block("thing", "renamed");
        wanted.add(resource);
        let changes = site.plan(&wanted).await;
        assert_eq!(changes.0.iter().map(|change| change.action).collect::<Vec<_>>(), [Action::Rename]);
        site.converge(&wanted).await;
        assert_eq!(site.cloud.lock().unwrap().log.iter().filter(|call| call.starts_with("delete")).count(), 0);
    });
}

#[test]
fn what_was_deleted_outside_is_made_again_or_forgotten() {
    run(async {
        let site = TestCloud::new();
        site.converge(&graph(&one(1))).await;
        site.cloud.lock().unwrap().things.clear();
        assert_eq!(site.plan(&graph(&one(1))).await.0[0].action, Action::Create);
        assert_eq!(site.plan(&Graph::default()).await.0[0].action, Action::Forget);
        site.converge(&graph(&one(1))).await;
        site.cloud.lock().unwrap().things.clear();
        site.cloud.lock().unwrap().log.clear();
        site.converge(&Graph::default()).await;
        assert_eq!(site.cloud.lock().unwrap().log, ["delete n0-0"], "for what it may have left behind");
    });
}

#[test]
fn what_is_deleted_goes_before_what_it_needed_is_replaced_in_place() {
    run(async {
        let site = TestCloud::new();
        let needed = (0, 0, 1, BTreeSet::new());
        site.converge(&graph(&BTreeMap::from([(0, needed), (1, (0, 0, 1, BTreeSet::from([0])))]))).await;
        site.cloud.lock().unwrap().log.clear();
        site.converge(&graph(&BTreeMap::from([(0, (0, 1, 1, BTreeSet::new()))]))).await;
        assert_eq!(site.cloud.lock().unwrap().log[..3], ["delete n1-0", "delete n0-0", "create n0-0"]);
    });
}

#[test]
fn protection_is_enforced_from_the_state() {
    run(async {
        let site = TestCloud::new();
        let mut wanted = graph(&one(1));
        wanted.resources.values_mut().for_each(|resource| resource.protect = true);
        site.converge(&wanted).await;
        let changes = site.plan(&Graph::default()).await;
        assert_eq!(changes.refusals(&site.state()).len(), 1);
    });
}
