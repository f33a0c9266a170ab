//! What an import needs to be allowed, as docs/moving.md prints it, and what it says where something of that is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pipectl::aws::discovery::ACTIONS;
use pipectl::model::grant::Job;
use pipectl::model::kind::Kind;
use serde_json::{Value, json};

use crate::support::cli::Output;
use crate::support::deployment::{Deployment, REGION};
use crate::support::emulator;

const DOCS: &str = "docs/moving.md";
/// Around the policy in the docs.
const FENCES: (&str, &str) = ("<!-- import-policy: begin -->\n\n```json\n", "\n```\n\n<!-- import-policy: end -->");

/// Everything with which kinds and discoveries read; no import takes objects, whose bytes would be open to it on `*`.
fn policy(deployment: &Deployment) -> Value {
    let registry = deployment.registry();
    let taken = registry.iter().filter(|kind| kind.name() != "s3_object");
    let grants = taken.flat_map(Kind::grants).filter(|grant| grant.job == Job::Plan);
    let actions: BTreeSet<&str> = grants.flat_map(|grant| grant.actions).copied().chain(ACTIONS).collect();
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

/// The policy without some actions.
fn without(policy: &Value, actions: &[&str]) -> Value {
    let mut policy = policy.clone();
    let list = policy["Statement"][0]["Action"].as_array_mut().unwrap();
    let before = list.len();
    list.retain(|action| !actions.contains(&action.as_str().unwrap()));
    assert_eq!(list.len() + actions.len(), before);
    policy
}

fn import(deployment: &Deployment, out: &str) -> Output {
    let stream = "acme-clickstream-dev-clicks";
    let place = ["--env", "dev", "--project", "acme-clickstream", "--region", REGION, "--out", out];
    deployment.cli.run(&[&["import", "--json", "--stream", stream], &place[..]].concat())
}

#[tokio::test]
async fn an_import_needs_what_the_docs_print_and_names_what_it_may_not_ask() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let policy = policy(&deployment);
    documented(&policy);
    let deployment = deployment.acting_as("importer", std::slice::from_ref(&policy)).await;
    let whole = import(&deployment, "whole.toml").success().json();
    assert_eq!(whole["left_out"], json!([]), "{whole}");

    let hidden = ["iam:GetAccountAuthorizationDetails", "sns:ListSubscriptionsByTopic"];
    deployment.account.give("importer", &[without(&policy, &hidden)]).await;
    let less = import(&deployment, "less.toml").success().json();
    let left: Vec<String> = less["left_out"].as_array().unwrap().iter().map(Value::to_string).collect();
    for said in ["the users and roles that read its buckets", "the subscriptions to arn:aws:sns:"] {
        let named = |line: &String| line.contains(said) && line.contains("the call is denied");
        assert!(left.iter().any(named), "{said} is not named: {left:#?}");
    }
    let lost = ["the access key", "the subscription", "the user"];
    let sources = |imported: &Value| -> Vec<String> {
        let mapping = imported["mapping"].as_array().unwrap();
        mapping.iter().map(|one| one["source"].as_str().unwrap().to_owned()).collect()
    };
    let mut kept = sources(&whole);
    kept.retain(|source| lost.iter().all(|lost| !source.starts_with(&format!("{lost} "))));
    assert_eq!(sources(&less), kept);

    // What is named itself has to be seen.
    deployment.account.give("importer", &[without(&policy, &["kinesis:DescribeStreamSummary"])]).await;
    let none = import(&deployment, "none.toml").fails(1);
    assert!(none.stderr.contains("kinesis DescribeStreamSummary: AccessDenied"), "{none}");
}

/// Compares the policy with the one in the docs; `UPDATE=1 cargo test wiring` writes it anew.
fn documented(policy: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCS);
    let docs = fs::read_to_string(&file).unwrap();
    let begin = docs.find(FENCES.0).unwrap() + FENCES.0.len();
    let end = begin + docs[begin..].find(FENCES.1).unwrap();
    let text = serde_json::to_string_pretty(policy).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, format!("{}{text}{}", &docs[..begin], &docs[end..])).unwrap();
        return;
    }
    assert_eq!(&docs[begin..end], text, "run `UPDATE=1 cargo test wiring`");
}
