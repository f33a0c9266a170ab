//! `[env] permissions_boundary`: every role and user has it, who applies can give none less, and it comes before anything that
//! it bounds.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::export::{Estate, Managed, Target, export};
use pipectl::model::graph::Graph;
use pipectl::model::kind::Registry;
use pipectl::model::scope::Scope;
use pipectl::ops::deploy_policy::{Subject, policies};
use pipectl::spec::{Options, Source, load};
use serde_json::{Value, json};

use crate::support::cli::Cli;
use crate::support::emulator;

const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/pipectl/boundary";
/// Folders of this repository with environments in them.
const ALL: [(&str, &str); 5] =
    [("", "dev"), ("", "staging"), ("", "prod"), ("examples/ecommerce", "dev"), ("examples/analytics", "dev")];

/// The resources of an environment of this repository.
fn graph(folder: &str, env: &str, set: &[&str]) -> Graph {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let set = set.iter().map(ToString::to_string).collect();
    let options = Options { root, set, account: Some("123456789012".to_owned()), ..Options::default() };
    let loaded =
        load(&Source::Env(env.to_owned()), &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    let graph = blueprint::build(&loaded.spec, &Scope::new("123456789012", loaded.spec.env.region.clone()));
    canonical(&registry(), graph)
}

/// In canonical form, as far as that takes no files: the code of the examples' functions is not looked at.
fn canonical(registry: &Registry, mut graph: Graph) -> Graph {
    for resource in graph.resources.values_mut().filter(|resource| resource.kind != "lambda_function") {
        let kind = registry.get(&resource.kind).unwrap();
        resource.attributes = kind.canonical(&resource.attributes).unwrap().into();
    }
    graph
}

fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(None)))
}

fn bounded(folder: &str, env: &str) -> Graph {
    graph(folder, env, &["env.permissions_boundary=\"arn:aws:iam::${account}:policy/pipectl/boundary\""])
}

fn identities(graph: &Graph) -> Vec<&pipectl::model::graph::Resource> {
    graph.resources.values().filter(|resource| resource.kind == "iam_role" || resource.kind == "iam_user").collect()
}

#[test]
fn every_role_and_user_that_pipectl_makes_has_it() {
    for (folder, env) in ALL {
        let (with, without) = (bounded(folder, env), graph(folder, env, &[]));
        assert!(!identities(&with).is_empty(), "{folder} {env}");
        for one in identities(&with) {
            assert_eq!(one.attributes["permissions_boundary"], BOUNDARY, "{}", one.address);
        }
        for one in identities(&without) {
            assert!(one.attributes["permissions_boundary"].is_null(), "{}", one.address);
        }
    }
}

#[test]
fn an_export_carries_it() {
    let graph = bounded("", "prod");
    let managed = |resource: pipectl::model::graph::Resource| Managed {
        kind: resource.kind,
        attributes: resource.attributes,
        outputs: Value::Null.into(),
        left_alone: Vec::new(),
    };
    let roles = identities(&graph).len();
    let externals = graph.externals;
    let resources = graph.resources.into_iter().map(|(address, resource)| (address, managed(resource))).collect();
    let scope = Scope::new("123456789012", "eu-west-1");
    let estate = Estate { project: "acme".into(), env: "prod".into(), scope, resources, externals };
    for target in [Target::Terraform, Target::CloudFormation] {
        let files: String = export(&estate, target).unwrap().files.into_values().collect();
        assert_eq!(files.matches(BOUNDARY).count(), roles, "{target}");
    }
}

/// The statements of the policy of who applies.
fn statements(graph: &Graph, boundary: Option<&str>) -> Vec<Value> {
    let (registry, scope) = (registry(), Scope::new("123456789012", "eu-west-1"));
    let (project, env) = ("acme-clickstream", "prod");
    let subject =
        Subject { registry: &registry, graph, scope: &scope, project, env, state: None, boundary, by_prefix: false };
    let documents = policies(&subject).unwrap().apply;
    documents.iter().flat_map(|document| document["Statement"].as_array().unwrap().clone()).collect()
}

