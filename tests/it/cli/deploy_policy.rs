//! `pipectl deploy-policy`, and what somebody reads who lacks permissions.

use insta::assert_snapshot;
use serde_json::Value;

use super::project;
use crate::support::cli::Cli;
use crate::support::emulator;

/// A stream of a known account, whose state is at a known place: nothing has to be asked.
const OFFLINE: &str = r#"
[project]
name = "acme"
[env]
region = "eu-west-1"
account_id = "123456789012"
[state]
bucket = "acme-state"
folder = "pipectl"
[branches]
main = "dev"
[stream.clicks]
mode = "provisioned"
shards = 1
kms_key = "1234abcd-12ab-34cd-56ef-1234567890ab"
"#;

/// The same with the state in a folder, in whichever account.
const LITTLE: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
local = "state"
[stream.clicks]
mode = "provisioned"
shards = 1
"#;

fn offline(spec: &str) -> Cli {
    Cli::new().file("envs/dev.toml", spec).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
}

#[test]
fn policies_trust_and_how_to_use_them_are_printed() {
    let cli = offline(OFFLINE);
    assert_snapshot!(cli.run(&["deploy-policy", "--env", "dev", "--gitlab-project", "acme/clicks"]));
}

#[test]
fn one_document_is_printed_alone() {
    let cli = offline(OFFLINE).env("CI_PROJECT_PATH", "acme/clicks").env("CI_SERVER_HOST", "gitlab.example.com");
    let whole = cli.run(&["deploy-policy", "--env", "dev", "--json"]).success().json();
    let one = |document: &str| cli.run(&["deploy-policy", "--env", "dev", "--print", document]).success().json();
    assert_eq!(one("operate"), whole["operate"][0]);
    assert_eq!(one("trust-plan"), whole["trust"]["plan"]);
    let conditions = &one("trust-apply")["Statement"][0]["Condition"]["StringEquals"];
    assert_eq!(conditions["gitlab.example.com:aud"], "https://gitlab.example.com");
    assert_eq!(conditions["gitlab.example.com:sub"][0], "project_path:acme/clicks:ref_type:branch:ref:main");
}

#[test]
fn what_does_not_fit_into_one_policy_is_printed_in_parts() {
    let alarm = |number| {
        format!("[alarm.a{number}]\nwatches = \"stream.clicks\"\nmetric = \"IncomingRecords\"\nthreshold = 1\n")
    };
    let spec = format!("{OFFLINE}{}", (0..150).map(alarm).collect::<String>());
    let cli = offline(&spec);
    let print = |more: &[&str]| cli.run(&[&["deploy-policy", "--env", "dev", "--print", "apply"], more].concat());
    assert_snapshot!(print(&[]), @r"
    --- stderr
    error: it is 2 documents: choose one with `--part`
    --- exit code 1
    ");
    print(&["--part", "2"]).success().json();
    assert_snapshot!(print(&["--part", "9"]), @r"
    --- stderr
    error: there is no part 9: it is 2 in all
    --- exit code 1
    ");
    print(&["--prefix"]).success().json();
    let text = cli.run(&["deploy-policy", "--env", "dev", "--gitlab-project", "acme/clicks"]).success().stdout;
    let attached = text.lines().filter(|line| line.starts_with("aws iam attach-role-policy")).count();
    assert!(attached > 1 && text.contains("managed policies"), "{text}");
}

#[test]
fn whom_to_trust_is_asked_for_and_checked() {
    let cli = offline(OFFLINE);
    assert_snapshot!(cli.run(&["deploy-policy", "--env", "dev", "--print", "trust-apply"]), @r"
    --- stderr
    error: whom to trust depends on the project on GitLab
    what now: name it: `--gitlab-project GROUP/PROJECT`
    --- exit code 1
    ");
    assert_snapshot!(cli.run(&["deploy-policy", "--env", "dev", "--gitlab-project", "acme/*"]), @r"
    --- stderr
    error: `acme/*` is not the path of a project on GitLab: give it as `group/project`
    --- exit code 1
    ");
}

#[test]
fn a_state_in_a_folder_needs_nothing() {
    let policies = offline(OFFLINE)
        .file("envs/dev.toml", &OFFLINE.replace("bucket = \"acme-state\"\nfolder = \"pipectl\"", "local = \"state\""));
    let policies = policies.run(&["deploy-policy", "--env", "dev", "--json"]).success().json();
    assert_eq!(policies["state"], Value::Null);
    assert!(!policies["apply"].to_string().contains("s3:"), "{policies:#}");
}

#[tokio::test]
async fn who_lacks_permissions_is_told_which_and_where_to_read_what_is_needed() {
    let (account, _proxy) = emulator::ministack().account().behind_proxy();
    let bucket = account.unique("events");
    let spec = format!("{LITTLE}[bucket.events]\nname = \"{bucket}\"\n");
    let policies = project(&account, &spec).run(&["deploy-policy", "--env", "dev", "--json"]).success().json();
    let nobody = project(&account.as_user("nobody", &[]).await, &spec).run(&["plan", "--env", "dev"]).fails(1);
    assert_snapshot!("with_no_permission", nobody.to_string().replace(&bucket, "[BUCKET]"));
    let mut document = policies["apply"][0].clone();
    for statement in document["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|action| action != "kinesis:CreateStream");
    }
    let almost = project(&account.as_user("almost", &[document]).await, &spec);
    let almost = almost.run(&["apply", "--env", "dev", "--auto-approve"]).fails(7);
    let (_, failure) = almost.stderr.split_once("error:").unwrap();
    assert!(failure.contains("failed stream.clicks: kinesis CreateStream: AccessDenied"), "{failure}");
    assert!(failure.contains("pipectl deploy-policy --env ENV"), "{failure}");
}
