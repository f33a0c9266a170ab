//! A role that was made again under its name is another one to AWS: what was bound to the first is bound anew.

use pipectl::aws::kinds;
use pipectl::model::address::Address;
use pipectl::model::kind::{Owner, StepContext};
use serde_json::json;

use crate::conformance::examples;
use crate::support::cli::Cli;
use crate::support::emulator;
use crate::support::proxy::{Failure, Proxy};

const SPEC: &str = r#"
[project]
name = "shop"
[env]
region = "us-east-1"
[state]
local = "state"
[function.f]
code = "fn"
handler = "app.handler"
runtime = "python3.13"
environment = { GREETING = "hi" }
"#;

const CONFIGURE: &str = "lambda:PUT functions/configuration";

/// A project with a function, and the proxy that all of its calls go by.
fn project(more: &str) -> (Cli, Proxy, emulator::Account) {
    let account = emulator::ministack().account();
    let (behind, proxy) = account.behind_proxy();
    let cli = Cli::new().against(&behind).file("envs/dev.toml", &format!("{SPEC}{more}"));
    (cli.file("fn/app.py", "def handler(e, c): pass\n"), proxy, behind)
}

async fn role_is_deleted(account: &emulator::Account) {
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let role = "shop-dev-f-function";
    for policy in iam.list_role_policies().role_name(role).send().await.unwrap().policy_names {
        iam.delete_role_policy().role_name(role).policy_name(policy).send().await.unwrap();
    }
    iam.delete_role().role_name(role).send().await.unwrap();
}

const APPLY: [&str; 4] = ["apply", "--env", "dev", "--auto-approve"];
/// A role that somebody has deleted widens access where it comes back.
const APPROVED: &str = "--approve-broadening";

#[tokio::test]
async fn a_function_gets_its_role_anew_where_that_was_deleted() {
    let (cli, proxy, account) = project("");
    cli.run(&APPLY).success();
    role_is_deleted(&account).await;
    let drift = cli.run(&["drift", "--env", "dev", "--json"]).fails(5).json();
    assert_eq!(drift["drifted"].as_array().unwrap().len(), 1, "the role, and not what stands on it: {drift}");
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("1 to create, 1 to update"), "{plan}");
    let said = plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("`function.f/role` is made again, and AWS has bound this to the id of the one before"),
        "{plan}"
    );
    proxy.take_calls();
    cli.run(&["apply", "plan.json", APPROVED]).success();
    assert_eq!(proxy.take_calls().of(CONFIGURE), 2, "another role, and this one");
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_revert_binds_a_function_anew_as_well() {
    let (cli, proxy, account) = project("");
    cli.run(&APPLY).success();
    role_is_deleted(&account).await;
    proxy.take_calls();
    cli.run(&["drift", "--env", "dev", "--revert", "--auto-approve", APPROVED]).success();
    assert_eq!(proxy.take_calls().of(CONFIGURE), 2);
}

/// As somebody does who has deleted it by mistake, and puts it back: all is as it was, and no call of the function works.
async fn role_is_made_again(account: &emulator::Account) {
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let role = "shop-dev-f-function";
    let was = iam.get_role().role_name(role).send().await.unwrap().role.unwrap();
    let mut policies = Vec::new();
    for name in iam.list_role_policies().role_name(role).send().await.unwrap().policy_names {
        policies.push(iam.get_role_policy().role_name(role).policy_name(name).send().await.unwrap());
    }
    role_is_deleted(account).await;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let trust = decoded(was.assume_role_policy_document().unwrap());
    let again = iam.create_role().role_name(role).path(was.path).assume_role_policy_document(trust);
    again.set_description(was.description).set_tags(was.tags).send().await.unwrap();
    for one in policies {
        let document = decoded(&one.policy_document);
        let put = iam.put_role_policy().role_name(role).policy_name(one.policy_name).policy_document(document);
        put.send().await.unwrap();
    }
}

#[tokio::test]
async fn drift_names_a_function_whose_role_somebody_has_made_again() {
    let (cli, proxy, account) = project("");
    cli.run(&APPLY).success();
    cli.run(&["drift", "--env", "dev"]).success();
    role_is_made_again(&account).await;
    let drift = cli.run(&["drift", "--env", "dev"]).fails(5);
    let said = drift.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("1 resource changed outside pipectl"), "{drift}");
    assert!(said.contains("`function.f/role` is made again"), "{drift}");
    let json = cli.run(&["drift", "--env", "dev", "--json"]).fails(5).json();
    assert!(json["drifted"][0]["unbound"].is_string(), "{json}");
    proxy.take_calls();
    cli.run(&["drift", "--env", "dev", "--revert", "--auto-approve"]).success();
    assert_eq!(proxy.take_calls().of(CONFIGURE), 2);
    cli.run(&["drift", "--env", "dev"]).success();
}

