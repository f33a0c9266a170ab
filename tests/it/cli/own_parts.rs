//! What a block may leave to somebody else: roles, logs, identities, policies, rules, bodies of one's own.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::cli::Cli;

const OWN: &str = r#"
[project]
name = "acme"
[env]
region = "eu-west-1"
account_id = "123456789012"
[state]
bucket = "acme-state"
folder = "pipectl"
[stream.clicks]
shards = 1
[bucket.events]
policy = ""
lifecycle = [{ id = "raw", prefix = "events/", expire_days = 90 }]
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
role = "arn:aws:iam::123456789012:role/delivery/ours"
logging = "external"
[snowpipe.events]
bucket = "bucket.events"
access = "external"
queue_arn = "arn:aws:sqs:eu-west-1:111122223333:sf-snowpipe-x"
notification_id = "ours"
table = "A.B.C"
[dashboard.all]
body = '''{ "widgets": [] }'''
"#;

fn offline(spec: &str) -> Cli {
    Cli::new().file("envs/dev.toml", spec).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
}

/// The actions that a role of CI gets, each with what it gets them on.
fn allowed() -> Vec<(String, String)> {
    let policy = offline(OWN).run(&["deploy-policy", "--env", "dev", "--print", "apply"]).success().json();
    let list = |value: &Value| match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    };
    let statements = policy["Statement"].as_array().unwrap().iter();
    let pairs = statements.flat_map(|statement| {
        let on = list(&statement["Resource"]).join(" ");
        list(&statement["Action"]).into_iter().map(move |action| (action, on.clone()))
    });
    pairs.collect()
}

#[test]
fn a_role_of_one_s_own_may_be_passed_on_and_nothing_else() {
    let of_iam: Vec<_> = allowed().into_iter().filter(|(action, _)| action.starts_with("iam:")).collect();
    let passed = ("iam:PassRole".to_owned(), "arn:aws:iam::123456789012:role/delivery/ours".to_owned());
    assert_eq!(of_iam, [passed]);
}

#[test]
fn a_log_of_one_s_own_is_left_alone() {
    let of_logs: Vec<_> = allowed().into_iter().filter(|(action, _)| action.starts_with("logs:")).collect();
    assert_eq!(of_logs, []);
}

#[test]
fn what_cannot_be_meant_is_said() {
    let mistakes = [
        ("role = \"arn:aws:iam::123456789012:role/delivery/ours\"", "role = \"ours\""),
        ("policy = \"\"", "policy = \"[]\""),
        ("id = \"raw\", prefix = \"events/\", expire_days = 90", "id = \"raw\""),
        ("access = \"external\"", "access = \"external\"\nparameter = \"/x\""),
        ("{ \"widgets\": [] }", "{ \"widgets\": }"),
    ];
    let spec = mistakes.iter().fold(OWN.to_owned(), |spec, (right, wrong)| {
        assert!(spec.contains(right), "{right}");
        spec.replace(right, wrong)
    });
    assert_snapshot!(offline(&spec).run(&["validate", "--env", "dev"]));
    let twice = OWN.replace("[snowpipe", "role_name = \"x\"\n[snowpipe").replace("policy", "expire_days = 9\npolicy");
    let twice = twice.replace("body = ", "shows = [\"stream.clicks\"]\nbody = ");
    assert_snapshot!(offline(&twice).run(&["validate", "--env", "dev"]));
}
