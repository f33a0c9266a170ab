//! Every kind of the registry on both emulators: made, read back equal, changed there and back, deleted twice.
//!
//! `PIPECTL_KINDS=iam_role,sns_topic cargo test --test it conformance` tries these alone.

mod adoption;
pub(crate) mod gaps;
pub(crate) mod needs;

use std::any::Any;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::error::Class;
use pipectl::model::kind::{Kind, Owner, StepContext};
use pipectl::model::unmodelled::Owned;
use serde_json::Value;

use crate::support::emulator::{self, Account, Emulator};
use crate::support::witness::{Recording, SOME_KINDS};
use gaps::Gaps;
use needs::Need;

/// How many kinds are tried at the same time. An emulator takes a while for a new account, and keeps all others waiting
/// meanwhile: with many more, on a machine that has other things to do, calls would be given up that have an effect later.
const AT_ONCE: usize = 8;

/// The account that the examples name; each kind is tried in another one.
const EXAMPLES_ACCOUNT: &str = "123456789012";

#[tokio::test]
async fn kinds_conform_on_ministack() {
    let _sends = Recording::of("conformance::kinds_conform_on_ministack");
    all_conform(emulator::ministack()).await;
}

#[tokio::test]
async fn kinds_conform_on_moto() {
    let _sends = Recording::of("conformance::kinds_conform_on_moto");
    all_conform(emulator::moto()).await;
}

/// Every kind lives and dies as AWS's do.
async fn all_conform(emulator: &'static Emulator) {
    let works = all(emulator, |_| true, conforms).await;
    assert!(works.is_empty(), "on {}, although the list of gaps says otherwise:\n{}", emulator.name, works.join("\n"));
}

/// Tries those kinds, each in an account of its own, and tells of every one that fails. Returns those that do not, although the
/// emulator cannot do them as a whole: what it gets wrong may not matter to what was tried.
async fn all<T: Future<Output = ()> + Send + 'static>(
    emulator: &'static Emulator,
    concerned: fn(&dyn Kind) -> bool,
    try_one: fn(&'static str, &'static Emulator) -> T,
) -> Vec<String> {
    let chosen = std::env::var(SOME_KINDS).ok();
    let chosen = |name: &str| chosen.as_deref().is_none_or(|chosen| chosen.split(',').any(|one| one == name));
    let registry = kinds::registry(&emulator.account().aws());
    for kind in gaps::kinds(emulator.name) {
        assert!(registry.get(kind).is_some(), "a gap of {} names no kind: {kind}", emulator.name);
    }
    let names = registry.iter().filter(|kind| concerned(*kind)).map(Kind::name).filter(|name| chosen(name));
    let tries = stream::iter(names.map(|name| async move { (name, tokio::spawn(try_one(name, emulator)).await) }));
    let (mut failures, mut works) = (Vec::new(), Vec::new());
    let mut outcomes = tries.buffer_unordered(AT_ONCE);
    while let Some((name, outcome)) = outcomes.next().await {
        let failure = outcome.err().map(|error| reason(&*error.into_panic()));
        match (failure, gaps::whole(emulator.name, name)) {
            (Some(failure), None) => failures.push(format!("{name}: {failure}")),
            (None, Some(because)) => works.push(format!("{name}: {because}")),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    assert!(failures.is_empty(), "on {}:\n{}", emulator.name, failures.join("\n"));
    works
}

/// The message of a panic.
fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

async fn conforms(name: &'static str, emulator: &'static Emulator) {
    let account = emulator.account();
    let registry = kinds::registry(&account.aws());
    let kind = registry.get(name).expect("it is in the registry");
    let examples = examples(kind, &account);
    let gaps = Gaps::of(emulator.name, name);
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let needs = Need::all(&registry, &examples, &account);
    for need in &needs {
        need.make(&step).await;
    }
    let example = |name: &str| kind.with_files(&examples[name]).unwrap_or_else(|error| panic!("[{name}]: {error}"));
    lives_and_dies(kind, &example("first"), &example("second"), &gaps, &step).await;
    for need in needs.iter().rev() {
        need.remove(&step).await;
    }
    gaps.all_seen();
}

/// The examples of a kind (`first`, `second` and, where there are any, `needs`), moved to `account`.
pub(crate) fn examples(kind: &dyn Kind, account: &Account) -> Value {
    let mut examples: Value = toml::from_str(&kind.examples().replace(EXAMPLES_ACCOUNT, &account.id)).unwrap();
    for name in ["first", "second"] {
        examples[name] = gaps::taken(account.emulator(), kind.name(), examples[name].take());
    }
    examples
}

async fn lives_and_dies(kind: &dyn Kind, first: &Value, second: &Value, gaps: &Gaps, step: &StepContext<'_>) {
    let key = kind.key(first).unwrap();
    assert_eq!(key, kind.key(second).unwrap(), "the examples' keys");
    assert_eq!(kind.read(&key, Some(first)).await.unwrap(), None, "exists before it was made");
    needs::create(kind, first, step).await;
    for want in [first, second, first] {
        let now = kind.read(&key, Some(want)).await.unwrap().expect("it was made");
        kind.update(&now.attributes, want, step).await.unwrap();
        reads_as(kind, &key, want, gaps).await;
    }
    // What it sees is tried elsewhere; here the witness sees what it asks.
    let live = kind.read(&key, Some(first)).await.unwrap().expect("it was made");
    kind.look_closer(&live.attributes, &Owned::default()).await;
    let twice = kind.create(first, step).await.expect_err("made twice");
    assert_eq!(twice.class, Class::InUse, "made twice: {twice}");
    kind.delete(&key, step).await.unwrap();
    kind.delete(&key, step).await.unwrap();
    assert_eq!(kind.read(&key, Some(first)).await.unwrap(), None, "exists after it was deleted");
}

async fn reads_as(kind: &dyn Kind, key: &str, want: &Value, gaps: &Gaps) {
    let live = kind.read(key, Some(want)).await.unwrap().expect("it was made");
    let attributes = gaps.fill(Arc::unwrap_or_clone(live.attributes), want);
    assert_eq!(serde_json::to_string_pretty(&attributes).unwrap(), serde_json::to_string_pretty(want).unwrap());
}