fn actions(statement: &Value) -> BTreeSet<&str> {
    statement["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect()
}

#[test]
fn who_applies_writes_no_policy_without_it_and_takes_it_from_nobody() {
    let statements = statements(&bounded("", "prod"), Some(BOUNDARY));
    let condition = json!({ "StringEquals": { "iam:PermissionsBoundary": BOUNDARY } });
    let widening = [
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
    ];
    let mut seen = BTreeSet::new();
    for statement in statements.iter().filter(|one| one["Effect"] == "Allow") {
        for action in actions(statement) {
            assert!(
                !action.ends_with("DeleteRolePermissionsBoundary")
                    && !action.ends_with("DeleteUserPermissionsBoundary")
            );
            if widening.contains(&action) {
                assert_eq!(statement["Condition"], condition, "{action}");
                seen.insert(action);
            }
        }
    }
    assert_eq!(seen, BTreeSet::from(widening));
    let denied: Vec<(BTreeSet<&str>, &Value)> =
        statements.iter().filter(|one| one["Effect"] == "Deny").map(|one| (actions(one), &one["Resource"])).collect();
    let keeps = BTreeSet::from(["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"]);
    let versions = BTreeSet::from([
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ]);
    assert_eq!(denied, [(keeps, &json!(["*"])), (versions, &json!([BOUNDARY]))]);
}

#[test]
fn without_one_who_applies_may_take_away_what_is_left_of_one() {
    let statements = statements(&graph("", "prod", &[]), None);
    assert!(
        statements.iter().all(|one| one["Effect"] == "Allow" && !one.to_string().contains("iam:PermissionsBoundary"))
    );
    let takes = |one: &Value| {
        actions(one).contains("iam:DeleteRolePermissionsBoundary")
            || actions(one).contains("iam:DeleteUserPermissionsBoundary")
    };
    assert!(statements.iter().any(takes));
}

const SPEC: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
local = "state"
[function.hello]
code = "fn"
runtime = "python3.13"
handler = "app.handler"
"#;

fn project(spec: &str) -> Cli {
    Cli::new().file("envs/dev.toml", spec).file("fn/app.py", "def handler(e, c): pass\n")
}

#[test]
fn what_is_no_boundary_is_refused() {
    for (arn, expected) in [
        ("arn:aws:iam::123456789012:role/boundary", "is not the ARN of a managed policy"),
        ("arn:aws:iam::123456789012:policy/*", "is not the ARN of a managed policy"),
        ("arn:aws:iam::123456789012:policy/", "is not the ARN of a managed policy"),
        ("arn:aws:iam::*:policy/boundary", "is not the ARN of a managed policy"),
        ("arn:aws:s3:::policy/boundary-of-acme", "is not the ARN of a managed policy"),
        ("arn:aws-cn:iam::123456789012:policy/boundary", "is in the partition `aws-cn`"),
        ("arn:aws:iam::999999999999:policy/boundary", "one of the account 999999999999"),
    ] {
        let env = format!("[env]\naccount_id = \"123456789012\"\npermissions_boundary = \"{arn}\"\n");
        let told = project(&SPEC.replace("[env]\n", &env)).run(&["validate", "--env", "dev"]).fails(1);
        assert!(told.stderr.contains(expected) && told.stderr.contains("policy/NAME"), "{arn}: {told}");
    }
    for arn in ["arn:aws:iam::${account}:policy/a/b", "arn:aws:iam::aws:policy/PowerUserAccess"] {
        let env = format!("[env]\npermissions_boundary = \"{arn}\"\n");
        project(&SPEC.replace("[env]\n", &env)).run(&["validate", "--env", "dev"]).success();
    }
}

#[test]
fn deploy_policy_says_what_it_means_that_there_is_none() {
    let account = ["--set", "env.account_id=\"123456789012\""];
    let without = project(SPEC).run(&[&["deploy-policy", "--env", "dev"][..], &account].concat()).success();
    assert!(without.stderr.contains("can give the environment's roles and users any policy"), "{without}");
    let boundary = ["--set", "env.permissions_boundary=\"arn:aws:iam::123456789012:policy/b\""];
    let with = project(SPEC).run(&[&["deploy-policy", "--env", "dev"][..], &account, &boundary].concat()).success();
    assert!(
        !with.stderr.contains("warning") && with.stdout.contains("boundary of every role and user: arn:aws:iam"),
        "{with}"
    );
    let none = SPEC.split("[function").next().unwrap();
    let none = project(none).run(&[&["deploy-policy", "--env", "dev"][..], &account].concat()).success();
    assert!(!none.stderr.contains("warning"), "nothing has policies: {none}");
}

/// A role that was made without it gets it by an ordinary apply, made by who may write no policy without it.
#[tokio::test]
async fn a_role_of_before_gets_it_by_who_may_write_policies_only_with_it() {
    let account = emulator::ministack().account();
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let document =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "logs:*", "Resource": "*" }] });
    let made = iam.create_policy().policy_name("boundary").policy_document(document.to_string()).send().await.unwrap();
    let arn = made.policy.unwrap().arn.unwrap();
    let cli = Cli::new().against(&account).file("envs/dev.toml", SPEC).file("fn/app.py", "def handler(e, c): pass\n");
    cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let bounded = SPEC.replace("[env]\n", &format!("[env]\npermissions_boundary = \"{arn}\"\n"));
    cli.write("envs/dev.toml", &bounded);
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("permissions_boundary") && !plan.stdout.contains("widens access"), "{plan}");
    cli.run(&["apply", "plan.json"]).success();
    let live = iam.get_role().role_name("acme-dev-hello-function").send().await;
    let role = match live {
        Ok(live) => live.role.unwrap(),
        Err(_) => iam
            .list_roles()
            .send()
            .await
            .unwrap()
            .roles
            .into_iter()
            .find(|role| role.role_name.contains("hello"))
            .unwrap(),
    };
    let role = iam.get_role().role_name(role.role_name).send().await.unwrap().role.unwrap();
    assert_eq!(role.permissions_boundary.unwrap().permissions_boundary_arn.unwrap(), arn);
    // To take it away widens.
    cli.write("envs/dev.toml", SPEC);
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("takes away the boundary"), "{plan}");
    let refused = cli.run(&["apply", "plan.json"]).fails(6);
    assert!(refused.stderr.contains("takes away the boundary"), "{refused}");
    cli.write("envs/dev.toml", &bounded.replace("policy/boundary", "policy/other"));
    let plan = cli.run(&["plan", "--env", "dev"]).success();
    assert!(plan.stdout.contains("in place of"), "another boundary may leave more: {plan}");
}

