//! Jobs have no keys: each trades its token for the temporary credentials of the role that is meant for it.

use std::sync::Arc;

use aws_smithy_types::base64;
use pipectl::aws::{Aws, kinds};
use serde_json::{Value, json};

use super::project::Project;
use crate::support::emulator::Account;

/// The token that GitLab makes for a job on a branch, without the signature, which the emulator does not look at.
pub(super) fn token(branch: &str) -> String {
    let subject = format!("project_path:acme/clickstream:ref_type:branch:ref:{branch}");
    let claims = json!({ "iss": "https://gitlab.com", "aud": "https://gitlab.com", "sub": subject });
    let part = |value: Value| base64::encode(value.to_string()).replace('+', "-").replace('/', "_").replace('=', "");
    format!("{}.{}.", part(json!({ "alg": "none" })), part(claims))
}

/// The role that plans any branch, and one for each environment that applies only its own branch.
pub(super) async fn make_roles(account: &Account) {
    let aws = account.aws();
    let iam = aws.client(aws_sdk_iam::Client::new).await;
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let actions = |write| {
        let all = registry.iter().map(|kind| kind.actions());
        all.flat_map(|all| if write { [all.read, all.write].concat() } else { all.read.to_vec() }).collect::<Vec<_>>()
    };
    let state = ["ssm:GetParameters", "s3:GetObject"];
    let kept = ["s3:PutObject", "s3:DeleteObject", "kms:Decrypt", "kms:GenerateDataKey"];
    let roles = [
        ("plan", "*", [actions(false), state.to_vec()].concat()),
        ("apply-dev", "dev", [actions(true), state.to_vec(), kept.to_vec()].concat()),
        ("apply-staging", "staging", [actions(true), state.to_vec(), kept.to_vec()].concat()),
    ];
    for (name, branch, actions) in roles {
        let role = iam.create_role().role_name(name).assume_role_policy_document(trust(account, branch).to_string());
        role.send().await.unwrap();
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
        let policy = iam.put_role_policy().role_name(name).policy_name("deploy").policy_document(policy.to_string());
        policy.send().await.unwrap();
    }
}

/// Trusts the jobs of a branch of the project, or of each with `*`.
fn trust(account: &Account, branch: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": format!("arn:aws:iam::{}:oidc-provider/gitlab.com", account.id) },
        "Condition": {
            "StringEquals": { "gitlab.com:aud": "https://gitlab.com" },
            "StringLike": { "gitlab.com:sub": format!("project_path:acme/clickstream:ref_type:branch:ref:{branch}") },
        },
    }] })
}

#[tokio::test]
async fn each_job_has_the_role_that_is_meant_for_it_and_a_session_of_its_own() {
    let Some(project) = Project::begun().await else { return };
    project.push("dev").passes();
    let caller = project.plan()["caller"].as_str().unwrap().to_owned();
    let role = format!("arn:aws:sts::{}:assumed-role/plan/gitlab-job-", project.account.id);
    assert!(caller.starts_with(&role), "{caller}");
    let plan_role = format!("arn:aws:iam::{}:role/plan", project.account.id);
    let refused = project.play("dev", "apply", &[("AWS_APPLY_ROLE_ARN", &plan_role)]);
    refused.fails(1, &["AccessDenied", "assumed-role/plan/"]);
}

#[tokio::test]
async fn another_branch_does_not_get_an_environments_role() {
    let Some(project) = Project::begun().await else { return };
    project.push("dev").passes();
    let staging = format!("arn:aws:iam::{}:role/apply-staging", project.account.id);
    let refused = project.play("dev", "apply", &[("AWS_APPLY_ROLE_ARN", &staging)]);
    refused.fails(1, &["Not authorized to perform sts:AssumeRoleWithWebIdentity"]);
}

#[tokio::test]
async fn the_token_is_for_its_job_alone() {
    let Some(project) = Project::begun().await else { return };
    project.witness("stat -c 'mode %a of %n' \"$AWS_WEB_IDENTITY_TOKEN_FILE\" >> \"$HOME/seen\"");
    project.push("dev").passes();
    let seen = project.administrator.read("home/seen");
    let (mode, file) = seen.lines().next_back().unwrap().split_once(" of ").unwrap();
    assert_eq!(mode, "mode 600");
    assert!(!std::path::Path::new(file).starts_with(project.administrator.path(".")), "{file} may become an artifact");
    assert!(!std::path::Path::new(file).exists(), "{file} outlives its job");
}
