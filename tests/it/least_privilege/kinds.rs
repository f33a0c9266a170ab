//! What each kind says that its calls need is enough for its whole life, and least: without any one of its actions a
//! call is denied, and the denial names that action.

use std::collections::BTreeSet;

use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::graph::{Graph, Resource};
use pipectl::model::kind::{Kind, Owner, Registry, StepContext};
use pipectl::model::scope::Scope;
use pipectl::ops::deploy_policy::{Subject, policies};
use serde_json::Value;

use super::document::{actions, on_everything, without};
use super::gaps::{self, ELSEWHERE, MISNAMED, UNCHECKED};
use super::trial::{Trial, more};
use crate::conformance::examples;
use crate::conformance::gaps::whole;
use crate::conformance::needs::Need;
use crate::support::emulator;

/// The user whose policies they are.
const USER: &str = "ci";

#[tokio::test]
async fn what_every_kind_says_it_needs_is_enough_and_least() {
    let registry = kinds::registry(&emulator::ministack().account().aws());
    // Of what MiniStack cannot do at all, nothing can be tried.
    let known = registry.iter().map(Kind::name).filter(|name| whole("MiniStack", name).is_none());
    let tries: Vec<_> = known.map(|name| (name, tokio::spawn(tried(name)))).collect();
    let (mut faults, mut elsewhere, mut unchecked) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (name, tried) in tries {
        let found = tried.await.unwrap();
        if MISNAMED.iter().any(|(kind, _)| *kind == name) {
            assert!(!found.faults.is_empty(), "{name}: its calls are checked as they should be");
            continue;
        }
        faults.extend(found.faults.into_iter().map(|fault| format!("{name}: {fault}")));
        elsewhere.extend(found.elsewhere);
        unchecked.extend(found.unchecked);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(elsewhere, gaps::actions(ELSEWHERE), "checked on another resource, as the list says");
    assert_eq!(unchecked, gaps::actions(UNCHECKED), "not checked, as the list says");
}

/// What became of one kind.
#[derive(Default)]
struct Found {
    faults: Vec<String>,
    /// Actions that were denied although the policy allows them on the right resource.
    elsewhere: BTreeSet<String>,
    /// Actions that nobody missed.
    unchecked: BTreeSet<String>,
}

async fn tried(name: &'static str) -> Found {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let root = kinds::registry(&account.aws());
    let table = examples(root.get(name).unwrap(), &account);
    let needs = Need::all(&root, &table, &account);
    for need in &needs {
        need.make(&step(&owner())).await;
    }
    let examples = all_examples(root.get(name).unwrap(), &table);
    let exact = documents(&root, name, &examples, &Scope::new(&account.id, account.region));
    let user = account.as_user(USER, &exact).await;
    let as_user = kinds::registry(&user.aws());
    let trial = Trial::new(&account, name, &root, &as_user, &examples);

    let mut found = Found::default();
    let whole = loop {
        let wider = on_everything(&exact, &found.elsewhere);
        account.give(USER, &wider).await;
        let denied = trial.live().await;
        if denied.is_subset(&found.elsewhere) {
            found.faults.extend(denied.into_iter().map(|action| format!("{action} is denied with all it asks for")));
            break wider;
        }
        found.elsewhere.extend(denied);
    };
    let called = proxy.calls().by_operation().into_keys().filter(|call| call.starts_with("cloudwatch:"));
    let granted = actions(&whole).into_iter().filter(|action| action.starts_with("cloudwatch:"));
    assert_eq!(called.collect::<BTreeSet<_>>(), granted.collect(), "{name}: CloudWatch's calls are its actions");
    for action in actions(&whole) {
        account.give(USER, &without(&whole, &action)).await;
        let mut denied = trial.live().await;
        if !denied.remove(&action) {
            found.unchecked.insert(action.clone());
        }
        found.faults.extend(denied.into_iter().map(|other| format!("{other} is denied without {action}")));
    }
    found
}

/// `first`, `second` and what they leave out. Without paths: MiniStack leaves them out of the ARNs that it checks.
fn all_examples(kind: &dyn Kind, table: &Value) -> Vec<Value> {
    let whole = |which: &str| {
        let mut attributes = kind.with_files(&table[which]).unwrap();
        if let Some(path) = attributes.get_mut("path") {
            *path = "/".into();
        }
        attributes
    };
    let first = whole("first");
    let patched = |patch: Value| {
        let mut attributes = first.clone();
        let patch = patch.as_object().cloned().unwrap();
        attributes.as_object_mut().unwrap().extend(patch);
        kind.with_files(&attributes).unwrap()
    };
    let more = more(kind.name()).into_iter().map(patched);
    [first.clone(), whole("second")].into_iter().chain(more).collect()
}

/// The apply policy for a resource that may have any of these attributes.
fn documents(registry: &Registry, name: &str, examples: &[Value], scope: &Scope) -> Vec<Value> {
    let mut graph = Graph::default();
    for (number, attributes) in examples.iter().enumerate() {
        graph.add(Resource {
            address: Address::block("kind", &format!("example-{number}")),
            kind: name.to_owned(),
            attributes: attributes.clone().into(),
            depends_on: BTreeSet::new(),
            protect: false,
            adopt: false,
        });
    }
    let (project, env) = ("acme", "test");
    let subject =
        Subject { registry, graph: &graph, scope, project, env, state: None, boundary: None, by_prefix: false };
    // Which is no kind's.
    without(&policies(&subject).unwrap().apply, "cloudtrail:LookupEvents")
}

fn owner() -> Owner {
    Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "needs") }
}

fn step(owner: &Owner) -> StepContext<'_> {
    StepContext { owner, since: None, empty: true, seen: None, note: &|_| {} }
}
