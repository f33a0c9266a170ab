//! Every kind of the registry against an emulator: made, read back equal, changed there and back, deleted twice.

use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::engine::address::Address;
use pipectl::engine::kind::{Kind, Owner, Step};
use serde_json::Value;

/// The example `name` of a kind, in canonical form.
fn example(kind: &dyn Kind, name: &str) -> Value {
    let examples: Value = toml::from_str(kind.examples()).unwrap_or_else(|error| panic!("{}: {error}", kind.name()));
    kind.canonical(&examples[name]).unwrap_or_else(|error| panic!("{} {name}: {error}", kind.name()))
}

async fn reads_as(kind: &dyn Kind, want: &Value) {
    let live = kind.read(&kind.key(want).unwrap(), Some(want)).await.unwrap();
    let live = live.unwrap_or_else(|| panic!("{}: gone after it was made", kind.name()));
    assert_eq!(serde_json::to_string_pretty(&live.attributes).unwrap(), serde_json::to_string_pretty(want).unwrap());
}

async fn conforms(kind: &dyn Kind) {
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = Step { owner: &owner, since: None, empty: true, note: &|_| {} };
    let (first, second) = (example(kind, "first"), example(kind, "second"));
    let key = kind.key(&first).unwrap();
    assert_eq!(key, kind.key(&second).unwrap(), "{}: the examples' keys", kind.name());
    assert_eq!(kind.read(&key, Some(&first)).await.unwrap(), None, "{}: exists before it was made", kind.name());
    kind.create(&first, &step).await.unwrap();
    for want in [&first, &second, &first] {
        let now = kind.read(&key, Some(want)).await.unwrap().expect("it was made");
        kind.update(&now.attributes, want, &step).await.unwrap();
        reads_as(kind, want).await;
    }
    assert!(kind.create(&first, &step).await.is_err(), "{}: made twice", kind.name());
    kind.delete(&key, &step).await.unwrap();
    kind.delete(&key, &step).await.unwrap();
    assert_eq!(kind.read(&key, Some(&first)).await.unwrap(), None, "{}: exists after it was deleted", kind.name());
}

/// Runs against the endpoint in `AWS_ENDPOINT_URL`, for the kinds named in `PIPECTL_KINDS` (all, without it).
#[tokio::test]
#[ignore = "needs an emulator: set AWS_ENDPOINT_URL"]
async fn kinds_conform() {
    let registry = kinds::registry(&Arc::new(Aws::new(Some("us-east-1".into()))));
    let chosen = std::env::var("PIPECTL_KINDS").ok();
    for kind in registry.iter() {
        if chosen.as_deref().is_none_or(|chosen| chosen.split(',').any(|name| name == kind.name())) {
            println!("{}", kind.name());
            conforms(kind).await;
        }
    }
}
