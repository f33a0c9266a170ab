//! An API that asks for a key, on both emulators: who has the key is served, and nobody is told it.

use std::collections::BTreeSet;

use pipectl::aws::kinds;
use pipectl::engine::kind::{Owner, Step};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::cli::Output;
use crate::support::emulator::{self, Account};
use crate::support::example::Example;

/// The one account of MiniStack whose APIs are open to whoever does not sign; in this region no other test has any.
const OPEN: &str = "000000000000";
const REGION: &str = "eu-central-1";
const PROJECT: &str = "acme-partners";
const SPEC: &str = r#"
[project]
name = "acme-partners"
[env]
name = "dev"
region = "eu-central-1"
[api.events]
routes = { "POST /events" = "function.take", "GET /health" = "function.take" }
cors = { origin = "https://shop.example.com" }
tracing = false
[api.events.key]
routes = ["POST /events"]
throttle = { rate = 50, burst = 60 }
quota = { limit = 30, per = "week" }
[function.take]
code = "functions/take"
runtime = "python3.13"
handler = "app.handler"
tracing = false
"#;
const CODE: &str = r#"
def handler(event, context):
    return {"statusCode": 202, "body": "taken"}
"#;

fn project(account: Account) -> Example {
    let mut example = Example::written(account, |cli| {
        cli.write("envs/dev.toml", SPEC);
        cli.write("functions/take/app.py", CODE);
    });
    example.account = example.account.in_region(REGION);
    example
}

#[tokio::test]
async fn an_api_with_a_key_serves_on_ministack_who_sends_it() {
    let mut example = lives(project(emulator::ministack().account_of(OPEN))).await;
    let id = output(&example, "api.events.url").split(['/', '.']).nth(2).unwrap().to_owned();
    // Past the proxy, which knows AWS's own APIs alone.
    let url = format!("{}/_aws/execute-api/{id}/dev", emulator::ministack().account().endpoint());
    let command = ["send", "--via", "api", "--url", &url, "--json", "--events"];
    example.cli = example.cli.env("PIPECTL_LOG", "trace");
    let sent = example.run(&[&command[..], &["20"]].concat());
    is_nowhere(&example, std::slice::from_ref(&sent)).await;
    let sent = sent.success().json();
    assert_eq!((&sent["sent"], &sent["complete"]), (&json!(20), &json!(true)));
    // More than the quota of its key.
    let refused = example.run(&[&command[..], &["11"]].concat()).fails(1);
    assert!(refused.stderr.contains("were rejected"), "{refused}");
    // Without its key nobody is served.
    let client = example.account.aws().client(aws_sdk_apigateway::Client::new).await;
    client.delete_api_key().api_key(output(&example, "api.events.key_id")).send().await.unwrap();
    let gone = example.run(&[&command[..], &["1"]].concat()).fails(1);
    assert!(gone.stderr.contains("GetApiKey"), "{gone}");
    example.run(&["apply", "--auto-approve"]).success();
    dies(example).await;
}

#[tokio::test]
async fn an_api_with_a_key_lives_on_moto_and_what_others_change_is_repaired() {
    let example = lives(project(emulator::moto().account())).await;
    // It keeps a quota that is changed as a text, and knows no tags but those of stages.
    changes(&example, "api.events/key", &json!({ "description": "Theirs", "enabled": false })).await;
    let plan = json!({
        "description": "Theirs",
        "keys": [],
        "stages": [],
        "throttle": { "rate": 1, "burst": 2 },
    });
    changes(&example, "api.events/usage-plan", &plan).await;
    dies(example).await;
}

/// Deployed with everything logged; a second plan is empty.
async fn lives(mut example: Example) -> Example {
    example.run(&["validate"]).success();
    example.cli = example.cli.env("PIPECTL_LOG", "trace");
    let said = [
        example.run(&["apply", "--auto-approve", "--approve-broadening"]).success(),
        example.run(&["plan", "--json"]).success(),
        example.run(&["output", "--json"]).success(),
        example.run(&["state", "pull"]).success(),
        example.run(&["status"]),
    ];
    is_nowhere(&example, &said).await;
    example.cli = example.cli.env("PIPECTL_LOG", "off");
    assert_eq!(example.changes(), BTreeSet::new());
    example
}

fn output(example: &Example, name: &str) -> String {
    example.run(&["output", name]).success().stdout.trim().to_owned()
}

/// The value of the key, which AWS tells to who may ask, is in nothing that was printed or kept.
async fn is_nowhere(example: &Example, said: &[Output]) {
    let id = output(example, "api.events.key_id");
    let id = id.lines().last().unwrap();
    let data = pipectl::aws::data::AwsData::new(&example.account.aws());
    let value = pipectl::engine::data::DataPlane::api_key(&data, id).await.unwrap();
    let value = value.expose_secret();
    assert!(value.len() >= 20, "a value worth looking for");
    for output in said {
        assert!(output.stderr.contains("TRACE"), "it logs");
        assert!(!output.stdout.contains(value) && !output.stderr.contains(value), "printed");
    }
    let state = format!("{:?}", example.state());
    assert!(state.contains(id) && !state.contains(value), "in the state");
}

/// Somebody changes attributes of a resource by hand: each is seen, and goes with the next apply.
async fn changes(example: &Example, address: &str, attributes: &Value) {
    let registry = kinds::registry(&example.account.aws());
    let at = address.parse().unwrap();
    let record = &example.state().resources[&at];
    let kind = registry.get(&record.kind).unwrap();
    let live = kind.read(&record.key, Some(&record.attributes)).await.unwrap().unwrap().attributes;
    let mut want = live.clone();
    want.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let owner = Owner { project: PROJECT.into(), env: "dev".into(), address: at };
    let step = Step { owner: &owner, since: None, empty: false, note: &|_| {} };
    kind.update(&live, &want, &step).await.unwrap();
    let seen: BTreeSet<String> =
        example.changes().iter().map(|path| path.split('.').take(2).collect::<Vec<_>>().join(".")).collect();
    let expected = attributes.as_object().unwrap().keys().map(|name| format!("{address} {name}"));
    assert_eq!(seen, expected.collect());
    example.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(example.changes(), BTreeSet::new());
}

/// Nothing is left, not even what AWS has made up ids for.
async fn dies(example: Example) {
    example.is_destroyed().await;
    let client = example.account.aws().client(aws_sdk_apigateway::Client::new).await;
    assert_eq!(client.get_api_keys().send().await.unwrap().items().len(), 0);
    assert_eq!(client.get_usage_plans().send().await.unwrap().items().len(), 0);
    assert_eq!(client.get_rest_apis().send().await.unwrap().items().len(), 0);
}
