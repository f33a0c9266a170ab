//! An API that asks for a key, on both emulators: who has the key is served, and nobody is told it.

use std::collections::BTreeSet;

use pipectl::model::kind::StepContext;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::e2e::life::is_destroyed;
use crate::support::cli::Output;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account};
use crate::support::witness::Recording;

fn deployment(account: Account) -> Deployment {
    Deployment::of("tests/files/partners", account)
}

#[tokio::test]
async fn an_api_with_a_key_serves_on_ministack_who_sends_it() {
    let _sends = Recording::of("api_keys::an_api_with_a_key_serves_on_ministack_who_sends_it");
    let (account, _in_use) = emulator::open_account().await;
    let mut partners = lives(deployment(account)).await;
    let id = output(&partners, "api.events.url").split(['/', '.']).nth(2).unwrap().to_owned();
    // Past the proxy, which knows AWS's own APIs alone.
    let url = format!("{}/_aws/execute-api/{id}/dev", emulator::ministack().account().endpoint());
    let command = ["send", "--via", "api", "--url", &url, "--json", "--events"];
    partners.cli = partners.cli.env("PIPECTL_LOG", "trace");
    let sent = partners.run(&[&command[..], &["20"]].concat());
    is_nowhere(&partners, std::slice::from_ref(&sent)).await;
    let sent = sent.success().json();
    assert_eq!((&sent["sent"], &sent["complete"]), (&json!(20), &json!(true)));
    // More than the quota of its key.
    let refused = partners.run(&[&command[..], &["11"]].concat()).fails(1);
    assert!(refused.stderr.contains("were rejected"), "{refused}");
    // Without its key nobody is served.
    let client = partners.aws().client(aws_sdk_apigateway::Client::new).await;
    client.delete_api_key().api_key(output(&partners, "api.events.key_id")).send().await.unwrap();
    let gone = partners.run(&[&command[..], &["1"]].concat()).fails(1);
    assert!(gone.stderr.contains("GetApiKey"), "{gone}");
    partners.run(&["apply", "--auto-approve"]).success();
    dies(partners).await;
}

#[tokio::test]
async fn an_api_with_a_key_lives_on_moto_and_what_others_change_is_repaired() {
    let partners = lives(deployment(emulator::moto().account())).await;
    // It keeps a quota that is changed as a text, and knows no tags but those of stages.
    changes(&partners, "api.events/key", &json!({ "description": "Theirs", "enabled": false })).await;
    let plan = json!({
        "description": "Theirs",
        "keys": [],
        "stages": [],
        "throttle": { "rate": 1, "burst": 2 },
    });
    changes(&partners, "api.events/usage-plan", &plan).await;
    dies(partners).await;
}

/// Deployed with everything logged; a second plan is empty.
async fn lives(mut partners: Deployment) -> Deployment {
    partners.run(&["validate"]).success();
    partners.cli = partners.cli.env("PIPECTL_LOG", "trace");
    let said = [
        partners.run(&["apply", "--auto-approve", "--approve-broadening"]).success(),
        partners.run(&["plan", "--json"]).success(),
        partners.run(&["output", "--json"]).success(),
        partners.run(&["state", "pull"]).success(),
        partners.run(&["status"]),
    ];
    is_nowhere(&partners, &said).await;
    partners.cli = partners.cli.env("PIPECTL_LOG", "off");
    assert_eq!(partners.changes(), BTreeSet::new());
    partners
}

fn output(partners: &Deployment, name: &str) -> String {
    partners.run(&["output", name]).success().stdout.trim().to_owned()
}

/// The value of the key, which AWS tells to who may ask, is in nothing that was printed or kept.
async fn is_nowhere(partners: &Deployment, said: &[Output]) {
    let id = output(partners, "api.events.key_id");
    let id = id.lines().last().unwrap();
    let data = pipectl::aws::data::AwsData::new(&partners.aws());
    let value = pipectl::model::data::DataPlane::api_key(&data, id).await.unwrap();
    let value = value.expose_secret();
    assert!(value.len() >= 20, "a value worth looking for");
    for output in said {
        assert!(output.stderr.contains("TRACE"), "it logs");
        assert!(!output.stdout.contains(value) && !output.stderr.contains(value), "printed");
    }
    let state = format!("{:?}", partners.state());
    assert!(state.contains(id) && !state.contains(value), "in the state");
}

/// Somebody changes attributes of a resource by hand: each is seen, and goes with the next apply.
async fn changes(partners: &Deployment, address: &str, attributes: &Value) {
    let registry = partners.registry();
    let at = address.parse().unwrap();
    let record = &partners.records()[&at];
    let kind = registry.get(&record.kind).unwrap();
    let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
    let mut want = Value::clone(&live);
    want.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let owner = partners.owner(&at);
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    kind.update(&live, &want, &step).await.unwrap();
    let seen: BTreeSet<String> =
        partners.changes().iter().map(|path| path.split('.').take(2).collect::<Vec<_>>().join(".")).collect();
    let expected = attributes.as_object().unwrap().keys().map(|name| format!("{address} {name}"));
    assert_eq!(seen, expected.collect());
    partners.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(partners.changes(), BTreeSet::new());
}

/// Nothing is left, not even what AWS has made up ids for.
async fn dies(partners: Deployment) {
    is_destroyed(&partners).await;
    let client = partners.aws().client(aws_sdk_apigateway::Client::new).await;
    assert_eq!(client.get_api_keys().send().await.unwrap().items().len(), 0);
    assert_eq!(client.get_usage_plans().send().await.unwrap().items().len(), 0);
    assert_eq!(client.get_rest_apis().send().await.unwrap().items().len(), 0);
}
