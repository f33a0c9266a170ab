//! Jobs have no keys: each trades its token for the temporary credentials of the role that is meant for it.

use aws_smithy_types::base64;
use serde_json::{Value, json};

use super::project::Project;
use crate::least_privilege::deployments::documents;
use crate::support::cli::Cli;
use crate::support::emulator::Account;

/// The token that GitLab makes for a job on a branch, without the signature, which the emulator does not look at.
pub(super) fn token(branch: &str) -> String {
    let subject = format!("project_path:acme/clickstream:ref_type:branch:ref:{branch}");
    let claims = json!({ "iss": "https://gitlab.com", "aud": "https://gitlab.com", "sub": subject });
    let part = |value: Value| base64::encode(value.to_string()).replace('+', "-").replace('/', "_").replace('=', "");
    format!("{}.{}.", part(json!({ "alg": "none" })), part(claims))
}

/// The roles of an environment, `plan-dev` and `apply-dev`, with what `pipectl deploy-policy` prints for them.
pub(super) async fn make_roles(administrator: &Cli, account: &Account, env: &str) {
    let asked = ["deploy-policy", "--env", env, "--gitlab-project", "acme/clickstream", "--json"];
    let policies = administrator.run(&asked).success().json();
    let iam = account.aws().client(aws_sdk_iam::Client::new).await;
    for job in ["plan", "apply"] {
        let role = format!("{job}-{env}");
        let trust = policies["trust"][job].to_string();
        iam.create_role().role_name(&role).assume_role_policy_document(trust).send().await.unwrap();
        for (part, document) in documents(&policies, job).iter().enumerate() {
            let policy = iam.put_role_policy().role_name(&role).policy_name(format!("deploy-{part}"));
            policy.policy_document(document.to_string()).send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_job_has_the_role_that_is_meant_for_it_and_a_session_of_its_own() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    let caller = project.plan()["caller"].as_str().unwrap().to_owned();
    let role = format!("arn:aws:sts::{}:assumed-role/plan-dev/gitlab-job-", project.account.id);
    assert!(caller.starts_with(&role), "{caller}");
    let plan_role = format!("arn:aws:iam::{}:role/plan-dev", project.account.id);
    let refused = project.play("dev", "apply", &[("AWS_APPLY_ROLE_ARN", &plan_role)]);
    refused.fails(1, &["AccessDenied", "assumed-role/plan-dev/"]);
}

#[tokio::test]
async fn another_branch_does_not_get_an_environments_role() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.push("dev").passes();
    let staging = format!("arn:aws:iam::{}:role/apply-staging", project.account.id);
    let refused = project.play("dev", "apply", &[("AWS_APPLY_ROLE_ARN", &staging)]);
    refused.fails(1, &["Not authorized to perform sts:AssumeRoleWithWebIdentity"]);
}

#[tokio::test]
async fn the_token_is_for_its_job_alone() {
    let Some(project) = Project::bootstrapped().await else { return };
    project.witness("stat -c 'mode %a of %n' \"$AWS_WEB_IDENTITY_TOKEN_FILE\" >> \"$HOME/seen\"");
    project.push("dev").passes();
    let seen = project.administrator.read("home/seen");
    let (mode, file) = seen.lines().next_back().unwrap().split_once(" of ").unwrap();
    assert_eq!(mode, "mode 600");
    assert!(!std::path::Path::new(file).starts_with(project.administrator.path(".")), "{file} may become an artifact");
    assert!(!std::path::Path::new(file).exists(), "{file} outlives its job");
}
