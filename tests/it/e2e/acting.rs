//! `[env] role_arn` and `profile`: every call is made with their credentials, and with nobody else's.

use std::fs;

use serde_json::{Value, json};

use crate::support::cli::Cli;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::liar::{Liar, Lie};
use crate::support::proxy::Failure;
use crate::support::witness::Recording;

/// The environment `dev` whose spec has a role assumed, which may do everything.
async fn with_role(emulator: &'static Emulator) -> (Deployment, String) {
    let deployment = Deployment::new(emulator, "dev").await;
    let account = deployment.account.id.clone();
    let iam = deployment.aws().client(aws_sdk_iam::Client::new).await;
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let trust = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Condition": {"StringEquals": {"sts:ExternalId": "acme-7"}}});
    let made = iam.create_role().role_name("deploy").path("/ci/").assume_role_policy_document(document(trust));
    let role = made.send().await.unwrap().role.unwrap().arn;
    let all = document(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    iam.put_role_policy().role_name("deploy").policy_name("all").policy_document(all).send().await.unwrap();
    let lines = format!("[env]\nrole_arn = \"{role}\"\nexternal_id = \"acme-7\"\nsession_name = \"nightly\"\n");
    deployment.edit("envs/dev.toml", "[env]\n", &lines);
    (deployment, role)
}

/// Every call but the one that assumes the role was signed with what that gave.
fn nobody_else_called(deployment: &Deployment) {
    let calls = deployment.proxy.take_calls();
    assert!(calls.of("sts:AssumeRole") > 0);
    let others = calls.without("sts:AssumeRole").0;
    let own: Vec<_> = others.iter().filter(|call| call.key.as_deref() == Some(&deployment.account.id)).collect();
    assert!(!others.is_empty() && own.is_empty(), "with the caller's own credentials: {own:?}");
}

async fn lives_as_its_role(emulator: &'static Emulator) {
    let (deployment, role) = with_role(emulator).await;
    deployment.run(&["bootstrap"]).success();
    let applied = deployment.run(&["apply", "--auto-approve"]).success();
    assert!(applied.stdout.contains(&format!(", as role {role}):")), "{applied}");
    let planned = deployment.run(&["plan", "--detailed-exitcode", "--json"]).success().json();
    let session = format!("arn:aws:sts::{}:assumed-role/deploy/nightly", deployment.account.id);
    assert_eq!(planned["caller"], session.as_str());
    assert_eq!(planned["acts_as"], json!({"role_arn": role}));
    let markdown = deployment.run(&["plan", "--markdown"]).success();
    assert!(markdown.stdout.contains(&format!("as `role {role}`")), "{markdown}");
    for command in [&["state", "list"][..], &["drift"], &["output"], &["status"], &["state", "pull"]] {
        deployment.run(command).success();
    }
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    nobody_else_called(&deployment);
}

#[tokio::test]
async fn an_environment_lives_as_its_role_on_ministack() {
    let _sends = Recording::of("e2e::acting::an_environment_lives_as_its_role_on_ministack");
    lives_as_its_role(emulator::ministack()).await;
}

#[tokio::test]
async fn an_environment_lives_as_its_role_on_moto() {
    lives_as_its_role(emulator::moto()).await;
}

#[tokio::test]
async fn who_holds_the_lock_says_as_whom() {
    let (mut deployment, role) = with_role(emulator::ministack()).await;
    deployment.run(&["bootstrap"]).success();
    deployment.cli = deployment.cli.env("PIPECTL_LEASE_SECONDS", "9");
    let hold = deployment.proxy.on("kinesis:CreateStream").hold_before();
    let winner = deployment.spawn(&["apply", "--auto-approve"]);
    hold.wait_reached();
    let loser = deployment.run(&["apply", "--auto-approve"]).fails(4);
    let holder = format!("(pid {}), acting as role {role}, running pipectl apply", winner.id());
    assert!(loser.stderr.contains(&holder), "`{holder}` is not named:\n{loser}");
    hold.release();
    winner.output().success();
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_named_with_what_to_do() {
    let (deployment, role) = with_role(emulator::ministack()).await;
    deployment.proxy.on("sts:AssumeRole").fail(Failure::Denied);
    for command in [&["plan"][..], &["bootstrap"], &["state", "list"], &["destroy", "--auto-approve"]] {
        let refused = deployment.run(command).fails(1);
        for text in [
            "sts AssumeRole: AccessDenied: User is not authorized",
            &role,
            "(request id of-a-scripted-failure)",
            "trust policy has to name the caller",
            "`external_id`",
            "`pipectl deploy-policy --env ENV` prints both",
        ] {
            assert!(refused.stderr.contains(text), "`{text}` is not said:\n{refused}");
        }
    }
    let calls = deployment.proxy.take_calls();
    assert_eq!(calls.total(), calls.of("sts:AssumeRole"), "nothing else was asked: {calls:?}");
}

#[tokio::test]
async fn another_external_id_does_not_assume_it() {
    let (deployment, role) = with_role(emulator::ministack()).await;
    deployment.edit("envs/dev.toml", "acme-7", "acme-8");
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains("sts AssumeRole: AccessDenied") && refused.stderr.contains(&role), "{refused}");
}

/// As STS gives a role's credentials; who they are of, the liar says otherwise.
const GIVEN: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
    <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>kept-to-itself</SecretAccessKey><SessionToken>token</SessionToken>\
    <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

#[tokio::test]
async fn a_role_that_answers_as_another_account_is_refused() {
    let liar = Liar::after_identity(Lie::answer(200, "text/xml", GIVEN));
    let spec = "[project]\nname = \"acme\"\n[env]\nregion = \"us-east-1\"\nrole_arn = \"arn:aws:iam::123456789012:role/deploy\"\n\
                [state]\nlocal = \"state\"\n[topic.alerts]\n";
    let cli = Cli::new()
        .env("AWS_ENDPOINT_URL", &liar.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIAOWN")
        .env("AWS_SECRET_ACCESS_KEY", "own")
        .file("envs/dev.toml", spec);
    let refused = cli.run(&["plan", "--env", "dev"]).fails(1);
    let said = "the credentials that role arn:aws:iam::123456789012:role/deploy gave are of account 777700000001, and `[env] \
                role_arn` of dev allows only 123456789012";
    assert!(refused.stderr.contains(said), "{refused}");
    assert!(!refused.stderr.contains("kept-to-itself") && !refused.stderr.contains("ASIAEXAMPLE"), "{refused}");
    let asked = liar.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains("Action=AssumeRole") && asked[0].contains("AKIAOWN"));
    assert!(asked[1].contains("Action=GetCallerIdentity") && asked[1].contains("ASIAEXAMPLE"));
}

#[tokio::test]
async fn a_profile_of_the_spec_goes_before_the_keys_of_the_environment() {
    let liar = Liar::after_identity(Lie::answer(404, "application/json", "{}"));
    // As the endpoint of a service alone: then it is no stand-in, and a profile counts.
    let cli = Cli::new()
        .env("AWS_ENDPOINT_URL", &liar.endpoint())
        .env("AWS_ENDPOINT_URL_STS", &liar.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIAOWN")
        .env("AWS_SECRET_ACCESS_KEY", "own")
        .env("AWS_PROFILE", "other")
        .file(
            "home/.aws/credentials",
            "[acme]\naws_access_key_id = AKIAACME\naws_secret_access_key = s\n[other]\naws_access_key_id = AKIAOTHER\n\
             aws_secret_access_key = s\n",
        )
        .file(
            "envs/dev.toml",
            "[project]\nname = \"acme\"\n[env]\nregion = \"us-east-1\"\nprofile = \"acme\"\n[state]\nlocal = \"state\"\n[topic.alerts]\n",
        );
    let _ = cli.run(&["plan", "--env", "dev"]);
    let asked = liar.asked();
    assert!(!asked.is_empty() && asked.iter().all(|one| one.contains("AKIAACME")), "{asked:?}");
    // One that is not there is told before anything is asked.
    let spec =
        fs::read_to_string(cli.path("envs/dev.toml")).unwrap().replace("\"acme\"\n[state]", "\"acmee\"\n[state]");
    cli.write("envs/dev.toml", &spec);
    let refused = cli.run(&["plan", "--env", "dev"]).fails(1);
    let said = "`[env] profile` is `acmee`, and no profile has that name; there are: acme, other";
    assert!(refused.stderr.contains(said), "{refused}");
    assert_eq!(liar.asked().len(), asked.len());
}

/// `pipectl sandbox`, and every emulator: the keys of a profile are for AWS, and are not sent there.
#[tokio::test]
async fn a_stand_in_has_no_use_for_a_profile() {
    let deployment = Deployment::new(emulator::ministack(), "dev").await;
    deployment.edit("envs/dev.toml", "[env]\n", "[env]\nprofile = \"acme\"\n");
    deployment.run(&["bootstrap"]).success();
    let planned = deployment.run(&["plan", "--json"]).success().json();
    assert_eq!(planned["acts_as"], Value::Null);
}

/// There is no `[env]` that would have it assumed: whoever applies has to be it.
#[tokio::test]
async fn a_plan_without_its_spec_is_applied_by_a_session_of_its_role_alone() {
    let (deployment, role) = with_role(emulator::ministack()).await;
    deployment.run(&["bootstrap"]).success();
    deployment.run(&["plan"]).success();
    fs::rename(deployment.cli.path("envs"), deployment.cli.path("gone")).unwrap();
    let refused = deployment.cli.run(&["apply", "plan.json", "--without-spec", "--approve-broadening"]).fails(1);
    assert!(refused.stderr.contains(&format!("the plan was made as role {role}, and the caller is ")), "{refused}");
}