/// By a user who has nothing but what `deploy-policy` prints.
#[tokio::test]
async fn who_applies_takes_it_from_nobody_and_changes_it_nowhere() {
    let account = emulator::ministack().account();
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    let document =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "logs:*", "Resource": "*" }] })
            .to_string();
    let made = iam.create_policy().policy_name("boundary").policy_document(&document).send().await.unwrap();
    let arn = made.policy.unwrap().arn.unwrap();
    let spec = SPEC.replace("[env]\n", &format!("[env]\npermissions_boundary = \"{arn}\"\n"));
    let root = Cli::new().against(&account).file("envs/dev.toml", &spec).file("fn/app.py", "def handler(e, c): pass\n");
    let policies = root.run(&["deploy-policy", "--env", "dev", "--json"]).success().json();
    let documents = crate::least_privilege::deployments::documents(&policies, "apply");
    let user = account.as_user("ci", &documents).await;
    let iam_of_user = user.aws().client(aws_sdk_iam::Client::new).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ] });
    let role = "acme-dev-hello-function";
    let create = || iam_of_user.create_role().role_name(role).assume_role_policy_document(trust.to_string());
    assert!(create().send().await.is_err(), "without a boundary");
    let with = create().permissions_boundary(&arn).send().await;
    assert!(with.is_err(), "MiniStack knows iam:PermissionsBoundary now: apply with the documents as they are printed");
    account.give("ci", &without_condition(&documents)).await;
    let as_user = Cli::new().against(&user).file("envs/dev.toml", &spec).file("fn/app.py", "def handler(e, c): pass\n");
    as_user.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let live = iam.get_role().role_name(role).send().await.unwrap().role.unwrap();
    assert_eq!(live.permissions_boundary.unwrap().permissions_boundary_arn.unwrap(), arn);
    let refused = [
        iam_of_user.delete_role_permissions_boundary().role_name(role).send().await.is_err(),
        iam_of_user.create_policy_version().policy_arn(&arn).policy_document(&document).send().await.is_err(),
        iam_of_user.delete_policy().policy_arn(&arn).send().await.is_err(),
    ];
    assert_eq!(refused, [true; 3]);
}

/// MiniStack fills no `iam:PermissionsBoundary`, so that nothing which asks for it is ever allowed there.
fn without_condition(documents: &[Value]) -> Vec<Value> {
    let mut documents = documents.to_vec();
    for statement in documents.iter_mut().flat_map(|document| document["Statement"].as_array_mut().unwrap()) {
        if statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"].is_string() {
            statement.as_object_mut().unwrap().remove("Condition");
        }
    }
    documents
}