#[tokio::test]
async fn a_function_that_an_apply_did_not_get_to_bind_is_bound_by_the_next() {
    let (cli, proxy, account) = project("");
    cli.run(&APPLY).success();
    role_is_deleted(&account).await;
    let refused = proxy.on(CONFIGURE).fail(Failure::Denied);
    cli.run(&[&APPLY[..], &[APPROVED]].concat()).fails(7);
    assert!(refused.struck() > 0);
    proxy.calm();
    // What pipectl itself has left is nobody's change.
    cli.run(&["drift", "--env", "dev"]).success();
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("an interrupted apply was about to bind it"), "{plan}");
    proxy.take_calls();
    cli.run(&["apply", "plan.json", APPROVED]).success();
    assert_eq!(proxy.take_calls().of(CONFIGURE), 2);
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();
}

#[tokio::test]
async fn a_policy_that_names_a_role_which_was_made_again_is_written_again() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let registry = kinds::registry(&account.aws());
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "bound") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let role = format!("arn:aws:iam::{}:role/reader", account.id);
    let policies = [
        ("s3_bucket", "policy", "s3:GetObject", "s3:PutBucketPolicy"),
        ("sqs_queue", "policy", "sqs:SendMessage", "sqs:SetQueueAttributes"),
        ("sns_topic", "policy", "sns:Publish", "sns:SetTopicAttributes"),
        ("iam_role", "trust", "sts:AssumeRole", "iam:UpdateAssumeRolePolicy"),
    ];
    for (name, attribute, action, call) in policies {
        let kind = registry.get(name).unwrap();
        let mut want = kind.canonical(&examples(kind, &account)["first"]).unwrap();
        let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": action});
        match name {
            "s3_bucket" => statement["Resource"] = format!("arn:aws:s3:::{}/*", kind.key(&want).unwrap()).into(),
            "sqs_queue" | "sns_topic" => statement["Resource"] = "*".into(),
            _ => {}
        }
        if name == "sqs_queue" {
            want["dead_letters"] = json!(null);
        }
        want[attribute] = json!({"Version": "2012-10-17", "Statement": [statement]});
        let want = kind.canonical(&want).unwrap();
        assert!(kind.bound_to(&want).contains(&role), "{name}");
        kind.create(&want, &step).await.unwrap();
        let key = kind.key(&want).unwrap();
        let live = kind.read(&key, Some(&want)).await.unwrap().expect("it was made");
        kind.update(&live.attributes, &want, &step).await.unwrap();
        proxy.take_calls();
        kind.update(&want, &want, &step).await.unwrap();
        assert_eq!(proxy.take_calls().of(call), 0, "{name}: it is as it should be");
        kind.update(&kind.unbound(&want), &want, &step).await.unwrap();
        assert_eq!(proxy.take_calls().of(call), 1, "{name}");
        kind.delete(&key, &step).await.unwrap();
    }
}

const SCHEDULES: &str = r#"
[schedule.a]
calls = "function.f"
expression = "rate(5 minutes)"
[schedule.b]
calls = "function.f"
expression = "rate(5 minutes)"
[schedule.c]
calls = "function.f"
expression = "rate(5 minutes)"
"#;

#[test]
fn permissions_of_one_function_are_added_one_after_another_and_what_lambda_is_busy_with_is_waited_for() {
    let (cli, proxy, _) = project(SCHEDULES);
    let busy = "The function could not be updated due to a concurrent update operation.".to_owned();
    let busy = Failure::Other { status: 409, code: "ResourceConflictException", message: busy };
    let refused = proxy.on("lambda:POST functions/policy").nth(2).fail(busy);
    let applied = cli.run(&APPLY).success();
    assert_eq!(refused.struck(), 1, "{applied}");
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();
}

#[test]
fn a_function_whose_role_kms_does_not_know_yet_is_made_when_it_does() {
    let (cli, proxy, _) = project("");
    let young = "Lambda was unable to configure access to your environment variables because the KMS key is invalid for \
        CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does not refer \
        to a valid principal"
        .to_owned();
    let young = Failure::Other { status: 400, code: "InvalidParameterValueException", message: young };
    let refused = proxy.on("lambda:POST functions").first(2).fail(young);
    cli.run(&APPLY).success();
    assert_eq!(refused.struck(), 2);
}
